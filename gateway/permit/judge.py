"""Ask policy, and have the answer in the ledger. No use case acts without the `Decision` that comes from here.

Every question is filled from the gateway's own records: the party and its memberships from the federation file, the
member of staff from the signed proof, casus, authorisation, approval and counts from the registry. A claim in a body
never reaches a field that the gateway can fill itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Connection

from gateway.caller import Caller
from gateway.clock import to_ms
from gateway.errors import PolicyRefused, PolicyUnavailable
from gateway.house import House
from gateway.ledger.append import append
from gateway.ledger.entries import DecisionEntry
from gateway.permit.ask import Ask
from gateway.permit.duties import unmet
from gateway.permit.question import question
from gateway.policy.errors import PolicyError
from gateway.policy.terms import read_terms
from gateway.policy.verdict import Decision, Refused
from gateway.store import writing


@dataclass(frozen=True, slots=True)
class Judged:
    """Policy's answer and the ledger entry that must be appended with, or instead of, the act."""

    verdict: Decision | Refused
    entry: DecisionEntry = field(repr=False)


def judge(house: House, caller: Caller, ask: Ask, now: datetime) -> Judged:
    """Policy's answer to one question; raises PolicyUnavailable when there is none, or when it allows on conditions
    that this gateway cannot keep (`duties`). Then nothing may happen."""
    trace = f"00-{house.random(16).hex()}-{house.random(8).hex()}-01"
    try:
        verdict = house.policy.decide(question(caller, ask, trace, now), now)
    except PolicyError as error:
        raise PolicyUnavailable("the purpose rules gave no answer; nothing was changed, try again") from error
    missing = _unmet(house, ask, verdict) if isinstance(verdict, Decision) else ()
    if missing:
        raise PolicyUnavailable(
            f"policy asks what this gateway cannot do ({', '.join(missing)}); nothing was changed",
            code="obligation_unmet",
        )
    return Judged(verdict, _entry(ask, verdict, trace, now))


def duties_of(judged: Sequence[Judged]) -> tuple[str, ...]:
    """The obligation codes of all these decisions, sorted."""
    return tuple(sorted({code for j in judged if isinstance(j.verdict, Decision) for code in j.verdict.verplichtingen}))


def _unmet(house: House, ask: Ask, decision: Decision) -> tuple[str, ...]:
    try:
        terms = read_terms(house.policy.bundle)
    except PolicyError as error:
        raise PolicyUnavailable("the purpose rules name no terms for keeping records; nothing was changed") from error
    return unmet(ask, decision, terms)


def _entry(ask: Ask, verdict: Decision | Refused, trace: str, now: datetime) -> DecisionEntry:
    return DecisionEntry(
        besluit=verdict.id,
        trace_id=trace.split("-")[1],
        event_name=ask.actie,
        timestamp=to_ms(now),
        status="allow" if isinstance(verdict, Decision) else "refuse",
        request=_object(verdict.record["request"]),
        response=_object(verdict.record["response"]),
        policies=_object(verdict.record["policies"]),
        configuration=_object(verdict.record["configuration"]),
    )


def _object(value: JsonValue) -> dict[str, JsonValue]:
    if not isinstance(value, dict):
        raise PolicyUnavailable("the purpose rules left no record of their answer; nothing was changed")
    return value


def require(house: House, judged: Sequence[Judged], now: datetime) -> tuple[Decision, ...]:
    """The decisions, when every one of them allows; else the answers are entered in the ledger and PolicyRefused is
    raised for the first refusal. Use it before a transaction that acts."""
    decisions = tuple(j.verdict for j in judged if isinstance(j.verdict, Decision))
    if len(decisions) == len(judged):
        return decisions
    with writing(house.store) as transaction:
        enter(house, transaction, judged, now)
    raise refusal(judged)


def demand_current(house: House, judged: Sequence[Judged], now: datetime) -> None:
    """Raises PolicyUnavailable when a decision may not be acted on any more: too old, or of other rules than are now in
    force. Use it where an act waited for its turn."""
    try:
        for each in judged:
            if isinstance(each.verdict, Decision):
                house.policy.demand_current(each.verdict, now)
    except PolicyError as error:
        raise PolicyUnavailable(
            "the purpose rules changed or the decision grew old meanwhile; nothing was changed, try again"
        ) from error


def enter(house: House, transaction: Connection, judged: Sequence[Judged], now: datetime) -> None:
    """Append the decisions to the ledger in the caller's transaction."""
    append(transaction, tuple(j.entry for j in judged), now, house.random)


def refusal(judged: Sequence[Judged]) -> PolicyRefused:
    """The error that tells the caller about the first refusal."""
    refused = next(j.verdict for j in judged if isinstance(j.verdict, Refused))
    return PolicyRefused(refused.id, refused.redenen)
