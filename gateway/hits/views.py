"""Validation by a person, and the contentless hits themselves: partner type, contact point, strength; nothing else.

The answer has one shape whether there are hits or not; a hit that policy does not allow to be seen is simply not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel
from sqlalchemy import Connection, select, update

from connectors.contract.answers import Casus, Hit, Hits, Validatie, VraagAntwoord
from connectors.contract.codes import Actie, Categorie, Doel, Sterkte, Thema, TokenDomein
from gateway.caller import Caller
from gateway.canaries.standing import require_standing
from gateway.clock import from_ms
from gateway.errors import NotAllowed, NotFound, Unsettled
from gateway.hits.sealed import Found, QuestionSeal, decode_found
from gateway.hits.tables import QUESTIONS
from gateway.house import House
from gateway.ids import id_bytes
from gateway.ledger.append import append
from gateway.ledger.entries import HitViewEntry, ValidationEntry
from gateway.permit.ask import Ask
from gateway.permit.judge import Judged, demand_current, enter, judge, refusal
from gateway.permit.match import COLLECTED_FOR, HITS_DAYS
from gateway.policy.verdict import Decision
from gateway.registry.records import find_approval, find_authorisation, find_casus
from gateway.store import reading, writing
from gateway.turns import ATTEMPTS
from gateway.vault.rows import still_stored
from gateway.vault.sealing import Place

_RANK: Final = {Sterkte.STERK: 0, Sterkte.MIDDEL: 1, Sterkte.ZWAK: 2}


class _Codes(BaseModel):
    """What the stored question says about itself."""

    doel: Doel
    thema: Thema
    categorie: Categorie
    minderjarig: bool
    dubbelrol: bool
    bijzonder: bool
    noodzaak_bescherming: bool


@dataclass(frozen=True, slots=True)
class _Question:
    """A stored question, opened."""

    vraag_id: str
    subject: str
    casus_id: str
    domein: TokenDomein
    epoch: str
    codes: _Codes
    asked: datetime
    oordeel: str | None
    besluit: str
    found: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is to be judged, as it stands at one moment: the whole question, and each hit that is still there."""

    question: _Question
    whole: Ask
    found: tuple[Found, ...]
    asks: tuple[Ask, ...]


def validate(house: House, caller: Caller, vraag_id: str, validatie: Validatie) -> Hits:
    """A member of the asking party's staff says whether the match can stand; the newest judgement counts.

    Answers with the hits when it stands, and in the same shape without any when it was rejected. Raises NotFound,
    NotAllowed when no person acts, and what `view` raises.
    """
    if not caller.is_person:
        raise NotAllowed("a person validates a match: name him in the proof (act)", code="person_needed")
    now = house.clock()
    with writing(house.store) as transaction:
        question = _question(house, transaction, caller, vraag_id)
        where = QUESTIONS.c.party == caller.id, QUESTIONS.c.vraag_id == id_bytes(vraag_id)
        values = {"oordeel": validatie.oordeel, "oordeel_door": caller.act.sub}
        transaction.execute(update(QUESTIONS).where(*where).values(values))
        entry = ValidationEntry(vraag_id=vraag_id, partij=caller.id, door=caller.act.sub, oordeel=validatie.oordeel)
        append(transaction, (entry,), now, house.random)
    if validatie.oordeel == "bevestigd":
        return view(house, caller, vraag_id)
    verloopt = question.asked + timedelta(days=HITS_DAYS)
    return Hits(vraag_id=vraag_id, hits=(), verloopt=verloopt, besluit=question.besluit)


def view(house: House, caller: Caller, vraag_id: str) -> Hits:
    """The hits of one's own question. Raises PolicyRefused, NotFound, PolicyUnavailable, StoreUnavailable, Unsettled,
    NotAllowed for a suspended party."""
    for _ in range(ATTEMPTS):
        hits = _settled(house, caller, vraag_id)
        if hits is not None:
            return hits
    raise Unsettled("what these hits rest on changed while they were judged; try again")


def _settled(house: House, caller: Caller, vraag_id: str) -> Hits | None:
    """The hits, by decisions on exactly what is there when they are shown; None when that changed meanwhile. Policy is
    asked outside transactions: once for each hit it may take seconds, and all who write would wait."""
    now = house.clock()
    with reading(house.store) as transaction:
        seen = _seen(house, transaction, caller, vraag_id, now)
    whole = judge(house, caller, seen.whole, now)
    allowed = isinstance(whole.verdict, Decision)
    judged = (whole, *(judge(house, caller, ask, now) for ask in seen.asks if allowed))
    with writing(house.store) as transaction:
        if _seen(house, transaction, caller, vraag_id, now) != seen:
            return None
        later = house.clock()
        demand_current(house, judged, later)
        enter(house, transaction, judged, later)
        if isinstance(whole.verdict, Decision):
            entry = HitViewEntry(vraag_id=vraag_id, partij=caller.id, door=caller.act.sub, besluit=whole.verdict.id)
            append(transaction, (entry,), later, house.random)
    if not isinstance(whole.verdict, Decision):
        raise refusal((whole,))
    return _hits(house, seen, judged[1:], whole.verdict)


