"""The door of the policy room: a question in, a verdict out.

1. A question without its four sections is refused; no engine is asked.
2. JSON Schema judges the question before any engine does; a question that does not fit cannot be allowed.
3. The engine answers, or its fault is a refusal, or nobody answers and EngineUnavailable is raised. An engine that
   breaks in a way nobody foresaw gave no answer.
4. `decide` writes the `beleid` section itself, from the lease of the rules, over whatever the question claims.
5. Rules, engine and schema change together or not at all (`take_up`), so that an answer names the rules that gave it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from gateway.policy.verdict import Decision, DecisionExpired, Refused, require_fresh, verdict

LOOK: Final = timedelta(minutes=1)
"""The longest that a look at the rules may take: one that is made for a question ends after that question's time."""
_LOG: Final = structlog.get_logger("gateway.policy")


@dataclass(frozen=True, slots=True)
class Lease:
    """When the rules were last verified, and whether two owners' signatures cover them."""

    verified_at: datetime
    signed: bool

    def age(self, now: datetime) -> timedelta:
        """Time since they were verified; below zero when the clock went back, which is no age that policy accepts."""
        age = now - self.verified_at
        return timedelta() if -LOOK < age < timedelta() else age


@dataclass(frozen=True, slots=True)
class GoldenCase:
    """A question whose answer is known."""

    name: str
    question: JsonValue
    decision: bool
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Rules:
    """What answers, as one value."""

    bundle: PolicyBundle
    engine: PolicyEngine
    schema: QuestionSchema

    def refuse(self, code: ReasonCode) -> Answer:
        return refusal((self.bundle.reason(code),), self.bundle.release)


class PolicyRoom:
    """Rules, an engine that answers by them, and what the gateway knows about both."""

    def __init__(
        self,
        bundle: PolicyBundle,
        engine: PolicyEngine,
        lease: Callable[[], Lease],
        ids: Callable[[], str],
    ) -> None:
        self._lease = lease
        self._ids = ids
        self.take_up(bundle, engine)

    @property
    def bundle(self) -> PolicyBundle:
        """The rules by which the room answers now."""
        return self._rules.bundle

    def take_up(self, bundle: PolicyBundle, engine: PolicyEngine) -> None:
        """Answer by these rules from now on."""
        self._rules = _Rules(bundle, engine, QuestionSchema(bundle.table("vocabulary")))

    def lease(self) -> Lease:
        """How the rules stand now; where they follow an installation, others that came in force are taken up first."""
        return self._lease()

    def answer(self, question: JsonValue) -> Answer:
        """The answer to a question as it stands; raises EngineUnavailable when no engine answers."""
        return _answer(self._rules, question)

    def consult(self, question: JsonValue, now: datetime) -> tuple[Answer, PolicyBundle]:
        """The answer for someone who fills and acts on the question himself, and the rules that gave it.

        What he says of the rules can make it a refusal but never an allow: an allow must stand under their lease too.
        """
        lease, rules = self.lease(), self._rules
        answer = _answer(rules, question)
        if answer.decision and isinstance(question, dict):
            answer = _answer(rules, _under(rules, lease, question, now))
        return answer, rules.bundle

    def decide(self, question: dict[str, JsonValue], now: datetime) -> Decision | Refused:
        """The verdict on a question that the gateway filled from its own records. `now`: aware, the gateway's clock."""
        lease, rules = self.lease(), self._rules
        asked = _under(rules, lease, question, now)
        answer = _answer(rules, asked)
        return verdict(self._ids(), asked, question_digest(asked), answer, rules.bundle.digest, rules.engine.name, now)

    def demand_current(self, decision: Decision, now: datetime) -> None:
        """Raises DecisionExpired unless a decision may still be acted on: it is fresh, and the rules that gave it are
        those that owners stand behind at this moment."""
        require_fresh(decision, now)
        if not self.lease().signed or decision.digest != self.bundle.digest:
            raise DecisionExpired("other rules are in force than those that decided; ask again")

    def self_test(self, golden: Sequence[GoldenCase]) -> None:
        """Put the golden cases to the engine; raises PolicySourceError naming the first that came out otherwise."""
        if not golden:
            raise PolicySourceError("golden.json", "holds no cases; the self-test needs some")
        for case in golden:
            answer = self.answer(case.question)
            if answer.decision is not case.decision or not set(case.codes) <= set(answer.codes):
                raise PolicySourceError(f"golden case {case.name!r}", "the engine answers otherwise")


def _answer(rules: _Rules, question: JsonValue) -> Answer:
    if not answerable(question):
        return rules.refuse(ReasonCode.ONBEKENDE_WAARDE)
    try:
        fits = rules.schema.fits(question)
        answer = _ask(rules.engine, question)
    except EngineFault as fault:
        if fault.code is ReasonCode.BELEID_ONGELDIG:
            _LOG.error("policy_engine_serves_other_rules", expected=rules.bundle.revision)
        return rules.refuse(fault.code)
    if answer.context.beleid.revisie != rules.bundle.release:
        return rules.refuse(ReasonCode.BELEID_ONGELDIG)
    if fits or ReasonCode.ONBEKENDE_WAARDE in answer.codes:
        return answer
    unknown = rules.bundle.reason(ReasonCode.ONBEKENDE_WAARDE)
    return refusal((*answer.context.reden, unknown), rules.bundle.release)


def _under(rules: _Rules, lease: Lease, question: dict[str, JsonValue], now: datetime) -> dict[str, JsonValue]:
    """The question with the gateway's own word about the rules in it."""
    context = question.get("context")
    if not isinstance(context, dict):
        return dict(question)
    beleid: dict[str, JsonValue] = {
        "revisie": rules.bundle.release,
        "ondertekend": lease.signed,
        "ouderdom_uren": lease.age(now).total_seconds() / 3600,
    }
    return {**question, "context": {**context, "beleid": beleid}}


def _ask(engine: PolicyEngine, question: JsonValue) -> Answer:
    try:
        answer = engine.decide(question)
    except PolicyError:
        raise
    except Exception as error:
        # Its words may quote the question: only its kind is logged, and the cause is dropped.
        _LOG.error("policy_engine_broke", kind=type(error).__name__)
        raise EngineUnavailable("the policy engine broke") from None
    if not isinstance(answer, Answer):
        raise EngineFault("the engine's answer is not an answer")
    return answer
