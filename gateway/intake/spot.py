"""Spot proofs: each quarter rows are drawn of what a party delivered, and its own officer says whether they are right.

Rules this module upholds (cryptography page, "Rogue partner, rogue analyst")
1. The draw is a hash of the ledger's first head of the quarter, made once and entered; the party recomputes it.
2. A drawn row that its party withdrew stays drawn: it cannot be opened any more, and that is seen.
3. A judgement is given once, by a privacy officer of the party, and never changes.
"""

import hashlib
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, Table, func, insert, select, update

from connectors.contract.canonical import b64u, canonical_bytes, sha256
from connectors.contract.codes import Rol, TokenDomein
from connectors.contract.spot import (
    Getrokken,
    Steekproef,
    SteekproefOordeel,
    SteekproefStand,
    SteekproefStanden,
    SteekproefVraag,
    deadline,
    drawn,
    first_day,
    quarter_of,
)
from gateway.caller import Caller
from gateway.clock import to_ms
from gateway.errors import Conflict, LeaseNeeded, NotAllowed, NotFound
from gateway.house import House
from gateway.ids import id_bytes, id_text
from gateway.intake.audit import audit_ask, audited_convenant
from gateway.intake.rows import INDEXED
from gateway.intake.tables import DRAWN, DRAWS
from gateway.ledger.append import append
from gateway.ledger.entries import SpotDrawEntry, SpotJudgementEntry
from gateway.ledger.quarters import FirstHead, first_head
from gateway.permit.judge import enter, judge, require
from gateway.store import reading, writing
from gateway.vault.rows import QUARANTINED, stored_ids, stored_places, stored_row
from gateway.vault.sealing import Place, RowKey

_EARLIEST: Final = "2000-Q1"
"""Before this no ledger has entries, and some calendars no quarter."""
DRAWN_FROM: Final = (*INDEXED, *(QUARANTINED + kind for kind in INDEXED))
"""Kinds of row that are drawn from, those in quarantine too: a party must not learn from a draw which these are."""


def open_draw(house: House, caller: Caller, vraag: SteekproefVraag) -> Steekproef:
    """The draw of a quarter and the drawn rows as they are stored; made now when nobody asked before.

    Raises NotFound before the quarter has an entry in the ledger, LeaseNeeded while the party's share is not here.
    """
    now = house.clock()
    place = Place(caller.id, vraag.domein.value, vraag.epoch)
    key = house.leases.key(place, now)
    if key is None:
        raise LeaseNeeded("lease the share of this domain and epoch first, then ask for the draw again")
    with writing(house.store) as transaction:
        if not _is_drawn(transaction, place, vraag.kwartaal):
            _draw(house, transaction, place, vraag.kwartaal, _head_of(transaction, vraag.kwartaal, now), now)
        where = _where(DRAWS, place, vraag.kwartaal)
        draw = transaction.execute(select(DRAWS).where(*where)).one()
        rows = transaction.execute(select(DRAWN.c.record_id).where(*_where(DRAWN, place, vraag.kwartaal))).scalars()
        opened = tuple(_opened(transaction, place, key, id_text(raw)) for raw in sorted(map(bytes, rows)))
    return Steekproef(
        domein=vraag.domein,
        epoch=vraag.epoch,
        kwartaal=vraag.kwartaal,
        index=draw.position,
        hoofd=b64u(bytes(draw.head)),
        populatie=draw.populatie,
        uiterlijk=deadline(vraag.kwartaal),
        getrokken=opened,
    )


def _is_drawn(transaction: Connection, place: Place, kwartaal: str) -> bool:
    return transaction.execute(select(DRAWS.c.position).where(*_where(DRAWS, place, kwartaal))).first() is not None


def _head_of(transaction: Connection, kwartaal: str, now: datetime) -> FirstHead:
    found = first_head(transaction, first_day(kwartaal)) if _EARLIEST <= kwartaal <= quarter_of(now) else None
    if found is None:
        raise NotFound("that quarter has no entry in the ledger yet: its rows cannot be drawn", code="no_head")
    return found


def _draw(house: House, transaction: Connection, place: Place, kwartaal: str, found: FirstHead, now: datetime) -> None:
    ids = stored_ids(transaction, place, DRAWN_FROM)
    chosen = drawn(found.head, place.party, place.domain, place.epoch, kwartaal, ids)
    key = {"party": place.party, "domain": place.domain, "epoch": place.epoch, "kwartaal": kwartaal}
    row = {**key, "position": found.position, "head": found.head, "populatie": len(ids)}
    transaction.execute(insert(DRAWS).values(row))
    if chosen:
        transaction.execute(insert(DRAWN), [{**key, "record_id": id_bytes(record_id)} for record_id in sorted(chosen)])
    entry = SpotDrawEntry(
        partij=place.party,
        domein=TokenDomein(place.domain),
        epoch=place.epoch,
        kwartaal=kwartaal,
        index=found.position,
        hoofd=b64u(found.head),
        populatie=len(ids),
        getrokken=len(chosen),
        digest=b64u(hashlib.sha256("\n".join(chosen).encode("ascii")).digest()),
    )
    append(transaction, (entry,), now, house.random)