def _seen(house: House, transaction: Connection, caller: Caller, vraag_id: str, now: datetime) -> _Seen:
    require_standing(transaction, caller.id)
    question = _question(house, transaction, caller, vraag_id)
    casus = find_casus(transaction, caller.id, question.casus_id)
    found = _still_there(house, transaction, question)
    return _Seen(
        question,
        _ask(transaction, caller, question, casus, None, now),
        found,
        tuple(_ask(transaction, caller, question, casus, each, now) for each in found),
    )


def _still_there(house: House, transaction: Connection, question: _Question) -> tuple[Found, ...]:
    """A hit goes with its record: withdrawn, erased, its party gone or its lease ended."""
    present = house.present(question.domein, question.epoch, house.clock())
    return tuple(
        found
        for found in question.found
        if found.party in present
        and still_stored(transaction, Place(found.party, question.domein.value, question.epoch), (found.record_id,))
    )


def _hits(house: House, seen: _Seen, judged: Sequence[Judged], decision: Decision) -> Hits:
    """For each party the strongest of the hits that policy lets be seen."""
    shown: dict[str, Sterkte] = {}
    for found, each in zip(seen.found, judged, strict=True):
        if isinstance(each.verdict, Decision):
            shown[found.party] = min((shown.get(found.party, found.sterkte), found.sterkte), key=_RANK.__getitem__)
    return Hits(
        vraag_id=seen.question.vraag_id,
        hits=tuple(_hit(house, party, sterkte) for party, sterkte in sorted(shown.items())),
        verloopt=seen.question.asked + timedelta(days=HITS_DAYS),
        besluit=decision.id,
        verplichtingen=decision.verplichtingen,
    )


def _hit(house: House, party_id: str, sterkte: Sterkte) -> Hit:
    party = next(p for p in house.federatie.partijen if p.id == party_id)
    return Hit(partnertype=party.partnertype, contactpunt=party.contactpunt, sterkte=sterkte)


def _question(house: House, transaction: Connection, caller: Caller, vraag_id: str) -> _Question:
    where = QUESTIONS.c.party == caller.id, QUESTIONS.c.vraag_id == id_bytes(vraag_id)
    row = transaction.execute(select(QUESTIONS).where(*where)).one_or_none()
    if row is None:
        raise NotFound("this party asked no such question")
    domein = TokenDomein(row.domain)
    seal = QuestionSeal(house.keys(domein, row.epoch).k_store, caller.id, vraag_id)
    return _Question(
        vraag_id=vraag_id,
        subject=row.subject,
        casus_id=row.casus_id,
        domein=domein,
        epoch=row.epoch,
        codes=_Codes.model_validate_json(bytes(row.codes)),
        asked=from_ms(row.asked_ms),
        oordeel=row.oordeel,
        besluit=VraagAntwoord.model_validate_json(seal.open(bytes(row.answer))).besluit,
        found=decode_found(seal.open(bytes(row.found))),
    )


def _ask(
    transaction: Connection, caller: Caller, question: _Question, casus: Casus, found: Found | None, now: datetime
) -> Ask:
    """The question for policy: about the whole (found is None), or about one hit with its record's own codes.

    A victim's record under a question about a suspect is a double role, which policy judges by the strictest side.
    """
    codes = question.codes
    crossed = found is not None and (found.categorie == Categorie.SLACHTOFFER) != (
        codes.categorie == Categorie.SLACHTOFFER
    )
    return Ask(
        actie=Actie.HITS_INZIEN,
        convenant=question.domein.convenant,
        thema=codes.thema,
        doel=codes.doel,
        soort="hit",
        id=question.vraag_id,
        eigenschappen={
            "categorie": _side(codes.categorie) if crossed else codes.categorie.value,
            "route": casus.route.value,
            "status": casus.status.value,
            "sterkte": (found.sterkte if found else Sterkte.STERK).value,
            "mens_gevalideerd": question.oordeel == "bevestigd",
            "eigen_verzoek": question.subject == caller.act.sub,
            "hit_ouderdom_dagen": (now - question.asked).days,
            "opsporingsbelang": False,  # a record that has it never becomes a hit
            "bijzonder": codes.bijzonder or casus.bijzonder or (found is not None and found.bijzonder),
            "minderjarig": codes.minderjarig or (found is not None and found.minderjarig),
            "dubbelrol": codes.dubbelrol or crossed or (found is not None and found.dubbelrol),
            "noodzaak_bescherming": codes.noodzaak_bescherming,
            "vrije_tekst": False,
            "bewaren_tot": (question.asked + timedelta(days=HITS_DAYS)).isoformat(timespec="seconds"),
            "verzameldoel": COLLECTED_FOR[question.domein.convenant].value,
        },
        casus_id=question.casus_id,
        autorisatie=find_authorisation(transaction, caller.id, question.casus_id, caller.act.sub, codes.doel, now),
        vierogen=find_approval(transaction, caller.id, Actie.HITS_INZIEN, question.casus_id, caller.act.sub, now)
        or find_approval(transaction, caller.id, Actie.MATCH_AANVRAGEN, question.casus_id, caller.act.sub, now),
    )


def _side(categorie: Categorie) -> str:
    """A double role is asked about as victim or suspect; other categories stand on the suspect's side."""
    return Categorie.SLACHTOFFER if categorie == Categorie.SLACHTOFFER else Categorie.VERDACHTE_DADER
