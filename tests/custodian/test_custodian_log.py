"""The hash-chained log: every way to tamper with it is found."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.custodian.log import GENESIS, Entry, Event, Facts, Head, Tampered, next_entry, verify_chain
from pseudonymizer.custodian.store import check_books, open_store, read_log, reading
from tests.custodian.doors import ask, open_door, points
from tests.custodian.small_federation import SmallFederation, small_federation


def _chain(length: int) -> list[Entry]:
    head, entries = Head(0, GENESIS), []
    for index in range(length):
        facts = Facts(Event.EVALUATED, "2026-11-24T09:00:00+00:00", f"j{index}", "s", "RIEC", "2026", "id", 16, 16, "b")
        entries.append(next_entry(head, facts))
        head = Head(entries[-1].seq, entries[-1].hash)
    return entries


def test_an_untouched_chain_verifies_to_its_head() -> None:
    """The head is the last entry's."""
    entries = _chain(5)
    assert verify_chain(entries, {3: entries[2].hash}) == Head(5, entries[4].hash)


def test_an_empty_log_has_the_genesis_head() -> None:
    """Nothing written, nothing to find."""
    assert verify_chain([], {}) == Head(0, GENESIS)


@given(st.integers(0, 9), st.sampled_from(["jti", "sub", "dom", "epo", "cls", "bd", "at"]), st.text(min_size=1))
def test_a_changed_field_is_found_at_its_entry(place: int, name: str, value: str) -> None:
    """Any text field, any place."""
    entries = _chain(10)
    changed = replace(entries[place].facts, **{name: getattr(entries[place].facts, name) + value})
    entries[place] = replace(entries[place], facts=changed)
    with pytest.raises(Tampered, match=f"entry {place + 1} "):
        verify_chain(entries, {})


@given(st.integers(0, 8))
def test_a_removed_entry_is_found(place: int) -> None:
    """Any entry but the last."""
    entries = _chain(10)
    del entries[place]
    with pytest.raises(Tampered):
        verify_chain(entries, {})


@given(st.integers(0, 8))
def test_swapped_entries_are_found(place: int) -> None:
    """Two neighbours in each other's place, renumbered."""
    entries = _chain(10)
    first, second = entries[place], entries[place + 1]
    entries[place], entries[place + 1] = replace(second, seq=first.seq), replace(first, seq=second.seq)
    with pytest.raises(Tampered):
        verify_chain(entries, {})


@pytest.mark.parametrize(
    "pretended",
    [lambda last: Head(last.seq, "f" * 64), lambda last: Head(last.seq + 1, last.hash)],
    ids=["of another chain", "with a place left out"],
)
def test_an_entry_that_does_not_follow_is_found(pretended: Callable[[Entry], Head]) -> None:
    """Its own hash is right; what it follows is not the entry before it, or not at the next place."""
    entries = _chain(5)
    with pytest.raises(Tampered):
        verify_chain([*entries, next_entry(pretended(entries[-1]), entries[-1].facts)], {})


def test_a_rewritten_tail_is_found_by_a_kept_head() -> None:
    """A consistent rewrite from some entry on does not meet the hash that was kept elsewhere."""
    entries = _chain(10)
    kept = {8: entries[7].hash}
    forged = entries[:5]
    for entry in entries[5:]:
        forged.append(next_entry(Head(forged[-1].seq, forged[-1].hash), replace(entry.facts, n=32)))
    with pytest.raises(Tampered, match="kept"):
        verify_chain(forged, kept)


def test_a_truncated_log_is_found_by_a_kept_head() -> None:
    """The end of a chain is only known to who kept it."""
    entries = _chain(10)
    with pytest.raises(Tampered, match="truncated"):
        verify_chain(entries[:7], {10: entries[9].hash})


@pytest.fixture
def used(tmp_path: Path) -> SmallFederation:
    """A federation whose first custodian answered three requests, the first of them twice."""
    federation = small_federation(tmp_path)
    door, ticket = open_door(federation), federation.ticket()
    for label in ("a", "b", "c", "a"):
        assert ask(door, federation, points(16, label), ticket=ticket).status_code == 200
    return federation


def _verify(federation: SmallFederation) -> Head:
    with reading(open_store(federation.settings(1).store)) as connection:
        head = verify_chain(read_log(connection), {})
        assert check_books(connection) == 0
        return head


def test_a_real_log_verifies(used: SmallFederation) -> None:
    """Four answers, four entries; the retry is charged nothing."""
    assert _verify(used).seq == 4


def test_the_log_cannot_be_changed_through_sql(used: SmallFederation) -> None:
    """The store itself refuses to update or delete an entry."""
    database = sqlite3.connect(used.settings(1).store)
    for statement in ("UPDATE log SET n = 1", "DELETE FROM log"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute(statement)


TAMPERINGS: list[str] = [
    "UPDATE log SET n = 32, charged = 32 WHERE seq = 2",
    "UPDATE log SET sub = '00000000000000000002/veiligheid' WHERE seq = 2",
    "UPDATE log SET at = '2026-11-25T09:00:00+00:00' WHERE seq = 4",
    "UPDATE log SET event = 'other' WHERE seq = 1",
    "UPDATE log SET hash = substr(hash, 2) || substr(hash, 1, 1) WHERE seq = 4",
    "UPDATE log SET prev = hash WHERE seq = 3",
    "DELETE FROM log WHERE seq = 2",
    "DELETE FROM log WHERE seq >= 3",
    "DELETE FROM log",
    "INSERT INTO log SELECT 5, hash, event, at, 'x', sub, dom, epo, cls, n, charged, bd, hash FROM log WHERE seq = 4",
    "UPDATE debits SET n = 8 WHERE seq = 2",
    "DELETE FROM debits WHERE seq = 1",
    "UPDATE debits SET seq = 3 WHERE seq = 1",
]


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_tampering_with_the_file_is_found(used: SmallFederation, tampering: str) -> None:
    """Whoever owns the file can drop the triggers; the chain and the debits still tell."""
    database = sqlite3.connect(used.settings(1).store)
    database.executescript(f"DROP TRIGGER log_no_update; DROP TRIGGER log_no_delete; {tampering};")
    database.commit()
    database.close()
    with pytest.raises(Tampered):
        _verify(used)
