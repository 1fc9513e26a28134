"""A hundred thousand rows go from a file through connector, custodians and gateway; neither side holds them all."""

import csv
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.demo.commands import Connector
from deploy.demo.federation import lay_out
from deploy.demo.processes import Running, free_ports, running

ROOT = Path(__file__).resolve().parents[2]
POLICY = ROOT / "policies" / "opa"
POLICE = "00000099000000020000/opsporing"
ROWS = 100_000
FEW = 10_000
MAPPING = """
[source]
format = "csv"
[traits]
telefoon = "tel"
[fields]
case_ref = "nr"
[constants]
domein = "RIEC"
route = "ondermijning"
status = "vermoeden"
categorie = "verdachte_dader"
minderjarig = false
dubbelrol = false
bijzonder = false
noodzaak_bescherming = false
regio_raakvlak = false
opsporingsbelang = false
embargo = false
wpg_artikel = "8"
bewaren_tot = 2027-05-31
"""


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Running]:
    """A federation whose police declared a caseload that fits the file, both custodians and the gateway running."""
    gateway, *custodians = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    layout = lay_out(
        tmp_path / "federation",
        POLICY / "bron" / "parties.json",
        gateway,
        (custodians[0], custodians[1]),
        datetime.now(UTC),
        policy_dir=POLICY,
        caseload=ROWS,
    )
    with running(layout, tmp_path / "logs") as processes:
        processes.start_custodian(1)
        processes.start_custodian(2)
        processes.start_gateway()
        yield processes


def _write(path: Path, first: int, rows: int) -> Path:
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(["nr", "tel"])
        out.writerows([number, f"06{41_234_567 + number}"] for number in range(first, first + rows))
    return path


def _send(connector: Connector, source: Path, mapping: Path) -> tuple[int, int]:
    """Deliver a file; returns the rows acknowledged and the peak memory of `send` in kB."""
    receipt = source.with_suffix(".json")
    connector.run("preview", source, "--mapping", mapping, "--out", receipt)
    connector.run("approve", receipt, "--name", "officer")
    process = subprocess.Popen(
        connector.command("send", source, "--mapping", mapping), stdout=subprocess.PIPE, text=True
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        try:
            process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            continue
    assert process.returncode == 0
    return int(connector.run("status").result["acknowledged_rows"]), peak


def _peak(pid: int) -> int:
    """Peak resident memory of a running process in kB (Linux), 0 when it just ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


@pytest.mark.full
@pytest.mark.timeout(1200)
def test_a_hundred_thousand_rows_stream_through_the_chain(federation: Running, tmp_path: Path) -> None:
    """Ten times the rows: all acknowledged, the sender's memory hardly grows, the gateway's by its index only."""
    connector = Connector(federation.layout.partner(POLICE))
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    few, peak_few = _send(connector, _write(tmp_path / "few.csv", 0, FEW), mapping)
    gateway_few = _peak(federation.processes["gateway"].pid)
    many, peak_many = _send(connector, _write(tmp_path / "many.csv", FEW, ROWS), mapping)
    gateway_many = _peak(federation.processes["gateway"].pid)
    print(f"connector {peak_few} -> {peak_many} kB, gateway {gateway_few} -> {gateway_many} kB")
    assert (few, many) == (FEW, FEW + ROWS)
    assert peak_many < 1.5 * peak_few
    # About 0.6 kB a row for join keys and codes; the rows themselves would be ten times that.
    assert gateway_many - gateway_few < ROWS * 2
