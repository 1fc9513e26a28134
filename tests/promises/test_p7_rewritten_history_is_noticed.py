"""P7: a rewrite of history is noticed. Somebody with the database file changes the past; the gateway's own command and
every partner's connector say so, each without the other."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.errors import NotVerified
from connectors.witness import verify_ledger
from gateway.cli import app
from gateway.ledger.chain import EMPTY_HEAD, leaf_hash, next_head
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import POLITIE
from tests.world import ANALYST_PARTY, Federation, put_question

Tamper = Callable[[sqlite3.Connection], object]
VERIFICATION_FAILED = 6


def rewrite(database: Path, tamper: Tamper) -> None:
    """Change the file as its owner can: the triggers that keep leaves write-once are his to drop."""
    with closing(sqlite3.connect(database)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        tamper(connection)
        connection.commit()


def flip(table: str, column: str, at: int) -> Tamper:
    """Change one byte of one value in the middle of the ledger."""

    def tamper(connection: sqlite3.Connection) -> None:
        where = f"FROM {table} WHERE position = 3"
        value = bytearray(connection.execute(f"SELECT {column} {where}").fetchone()[0])
        value[at] ^= 1
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE position = 3", (bytes(value),))

    return tamper


def exchange(table: str, column: str) -> Tamper:
    """Two neighbours change places."""

    def tamper(connection: sqlite3.Connection) -> None:
        found = dict(connection.execute(f"SELECT position, {column} FROM {table} WHERE position IN (3, 4)").fetchall())
        for here, there in ((3, 4), (4, 3)):
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE position = ?", (found[there], here))

    return tamper


def delete(table: str, where: str) -> Tamper:
    """Rows disappear."""
    return lambda connection: connection.execute(f"DELETE FROM {table} WHERE {where}")


def rechained(connection: sqlite3.Connection) -> None:
    """The careful forger: change one leaf, then recompute every head behind it, so that the chain holds again."""
    rows = connection.execute("SELECT position, leaf_data FROM ledger_leaves ORDER BY position").fetchall()
    head = EMPTY_HEAD
    for position, data in rows:
        changed = bytearray(data)
        if position == 3:
            changed[-1] ^= 1
            connection.execute("DELETE FROM ledger_bodies WHERE position = 3")
        head = next_head(head, leaf_hash(bytes(changed)))
        statement = "UPDATE ledger_leaves SET leaf_data = ?, head = ? WHERE position = ?"
        connection.execute(statement, (bytes(changed), head, position))
    connection.execute("UPDATE ledger_head SET head = ?", (head,))


def shortened(connection: sqlite3.Connection) -> None:
    """Cut the tail and set the head back, so that what is left is whole."""
    size = connection.execute("SELECT max(position) FROM ledger_leaves").fetchone()[0]
    for table in ("ledger_leaves", "ledger_bodies"):
        connection.execute(f"DELETE FROM {table} WHERE position = ?", (size,))
    (head,) = connection.execute("SELECT head FROM ledger_leaves WHERE position = ?", (size - 1,)).fetchone()
    connection.execute("UPDATE ledger_head SET size = ?, head = ?", (size, head))


CLUMSY = {
    "a leaf's event": flip("ledger_leaves", "leaf_data", 1),
    "a leaf's day": flip("ledger_leaves", "leaf_data", 5),
    "a leaf's digest": flip("ledger_leaves", "leaf_data", 38),
    "a head": flip("ledger_leaves", "head", 0),
    "a body": flip("ledger_bodies", "record", 10),
    "a salt": flip("ledger_bodies", "salt", 0),
    "two leaves exchanged": exchange("ledger_leaves", "leaf_data"),
    "two bodies exchanged": exchange("ledger_bodies", "record"),
    "a leaf deleted": delete("ledger_leaves", "position = 3"),
    "the tail cut": delete("ledger_leaves", "position > 3"),
    "the head moved": lambda connection: connection.execute("UPDATE ledger_head SET size = size - 1"),
}


def verified(federation: Federation) -> int:
    """The exit code of `schakel-gateway verify-ledger`."""
    settings = federation.layout.gateway / "gateway.toml"
    return CliRunner().invoke(app, ["verify-ledger", "--settings", str(settings)]).exit_code


@pytest.fixture
def witnessed(delivered: Federation) -> Federation:
    """The police and the bureau have each seen the ledger as it was."""
    for party in (POLITIE, ANALYST_PARTY):
        with delivered.connector(party) as house:
            verify_ledger(house)
    return delivered


def test_the_untouched_ledger_verifies(witnessed: Federation) -> None:
    """Exit 0, and again for both partners."""
    assert verified(witnessed) == 0
    with witnessed.connector(POLITIE) as police:
        assert verify_ledger(police).receipts == 1


def test_every_clumsy_change_is_named_by_verify_ledger(witnessed: Federation, tmp_path: Path) -> None:
    """Exit 6 for each way to change a file without mending the rest; and exit 0 again once it is put back."""
    backup = witnessed.back_up(tmp_path / "whole.sqlite")
    for what, tamper in CLUMSY.items():
        rewrite(witnessed.database, tamper)
        assert verified(witnessed) == VERIFICATION_FAILED, what
        witnessed.restore(backup)
    assert verified(witnessed) == 0


@pytest.mark.parametrize("party", [POLITIE, ANALYST_PARTY])
def test_a_careful_rewrite_is_noticed_by_every_partner(witnessed: Federation, party: str) -> None:
    """The forger mends the whole chain: the file verifies by itself, but not against what a partner saw before."""
    rewrite(witnessed.database, rechained)
    assert verified(witnessed) == 0
    with witnessed.connector(party) as house, pytest.raises(NotVerified, match=r"rewritten|promised"):
        verify_ledger(house)


def test_a_receipt_alone_is_enough_to_notice(delivered: Federation) -> None:
    """A partner that never looked at the ledger still holds a receipt that says what its entry's head was."""
    rewrite(delivered.database, rechained)
    with delivered.connector(POLITIE) as police, pytest.raises(NotVerified, match="receipt promised"):
        verify_ledger(police)


def test_a_shortened_ledger_is_noticed(witnessed: Federation) -> None:
    """What is left is whole, but a partner remembers that there was more."""
    rewrite(witnessed.database, shortened)
    assert verified(witnessed) == 0
    with witnessed.connector(POLITIE) as police, pytest.raises(NotVerified, match="shorter"):
        verify_ledger(police)


def test_a_ledger_that_is_shortened_and_grows_again_is_noticed(witnessed: Federation) -> None:
    """Another history of the same length is not the same history."""
    rewrite(witnessed.database, shortened)
    with witnessed.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
    with witnessed.connector(POLITIE) as police, pytest.raises(NotVerified, match="rewritten"):
        verify_ledger(police)


def test_honest_growth_is_no_alarm(witnessed: Federation) -> None:
    """New entries behind the head that a partner saw."""
    with witnessed.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
    with witnessed.connector(POLITIE) as police:
        seen = verify_ledger(police)
    assert seen.now.size > seen.before.size > 0


def test_the_database_itself_forbids_a_change(witnessed: Federation) -> None:
    """Before anybody drops the triggers, leaves cannot be updated or deleted."""
    with closing(sqlite3.connect(witnessed.database)) as connection:
        for statement in ("UPDATE ledger_leaves SET head = head", "DELETE FROM ledger_leaves"):
            with pytest.raises(sqlite3.DatabaseError):
                connection.execute(statement)
