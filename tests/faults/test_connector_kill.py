"""kill -9 of a connector at every commit point: nothing acknowledged is lost, nothing is sent twice."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from connectors.house import open_house
from deploy.demo.processes import free_ports
from tests.connectors.peer import Peer, make_peer, settings_of
from tests.connectors.samples import write_mapping, write_source
from tests.connectors.test_send import approved

LAUNCHER = Path(__file__).with_name("connector_killed.py")
REPOSITORY = Path(__file__).resolve().parents[2]
ROWS = 12
DEFAULT = [
    ("connectors.outbox:Outbox.put", "after", 2),
    ("connectors.calls:GatewayCalls.put_bytes", "after", 1),
    ("connectors.outbox:Outbox.acknowledge", "after", 1),
]
MORE = [
    ("connectors.outbox:Outbox.put", "before", 2),
    ("connectors.outbox:Outbox.levering", "after", 1),
    ("connectors.outbox:Outbox.cache", "before", 1),
    ("connectors.outbox:Outbox.cache", "after", 2),
    ("connectors.outbox:Outbox.put", "before", 1),
    ("connectors.outbox:Outbox.put", "after", 3),
    ("connectors.calls:GatewayCalls.put_bytes", "before", 2),
    ("connectors.calls:GatewayCalls.put_bytes", "after", 3),
    ("connectors.outbox:Outbox.acknowledge", "before", 2),
    ("connectors.delivery:verified_receipt", "after", 2),
]


def listening(root: Path) -> Peer:
    first, second, third = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    return make_peer(root, (first, second, third))


def run(peer: Peer, place: tuple[str, str, int] | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A real connector process; with `place` it is killed there."""
    where = place or ("connectors.outbox:Outbox.put", "before", 0)
    settings = peer.layout.partner(settings_of(peer).party) / "connector.toml"
    return subprocess.run(
        [sys.executable, str(LAUNCHER), where[0], where[1], str(where[2]), *arguments, "--settings", str(settings)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=120,
        check=False,
    )


def killed_and_repeated(tmp_path: Path, place: tuple[str, str, int]) -> Peer:
    """Send, killed at `place`; then send again undisturbed. The peer answers 409 to a batch id with other bytes."""
    peer = listening(tmp_path / "federation")
    source, mapping = write_source(tmp_path / "r.csv", ROWS), write_mapping(tmp_path / "r.toml")
    with peer.serving():
        with open_house(settings_of(peer), http=peer.client()) as house:
            approved(house, source, mapping)
        command = ("send", str(source), "--mapping", str(mapping), "--json")
        assert run(peer, place, *command).returncode == -signal.SIGKILL
        again = run(peer, None, *command)
        assert again.returncode == 0, again.stderr
        assert sum(batch["rows"] for batch in json.loads(again.stdout)["batches"]) == ROWS
    return peer


@pytest.mark.parametrize("place", DEFAULT, ids=str)
def test_killed_and_sent_again_arrives_once(tmp_path: Path, place: tuple[str, str, int]) -> None:
    """After kill -9 at this point and a repeat, every row is there once, under one record id, with its tokens once."""
    _holds(killed_and_repeated(tmp_path, place))


@pytest.mark.full
@pytest.mark.parametrize("place", MORE, ids=str)
def test_killed_at_the_other_points_too(tmp_path: Path, place: tuple[str, str, int]) -> None:
    """The same at every other commit point."""
    _holds(killed_and_repeated(tmp_path, place))


def test_a_killed_withdrawal_is_not_forgotten(tmp_path: Path) -> None:
    """Killed after the tombstone and before the gateway heard: the next send tells it."""
    peer = listening(tmp_path / "federation")
    source, mapping = write_source(tmp_path / "r.csv", 3), write_mapping(tmp_path / "r.toml")
    with peer.serving():
        with open_house(settings_of(peer), http=peer.client()) as house:
            approved(house, source, mapping)
        command = ("send", str(source), "--mapping", str(mapping))
        assert run(peer, None, *command).returncode == 0
        record_id = str(peer.rows()[0]["record_id"])
        killed = run(peer, ("connectors.outbox:Outbox.withdraw", "after", 1), "withdraw", record_id)
        assert killed.returncode == -signal.SIGKILL
        assert not peer.withdrawals
        assert run(peer, None, *command).returncode == 0
    assert [item.record_ids for item in peer.withdrawals] == [(record_id,)]


def _holds(peer: Peer) -> None:
    rows = peer.rows()
    assert len(rows) == ROWS
    assert len({row["record_id"] for row in rows}) == ROWS
    tokens = Counter(token["waarde"] for row in rows for token in row["tokens"])  # type: ignore[union-attr]
    assert set(tokens.values()) == {1}
