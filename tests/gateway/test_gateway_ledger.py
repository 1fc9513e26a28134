"""The ledger: chained, append-only, and any change found by position."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text
from typer.testing import CliRunner

from connectors.contract.canonical import b64u_decode
from connectors.contract.exits import Exit
from gateway.cli import app
from gateway.errors import BrokenLedger, StoreUnavailable
from gateway.ledger.append import append, current_head
from gateway.ledger.chain import EMPTY_HEAD, LEAF_DATA, leaf_data, leaf_hash, next_head
from gateway.ledger.entries import ErasureEntry, Event
from gateway.ledger.verify import verify
from gateway.store import migrate, open_store, reading, schema_is_current, writing
from tests.gateway.gateway_world import POLITIE, World, deliver, riec_row, tokens

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def add(store: Engine, count: int = 1) -> None:
    with writing(store) as transaction:
        append(transaction, tuple(ErasureEntry(dag=n, rijen=n) for n in range(count)), NOW, os.urandom)


def forge(store: Engine, *statements: str) -> None:
    """What someone with the database's file could do: drop the triggers, then write."""
    with writing(store) as transaction:
        for verb in ("update", "delete"):
            transaction.execute(text(f"DROP TRIGGER IF EXISTS ledger_leaves_no_{verb}"))
        for statement in statements:
            transaction.execute(text(statement))


def broken(store: Engine) -> str:
    with reading(store) as transaction, pytest.raises(BrokenLedger) as caught:
        verify(transaction)
    return caught.value.detail


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Engine]:
    """An empty store on SQLite with ten entries."""
    engine = open_store(f"sqlite:///{tmp_path}/ledger.sqlite")
    migrate(engine)
    add(engine, 10)
    yield engine
    engine.dispose()


def test_leaf_data_has_the_agreed_bytes() -> None:
    """u8 1 ‖ u8 event ‖ u32 day ‖ u8 class ‖ HMAC, 39 bytes; the salt is exactly 32."""
    data = leaf_data(Event.BATCH, 20_780, 3, b"s" * 32, b"{}")
    assert len(data) == LEAF_DATA.size == 39
    assert data[:7] == bytes([1, 2]) + (20_780).to_bytes(4, "big") + bytes([3])
    with pytest.raises(ValueError, match="32"):
        leaf_data(Event.BATCH, 1, 1, b"short", b"{}")


@given(
    st.lists(st.binary(min_size=1, max_size=60), max_size=6), st.lists(st.binary(min_size=1, max_size=60), max_size=6)
)
def test_different_chains_have_different_heads(left: list[bytes], right: list[bytes]) -> None:
    """Any difference in any leaf, their number or their order shows in the head."""

    def head(leaves: list[bytes]) -> bytes:
        walked = EMPTY_HEAD
        for leaf in leaves:
            walked = next_head(walked, leaf_hash(leaf))
        return walked

    assert (head(left) == head(right)) == (left == right)


@pytest.mark.parametrize(
    ("forgery", "where"),
    [
        ("UPDATE ledger_leaves SET leaf_data = zeroblob(39) WHERE position = 4", "entry 4"),
        ("DELETE FROM ledger_leaves WHERE position = 4", "entry 4"),
        ("DELETE FROM ledger_leaves WHERE position = 9", "head"),
        ("UPDATE ledger_bodies SET record = X'7B7D' WHERE position = 4", "entry 4"),
        ("UPDATE ledger_bodies SET salt = zeroblob(32) WHERE position = 4", "entry 4"),
        ("UPDATE ledger_head SET head = zeroblob(32)", "head"),
        ("UPDATE ledger_head SET size = 9", "head"),
        ("INSERT INTO ledger_bodies VALUES (77, zeroblob(32), X'7B7D')", "entry 77"),
    ],
)
def test_every_forgery_is_found(store: Engine, forgery: str, where: str) -> None:
    """Changed, missing or invented leaf, body, salt, head or size."""
    forge(store, forgery)
    assert where in broken(store)


def test_two_leaves_swapped_are_found(store: Engine) -> None:
    """Order is part of the chain."""
    forge(
        store,
        "UPDATE ledger_leaves SET position = 100 WHERE position = 3",
        "UPDATE ledger_leaves SET position = 3 WHERE position = 5",
        "UPDATE ledger_leaves SET position = 5 WHERE position = 100",
    )
    assert "entry 3" in broken(store)


def test_an_erased_body_is_no_forgery(store: Engine) -> None:
    """Retention takes bodies, never leaves."""
    forge(store, "DELETE FROM ledger_bodies WHERE position = 4")
    with reading(store) as transaction:
        assert verify(transaction).erased == 1


@pytest.mark.parametrize("verb", ["UPDATE ledger_leaves SET head = leaf_data", "DELETE FROM ledger_leaves"])
def test_the_database_itself_refuses_to_change_a_leaf(any_world: World, verb: str) -> None:
    """Triggers, on both engines."""
    add(any_world.house.store)
    with pytest.raises(StoreUnavailable), writing(any_world.house.store) as transaction:
        transaction.execute(text(verb))


def test_concurrent_appends_make_one_chain(any_world: World) -> None:
    """Eight threads, one chain without gaps or forks."""
    threads = [threading.Thread(target=lambda: [add(any_world.house.store) for _ in range(12)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(any_world.house.store) as transaction:
        assert verify(transaction).size == 96


def test_a_rolled_back_act_leaves_no_entry(any_world: World) -> None:
    """Entry and act commit together or not at all."""

    def failing(transaction: Connection) -> None:
        append(transaction, (ErasureEntry(dag=1, rijen=1),), NOW, os.urandom)
        raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError), writing(any_world.house.store) as transaction:
        failing(transaction)
    with reading(any_world.house.store) as transaction:
        assert current_head(transaction) == (0, EMPTY_HEAD)


def test_the_migration_goes_up_and_down(any_world: World) -> None:
    """One history for both engines."""
    assert schema_is_current(any_world.house.store)
    migrate(any_world.house.store, "base")
    assert not schema_is_current(any_world.house.store)
    migrate(any_world.house.store)
    assert schema_is_current(any_world.house.store)


def test_verify_ledger_exits_six_on_a_broken_chain(world: World) -> None:
    """The command names the entry and exits 6; a whole chain exits 0."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    settings_file = str(world.layout.gateway / "gateway.toml")
    whole = CliRunner().invoke(app, ["verify-ledger", "--settings", settings_file])
    assert whole.exit_code == Exit.DONE, whole.output
    forge(world.house.store, "UPDATE ledger_bodies SET record = X'7B7D' WHERE position = 0")
    found = CliRunner().invoke(app, ["verify-ledger", "--settings", settings_file])
    assert found.exit_code == Exit.UNVERIFIED
    assert "entry 0" in found.output


def test_parties_can_walk_the_chain_themselves(world: World) -> None:
    """Leaves and the signed head are enough to recompute the head; bodies never leave."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    leaves = world.party(POLITIE).get("/v1/ledger/entries?start=0").json()["bladen"]
    walked = EMPTY_HEAD
    for leaf in leaves:
        walked = next_head(walked, leaf_hash(b64u_decode(leaf["data"])))
        assert walked == b64u_decode(leaf["hoofd"])
