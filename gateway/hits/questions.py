"""`POST /v1/match-requests`: is this subject known? Bound to a registered casus, judged, counted, answered alike.

Rules this module upholds (architecture page P2; policy page; record page)
1. No match without a decision that is in the ledger in the same transaction; no answer leaves before that commits.
   Policy is asked before that transaction, in which the question must still be the one that was judged.
2. Casus, authorisation, approval and counts come from the gateway's own records.
3. A match that is too weak, or to a record under opsporingsbelang, is not there: same shape, same work.
4. A party's own records are not its answer; nor are those of parties that are not present, nor one that the database
   no longer has, whatever the index still holds.
5. Every question is screened against the canaries first; one that touches is answered like any unknown subject.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from connectors.contract.answers import Subject, Vraag, VraagAntwoord
from connectors.contract.canonical import b64u, b64u_decode, canonical_bytes
from connectors.contract.codes import Antwoord, Sterkte
from gateway.caller import Caller
from gateway.canaries.screening import Screened, screen
from gateway.canaries.screening import Subject as Screening
from gateway.canaries.standing import require_standing
from gateway.clock import to_ms
from gateway.errors import Conflict, Malformed, Unsettled
from gateway.hits.sealed import MAX_FOUND, Found, QuestionSeal, encode_answer, encode_found, fingerprint
from gateway.hits.tables import QUESTIONS
from gateway.house import House
from gateway.ids import id_bytes
from gateway.ledger.append import append
from gateway.ledger.entries import QuestionEntry
from gateway.matching.index import BlockKey, Match, Sketch
from gateway.matching.joinkeys import BLOCK, NotAnElement, block_bytes, join_key, sketch_bytes, token_bytes
from gateway.matching.strength import Zone, strength
from gateway.matching.zones import zones
from gateway.permit.ask import Ask
from gateway.permit.judge import demand_current, enter, judge, refusal
from gateway.permit.match import HITS_DAYS, Asked, match_ask
from gateway.policy.verdict import Decision
from gateway.registry.records import remember_subjects
from gateway.store import reading, writing
from gateway.turns import ATTEMPTS
from gateway.vault.rows import still_stored
from gateway.vault.sealing import EpochKeys, Place

SHOWABLE: Final = (Sterkte.STERK, Sterkte.MIDDEL)
_RANK: Final = {Sterkte.STERK: 0, Sterkte.MIDDEL: 1, Sterkte.ZWAK: 2}


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A question ready to be matched."""

    vraag: Vraag
    digest: str
    sketches: tuple[Sketch, ...]
    fingerprints: tuple[bytes, ...]
    seal: QuestionSeal


def ask(house: House, caller: Caller, vraag: Vraag, digest: str) -> VraagAntwoord:
    """The answer. `digest`: of the body's bytes; the same question again gets the same answer.

    Raises PolicyRefused, Malformed, Conflict, NotFound (no such casus), PolicyUnavailable, StoreUnavailable, Unsettled,
    KeeperAbsent, NotAllowed for a suspended party.
    """
    if vraag.federatie != house.federatie.digest:
        raise Conflict("made with another federation file: update it", code="other_federation")
    house.window(vraag.domein, vraag.epoch, house.clock())
    prepared = _prepare(house, caller, vraag, digest)
    with house.turns.of(caller.id):
        for _ in range(ATTEMPTS):
            answer = _settled(house, caller, prepared)
            if answer is not None:
                return answer
    raise Unsettled("what this question rests on changed while it was judged; nothing was changed, try again")


