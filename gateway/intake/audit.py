"""The question whether a privacy officer may look into, or keep, what guards a convenant: notices, canaries, draws."""

from datetime import datetime

from connectors.contract.codes import Actie, Convenant, Doel, Thema
from gateway.caller import Caller
from gateway.errors import NotAllowed
from gateway.permit.ask import Ask


def audit_ask(convenant: Convenant, id_: str) -> Ask:
    """The question for policy (matrix row 53); nobody is re-identified by it."""
    return Ask(
        actie=Actie.AUDIT_INZIEN,
        convenant=convenant,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        doel=Doel.AUDIT,
        soort="audit",
        id=id_,
        eigenschappen={"vrije_tekst": False, "herleiding": False},
    )


def audited_convenant(caller: Caller, now: datetime) -> Convenant:
    """The convenant under which a keeper's officer looks: the first in which his party takes part now. Raises
    NotAllowed."""
    for membership in caller.party.deelnames:
        if membership.actief(now):
            return membership.convenant
    raise NotAllowed("this party is not a member of any convenant now", code="not_a_member")
