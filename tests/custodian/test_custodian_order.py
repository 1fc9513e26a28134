"""The order of the checks (rule 14): of two faults the earlier one is told, whatever the later would say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.contract.codes import TokenDomein, TokenKlasse
from pseudonymizer.custodian.refusals import Refusal
from tests.custodian.doors import ask, open_door, points
from tests.custodian.small_federation import CITY, POLICE, SmallFederation, small_federation

BAD_ELEMENT = points(15) + bytes(32)
Request = Callable[[SmallFederation], dict[str, Any]]


def _size_and_ticket(federation: SmallFederation) -> dict[str, Any]:
    return {"body": bytes(31), "headers": {"Authorization": "Bearer no.ticket.here"}}


def _size_and_class(federation: SmallFederation) -> dict[str, Any]:
    return {"body": bytes(31), "path_class": "zz"}


def _class_and_possession(federation: SmallFederation) -> dict[str, Any]:
    ticket = federation.ticket()
    return {"body": points(), "path_class": "zz", "headers": {"Authorization": f"Bearer {ticket}"}}


def _ticket_and_possession(federation: SmallFederation) -> dict[str, Any]:
    return {"body": points(), "headers": {"Authorization": "Bearer no.ticket.here", "Schakel-Proof": "none"}}


def _possession_and_federation(federation: SmallFederation) -> dict[str, Any]:
    ticket = federation.ticket(fed="A" * 43)
    return {"body": points(), "headers": {"Authorization": f"Bearer {ticket}"}}


def _federation_and_epoch(federation: SmallFederation) -> dict[str, Any]:
    return {"body": points(), "ticket": federation.ticket(fed="A" * 43, epo="1999")}


def _epoch_and_right(federation: SmallFederation) -> dict[str, Any]:
    ticket = federation.ticket(CITY, epo="1999", dom=TokenDomein.ZVH_RR)
    return {"body": points(), "party": CITY, "ticket": ticket}


def _right_and_budget(federation: SmallFederation) -> dict[str, Any]:
    ticket = federation.ticket(CITY, cls=TokenKlasse.BSN, max=1)
    body = points()
    headers = federation.headers(body, ticket, CITY, key_class=TokenKlasse.BSN)
    return {"body": body, "headers": headers, "path_class": "bsn"}


def _budget_and_element(federation: SmallFederation) -> dict[str, Any]:
    return {"body": BAD_ELEMENT, "party": POLICE, "ticket": federation.ticket(max=15)}


ORDER: list[tuple[Request, Refusal]] = [
    (_size_and_ticket, Refusal.OMVANG),
    (_size_and_class, Refusal.OMVANG),
    (_class_and_possession, Refusal.TICKET),
    (_ticket_and_possession, Refusal.TICKET),
    (_possession_and_federation, Refusal.BEZIT),
    (_federation_and_epoch, Refusal.FEDERATIE),
    (_epoch_and_right, Refusal.EPOCH),
    (_right_and_budget, Refusal.RECHT),
    (_budget_and_element, Refusal.BUDGET),
]


@pytest.mark.parametrize(("request_with", "code"), ORDER, ids=[request.__name__.strip("_") for request, _ in ORDER])
def test_the_earlier_of_two_faults_is_told(tmp_path: Path, request_with: Request, code: Refusal) -> None:
    """Neighbouring checks, both failing."""
    federation: SmallFederation = small_federation(tmp_path)
    answer = ask(open_door(federation), federation, **request_with(federation))
    assert answer.json()["code"] == code


def test_an_element_is_looked_at_after_the_debit_only(tmp_path: Path) -> None:
    """Bad elements cost budget, so that nobody probes for free; the same body again costs nothing more."""
    federation = small_federation(tmp_path)
    door, ticket = open_door(federation), federation.ticket(max=16)
    codes = [ask(door, federation, BAD_ELEMENT, ticket=ticket).json()["code"] for _ in range(2)]
    assert codes == [Refusal.ELEMENT, Refusal.ELEMENT]
    assert ask(door, federation, points(), ticket=ticket).json()["code"] == Refusal.BUDGET
