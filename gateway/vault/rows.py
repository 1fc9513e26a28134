"""Sealed rows at rest: store, read back, withdraw, erase. Every function works inside the caller's transaction."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, select

from gateway.errors import Conflict
from gateway.ids import id_bytes, id_text
from gateway.store import insert_into
from gateway.vault.sealing import Place
from gateway.vault.tables import SEALED, SHARES, TOMBSTONES

CHUNK: Final = 2_000
IN_LIMIT: Final = 500
QUARANTINED: Final = "quarantine:"
"""Before the kind of a row whose batch touched a canary: no kind that anything reads, joins or counts."""
_FIRST_DAY: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One row as the database has it. `bewaren_tot`: last day it is kept, None for rows that end with their epoch."""

    record_id: str
    batch_id: str
    kind: str
    bewaren_tot: date | None
    sealed: bytes


def withdrawn_among(transaction: Connection, place: Place, record_ids: Iterable[str]) -> frozenset[str]:
    """Those of `record_ids` that this party has withdrawn in this domain, whatever the epoch."""
    found: set[str] = set()
    for part in _chunks([id_bytes(record_id) for record_id in record_ids]):
        statement = select(TOMBSTONES.c.record_id).where(
            TOMBSTONES.c.party == place.party, TOMBSTONES.c.domain == place.domain, TOMBSTONES.c.record_id.in_(part)
        )
        found.update(id_text(row.record_id) for row in transaction.execute(statement))
    return frozenset(found)


def store_rows(transaction: Connection, place: Place, rows: Sequence[SealedRow]) -> None:
    """Insert sorted by key; a record that is there already is replaced by its newer row."""
    values = [
        {
            "party": place.party,
            "domain": place.domain,
            "epoch": place.epoch,
            "record_id": id_bytes(row.record_id),
            "batch_id": id_bytes(row.batch_id),
            "kind": row.kind,
            "bewaren_tot": None if row.bewaren_tot is None else (row.bewaren_tot - _FIRST_DAY).days,
            "sealed": row.sealed,
        }
        for row in sorted(rows, key=lambda row: row.record_id)
    ]
    statement = insert_into(transaction, SEALED)
    newer = {name: statement.excluded[name] for name in ("batch_id", "kind", "bewaren_tot", "sealed")}
    keys = ["party", "domain", "epoch", "record_id"]
    if values:
        transaction.execute(statement.on_conflict_do_update(index_elements=keys, set_=newer), values)


def stored_rows(transaction: Connection, place: Place, kinds: tuple[str, ...]) -> Iterator[SealedRow]:
    """All rows of a place of these kinds, in key order, read in chunks."""
    last = b""
    while True:
        statement = (
            select(SEALED)
            .where(_at(place), SEALED.c.kind.in_(kinds), SEALED.c.record_id > last)
            .order_by(SEALED.c.record_id)
            .limit(CHUNK)
        )
        found = transaction.execute(statement).all()
        for row in found:
            yield _sealed_row(row)
        if len(found) < CHUNK:
            return
        last = bytes(found[-1].record_id)


