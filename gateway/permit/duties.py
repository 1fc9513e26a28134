"""What this gateway does for each obligation of an allow, and how much the answer to each act shows. Pure.

Policy's allow comes with obligations and a reikwijdte (policy page, "The answer"): an act of which one obligation
cannot be executed here, or whose answer shows more than policy lets it, is not done. An action that is not in `SHOWS`
is one that this gateway does not perform.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.contract.codes import Actie, Reikwijdte
from gateway.permit.ask import Ask
from gateway.policy.answer import Obligation
from gateway.policy.codes import Duty
from gateway.policy.terms import Terms
from gateway.policy.verdict import Decision

_ANY: Final = frozenset(Reikwijdte)
SHOWS: Final[Mapping[Actie, frozenset[Reikwijdte]]] = MappingProxyType(
    {
        Actie.RECORDS_INDIENEN: _ANY,  # a receipt says what was delivered, nothing of others
        Actie.TELLINGEN_INDIENEN: _ANY,
        Actie.INTREKKEN: _ANY,
        Actie.MATCH_AANVRAGEN: frozenset(
            {Reikwijdte.ALLEEN_HIT_OF_GEEN_HIT, Reikwijdte.BEKEND_ONBEKEND, Reikwijdte.PARTNER_EN_CONTACTPUNT}
        ),
        Actie.HITS_INZIEN: frozenset({Reikwijdte.PARTNER_EN_CONTACTPUNT}),
        Actie.AGGREGAAT_VRIJGEVEN: frozenset({Reikwijdte.AGGREGAAT}),
        Actie.BELEID_ACTIVEREN: _ANY,  # the answer says which rules are in force, nothing of a person
        Actie.AUDIT_INZIEN: _ANY,  # whose batch was touched, how a draw stands: nothing of a record
    }
)
"""Under which reikwijdte the answer to an act may leave: `VraagAntwoord` says known or unknown, `Hits` names partner
types and contact points, a release holds counts."""

_RECORDS: Final = frozenset({Actie.RECORDS_INDIENEN})
_PERSONS: Final = frozenset({Actie.RECORDS_INDIENEN, Actie.MATCH_AANVRAGEN, Actie.HITS_INZIEN})
_EVERYWHERE: Final = frozenset(SHOWS)


@dataclass(frozen=True, slots=True)
class Execution:
    """Who executes an obligation and how; in which acts; with which params; and what must be there to do so."""

    how: str
    acts: frozenset[Actie]
    done: Callable[[Ask], bool] = lambda _: True
    params: frozenset[str] = frozenset()


def _kept_until(ask: Ask) -> bool:
    return isinstance(ask.eigenschappen.get("bewaren_tot"), str)


def _approved(ask: Ask) -> bool:
    return ask.vierogen is not None and ask.vierogen.aanvrager != ask.vierogen.goedkeurder


def _validated_or_unseen(ask: Ask) -> bool:
    return ask.actie == Actie.MATCH_AANVRAGEN or ask.eigenschappen.get("mens_gevalideerd") is True


def _protected(ask: Ask) -> bool:
    return ask.actie == Actie.TELLINGEN_INDIENEN or ask.eigenschappen.get("beschermd") is True


EXECUTIONS: Final[Mapping[Duty, Execution]] = MappingProxyType(
    {
        Duty.LOG: Execution(
            "the decision enters the ledger in the transaction of the act",
            _EVERYWHERE,
            params=frozenset({"auditing is logged too"}),
        ),
        Duty.MIN: Execution(
            "the wire has fields for tokens and codes only; whatever else is sent is refused", _EVERYWHERE
        ),
        Duty.R: Execution(
            "the record is kept until its bewaren_tot or the end of its class, whichever is first; `retain` erases it",
            _RECORDS,
            _kept_until,
        ),
        Duty.EXP: Execution(
            "as R, by its own term; the end of consent is a withdrawal, and hits go with their question",
            _RECORDS,
            _kept_until,
        ),
        Duty.VIER_OGEN: Execution(
            "another person's approval is registered here", _PERSONS | {Actie.AGGREGAAT_VRIJGEVEN}, _approved
        ),
        Duty.MOT: Execution(
            "the coded motivation is in the question and so in the ledger",
            _PERSONS,
            lambda ask: ask.motivering is not None,
        ),
        Duty.MEN: Execution(
            "no hit is seen before a person validated the match",
            frozenset({Actie.MATCH_AANVRAGEN, Actie.HITS_INZIEN}),
            _validated_or_unseen,
        ),
        Duty.SUP: Execution(
            "counts leave only through the protection of a release",
            frozenset({Actie.TELLINGEN_INDIENEN, Actie.AGGREGAAT_VRIJGEVEN}),
            _protected,
        ),
        Duty.CMH: Execution("the counts are part of the monitor's tables", frozenset({Actie.TELLINGEN_INDIENEN})),
        Duty.INF: Execution(
            "the party informs the person; the decision names it, and so does its receipt or the answer to a match",
            _PERSONS,
        ),
        Duty.NOT: Execution("the asker notifies: named in the answer", frozenset({Actie.MATCH_AANVRAGEN})),
        Duty.VT: Execution(
            "the party weighs Veilig Thuis; the decision names it, and so does its receipt or the answer to a match",
            _PERSONS,
        ),
        Duty.QUA: Execution(
            "the connector holds a batch back before it is sent; nothing of it comes here", frozenset()
        ),
    }
)
"""Every obligation of the closed list. One without acts is never this gateway's, so an allow that asks it is not
acted on."""


TERMED: Final = frozenset({Duty.R, Duty.EXP})
"""Their params are classes and terms of the rules' own data (`policy.terms`)."""


def unmet(ask: Ask, decision: Decision, terms: Terms) -> tuple[str, ...]:
    """What keeps this gateway from acting on an allow: obligation codes, sorted, and "reikwijdte"; empty when nothing
    does."""
    missing = {duty.code.value for duty in decision.obligations if not _executed(ask, duty, terms)}
    if decision.reikwijdte not in SHOWS.get(ask.actie, frozenset()):
        missing.add("reikwijdte")
    return tuple(sorted(missing))


def _executed(ask: Ask, duty: Obligation, terms: Terms) -> bool:
    execution = EXECUTIONS[duty.code]
    known = terms.knows(duty) if duty.code in TERMED else set(duty.params) <= execution.params
    return ask.actie in execution.acts and known and execution.done(ask)