def _settled(house: House, caller: Caller, prepared: _Prepared) -> VraagAntwoord | None:
    """The answer, by a decision on exactly what is registered when it is given; None when that changed meanwhile."""
    now = house.clock()
    with reading(house.store) as transaction:
        known = _known(transaction, caller, prepared)
        if known is not None:
            return known
        question = _question(transaction, caller, prepared, now)
    judged = judge(house, caller, question, now)
    with writing(house.store) as transaction:
        known = _known(transaction, caller, prepared)
        if known is not None:
            return known
        if _question(transaction, caller, prepared, now) != question:
            return None
        later = house.clock()
        demand_current(house, (judged,), later)
        screened = _screen(house, transaction, caller, prepared, later)
        enter(house, transaction, (judged,), later)
        answer = None
        if isinstance(judged.verdict, Decision):
            answer = _answer(house, transaction, caller, prepared, judged.verdict, screened, later)
    if answer is None:
        raise refusal((judged,))
    return answer


def _prepare(house: House, caller: Caller, vraag: Vraag, digest: str) -> _Prepared:
    secrets = house.keys(vraag.domein, vraag.epoch)
    try:
        sketches = tuple(_sketch(subject, secrets) for subject in vraag.subjecten)
    except NotAnElement as error:
        raise Malformed(f"subjecten: {error}") from error
    prints = tuple(fingerprint(secrets.k_store, caller.id, subject) for subject in vraag.subjecten)
    return _Prepared(vraag, digest, sketches, prints, QuestionSeal(secrets.k_store, caller.id, vraag.vraag_id))


def _sketch(subject: Subject, secrets: EpochKeys) -> Sketch:
    return Sketch(
        tuple((t.type, join_key(secrets.k_join, t.type, token_bytes(t.waarde))) for t in subject.tokens),
        tuple(
            BlockKey(join_key(secrets.k_join, BLOCK, block_bytes(b.blok)), sketch_bytes(b.schets))
            for b in subject.blokken
        ),
    )


def _known(transaction: Connection, caller: Caller, prepared: _Prepared) -> VraagAntwoord | None:
    """The answer that was given before; raises NotAllowed for a suspended party, Conflict for another question."""
    require_standing(transaction, caller.id)
    where = QUESTIONS.c.party == caller.id, QUESTIONS.c.vraag_id == id_bytes(prepared.vraag.vraag_id)
    row = transaction.execute(select(QUESTIONS.c.digest, QUESTIONS.c.answer).where(*where)).one_or_none()
    if row is None:
        return None
    if b64u(bytes(row.digest)) != prepared.digest:
        raise Conflict("that question id was used for another question: make a new one", code="other_content")
    return VraagAntwoord.model_validate_json(prepared.seal.open(bytes(row.answer)))


def _question(transaction: Connection, caller: Caller, prepared: _Prepared, now: datetime) -> Ask:
    return match_ask(transaction, caller, _asked(prepared.vraag), frozenset(prepared.fingerprints), now)


def _asked(vraag: Vraag) -> Asked:
    return Asked(
        id=vraag.vraag_id,
        domein=vraag.domein,
        casus_id=vraag.casus_id,
        doel=vraag.doel,
        thema=vraag.thema,
        categorie=vraag.categorie,
        minderjarig=vraag.minderjarig,
        dubbelrol=vraag.dubbelrol,
        bijzonder=vraag.bijzonder,
        noodzaak_bescherming=vraag.noodzaak_bescherming,
        aantal=len(vraag.subjecten),
        motivering=vraag.motivering,
    )


def _screen(house: House, transaction: Connection, caller: Caller, prepared: _Prepared, now: datetime) -> Screened:
    vraag = prepared.vraag
    keys = [key for sketch in prepared.sketches for _, key in sketch.tokens]
    subject = Screening(caller.id, vraag.domein.value, vraag.epoch, "vraag", vraag.vraag_id, keys)
    k_store = house.keys(vraag.domein, vraag.epoch).k_store
    return screen(transaction, house.journal, house.canaries, house.federatie, k_store, subject, house.ids(), now)