def stored_ids(transaction: Connection, place: Place, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """The record ids of a place's rows of these kinds, in key order."""
    statement = select(SEALED.c.record_id).where(_at(place), SEALED.c.kind.in_(kinds)).order_by(SEALED.c.record_id)
    return tuple(id_text(raw) for raw in transaction.execute(statement).scalars())


def stored_places(transaction: Connection, kinds: tuple[str, ...]) -> tuple[Place, ...]:
    """Where there are rows of these kinds, sorted."""
    columns = (SEALED.c.party, SEALED.c.domain, SEALED.c.epoch)
    statement = select(*columns).where(SEALED.c.kind.in_(kinds)).distinct().order_by(*columns)
    return tuple(Place(row.party, row.domain, row.epoch) for row in transaction.execute(statement))


def stored_row(transaction: Connection, place: Place, record_id: str) -> SealedRow | None:
    """One row, or None when it is not there (any more)."""
    where = and_(_at(place), SEALED.c.record_id == id_bytes(record_id))
    row = transaction.execute(select(SEALED).where(where)).one_or_none()
    return None if row is None else _sealed_row(row)


def still_stored(transaction: Connection, place: Place, record_ids: Iterable[str]) -> frozenset[str]:
    """Those of `record_ids` that are still there: not withdrawn, not erased, not in quarantine."""
    found: set[str] = set()
    for part in _chunks([id_bytes(record_id) for record_id in record_ids]):
        free = ~SEALED.c.kind.startswith(QUARANTINED)
        statement = select(SEALED.c.record_id).where(_at(place), SEALED.c.record_id.in_(part), free)
        found.update(id_text(row.record_id) for row in transaction.execute(statement))
    return frozenset(found)


def withdraw(transaction: Connection, party: str, domain: str, record_ids: Iterable[str], day: int) -> int:
    """Remove records and leave tombstones, also for records that are not here (yet); how many rows went."""
    gone = 0
    for part in _chunks(sorted({id_bytes(record_id) for record_id in record_ids})):
        mine = and_(SEALED.c.party == party, SEALED.c.domain == domain, SEALED.c.record_id.in_(part))
        gone += transaction.execute(delete(SEALED).where(mine)).rowcount
        stones = [{"party": party, "domain": domain, "record_id": raw, "day": day} for raw in part]
        transaction.execute(insert_into(transaction, TOMBSTONES).on_conflict_do_nothing(), stones)
    return gone


def withdraw_all(transaction: Connection, party: str, domain: str, day: int) -> int:
    """Remove every record of a party in a domain, with a tombstone for each; how many rows went."""
    mine = and_(SEALED.c.party == party, SEALED.c.domain == domain)
    ids = transaction.execute(select(SEALED.c.record_id).where(mine).distinct()).scalars().all()
    return withdraw(transaction, party, domain, [id_text(raw) for raw in ids], day)


def hold_batch(transaction: Connection, place: Place, batch_id: str) -> tuple[str, ...]:
    """Put what is stored of a batch in quarantine; the record ids that are held now."""
    free = and_(_at(place), SEALED.c.batch_id == id_bytes(batch_id), ~SEALED.c.kind.startswith(QUARANTINED))
    rows = [_sealed_row(row) for row in transaction.execute(select(SEALED).where(free))]
    store_rows(transaction, place, [replace(row, kind=QUARANTINED + row.kind) for row in rows])
    return tuple(row.record_id for row in rows)


def release_batch(transaction: Connection, place: Place, batch_id: str) -> tuple[SealedRow, ...]:
    """Take a batch out of quarantine; its rows, with the kind they have from now on."""
    held = and_(_at(place), SEALED.c.batch_id == id_bytes(batch_id), SEALED.c.kind.startswith(QUARANTINED))
    rows = [_sealed_row(row) for row in transaction.execute(select(SEALED).where(held))]
    freed = tuple(replace(row, kind=row.kind.removeprefix(QUARANTINED)) for row in rows)
    store_rows(transaction, place, freed)
    return freed


def erase_batch(transaction: Connection, place: Place, batch_id: str) -> int:
    """Erase what is in quarantine of a batch, without tombstones: the party may deliver those records again."""
    held = and_(_at(place), SEALED.c.batch_id == id_bytes(batch_id), SEALED.c.kind.startswith(QUARANTINED))
    return transaction.execute(delete(SEALED).where(held)).rowcount


def pin_share(transaction: Connection, place: Place, check: bytes) -> None:
    """Remember the first share of a place; raises Conflict when another one comes later."""
    where = and_(SHARES.c.party == place.party, SHARES.c.domain == place.domain, SHARES.c.epoch == place.epoch)
    known = transaction.execute(select(SHARES.c.value).where(where)).scalar_one_or_none()
    if known is None:
        row = {"party": place.party, "domain": place.domain, "epoch": place.epoch, "value": check}
        transaction.execute(insert(SHARES).values(row))
    elif bytes(known) != check:
        raise Conflict("another share than the one these records were sealed with", code="other_share")


def forget_shares(transaction: Connection, party: str, domain: str) -> None:
    """After a party left: a new share may be pinned should it ever come back."""
    transaction.execute(delete(SHARES).where(SHARES.c.party == party, SHARES.c.domain == domain))


def erase_expired(transaction: Connection, today: int) -> tuple[tuple[Place, str], ...]:
    """Erase rows whose last day is over; the (place, record id) of each, so that the index follows."""
    over = SEALED.c.bewaren_tot <= today
    columns = (SEALED.c.party, SEALED.c.domain, SEALED.c.epoch, SEALED.c.record_id)
    rows = transaction.execute(select(*columns).where(over)).all()
    transaction.execute(delete(SEALED).where(over))
    return tuple((Place(row.party, row.domain, row.epoch), id_text(row.record_id)) for row in rows)


def count_rows(transaction: Connection) -> int:
    """Number of sealed rows."""
    return transaction.execute(select(func.count()).select_from(SEALED)).scalar_one()


def _sealed_row(row: Row[Any]) -> SealedRow:
    until = None if row.bewaren_tot is None else date.fromordinal(_FIRST_DAY.toordinal() + row.bewaren_tot)
    return SealedRow(id_text(row.record_id), id_text(row.batch_id), row.kind, until, bytes(row.sealed))


def _at(place: Place) -> ColumnElement[bool]:
    return and_(SEALED.c.party == place.party, SEALED.c.domain == place.domain, SEALED.c.epoch == place.epoch)


def _chunks(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(values), IN_LIMIT):
        yield values[start : start + IN_LIMIT]
