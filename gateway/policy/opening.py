"""Opens rules to be consulted, and says whether the rules in force may serve (`standing` opens those).

A gateway that cannot prove its rules serves nobody: the engine must answer by them, every golden case must come out as
it should, and the parties of the rules must be those of the federation file.
"""

from datetime import datetime, timedelta
from typing import Any

from connectors.contract.federation import Federatie
from gateway.clock import Clock
from gateway.ids import Ids
from gateway.policy.bundle import PolicyBundle
from gateway.policy.codes import ReasonCode
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import PolicyError
from gateway.policy.room import GoldenCase, Lease, PolicyRoom
from gateway.policy.signatures import OWNERS_NEEDED
from gateway.policy.sources import parse_golden
from gateway.policy.tables import OPEN_END


def consulted_rules(bundle: PolicyBundle, engine: PolicyEngine, clock: Clock, ids: Ids) -> PolicyRoom:
    """Rules to put questions to and not to act by: no owner is known to stand behind them, so `decide` refuses."""
    return PolicyRoom(bundle, engine, lambda: Lease(clock(), signed=False), ids)


def golden_cases(bundle: PolicyBundle) -> tuple[GoldenCase, ...]:
    """The questions with known answers that travel with the rules, as far as they are about parties of this bundle.

    Raises PolicySourceError when they are not whole, or there are none.
    """
    return tuple(case for case in parse_golden(bundle.golden) if _about_a_party(case.question, bundle))


def _about_a_party(question: Any, bundle: PolicyBundle) -> bool:
    parties: Any = bundle.table("parties")["partijen"]
    subject = question["subject"]["properties"]
    members = parties.get(question["context"].get("convenant"), {})
    return f"{subject.get('oin')}/{subject.get('domein')}" in members


def answers(room: PolicyRoom) -> bool:
    """Whether the engine answers by these rules: a question about nothing is refused with reasons of the bundle."""
    nothing: dict[str, Any] = {"properties": {}}
    try:
        answer = room.answer({"subject": nothing, "action": nothing, "resource": nothing, "context": {}})
    except PolicyError:
        return False
    return not answer.decision and ReasonCode.GEEN_PARTIJ_CONVENANT in answer.codes


def passes_self_test(room: PolicyRoom) -> bool:
    """Whether every golden case about parties of these rules comes out as it should."""
    try:
        cases = golden_cases(room.bundle)
        if cases:
            room.self_test(cases)
    except PolicyError:
        return False
    return True


def stands(room: PolicyRoom, now: datetime) -> bool:
    """Whether two owners stand behind the rules, verified so recently that policy decides by them."""
    lease = room.lease()
    hours: Any = room.bundle.table("thresholds")["beleid_ouderdom_uren"]
    return lease.signed and timedelta() <= lease.age(now) <= timedelta(hours=hours)


def owners_agree(bundle: PolicyBundle, federatie: Federatie) -> bool:
    """True when the owners that policy counts are owners in the federation file, at least two: others could never sign
    the next rules."""
    named: Any = bundle.table("parties")["beleid_eigenaren"]
    return len(set(named)) >= OWNERS_NEEDED and set(named) <= {owner.oin for owner in federatie.eigenaren}


def parties_agree(bundle: PolicyBundle, federatie: Federatie) -> bool:
    """True when policy and the federation file name the same parties with the same memberships and rights.

    Two lists that differ would let one house allow what the other does not know of.
    """
    mine: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for party in federatie.partijen:
        for member in party.deelnames:
            entry = {
                "partnertype": party.partnertype.value,
                "gemeente": party.gemeente or "",
                "van": member.van.isoformat(),
                "tot": member.tot.isoformat() if member.tot else OPEN_END,
                "bsn_recht": party.bsn_recht,
                "ontdubbelen": member.ontdubbelen,
            }
            mine.setdefault(member.convenant.value, {}).setdefault(party.id, []).append(entry)
    theirs = bundle.table("parties")["partijen"]
    return _comparable(mine) == _comparable(theirs)


def _comparable(parties: Any) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    """The same moments compare equal however they are spelled."""
    return {
        (convenant, party): sorted(
            (
                entry["partnertype"],
                entry["gemeente"],
                datetime.fromisoformat(entry["van"]),
                datetime.fromisoformat(entry["tot"]),
                entry["bsn_recht"],
                entry["ontdubbelen"],
            )
            for entry in entries
        )
        for convenant, members in parties.items()
        for party, entries in members.items()
    }
