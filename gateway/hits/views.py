"""Validation by a person, and the contentless hits themselves: partner type, contact point, strength; nothing else.

The answer has one shape whether there are hits or not; a hit that policy does not allow to be seen is simply not there.
"""

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
from gateway.errors import NotAllowed, NotFound
from gateway.hits.sealed import Found, QuestionSeal, decode_found
from gateway.hits.tables import QUESTIONS
from gateway.house import House
from gateway.ids import id_bytes
from gateway.ledger.append import append
from gateway.ledger.entries import HitViewEntry, ValidationEntry
from gateway.permit.ask import Ask
from gateway.permit.judge import enter, judge, refusal
from gateway.permit.match import COLLECTED_FOR, HITS_DAYS
from gateway.policy.verdict import Decision
from gateway.registry.records import find_approval, find_authorisation, find_casus
from gateway.store import writing
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
    """The hits of one's own question. Raises PolicyRefused, NotFound, PolicyUnavailable, StoreUnavailable, NotAllowed
    for a suspended party."""
    now = house.clock()
    with writing(house.store) as transaction:
        require_standing(transaction, caller.id)
        question = _question(house, transaction, caller, vraag_id)
        casus = find_casus(transaction, caller.id, question.casus_id)
        whole = judge(house, caller, _ask(transaction, caller, question, casus, None, now), now)
        enter(house, transaction, (whole,), now)
        hits = None
        if isinstance(whole.verdict, Decision):
            hits = _hits(house, transaction, caller, question, casus, whole.verdict, now)
    if hits is None:
        raise refusal((whole,))
    return hits


def _hits(
    house: House,
    transaction: Connection,
    caller: Caller,
    question: _Question,
    casus: Casus,
    decision: Decision,
    now: datetime,
) -> Hits:
    shown: dict[str, Sterkte] = {}
    for found in _still_there(house, transaction, question, now):
        judged = judge(house, caller, _ask(transaction, caller, question, casus, found, now), now)
        enter(house, transaction, (judged,), now)
        if isinstance(judged.verdict, Decision):
            shown[found.party] = min((shown.get(found.party, found.sterkte), found.sterkte), key=_RANK.__getitem__)
    entry = HitViewEntry(vraag_id=question.vraag_id, partij=caller.id, door=caller.act.sub, besluit=decision.id)
    append(transaction, (entry,), now, house.random)
    return Hits(
        vraag_id=question.vraag_id,
        hits=tuple(_hit(house, party, sterkte) for party, sterkte in sorted(shown.items())),
        verloopt=question.asked + timedelta(days=HITS_DAYS),
        besluit=decision.id,
        verplichtingen=decision.verplichtingen,
    )


def _still_there(house: House, transaction: Connection, question: _Question, now: datetime) -> tuple[Found, ...]:
    """A hit goes with its record: withdrawn, erased, its party gone or its lease ended."""
    present = house.present(question.domein, question.epoch, now)
    return tuple(
        found
        for found in question.found
        if found.party in present
        and still_stored(transaction, Place(found.party, question.domein.value, question.epoch), (found.record_id,))
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
