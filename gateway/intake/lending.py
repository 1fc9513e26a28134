"""`POST /v1/leases`: a party lends its share for 24 hours, or as long as its epoch is open, and its rows join the
index; or asks how its lease stands.

Tombstones that come with a lease are applied before anything of that party is served, so that a restored backup never
brings back what was withdrawn after it was made (promise P5).
"""

from datetime import datetime
from typing import Final

from connectors.contract.answers import Lease, LeaseStand
from connectors.contract.canonical import b64u, b64u_decode
from gateway.caller import Caller
from gateway.clock import to_day
from gateway.errors import NotAllowed
from gateway.house import House
from gateway.intake.canaries import hold_canaries
from gateway.intake.recheck import Caught, caught_among, quarantine
from gateway.intake.rows import INDEXED, index_row
from gateway.ledger.append import append, current_head
from gateway.ledger.entries import LeaseEntry
from gateway.matching.index import IndexRow
from gateway.store import reading, writing
from gateway.vault.rows import pin_share, stored_rows, withdraw
from gateway.vault.sealing import EpochKeys, Place, RowKey, SealBroken, share_check

CHUNK: Final = 5_000


def take_lease(house: House, caller: Caller, lease: Lease) -> LeaseStand:
    """How the lease stands after this call. Raises NotAllowed for a party that is no member of the convenant now,
    Malformed for an epoch that is not open, Conflict for another share than before."""
    now = house.clock()
    membership = caller.party.deelname(lease.domein.convenant)
    if membership is None or not membership.actief(now):
        raise NotAllowed("this party is not a member of that convenant now", code="not_a_member")
    house.window(lease.domein, lease.epoch, now)
    place = Place(caller.id, lease.domein.value, lease.epoch)
    if house.leases.key(place, now) is None and (lease.share is not None or lease.grafstenen):
        _bury(house, place, lease, now)
    if lease.share is not None:
        _lend(house, caller, place, b64u_decode(lease.share), lease, now)
    until = house.leases.until(place, now)
    with reading(house.store) as transaction:
        head = current_head(transaction)[1]
    return LeaseStand(lease_needed=until is None, verloopt=until, hoofd=b64u(head))


def _bury(house: House, place: Place, lease: Lease, now: datetime) -> None:
    """Apply the tombstones that the connector remembers; a renewal of a lease that still runs needs none."""
    entry = LeaseEntry(partij=place.party, domein=lease.domein, epoch=lease.epoch, grafstenen=len(lease.grafstenen))
    with house.turn, writing(house.store) as transaction:
        withdraw(transaction, place.party, place.domain, lease.grafstenen, to_day(now))
        append(transaction, (entry,), now, house.random)


def _lend(house: House, caller: Caller, place: Place, share: bytes, lease: Lease, now: datetime) -> None:
    secrets = house.keys(lease.domein, lease.epoch)
    key = RowKey(share, secrets.k_store, place)
    with house.turn:
        with writing(house.store) as transaction:
            pin_share(transaction, place, share_check(share, secrets.k_store, place))
        if house.leases.key(place, now) is None:
            house.index.drop_party(place.domain, place.epoch, place.party)
            try:
                _index(house, place, key, secrets, now)
                if caller.party.kanariehouder:
                    hold_canaries(house, place, key, secrets.k_join)
            except SealBroken:
                house.index.drop_party(place.domain, place.epoch, place.party)
                house.canaries.drop(place.domain, place.epoch, place.party)
                raise
        closes = house.window(lease.domein, lease.epoch, now).overlap_tot
        house.leases.hold(place, house.leases.key(place, now) or key, now, closes)


def _index(house: House, place: Place, key: RowKey, secrets: EpochKeys, now: datetime) -> None:
    """Open the party's rows one by one and let them join; a chunk at a time, so memory holds keys and codes only. A
    batch that touches a canary which came after it is quarantined. Raises SealBroken."""
    waiting: list[tuple[IndexRow, str]] = []
    caught: list[Caught] = []

    def join() -> None:
        house.index.put(place.domain, place.epoch, place.party, [row for row, _ in waiting])
        caught.extend(caught_among(house, place, waiting))
        waiting.clear()

    with reading(house.store) as transaction:
        for row in stored_rows(transaction, place, INDEXED):
            opened = index_row(key.open(row.sealed, row.record_id, row.batch_id), secrets.k_join)
            waiting.append((opened, row.batch_id))
            if len(waiting) == CHUNK:
                join()
    join()
    if caught:
        with writing(house.store) as transaction:
            quarantine(house, transaction, caught, now)
