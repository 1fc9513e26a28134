"""One process serves a database: a second one is refused, also for a migration, and an erasure is done by the one that
serves, so that its index follows."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text, update
from typer.testing import CliRunner, Result

from connectors.contract.exits import Exit
from gateway.app import create_app
from gateway.cli import app
from gateway.clock import system_clock
from gateway.errors import AlreadyServed, StoreUnavailable
from gateway.hold import hold_alone
from gateway.store import open_store, writing
from gateway.vault.tables import SEALED
from tests.gateway.gateway_world import (
    GATEWAY,
    POLITIE,
    MovableClock,
    World,
    build_world,
    deliver,
    make_layout,
    make_world,
    riec_row,
    tokens,
)
from tests.gateway.on_a_port import on_a_port
from tests.gateway.postgres_cluster import Cluster

CHECKPOINT = "/v1/ledger/checkpoint"


def command(world: World, *words: str) -> Result:
    """A command on the settings of this gateway."""
    return CliRunner().invoke(app, [*words, "--settings", str(world.layout.gateway / "gateway.toml")])


def test_a_database_has_one_server(any_world: World) -> None:
    """The second is refused while the first serves, and may serve after it."""
    second = open_store(any_world.settings.database)
    with hold_alone(any_world.house.store) as hold:
        hold.demand()
        with pytest.raises(AlreadyServed), hold_alone(second):
            pass
    with hold_alone(second) as hold:
        hold.demand()
    second.dispose()


def test_two_databases_have_a_server_each(any_world: World, tmp_path: Path) -> None:
    """The hold is on the database, not on the machine."""
    other = make_world(tmp_path / "other")
    with hold_alone(any_world.house.store), hold_alone(other.house.store) as hold:
        hold.demand()
    other.close()


@pytest.mark.parametrize("words", [["serve"], ["migrate"]], ids=lambda words: words[0])
def test_nothing_starts_beside_a_server(world: World, words: list[str]) -> None:
    """Exit 2 that says what to do; the ledger has no second start."""
    with hold_alone(world.house.store):
        done = command(world, *words)
    assert done.exit_code == Exit.BAD_INPUT
    assert "stop it first" in done.output
    with world.house.store.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ledger_leaves")).scalar_one() == 0


@pytest.mark.postgres
def test_a_server_that_lost_its_hold_serves_nobody(cluster: Cluster, tmp_path: Path) -> None:
    """PostgreSQL ended its session: another process may serve by now, so everything is 503 until a new start."""
    world = make_world(tmp_path, cluster.fresh_database())
    with hold_alone(world.house.store) as hold:
        held = create_app(replace(world.house, hold=hold))
        with TestClient(held, base_url=GATEWAY) as http:
            police = replace(world.party(POLITIE), http=http)
            assert police.get(CHECKPOINT).status_code == 200
            headers = police.headers("GET", CHECKPOINT, b"")
            end_sessions(cluster, world)
            answer = http.get(CHECKPOINT, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
            assert "restart" in answer.json()["detail"]
            assert http.get("/readyz").json()["detail"] == "not ready: alone"
        with pytest.raises(StoreUnavailable):
            hold.demand()
    world.close()


def end_sessions(cluster: Cluster, world: World) -> None:
    """As a restart of PostgreSQL does."""
    name = world.house.store.url.database
    with psycopg.connect(host=str(cluster.socket), user=cluster.user, dbname="postgres", autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[World]:
    """A gateway with the hold, on a real port to which its settings lead; its time is now, as the command's is."""
    now = system_clock()
    world = build_world(make_layout(tmp_path / "federation", now=now), MovableClock(now))
    settings = world.layout.gateway / "gateway.toml"
    with hold_alone(world.house.store) as hold, on_a_port(replace(world.house, hold=hold), settings):
        yield world
    world.close()


def people(world: World) -> int:
    """How many the index knows."""
    return len(world.house.index.entities("RIEC", "2026", [POLITIE]))


def test_the_server_does_the_erasing(served: World) -> None:
    """`retain` beside a serving gateway: a row whose last day is over goes from its index too."""
    until = served.clock().date() + timedelta(days=40)
    deliver(served, POLITIE, [riec_row(tokens(bsn="a"), bewaren_tot=until)])
    with writing(served.house.store) as transaction:
        transaction.execute(update(SEALED).values(bewaren_tot=1))
    assert people(served) == 1
    done = command(served, "retain", "--json")
    assert (done.exit_code, done.output) == (0, '{"erased": 1}\n')
    assert people(served) == 0


def test_without_a_server_the_command_erases(world: World) -> None:
    """Nobody holds the database: the command does, for as long as it takes."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="a"))])
    with writing(world.house.store) as transaction:
        transaction.execute(update(SEALED).values(bewaren_tot=1))
    assert command(world, "retain", "--json").output == '{"erased": 1}\n'


def test_a_server_that_does_not_answer_is_exit_5(world: World) -> None:
    """It holds the database and is not at the address of the settings: nothing is erased beside it."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings = world.layout.gateway / "gateway.toml"
    lines = [line for line in settings.read_text().splitlines() if not line.startswith(("port", "host"))]
    settings.write_text("\n".join([f"port = {port}", *lines]) + "\n")
    with hold_alone(world.house.store):
        assert command(world, "retain").exit_code == Exit.UNAVAILABLE


def test_a_party_cannot_have_anything_erased(world: World) -> None:
    """The address is for the gateway's own key: a party is nobody there."""
    headers = world.party(POLITIE).headers("POST", "/v1/retention", b"")
    assert world.http.post("/v1/retention", headers=headers).status_code == 401
    assert world.http.post("/v1/retention").status_code == 401
