"""kill -9 at every step of batch intake, with a real gateway process: nothing acknowledged is lost, nothing doubled."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from connectors.contract.answers import Lease
from connectors.contract.codes import TokenDomein
from connectors.contract.signing import read_secret_file
from deploy.demo.federation import Layout
from gateway.ledger.verify import verify
from gateway.settings import read_settings
from gateway.store import migrate, open_store, reading
from gateway.vault.rows import count_rows
from tests.gateway.gateway_world import (
    POLITIE,
    MovableClock,
    Party,
    World,
    build_world,
    make_batch,
    make_layout,
    put_in_force,
    riec_row,
    tokens,
)

LAUNCHER = Path(__file__).with_name("gateway_killed.py")
ROOT = Path(__file__).resolve().parents[2]
BATCHES = "gateway.intake.batches"
MOMENTS = [
    f"{BATCHES}:store_rows:after",
    "commit:before",
    "commit:after",
    *(
        pytest.param(moment, marks=pytest.mark.full)
        for moment in (
            f"{BATCHES}:read_header:before",
            f"{BATCHES}:require:before",
            f"{BATCHES}:require:after",
            f"{BATCHES}:store_rows:before",
            f"{BATCHES}:append:after",
            f"{BATCHES}:give_receipt:after",
            "gateway.web.api:accept_batch:after",
        )
    ),
]
COMMITTED = ("commit:after", "gateway.web.api:accept_batch:after")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(layout: Layout, url: str, moment: str) -> Iterator[subprocess.Popen[bytes]]:
    """A gateway process that is ready."""
    command = [sys.executable, str(LAUNCHER), str(layout.gateway / "gateway.toml"), moment]
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}) as process:
        try:
            for _ in range(600):
                try:
                    if httpx.get(f"{url}/readyz", trust_env=False).status_code == 200:
                        break
                except httpx.HTTPError:
                    time.sleep(0.1)
            yield process
        finally:
            process.kill()


def client(layout: Layout, url: str) -> Party:
    """The police's side, on the machine's clock."""
    seed = read_secret_file(layout.partner(POLITIE) / "keys" / "party.key")
    http = httpx.Client(base_url=url, trust_env=False, timeout=30)
    return Party(POLITIE, seed, http, MovableClock(datetime.now(UTC)), url)  # type: ignore[arg-type]


def lend(party: Party, share: str) -> None:
    answer = party.post("/v1/leases", Lease(domein=TokenDomein.RIEC, epoch="2026", share=share))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_intake_is_all_or_nothing(tmp_path: Path, moment: str) -> None:
    """After the kill the batch is whole or absent, the ledger holds, and a resend ends in one receipt and five rows."""
    url = f"http://127.0.0.1:{free_port()}"
    layout = make_layout(tmp_path / "federation", now=datetime.now(UTC), url=url)
    store = open_store(f"sqlite:///{layout.gateway}/gateway.sqlite")
    migrate(store)
    put_in_force(layout, read_settings(layout.gateway / "gateway.toml", {}), MovableClock(datetime.now(UTC)))
    world = World(layout, None, None, None, None, None)  # type: ignore[arg-type]
    share = world.share(POLITIE, "RIEC")
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn=str(n))) for n in range(5)])
    with running(layout, url, moment) as process:
        party = client(layout, url)
        lend(party, share)
        with pytest.raises(httpx.HTTPError):
            party.put(f"/v1/batches/{batch_id}", raw)
        assert process.wait(30) == -9
    with reading(store) as transaction:
        verify(transaction)
        assert count_rows(transaction) == (5 if moment in COMMITTED else 0)
    restarted = build_world(layout, MovableClock(datetime.now(UTC)))
    party = restarted.party(POLITIE)
    party.url = url
    lend(party, share)
    answers = [party.put(f"/v1/batches/{batch_id}", raw) for _ in range(2)]
    restarted.close()
    assert [answer.status_code for answer in answers] == ([200, 200] if moment in COMMITTED else [201, 200])
    assert answers[0].json() == answers[1].json()
    with reading(store) as transaction:
        verify(transaction)
        assert count_rows(transaction) == 5
    store.dispose()
