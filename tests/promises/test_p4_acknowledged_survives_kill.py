"""P4: an acknowledged batch or decision survives kill -9. Real processes are killed around the acknowledgement; after a
restart the batch, its receipt and its decisions are there, once, and the ledger holds."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from connectors.contract.answers import SignedReceipt
from connectors.contract.codes import TokenDomein
from connectors.delivery import lend_share
from connectors.errors import PeerUnavailable
from connectors.house import House, open_house
from connectors.settings import read_settings
from connectors.witness import verify_ledger
from deploy.demo.federation import Layout, lay_out
from deploy.demo.processes import Running, free_ports, running
from gateway.settings import read_settings as read_gateway_settings
from gateway.store import migrate, open_store
from tests.connectors.samples import write_mapping, write_source
from tests.gateway.gateway_world import POLITIE, MovableClock, put_in_force
from tests.world import Wire, approve_delivery, send_delivery, wire_to_custodians

REPOSITORY = Path(__file__).resolve().parents[2]
POLICY = REPOSITORY / "policies" / "opa"
LAUNCHER = "tests.promises.gateway_killed"
ROWS = 3
NEVER = ("gateway.intake.receipts:give_receipt", "before", 0)
Place = tuple[str, str, int]


@dataclass(frozen=True)
class Processes:
    """The gateway as a process on loopback; custodians and connector in this one."""

    layout: Layout
    federation: Running
    custodians: Wire
    source: Path
    mapping: Path

    def start_gateway(self, place: Place) -> None:
        """The gateway, which dies at `place`."""
        command = [sys.executable, "-m", LAUNCHER, place[0], place[1], str(place[2])]
        url = self.layout.federatie.gateway.url
        arguments = ["serve", "--settings", "gateway.toml"]
        self.federation.start("gateway", [*command, *arguments], self.layout.gateway, f"{url}/readyz")

    def restart(self) -> None:
        """Kill what is left of the gateway, and start it anew."""
        self.federation.kill("gateway")
        self.start_gateway(NEVER)

    @contextmanager
    def police(self) -> Iterator[House]:
        settings = read_settings(self.layout.partner(POLITIE) / "connector.toml")
        mounts = {custodian.url: self.custodians for custodian in self.layout.federatie.custodians}
        with httpx.Client(mounts=mounts, timeout=60, trust_env=False) as http, open_house(settings, http=http) as house:
            yield house

    def stored(self, table: str) -> int:
        with closing(sqlite3.connect(self.layout.gateway / "gateway.sqlite")) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    gateway, *custodians = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    layout = lay_out(
        tmp_path / "federation",
        POLICY / "bron" / "parties.json",
        gateway,
        (custodians[0], custodians[1]),
        datetime.now(UTC),
        policy_dir=POLICY,
    )
    source = write_source(tmp_path / "registraties.csv", ROWS)
    mapping = write_mapping(tmp_path / "registraties.toml")
    migrate(open_store(f"sqlite:///{layout.gateway / 'gateway.sqlite'}"))
    put_in_force(layout, read_gateway_settings(layout.gateway / "gateway.toml", {}), MovableClock(datetime.now(UTC)))
    with running(layout, tmp_path / "logs") as federation:
        yield Processes(layout, federation, wire_to_custodians(layout, lambda: datetime.now(UTC)), source, mapping)


def holds(processes: Processes) -> None:
    """Every row once, one receipt, its decision in the ledger, and a partner who agrees with all of it."""
    assert processes.stored("sealed_rows") == ROWS
    assert processes.stored("receipts") == 1
    assert processes.federation.verify_ledger() > 0
    with processes.police() as police:
        assert verify_ledger(police).receipts == 1


def test_what_was_acknowledged_is_there_after_kill_9(processes: Processes) -> None:
    """Killed the moment the connector has its receipt: the same receipt is given again, byte for byte."""
    processes.start_gateway(NEVER)
    with processes.police() as police:
        approve_delivery(police, processes.source, processes.mapping)
        assert send_delivery(police, processes.source, processes.mapping).delivered.rows == ROWS
        processes.restart()
        ((batch, receipt),) = acknowledged(police)
        assert police.calls.get(f"/v1/receipts/{batch}", SignedReceipt).ontvangst == receipt
        lend_share(police, TokenDomein.RIEC)
    holds(processes)


def acknowledged(house: House) -> list[tuple[str, str]]:
    """(batch id, receipt) of each acknowledged batch in the outbox."""
    with closing(sqlite3.connect(house.settings.outbox)) as connection:
        return connection.execute("SELECT batch_id, receipt FROM batch WHERE receipt IS NOT NULL").fetchall()


PLACES: list[Place] = [
    ("gateway.intake.batches:give_receipt", "after", 1),
    ("gateway.matching.index:JoinIndex.put", "after", 2),
]
"""Inside the transaction, with everything written and nothing committed; and after the commit, before the answer (the
first call of `put` is the lease's)."""


@pytest.mark.parametrize("place", [PLACES[1], pytest.param(PLACES[0], marks=pytest.mark.full)], ids=str)
def test_what_was_not_acknowledged_arrives_once(processes: Processes, place: Place) -> None:
    """Killed around the commit: the connector hears nothing, sends the same batch again, and it is there once."""
    processes.start_gateway(place)
    with processes.police() as police:
        approve_delivery(police, processes.source, processes.mapping)
        with pytest.raises(PeerUnavailable):
            send_delivery(police, processes.source, processes.mapping)
        committed = processes.stored("receipts")
        assert committed == processes.stored("sealed_rows") // ROWS
        assert committed == (place[0] != PLACES[0][0])
        processes.restart()
        assert send_delivery(police, processes.source, processes.mapping).delivered.rows == ROWS
    holds(processes)
