"""Permission as a thing one holds: a `Decision` that only this room makes, or a `Refused`; never a boolean.

Rooms downstream take a `Decision` as an argument, so that acting without one does not type-check.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from connectors.contract.answers import Reden
from connectors.contract.codes import Reikwijdte
from gateway.policy.answer import Answer, Obligation
from gateway.policy.codes import ReasonCode
from gateway.policy.errors import PolicyError

VALID_FOR: Final = timedelta(minutes=5)
"""How long a decision may be acted on; a longer act asks again."""
_SEAL: Final = object()


@dataclass(frozen=True, slots=True)
class Decision:
    """Policy allows exactly the question with this digest, until `expires_at`.

    `record` is what a decision entry keeps (Logius Authorization Decision Log: request, response, policies,
    configuration), so that `replay` can put the very same question to the very same rules.
    """

    id: str
    question_digest: str
    reikwijdte: Reikwijdte
    obligations: tuple[Obligation, ...]
    rows: tuple[int, ...]
    revision: str
    digest: str
    expires_at: datetime
    record: dict[str, JsonValue] = field(repr=False)
    _seal: object = field(repr=False, default=None)

    def __post_init__(self) -> None:
        if self._seal is not _SEAL:
            raise TypeError("a Decision is made by the policy room only")

    @property
    def verplichtingen(self) -> tuple[str, ...]:
        """The obligation codes, sorted."""
        return tuple(sorted(duty.code.value for duty in self.obligations))


@dataclass(frozen=True, slots=True)
class Refused:
    """Policy does not allow; `redenen` says why, in Dutch and English, with the article and a way on."""

    id: str
    question_digest: str
    redenen: tuple[Reden, ...]
    revision: str
    digest: str
    record: dict[str, JsonValue] = field(repr=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """The unproven checks, sorted; never empty."""
        return tuple(sorted(reason.code for reason in self.redenen))

    @property
    def looks_like_no_hit(self) -> bool:
        """Outside the audit log this refusal must be indistinguishable from "geen hit" (check OPSPORINGSBELANG)."""
        return ReasonCode.OPSPORINGSBELANG in self.codes


def verdict(
    decision_id: str,
    question: dict[str, JsonValue],
    question_digest: str,
    answer: Answer,
    digest: str,
    engine: str,
    now: datetime,
) -> Decision | Refused:
    """The verdict that an answer amounts to."""
    record: dict[str, JsonValue] = {
        "request": question,
        "response": answer.as_authzen(digest),
        "policies": {"revisie": answer.context.beleid.revisie, "digest": digest},
        "configuration": {"engine": engine},
    }
    if answer.decision is True:
        return Decision(
            id=decision_id,
            question_digest=question_digest,
            reikwijdte=answer.context.reikwijdte,
            obligations=answer.context.verplichtingen,
            rows=answer.context.beleid.matrix_rijen,
            revision=answer.context.beleid.revisie,
            digest=digest,
            expires_at=now + VALID_FOR,
            record=record,
            _seal=_SEAL,
        )
    return Refused(decision_id, question_digest, answer.context.reden, answer.context.beleid.revisie, digest, record)


class DecisionExpired(PolicyError):
    """The decision is too old to act on, or other rules are in force by now; ask again."""


def require_fresh(decision: Decision, now: datetime) -> Decision:
    """The decision, when it may still be acted on; raises DecisionExpired."""
    if now >= decision.expires_at:
        raise DecisionExpired("the decision is too old to act on; ask again")
    return decision
