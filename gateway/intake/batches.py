"""`PUT /v1/batches/{id}`: verify, ask policy, store, append to the ledger, answer with a receipt.

Rules this module upholds (architecture page, flow of one record; chain)
1. The batch id is the idempotency key: the same bytes again get the same receipt, other bytes a conflict.
2. Every row is verified before policy is asked; policy is asked for every distinct profile before anything is stored.
3. Decisions, sealed rows, receipt and ledger entries commit together or not at all. A row goes when its party said or
   earlier, by the terms of its own decision; the receipt names what policy asks of the party.
4. What held when a batch was judged is looked at again when it is stored: standing, share, the rules in force.
5. Rows join the index after the commit, and in the same turn as withdrawals, so that a withdrawn row never comes back.
6. Every batch is screened against the canaries. One that touches gets the same receipt after the same work, but its
   rows are stored in quarantine and join a shelf that nobody reads.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from connectors.contract.answers import SignedReceipt
from connectors.contract.batch import BatchHeader, BatchRefused, read_header, read_rows
from gateway.caller import Caller
from gateway.canaries.screening import Screened, Subject, screen
from gateway.canaries.standing import require_standing
from gateway.errors import Conflict, LeaseNeeded, Malformed
from gateway.house import House
from gateway.intake.profiles import Profiles, batch_asks
from gateway.intake.receipts import give_receipt, known_receipt, promise
from gateway.intake.rows import PreparedRow, prepare
from gateway.intake.spool import Lines, Spooled
from gateway.intake.terms import within_terms
from gateway.ledger.append import append
from gateway.ledger.entries import BatchEntry
from gateway.permit.judge import Judged, demand_current, duties_of, judge, require
from gateway.registry.records import approval_by_id
from gateway.store import reading, writing
from gateway.vault.rows import QUARANTINED, store_rows, withdrawn_among
from gateway.vault.sealing import Place, RowKey


@dataclass(frozen=True, slots=True)
class Accepted:
    """The receipt, and whether it was made now or before."""

    receipt: SignedReceipt
    first: bool


@dataclass(frozen=True, slots=True)
class _Verified:
    """A batch of which every line was read and found right."""

    header: BatchHeader
    digest: str
    place: Place
    key: RowKey
    rows: tuple[PreparedRow, ...]
    profiles: Profiles


def accept_batch(house: House, caller: Caller, batch_id: str, spooled: Spooled) -> Accepted:
    """Store a batch. Raises Malformed, Conflict, LeaseNeeded, PolicyRefused, PolicyUnavailable, StoreUnavailable,
    KeeperAbsent, NotAllowed for a suspended party; then nothing is stored but the decision's own entry."""
    known = _known_receipt(house, caller, batch_id, spooled.digest)
    if known is not None:
        return Accepted(known, first=False)
    now = house.clock()
    try:
        verified = _verify(house, caller, batch_id, spooled, now)
    except BatchRefused as error:
        raise Malformed(str(error)) from error
    judged = _judge(house, caller, verified, now)
    require(house, judged, now)
    return _store(house, caller, verified, judged)


def _known_receipt(house: House, caller: Caller, batch_id: str, digest: str) -> SignedReceipt | None:
    with reading(house.store) as transaction:
        return known_receipt(transaction, caller.id, batch_id, digest)


def _verify(house: House, caller: Caller, batch_id: str, spooled: Spooled, now: datetime) -> _Verified:
    lines = Lines(spooled.file)
    header = read_header(next(lines, b""))
    _check_header(house, caller, batch_id, header, now)
    place = Place(caller.id, header.domein.value, header.epoch)
    key = house.leases.key(place, now)
    if key is None:
        raise LeaseNeeded("lease the share of this domain and epoch first, then send the batch again")
    secrets = house.keys(header.domein, header.epoch)
    profiles = Profiles(header)
    rows = []
    for row in read_rows(header, lines):
        profiles.add(lines.number, row)
        rows.append(prepare(row, lines.current, lines.number, header, key, secrets, house.random))
    return _Verified(header, spooled.digest, place, key, tuple(rows), profiles)


def _check_header(house: House, caller: Caller, batch_id: str, header: BatchHeader, now: datetime) -> None:
    if header.bron != caller.id:
        raise Malformed(
            "line 1: the batch is another party's than the one that signed the request", code="foreign_batch"
        )
    if header.batch_id != batch_id:
        raise Malformed("line 1: batch_id is not the one in the address")
    if header.federatie != house.federatie.digest:
        raise Conflict("line 1: made with another federation file: update it", code="other_federation")
    house.window(header.domein, header.epoch, now)


