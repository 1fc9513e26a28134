"""`PUT /v1/kanaries` and what keepers hear and decide: sealed like rows, in memory while the keeper lends its share.

A set is stored in chunks of many tokens under the keeper's own row key, so that a stolen database, even with every
other partner's share, does not tell which tokens are canaries (cryptography page, scheme point 8).
"""

from datetime import datetime
from itertools import islice
from typing import Final, Literal

from sqlalchemy import Connection

from connectors.contract.answers import SignedReceipt
from connectors.contract.canaries import (
    NOTED_EVENTS,
    KanarieBesluit,
    KanarieBesluitStand,
    Kanaries,
    Melding,
    Meldingen,
    Toetsblad,
    Toetsbladen,
)
from connectors.contract.canonical import b64u, canonical_bytes, sha256
from connectors.contract.codes import Rol
from gateway.caller import Caller
from gateway.canaries.standing import end_notices, notices, propose, remember_set
from gateway.errors import Conflict, LeaseNeeded, Malformed, NotAllowed
from gateway.house import House
from gateway.intake.audit import audit_ask, audited_convenant
from gateway.intake.receipts import give_receipt, known_receipt, promise
from gateway.intake.recheck import caught_before, quarantine
from gateway.intake.rows import index_row
from gateway.ledger.append import append
from gateway.ledger.entries import CanaryDecisionEntry, CanarySetEntry
from gateway.ledger.verify import stored_leaves
from gateway.matching.joinkeys import NotAnElement, join_key, token_bytes
from gateway.permit.judge import Judged, demand_current, enter, judge, require
from gateway.store import reading, writing
from gateway.vault.rows import SealedRow, erase_batch, release_batch, store_rows, stored_rows
from gateway.vault.sealing import Place, RowKey

KIND: Final = "kanarie"
CHUNK: Final = 4_096
"""Tokens in one sealed row: 128 KB."""
NOTES_PAGE: Final = 1_000
"""Ledger entries looked through for one answer."""
_TOKEN_BYTES: Final = 32


def put_canaries(house: House, caller: Caller, kanaries: Kanaries, digest: str) -> tuple[SignedReceipt, bool]:
    """Store a set; the receipt, and whether it was made now. `digest`: of the body's bytes.

    Raises NotAllowed for whoever is no keeper, Malformed, Conflict, LeaseNeeded, PolicyRefused, PolicyUnavailable.
    """
    _require_keeper(caller)
    now = house.clock()
    if kanaries.federatie != house.federatie.digest:
        raise Conflict("made with another federation file: update it", code="other_federation")
    house.window(kanaries.domein, kanaries.epoch, now, kanaries.type.klasse)
    place = Place(caller.id, kanaries.domein.value, kanaries.epoch)
    key = house.leases.key(place, now)
    if key is None:
        raise LeaseNeeded("lease the share of this domain and epoch first, then send the canaries again")
    try:
        values = [token_bytes(waarde) for waarde in kanaries.waarden]
    except NotAnElement as error:
        raise Malformed(f"waarden: {error}") from error
    judged = judge(house, caller, audit_ask(kanaries.domein.convenant, kanaries.kanarie_id), now)
    require(house, (judged,), now)
    return _store(house, caller, kanaries, digest, values, place, key, judged, now)


def _store(
    house: House,
    caller: Caller,
    kanaries: Kanaries,
    digest: str,
    values: list[bytes],
    place: Place,
    key: RowKey,
    judged: Judged,
    now: datetime,
) -> tuple[SignedReceipt, bool]:
    k_join = house.keys(kanaries.domein, kanaries.epoch).k_join
    keys = [join_key(k_join, kanaries.type, value) for value in values]
    with house.turn:
        with writing(house.store) as transaction:
            known = known_receipt(transaction, caller.id, kanaries.kanarie_id, digest)
            if known is not None:
                return known, False
            if house.leases.key(place, now) is not key:
                raise LeaseNeeded("the share was taken back meanwhile: lease it and send the canaries again")
            demand_current(house, (judged,), house.clock())
            store_rows(transaction, place, _sealed(house, kanaries, values, key))
            remember_set(
                transaction, caller.id, place.domain, place.epoch, kanaries.kanarie_id, kanaries.type, len(values)
            )
            entry = CanarySetEntry(
                kanarie_id=kanaries.kanarie_id,
                partij=caller.id,
                domein=kanaries.domein,
                epoch=kanaries.epoch,
                digest=digest,
                aantal=len(values),
                besluit=judged.entry.besluit,
            )
            quarantine(house, transaction, caught_before(house, transaction, place, kanaries.type, keys, now), now)
            places = append(transaction, (judged.entry, entry), now, house.random)
            claims = promise("kanaries", kanaries.kanarie_id, digest, len(values), now, places[-1])
            receipt = give_receipt(house, transaction, caller.id, claims)
        house.canaries.add(place.domain, place.epoch, place.party, keys)
    return receipt, True


def _sealed(house: House, kanaries: Kanaries, values: list[bytes], key: RowKey) -> list[SealedRow]:
    rows = []
    for start in range(0, len(values), CHUNK):
        plain = kanaries.type.encode("ascii").ljust(16) + b"".join(values[start : start + CHUNK])
        record_id = house.ids()
        sealed = key.seal(plain, record_id, kanaries.kanarie_id, house.random)
        rows.append(SealedRow(record_id, kanaries.kanarie_id, KIND, None, sealed))
    return rows