def _answer(
    house: House,
    transaction: Connection,
    caller: Caller,
    prepared: _Prepared,
    decision: Decision,
    screened: Screened,
    now: datetime,
) -> VraagAntwoord:
    vraag = prepared.vraag
    present = tuple(p for p in house.present(vraag.domein, vraag.epoch, now) if p != caller.id)
    matches = _stored(transaction, vraag, house.index.find(vraag.domein, vraag.epoch, prepared.sketches, present))
    seen = showable(matches, zones(prepared.sketches, matches))
    found = () if screened.touched else seen
    answer = VraagAntwoord(
        vraag_id=vraag.vraag_id,
        antwoord=Antwoord.BEKEND if found else Antwoord.ONBEKEND,
        partners_aanwezig=len(present),
        reikwijdte=decision.reikwijdte,
        verloopt=now + timedelta(days=HITS_DAYS),
        besluit=decision.id,
        verplichtingen=decision.verplichtingen,
    )
    entry = QuestionEntry(
        vraag_id=vraag.vraag_id,
        partij=caller.id,
        domein=vraag.domein,
        epoch=vraag.epoch,
        casus_id=vraag.casus_id,
        subjecten=len(vraag.subjecten),
        partners_aanwezig=len(present),
        besluit=decision.id,
        toetsing=screened.notes,
    )
    _keep(house, transaction, caller, prepared, answer, found, now)
    append(transaction, (entry,), now, house.random)
    return answer


def _stored(transaction: Connection, vraag: Vraag, matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """The matches with records that are still stored."""
    asked: dict[str, set[str]] = {}
    for match in matches:
        asked.setdefault(match.known.party, set()).add(match.known.record_id)
    there = {
        (party, record_id)
        for party, record_ids in asked.items()
        for record_id in still_stored(transaction, Place(party, vraag.domein, vraag.epoch), record_ids)
    }
    return tuple(match for match in matches if (match.known.party, match.known.record_id) in there)


def showable(matches: tuple[Match, ...], scored: tuple[Zone, ...]) -> tuple[Found, ...]:
    """Per party and category the strongest match that may be shown, strongest first; at most `MAX_FOUND`."""
    best: dict[tuple[str, str], Found] = {}
    for match, zone in zip(matches, scored, strict=True):
        codes: dict[str, Any] = json.loads(match.known.codes)
        sterkte = strength(match.tokens, zone)
        if sterkte not in SHOWABLE or codes.get("opsporingsbelang", True) is not False:
            continue
        found = Found(
            party=match.known.party,
            record_id=match.known.record_id,
            sterkte=sterkte,
            categorie=codes["categorie"],
            minderjarig=codes["minderjarig"],
            dubbelrol=codes["dubbelrol"],
            bijzonder=codes["bijzonder"],
        )
        key = (found.party, found.categorie)
        if key not in best or _RANK[sterkte] < _RANK[best[key].sterkte]:
            best[key] = found
    return tuple(sorted(best.values(), key=lambda f: (_RANK[f.sterkte], f.party, f.categorie))[:MAX_FOUND])


def _keep(
    house: House,
    transaction: Connection,
    caller: Caller,
    prepared: _Prepared,
    answer: VraagAntwoord,
    found: tuple[Found, ...],
    now: datetime,
) -> None:
    vraag = prepared.vraag
    codes = canonical_bytes(vraag.model_copy(update={"subjecten": ()}))
    row = {
        "party": caller.id,
        "vraag_id": id_bytes(vraag.vraag_id),
        "digest": b64u_decode(prepared.digest),
        "subject": caller.act.sub,
        "casus_id": vraag.casus_id,
        "domain": vraag.domein.value,
        "epoch": vraag.epoch,
        "codes": codes,
        "asked_ms": to_ms(now),
        "answer": prepared.seal.seal(encode_answer(answer), house.random),
        "found": prepared.seal.seal(encode_found(found), house.random),
    }
    transaction.execute(insert(QUESTIONS).values(row))
    remember_subjects(
        transaction,
        house.journal,
        caller.id,
        vraag.vraag_id,
        vraag.casus_id,
        caller.act.sub,
        prepared.fingerprints,
        now,
    )