def _judge(house: House, caller: Caller, verified: _Verified, now: datetime) -> tuple[Judged, ...]:
    header = verified.header
    approval = None
    if header.goedkeuring is not None:
        with reading(house.store) as transaction:
            approval = approval_by_id(transaction, caller.id, verified.profiles.actie, header.goedkeuring)
    asks = batch_asks(caller, header, verified.profiles, approval)
    return tuple(judge(house, caller, ask, now) for ask in asks)


def _store(house: House, caller: Caller, verified: _Verified, judged: tuple[Judged, ...]) -> Accepted:
    header, place = verified.header, verified.place
    with house.turn:
        now = house.clock()
        with writing(house.store) as transaction:
            known = known_receipt(transaction, caller.id, header.batch_id, verified.digest)
            if known is not None:
                return Accepted(known, first=False)
            _demand_unchanged(house, transaction, caller, verified, judged, now)
            screened = _screen(house, transaction, verified, now)
            gone = withdrawn_among(transaction, place, (row.sealed.record_id for row in verified.rows))
            termed = within_terms(verified.rows, verified.profiles, judged, house.policy.bundle, now.date())
            kept = [row for row in termed if row.sealed.record_id not in gone]
            prefix = QUARANTINED if screened.touched else ""
            store_rows(transaction, place, [replace(row.sealed, kind=prefix + row.sealed.kind) for row in kept])
            entry = _entry(verified, judged, len(gone), screened.notes)
            places = append(transaction, (*(j.entry for j in judged), entry), now, house.random)
            asked = duties_of(judged)
            claims = promise("batch", header.batch_id, verified.digest, header.aantal, now, places[-1], asked)
            receipt = give_receipt(house, transaction, caller.id, claims)
        _join(house, place, kept, screened)
    return Accepted(receipt, first=True)


def _demand_unchanged(
    house: House,
    transaction: Connection,
    caller: Caller,
    verified: _Verified,
    judged: tuple[Judged, ...],
    now: datetime,
) -> None:
    """What held when the batch was verified and judged holds now that its turn has come. Raises NotAllowed for a party
    that is suspended since, LeaseNeeded when it took its share back, PolicyUnavailable when other rules came."""
    require_standing(transaction, caller.id)
    if house.leases.key(verified.place, now) is not verified.key:
        raise LeaseNeeded("the share was taken back while the batch came in: lease it and send the batch again")
    demand_current(house, judged, now)


def _screen(house: House, transaction: Connection, verified: _Verified, now: datetime) -> Screened:
    header, place = verified.header, verified.place
    keys = [key for row in verified.rows if row.index is not None for _, key in row.index.sketch.tokens]
    subject = Subject(place.party, place.domain, place.epoch, "batch", header.batch_id, keys)
    k_store = house.keys(header.domein, header.epoch).k_store
    return screen(transaction, house.journal, house.canaries, house.federatie, k_store, subject, house.ids(), now)


def _join(house: House, place: Place, kept: list[PreparedRow], screened: Screened) -> None:
    """Where there is a keeper, good and touching batches do the same work in two places, changed about: the sender
    could otherwise tell by the clock. What a touching batch replaced is joined no more, and its own shelf is emptied.
    """
    rows = [row.index for row in kept if row.index is not None]
    if not screened.notes:
        house.index.put(place.domain, place.epoch, place.party, rows)
        return
    nobodys = QUARANTINED + place.domain
    into, out_of = (nobodys, place.domain) if screened.touched else (place.domain, nobodys)
    house.index.drop_records(out_of, place.epoch, place.party, [row.record_id for row in rows])
    house.index.put(into, place.epoch, place.party, rows)
    house.index.drop_party(nobodys, place.epoch, place.party)


def _entry(verified: _Verified, judged: tuple[Judged, ...], gone: int, notes: tuple[str, ...]) -> BatchEntry:
    header = verified.header
    return BatchEntry(
        batch_id=header.batch_id,
        partij=header.bron,
        domein=header.domein,
        epoch=header.epoch,
        digest=verified.digest,
        aantal=header.aantal,
        ingetrokken=gone,
        besluiten=tuple(j.entry.besluit for j in judged),
        toetsing=notes,
    )
