"""The door of the policy room: a question in, a verdict out.

1. A question without its four sections is refused; no engine is asked.
2. JSON Schema judges the question before any engine does; a question that does not fit cannot be allowed.
3. The engine answers, or its fault is a refusal, or nobody answers and EngineUnavailable is raised. An engine that
   breaks in a way nobody foresaw gave no answer.
4. `decide` writes the `beleid` section itself, from the lease of the rules, over whatever the question claims.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog
from pydantic import JsonValue

from gateway.policy.answer import Answer, refusal
from gateway.policy.bundle import PolicyBundle
from gateway.policy.codes import ReasonCode
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import EngineFault, EngineUnavailable, PolicyError, PolicySourceError
from gateway.policy.question import answerable, question_digest
from gateway.policy.schema import QuestionSchema
from gateway.policy.verdict import Decision, Refused, verdict

_LOG: Final = structlog.get_logger("gateway.policy")


@dataclass(frozen=True, slots=True)
class Lease:
    """When the rules were last verified, and whether two owners' signatures cover them."""

    verified_at: datetime
    signed: bool


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """A question whose answer is known."""

    name: str
    question: JsonValue
    decision: bool
    codes: tuple[str, ...]


class PolicyRoom:
    """Rules, an engine that answers by them, and what the gateway knows about both."""

    def __init__(
        self,
        bundle: PolicyBundle,
        engine: PolicyEngine,
        lease: Callable[[], Lease],
        ids: Callable[[], str],
    ) -> None:
        self.bundle = bundle
        self._engine = engine
        self._lease = lease
        self._ids = ids
        self._schema = QuestionSchema(bundle.table("vocabulary"))

    def answer(self, question: JsonValue) -> Answer:
        """The answer to a question as it stands; raises EngineUnavailable when no engine answers."""
        if not answerable(question):
            return self._refuse(ReasonCode.ONBEKENDE_WAARDE)
        try:
            fits = self._schema.fits(question)
            answer = self._ask(question)
        except EngineFault as fault:
            return self._refuse(fault.code)
        if answer.context.beleid.revisie != self.bundle.release:
            return self._refuse(ReasonCode.BELEID_ONGELDIG)
        if fits or ReasonCode.ONBEKENDE_WAARDE in answer.codes:
            return answer
        return refusal((*answer.context.reden, self.bundle.reason(ReasonCode.ONBEKENDE_WAARDE)), self.bundle.release)

    def decide(self, question: dict[str, JsonValue], now: datetime) -> Decision | Refused:
        """The verdict on a question that the gateway filled from its own records. `now`: aware, the gateway's clock."""
        lease = self._lease()
        context = question.get("context")
        asked: dict[str, JsonValue] = dict(question)
        if isinstance(context, dict):
            beleid: dict[str, JsonValue] = {
                "revisie": self.bundle.release,
                "ondertekend": lease.signed,
                "ouderdom_uren": (now - lease.verified_at).total_seconds() / 3600,
            }
            asked["context"] = {**context, "beleid": beleid}
        answer = self.answer(asked)
        return verdict(self._ids(), asked, question_digest(asked), answer, self.bundle.digest, self._engine.name, now)

    def self_test(self, golden: Sequence[GoldenCase]) -> None:
        """Put the golden cases to the engine; raises PolicySourceError naming the first that came out otherwise."""
        if not golden:
            raise PolicySourceError("golden.json", "holds no cases; the self-test needs some")
        for case in golden:
            answer = self.answer(case.question)
            if answer.decision is not case.decision or not set(case.codes) <= set(answer.codes):
                raise PolicySourceError(f"golden case {case.name!r}", "the engine answers otherwise")

    def _ask(self, question: JsonValue) -> Answer:
        try:
            answer = self._engine.decide(question)
        except PolicyError:
            raise
        except Exception as error:
            # Its words may quote the question: only its kind is logged, and the cause is dropped.
            _LOG.error("policy_engine_broke", kind=type(error).__name__)
            raise EngineUnavailable("the policy engine broke") from None
        if not isinstance(answer, Answer):
            raise EngineFault("the engine's answer is not an answer")
        return answer

    def _refuse(self, code: ReasonCode) -> Answer:
        return refusal((self.bundle.reason(code),), self.bundle.release)