def hold_canaries(house: House, place: Place, key: RowKey, k_join: bytes) -> None:
    """Take a keeper's canaries into memory when it lends its share. Raises SealBroken when the database was changed."""
    keys: list[bytes] = []
    with reading(house.store) as transaction:
        for row in stored_rows(transaction, place, (KIND,)):
            plain = key.open(row.sealed, row.record_id, row.batch_id)
            type_, values = plain[:16].rstrip().decode("ascii"), plain[16:]
            keys += (
                join_key(k_join, type_, values[at : at + _TOKEN_BYTES]) for at in range(0, len(values), _TOKEN_BYTES)
            )
    house.canaries.drop(place.domain, place.epoch, place.party)
    house.canaries.add(place.domain, place.epoch, place.party, keys)


def read_notices(house: House, caller: Caller) -> Meldingen:
    """What touched, newest first; the reading itself is judged and logged. Raises NotAllowed, PolicyRefused."""
    _require_keeper(caller)
    now = house.clock()
    judged = judge(house, caller, audit_ask(audited_convenant(caller, now), house.ids()), now)
    require(house, (judged,), now)
    with writing(house.store) as transaction:
        enter(house, transaction, (judged,), now)
        return notices(transaction)


def read_notes(house: House, caller: Caller, start: int) -> Toetsbladen:
    """The entries with a note among a page of the ledger; each note is sealed to its keeper, and the reading is judged
    and logged. Raises NotAllowed, PolicyRefused."""
    _require_keeper(caller)
    now = house.clock()
    judged = judge(house, caller, audit_ask(audited_convenant(caller, now), house.ids()), now)
    require(house, (judged,), now)
    with writing(house.store) as transaction:
        enter(house, transaction, (judged,), now)
        page = tuple(islice(stored_leaves(transaction, start, NOTES_PAGE), NOTES_PAGE))
    noted = tuple(
        Toetsblad(index=leaf.position, zout=b64u(leaf.salt), record=b64u(leaf.record))
        for leaf in page
        if leaf.leaf_data[1] in NOTED_EVENTS and leaf.salt is not None and leaf.record is not None
    )
    return Toetsbladen(bladen=noted, volgende=page[-1].position + 1 if len(page) == NOTES_PAGE else None)


def decide_notices(house: House, caller: Caller, besluit: KanarieBesluit) -> KanarieBesluitStand:
    """Propose to end notices, or as another person, a privacy officer, have it done.

    Raises NotAllowed (no keeper, no person, the same person twice, no privacy officer), Conflict, NotFound,
    PolicyRefused, PolicyUnavailable.
    """
    _require_keeper(caller)
    if not caller.is_person:
        raise NotAllowed("a member of staff decides: name him in the proof (act)", code="person_needed")
    now = house.clock()
    judged = _judge_officer(house, caller, besluit, now)
    with house.turn:
        with writing(house.store) as transaction:
            demand_current(house, judged, house.clock())
            proposer = propose(transaction, caller.id, besluit, caller.act.sub, now)
            if proposer is None:
                return _entered(house, transaction, caller, besluit, "voorgesteld", judged, now)
            if proposer == caller.act.sub or not judged:
                raise NotAllowed("another person, a privacy officer, confirms the decision", code="same_person")
            ended = end_notices(transaction, house.journal, besluit, caller.act.sub, now)
            freed = {_place(notice): _settle(transaction, besluit, notice) for notice in ended}
            stand = _entered(house, transaction, caller, besluit, "uitgevoerd", judged, now)
        for place, rows in freed.items():
            _rejoin(house, place, rows, now)
    return stand


def _judge_officer(house: House, caller: Caller, besluit: KanarieBesluit, now: datetime) -> tuple[Judged, ...]:
    """Policy's allow for a privacy officer; nothing for anybody else, who can only propose."""
    if caller.act.rol is not Rol.PRIVACY_OFFICER:
        return ()
    judged = judge(house, caller, audit_ask(audited_convenant(caller, now), besluit.besluit_id), now)
    require(house, (judged,), now)
    return (judged,)


def _settle(transaction: Connection, besluit: KanarieBesluit, notice: Melding) -> tuple[SealedRow, ...]:
    """Free or erase the rows of a touched batch; a question has none."""
    if notice.soort != "batch":
        return ()
    if besluit.oordeel == "vrijgeven":
        return release_batch(transaction, _place(notice), notice.onderwerp)
    erase_batch(transaction, _place(notice), notice.onderwerp)
    return ()


def _rejoin(house: House, place: Place, rows: tuple[SealedRow, ...], now: datetime) -> None:
    """Let freed rows join now when their party is present, else they join with its next lease."""
    key = house.leases.key(place, now)
    if key is None:
        return
    k_join = house.epoch_keys[(place.domain, place.epoch)].k_join
    opened = [index_row(key.open(row.sealed, row.record_id, row.batch_id), k_join) for row in rows]
    house.index.put(place.domain, place.epoch, place.party, opened)


def _entered(
    house: House,
    transaction: Connection,
    caller: Caller,
    besluit: KanarieBesluit,
    stap: Literal["voorgesteld", "uitgevoerd"],
    judged: tuple[Judged, ...],
    now: datetime,
) -> KanarieBesluitStand:
    entry = CanaryDecisionEntry(
        besluit_id=besluit.besluit_id,
        partij=caller.id,
        stap=stap,
        digest=sha256(canonical_bytes(besluit)),
        door=caller.act.sub,
    )
    places = append(transaction, (*(j.entry for j in judged), entry), now, house.random)
    return KanarieBesluitStand(besluit_id=besluit.besluit_id, stap=stap, grootboek=places[-1])


def _place(notice: Melding) -> Place:
    return Place(notice.partij, notice.domein.value, notice.epoch)


def _require_keeper(caller: Caller) -> None:
    if not caller.party.kanariehouder:
        raise NotAllowed("only a keeper of the federation file does this", code="not_a_keeper")
