"""Canaries catch what came before them: a new set is joined with the rows of the parties that are present, and the rows
of a party with the canaries when it lends its share. A touched batch goes into quarantine as if it came now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connectors.contract.codes import TokenDomein, TokenType
from gateway.canaries.screening import Subject, leave_notice
from gateway.canaries.standing import was_released
from gateway.house import House
from gateway.matching.index import IndexRow, Sketch
from gateway.vault.rows import hold_batch, stored_row
from gateway.vault.sealing import Place


@dataclass(frozen=True, slots=True)
class Caught:
    """A batch that was taken in before, and the canaries (join keys) that it touches."""

    place: Place
    batch_id: str
    keys: frozenset[bytes]


def caught_before(
    house: House, transaction: Connection, keeper: Place, kind: TokenType, keys: Sequence[bytes], now: datetime
) -> tuple[Caught, ...]:
    """The batches of parties that are present which hold one of a new set's `keys`."""
    parties = [party for party in house.leases.present(keeper.domain, keeper.epoch, now) if party != keeper.party]
    subjects = [Sketch(((kind, key),)) for key in keys]
    touched: dict[tuple[Place, str], set[bytes]] = {}
    for match in house.index.find(keeper.domain, keeper.epoch, subjects, parties):
        place = Place(match.known.party, keeper.domain, keeper.epoch)
        row = stored_row(transaction, place, match.known.record_id)
        if row is not None:
            touched.setdefault((place, row.batch_id), set()).add(keys[match.subject])
    return _in_order(touched)


def caught_among(house: House, place: Place, rows: Sequence[tuple[IndexRow, str]]) -> tuple[Caught, ...]:
    """The batches among `rows` (each with its batch id) that touch a canary of a keeper that is present."""
    found = house.canaries.touched(place.domain, place.epoch, [key for row, _ in rows for _, key in row.sketch.tokens])
    touched: dict[tuple[Place, str], set[bytes]] = {}
    for row, batch_id in rows if found else ():
        if here := found.intersection(key for _, key in row.sketch.tokens):
            touched.setdefault((place, batch_id), set()).update(here)
    return _in_order(touched)


def _in_order(touched: Mapping[tuple[Place, str], set[bytes]]) -> tuple[Caught, ...]:
    ordered = sorted(touched.items(), key=lambda item: (item[0][0].party, item[0][1]))
    return tuple(Caught(place, batch_id, frozenset(found)) for (place, batch_id), found in ordered)


def quarantine(house: House, transaction: Connection, caught: Sequence[Caught], now: datetime) -> None:
    """Hold every row of these batches, leave the notices, and join the rows no more; but for batches that keeper and
    privacy officer released before. The caller holds the turn."""
    for one in caught:
        place = one.place
        if was_released(transaction, place.party, one.batch_id):
            continue
        held = hold_batch(transaction, place, one.batch_id)
        subject = Subject(place.party, place.domain, place.epoch, "batch", one.batch_id, ())
        k_store = house.keys(TokenDomein(place.domain), place.epoch).k_store
        leave_notice(transaction, house.journal, k_store, subject, one.keys, house.ids(), now)
        house.index.drop_records(place.domain, place.epoch, place.party, held)
