"""What a party has registered, read back: the gateway's own records from which policy questions are filled."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import JsonValue
from sqlalchemy import Connection, delete, func, select

from connectors.contract.answers import Autorisatie, Casus
from connectors.contract.codes import Actie, Doel, Rol
from gateway.clock import from_ms, to_ms
from gateway.errors import NotFound
from gateway.ids import id_bytes
from gateway.journal import Journal
from gateway.registry.tables import APPROVALS, AUTHORISATIONS, CASES, SUBJECTS
from gateway.store import insert_once

APPROVAL_HOURS: Final = 24
"""Policy page, check VIER_OGEN_ZELFDE_PERSOON."""
ASKED: Final = "vraag"
"""The journal's word for subjects that were asked about."""
COUNT_DAYS: Final = 30
"""Policy page, check SLEEPNET; cryptography page, budgets."""


@dataclass(frozen=True, slots=True)
class Approval:
    """A registered approval, as the gateway's own records have it."""

    aanvrager: str
    goedkeurder: str
    goedkeurder_rol: Rol
    at: datetime


def find_casus(transaction: Connection, party: str, casus_id: str) -> Casus:
    """The newest registration; raises NotFound, for another party's casus just the same."""
    where = CASES.c.party == party, CASES.c.casus_id == casus_id
    raw = transaction.execute(select(CASES.c.casus).where(*where)).scalar_one_or_none()
    if raw is None:
        raise NotFound("this party has registered no such casus", code="unknown_casus")
    return Casus.model_validate_json(bytes(raw))


def find_authorisation(
    transaction: Connection, party: str, casus_id: str, subject: str, doel: Doel, now: datetime
) -> Autorisatie | None:
    """The authorisation that fits best: this casus first, then this purpose, then in force, then the newest.

    One that does not fit is still given, so that policy can say what is wrong with it.
    """
    where = AUTHORISATIONS.c.party == party
    statement = select(AUTHORISATIONS.c.autorisatie).where(where).order_by(AUTHORISATIONS.c.registered_ms)
    known = [Autorisatie.model_validate_json(bytes(raw)) for raw in transaction.execute(statement).scalars()]
    mine = [(n, a) for n, a in enumerate(known) if a.subject == subject]
    if not mine:
        return None
    return max(mine, key=lambda each: (*_fit(each[1], casus_id, doel, now), each[0]))[1]


def _fit(autorisatie: Autorisatie, casus_id: str, doel: Doel, now: datetime) -> tuple[bool, bool, bool]:
    in_force = autorisatie.van <= now < autorisatie.tot
    return autorisatie.casus_id == casus_id, autorisatie.doel == doel, in_force


def find_approval(
    transaction: Connection, party: str, actie: Actie, onderwerp: str, aanvrager: str, now: datetime
) -> Approval | None:
    """The newest approval of this act on this subject for this person that still holds (24 hours), or None."""
    since = to_ms(now - timedelta(hours=APPROVAL_HOURS))
    statement = (
        select(APPROVALS)
        .where(
            APPROVALS.c.party == party,
            APPROVALS.c.actie == actie.value,
            APPROVALS.c.onderwerp == onderwerp,
            APPROVALS.c.aanvrager == aanvrager,
            APPROVALS.c.at_ms >= since,
        )
        .order_by(APPROVALS.c.at_ms.desc())
        .limit(1)
    )
    row = transaction.execute(statement).one_or_none()
    return None if row is None else _approval(row.aanvrager, row.goedkeurder, row.goedkeurder_rol, row.at_ms)


def approval_by_id(transaction: Connection, party: str, actie: Actie, goedkeuring_id: str) -> Approval | None:
    """An approval that a delivery names; None when this party has none of that id for this act."""
    where = (
        APPROVALS.c.party == party,
        APPROVALS.c.actie == actie.value,
        APPROVALS.c.goedkeuring_id == id_bytes(goedkeuring_id),
    )
    row = transaction.execute(select(APPROVALS).where(*where)).one_or_none()
    return None if row is None else _approval(row.aanvrager, row.goedkeurder, row.goedkeurder_rol, row.at_ms)


def _approval(aanvrager: str, goedkeurder: str, rol: str, at_ms: int) -> Approval:
    return Approval(aanvrager, goedkeurder, Rol(rol), from_ms(at_ms))


@dataclass(frozen=True, slots=True)
class Counts:
    """Distinct subjects of the last 30 days, those of the present question included."""

    casus: int
    analyst: int


def count_subjects(
    transaction: Connection, party: str, casus_id: str, subject: str, fingerprints: frozenset[bytes], now: datetime
) -> Counts:
    """How many distinct subjects this casus and this analyst would have asked about with `fingerprints` added.

    Read it in the transaction that stores the question: questions of one party wait for each other here, so that two
    at once cannot both fit (SQLite's writers wait from their start).
    """
    if transaction.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock(func.hashtextextended(f"schakel1 subjects|{party}", 0))
        transaction.execute(select(lock))
    since = to_ms(now - timedelta(days=COUNT_DAYS))
    recent = SUBJECTS.c.party == party, SUBJECTS.c.asked_ms >= since
    by_casus = select(SUBJECTS.c.fingerprint).where(*recent, SUBJECTS.c.casus_id == casus_id).distinct()
    by_analyst = select(SUBJECTS.c.fingerprint).where(*recent, SUBJECTS.c.subject == subject).distinct()
    casus = {bytes(raw) for raw in transaction.execute(by_casus).scalars()}
    analyst = {bytes(raw) for raw in transaction.execute(by_analyst).scalars()}
    return Counts(len(casus | fingerprints), len(analyst | fingerprints))


def remember_subjects(
    transaction: Connection,
    journal: Journal,
    party: str,
    vraag_id: str,
    casus_id: str,
    subject: str,
    fingerprints: tuple[bytes, ...],
    now: datetime,
) -> None:
    """Count these subjects from now on; fingerprints older than 30 days are erased in the same stroke."""
    transaction.execute(delete(SUBJECTS).where(SUBJECTS.c.asked_ms < to_ms(now - timedelta(days=COUNT_DAYS))))
    fact: dict[str, JsonValue] = {
        "soort": ASKED,
        "partij": party,
        "vraag_id": vraag_id,
        "casus_id": casus_id,
        "subject": subject,
        "vingerafdrukken": [each.hex() for each in fingerprints],
        "ms": to_ms(now),
    }
    journal.write(now, fact)
    _count(transaction, fact)


def counts_any(transaction: Connection) -> bool:
    """Whether any question of the last 30 days is counted."""
    return transaction.execute(select(SUBJECTS.c.number).limit(1)).first() is not None


def recall_subjects(transaction: Connection, facts: Iterable[Mapping[str, Any]], now: datetime) -> int:
    """Count what the journal knows of the last 30 days and a restored database forgot; how many subjects that were."""
    since = to_ms(now - timedelta(days=COUNT_DAYS))
    return sum(_count(transaction, fact) for fact in facts if fact["soort"] == ASKED and fact["ms"] >= since)


def _count(transaction: Connection, fact: Mapping[str, Any]) -> int:
    """One question's subjects, unless they are counted already: it may have been put on disk and not been answered."""
    missing = 0
    for number, fingerprint in enumerate(fact["vingerafdrukken"]):
        row = {
            "party": fact["partij"],
            "vraag_id": id_bytes(fact["vraag_id"]),
            "number": number,
            "casus_id": fact["casus_id"],
            "subject": fact["subject"],
            "fingerprint": bytes.fromhex(fingerprint),
            "asked_ms": fact["ms"],
        }
        missing += insert_once(transaction, SUBJECTS, row)
    return missing
