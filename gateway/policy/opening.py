"""Opens the policy room from files, keeps its lease, and says whether it may serve: the one way in.

A gateway that cannot prove its rules serves nobody: the engine must answer by them, every golden case must come out as
it should, and the parties of the rules must be those of the federation file.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from connectors.contract.federation import Federatie
from gateway.clock import Clock
from gateway.ids import Ids
from gateway.policy.bundle import PolicyBundle, load_bundle
from gateway.policy.codes import ReasonCode
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import PolicyError
from gateway.policy.room import GoldenCase, Lease, PolicyRoom
from gateway.policy.sources import read_golden
from gateway.policy.tables import OPEN_END

AGAIN: Final = timedelta(hours=1)
"""How often the rules on disk are compared with the rules in use. Policy refuses everything 24 hours after the last
time that they were equal (check BELEID_ONGELDIG)."""


class RulesLease:
    """When the rules in use were last found unchanged on disk; a held resource, since it remembers that moment.

    Their signature is checked where it can be: by the OPA server, which does not start with an unsigned or changed
    bundle. The embedded engine trusts its folder, which is one reason why production refuses it.
    """

    def __init__(self, folder: Path, bundle: PolicyBundle, clock: Clock) -> None:
        self._folder, self._bundle, self._clock = folder, bundle, clock
        self._verified_at = clock()

    def __call__(self) -> Lease:
        """The lease as it stands; looks again when the last look is an hour ago."""
        now = self._clock()
        if now - self._verified_at >= AGAIN and self._unchanged():
            self._verified_at = now
        return Lease(verified_at=self._verified_at, signed=True)

    def _unchanged(self) -> bool:
        try:
            return load_bundle(self._folder).digest == self._bundle.digest
        except (PolicyError, OSError, ValueError):
            return False


def open_rules(folder: Path, engine: Callable[[PolicyBundle], PolicyEngine], clock: Clock, ids: Ids) -> PolicyRoom:
    """The policy room on the rules in `folder`; raises PolicyError when they are not whole."""
    bundle = load_bundle(folder)
    return PolicyRoom(bundle, engine(bundle), RulesLease(folder, bundle, clock), ids)


def golden_cases(folder: Path, bundle: PolicyBundle) -> tuple[GoldenCase, ...]:
    """The questions with known answers that lie beside the rules, as far as they are about parties of this bundle.

    Raises PolicySourceError when they are not whole.
    """
    return tuple(case for case in read_golden(folder) if _about_a_party(case.question, bundle))


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


def passes_self_test(room: PolicyRoom, folder: Path) -> bool:
    """Whether every golden case about parties of these rules comes out as it should."""
    try:
        cases = golden_cases(folder, room.bundle)
        if cases:
            room.self_test(cases)
    except PolicyError:
        return False
    return True


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