def draw_quarter(house: House) -> int:
    """Draw the running quarter from every party that has rows and was not drawn yet; how many were. Part of the daily
    retention run, so that no party puts off its own draw."""
    now = house.clock()
    kwartaal, made = quarter_of(now), 0
    with writing(house.store) as transaction:
        found = first_head(transaction, first_day(kwartaal))
        if found is None:
            return 0
        for place in stored_places(transaction, DRAWN_FROM):
            if not _is_drawn(transaction, place, kwartaal):
                _draw(house, transaction, place, kwartaal, found, now)
                made += 1
    return made


def _opened(transaction: Connection, place: Place, key: RowKey, record_id: str) -> Getrokken:
    row = stored_row(transaction, place, record_id)
    if row is None:
        return Getrokken(record_id=record_id)
    return Getrokken(record_id=record_id, rij=key.open(row.sealed, row.record_id, row.batch_id).decode("utf-8"))


def judge_rows(house: House, caller: Caller, oordeel: SteekproefOordeel) -> SteekproefStand:
    """Record what the officer says of drawn rows. Raises NotAllowed when no privacy officer acts, NotFound for a row
    that was not drawn, Conflict for one that was judged otherwise before."""
    if not caller.is_person or caller.act.rol is not Rol.PRIVACY_OFFICER:
        raise NotAllowed("the party's own data protection officer judges: name him in the proof", code="officer_needed")
    now = house.clock()
    place = Place(caller.id, oordeel.domein.value, oordeel.epoch)
    with writing(house.store) as transaction:
        where = _where(DRAWN, place, oordeel.kwartaal)
        known = {id_text(row.record_id): row.oordeel for row in transaction.execute(select(DRAWN).where(*where))}
        for one in oordeel.oordelen:
            if one.record_id not in known:
                raise NotFound("oordelen: a row that was not drawn")
            if known[one.record_id] not in (None, one.oordeel):
                raise Conflict("oordelen: a row that was judged otherwise before", code="judged")
            values = {"oordeel": one.oordeel, "door": caller.act.sub, "at_ms": to_ms(now)}
            mine = DRAWN.c.record_id == id_bytes(one.record_id)
            transaction.execute(update(DRAWN).where(*where, mine, DRAWN.c.oordeel.is_(None)).values(values))
        append(transaction, (_entry(caller, oordeel),), now, house.random)
        (stand,) = (s for s in _standings(transaction, caller.id, now) if _is_of(s, oordeel))
    return stand


def _entry(caller: Caller, oordeel: SteekproefOordeel) -> SpotJudgementEntry:
    right = sum(one.oordeel == "juist" for one in oordeel.oordelen)
    return SpotJudgementEntry(
        partij=caller.id,
        domein=oordeel.domein,
        epoch=oordeel.epoch,
        kwartaal=oordeel.kwartaal,
        juist=right,
        onjuist=len(oordeel.oordelen) - right,
        digest=sha256(canonical_bytes(oordeel)),
        door=caller.act.sub,
    )


def standings(house: House, caller: Caller) -> SteekproefStanden:
    """How draws stand: one's own, or for a keeper's privacy officer those of all parties, which policy judges and the
    ledger enters. Raises PolicyRefused, PolicyUnavailable."""
    now = house.clock()
    if not caller.party.kanariehouder or caller.act.rol is not Rol.PRIVACY_OFFICER:
        with reading(house.store) as transaction:
            return SteekproefStanden(steekproeven=_standings(transaction, caller.id, now))
    judged = judge(house, caller, audit_ask(audited_convenant(caller, now), house.ids()), now)
    require(house, (judged,), now)
    with writing(house.store) as transaction:
        enter(house, transaction, (judged,), now)
        return SteekproefStanden(steekproeven=_standings(transaction, None, now))


def _standings(transaction: Connection, party: str | None, now: datetime) -> tuple[SteekproefStand, ...]:
    columns = (DRAWN.c.party, DRAWN.c.domain, DRAWN.c.epoch, DRAWN.c.kwartaal)
    right = func.count().filter(DRAWN.c.oordeel == "juist").label("juist")
    wrong = func.count().filter(DRAWN.c.oordeel == "onjuist").label("onjuist")
    statement = select(*columns, func.count().label("getrokken"), right, wrong).group_by(*columns).order_by(*columns)
    if party is not None:
        statement = statement.where(DRAWN.c.party == party)
    found = []
    for row in transaction.execute(statement):
        left = row.getrokken - row.juist - row.onjuist
        found.append(
            SteekproefStand(
                partij=row.party,
                domein=TokenDomein(row.domain),
                epoch=row.epoch,
                kwartaal=row.kwartaal,
                getrokken=row.getrokken,
                juist=row.juist,
                onjuist=row.onjuist,
                ongeopend=left,
                uiterlijk=deadline(row.kwartaal),
                te_laat=left > 0 and now > deadline(row.kwartaal),
            )
        )
    return tuple(found)


def _is_of(stand: SteekproefStand, oordeel: SteekproefOordeel) -> bool:
    return (stand.domein, stand.epoch, stand.kwartaal) == (oordeel.domein, oordeel.epoch, oordeel.kwartaal)


def _where(table: Table, place: Place, kwartaal: str) -> tuple[ColumnElement[bool], ...]:
    columns = table.c
    return (
        columns.party == place.party,
        columns.domain == place.domain,
        columns.epoch == place.epoch,
        columns.kwartaal == kwartaal,
    )
