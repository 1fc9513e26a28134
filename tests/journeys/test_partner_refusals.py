"""A partner makes mistakes: exit 2; file, row and column named, the value not; nothing changed."""

import csv
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.demo.federation import Layout, lay_out
from tests.connectors.samples import COLUMNS, MAPPING, row, write_mapping
from tests.gateway.gateway_world import POLITIE

POLICY = Path(__file__).resolve().parents[2] / "policies" / "opa"
COMMAND = Path(sys.executable).parent / "schakel-connector"
SECRET = "Geheimhouderskanarie"
BAD_INPUT = 2
DATED = (
    MAPPING.replace('telefoon = "tel"\n', "")
    .replace("bewaren_tot = 2099-05-14\n", "")
    .replace("[fields]\n", '[fields]\nbewaren_tot = "tel"\n')
)
"""The sample mapping, with a date of the wire in column `tel`."""


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A party's files; no gateway is needed to be refused at home."""
    return lay_out(
        tmp_path_factory.mktemp("refusals") / "federation",
        POLICY / "bron" / "parties.json",
        "http://127.0.0.1:9",
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        datetime.now(UTC),
        policy_dir=POLICY,
    )


def table(path: Path, change: Callable[[list[list[str]]], object]) -> Path:
    """The sample source with one mistake in it, in row 3."""
    rows = [list(COLUMNS), *(row(number) for number in range(4))]
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows(rows)
    return path


def wrong_encoding(path: Path) -> Path:
    """Windows-1252 where the mapping says UTF-8."""
    table(path, lambda rows: rows[3].__setitem__(2, f"{SECRET}é"))
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    return path


def extra_column(rows: list[list[str]]) -> None:
    """A column that the mapping does not name."""
    for line, value in zip(rows, ("nieuw", *[SECRET] * 4), strict=True):
        line.append(value)


def broken_date(rows: list[list[str]]) -> None:
    """A day until which to keep the record that does not exist (see DATED)."""
    for line in rows[1:]:
        line[COLUMNS.index("tel")] = "2099-05-14"
    rows[3][COLUMNS.index("tel")] = f"31-02-{SECRET}"


def unknown_code(rows: list[list[str]]) -> None:
    """A value that the mapping does not translate."""
    rows[3][COLUMNS.index("soort")] = SECRET


def short_row(rows: list[list[str]]) -> None:
    """A row with a cell too few."""
    rows[3] = [SECRET, *rows[3][2:]]


MISTAKES: dict[str, tuple[Callable[[Path], Path], tuple[str, ...]]] = {
    "unmapped column": (lambda path: table(path, extra_column), ("mistake.csv", "nieuw")),
    "broken date": (lambda path: table(path, broken_date), ("mistake.csv", "row 3", "tel")),
    "unknown code": (lambda path: table(path, unknown_code), ("mistake.csv", "soort")),
    "short row": (lambda path: table(path, short_row), ("mistake.csv", "row 3")),
    "wrong encoding": (wrong_encoding, ("mistake.csv", "row 3")),
}


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_a_mistake_is_named_and_nothing_changes(layout: Layout, tmp_path: Path, mistake: str) -> None:
    """Where, and what to do; never the value itself. No receipt is written, nothing is queued."""
    make, places = MISTAKES[mistake]
    source, mapping = make(tmp_path / "mistake.csv"), tmp_path / "mapping.toml"
    write_mapping(mapping, DATED if mistake == "broken date" else MAPPING)
    receipt, settings = tmp_path / "receipt.json", layout.partner(POLITIE) / "connector.toml"
    command = [COMMAND, "preview", source, "--mapping", mapping, "--out", receipt, "--settings", settings]
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == BAD_INPUT, said
    assert all(place in said for place in places), said
    assert SECRET not in said
    assert not receipt.exists()
