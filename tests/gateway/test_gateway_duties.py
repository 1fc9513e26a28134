"""Obligations are executed or the act is refused; reikwijdte bounds what an answer may show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from connectors.contract.codes import Actie, Convenant, Doel, Reikwijdte, Rol, Thema
from gateway.permit.ask import Ask
from gateway.permit.duties import EXECUTIONS, SHOWS, unmet
from gateway.policy.answer import Answer, Obligation
from gateway.policy.codes import Duty
from gateway.policy.engine import PolicyEngine
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.verdict import Decision
from gateway.registry.records import Approval
from gateway.store import reading
from gateway.vault.rows import count_rows
from tests.gateway.gateway_world import (
    ANALIST,
    POLITIE,
    RIEC_BUREAU,
    START,
    World,
    deliver,
    lend,
    make_batch,
    make_question,
    open_casus,
    riec_row,
    tokens,
)

Change = Callable[[dict[str, Any]], object]


class Altered:
    """The real engine, of which every allow is changed in one way."""

    name = "embedded"

    def __init__(self, engine: PolicyEngine, change: Change) -> None:
        self._engine, self._change = engine, change

    def decide(self, question: JsonValue) -> Answer:
        answer = self._engine.decide(question)
        body = answer.model_dump()
        if answer.decision:
            self._change(body["context"])
        return Answer.model_validate(body)


def alter(world: World, change: Change) -> None:
    """From now on policy's allows are changed."""
    room = world.house.policy
    altered = PolicyRoom(room.bundle, Altered(room._rules.engine, change), room._lease, world.house.ids)
    object.__setattr__(world.house, "policy", altered)


def asks(code: Duty, *params: str) -> Change:
    """An allow asks one obligation more."""

    def change(context: dict[str, Any]) -> None:
        context["verplichtingen"] = (*context["verplichtingen"], {"code": code, "params": params})

    return change


@pytest.mark.parametrize("change", [asks(Duty.QUA), asks(Duty.SUP), asks(Duty.VIER_OGEN), asks(Duty.EXP, "7d")])
def test_a_delivery_with_an_obligation_that_nobody_executes_is_refused(world: World, change: Change) -> None:
    """Quarantine, suppression of records, an approval that is not there, an unknown term: nothing is stored."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    alter(world, change)
    refused = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    assert (refused.status_code, refused.json()["code"]) == (503, "obligation_unmet")
    with reading(world.house.store) as transaction:
        assert count_rows(transaction) == 0


def test_an_obligation_that_is_executed_is_no_obstacle(world: World) -> None:
    """The same delivery with one more obligation that the gateway executes is accepted."""
    alter(world, asks(Duty.EXP, "30d"))
    assert deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]).status_code == 201


@pytest.mark.parametrize(
    ("reikwijdte", "status"),
    [
        (Reikwijdte.GEEN, 503),
        (Reikwijdte.AGGREGAAT, 503),
        (Reikwijdte.ALLEEN_HIT_OF_GEEN_HIT, 200),
        (Reikwijdte.BEKEND_ONBEKEND, 200),
    ],
)
def test_an_answer_shows_no_more_than_the_reikwijdte(world: World, reikwijdte: Reikwijdte, status: int) -> None:
    """Known or unknown leaves only under a reikwijdte that covers it."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    open_casus(world)
    alter(world, lambda context: context.update(reikwijdte=reikwijdte))
    asked = world.party(RIEC_BUREAU).post("/v1/match-requests", make_question(world, tokens(bsn="1")), ANALIST)
    assert asked.status_code == status


def decided(world: World, reikwijdte: Reikwijdte, *duties: Obligation) -> Decision:
    """An allow of the room with these obligations and this reikwijdte, made from one that policy gives."""
    room = world.house.policy
    found: list[Decision] = []

    class Keep(PolicyRoom):
        def decide(self, question: dict[str, JsonValue], now: Any) -> Any:
            verdict = super().decide(question, now)
            if isinstance(verdict, Decision):
                found.append(verdict)
            return verdict

    lease = Lease(START, signed=True)
    object.__setattr__(world.house, "policy", Keep(room.bundle, room._rules.engine, lambda: lease, world.house.ids))
    assert deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]).status_code == 201
    return replace(found[0], reikwijdte=reikwijdte, obligations=duties)


def ask_of(actie: Actie, **changed: Any) -> Ask:
    """An ask with all that an obligation may need."""
    approval = Approval("psn:7c1f", "psn:02ab", Rol.RIEC_ANALIST, START - timedelta(hours=1))
    properties: dict[str, JsonValue] = {"bewaren_tot": "2027-05-31T00:00:00Z", "mens_gevalideerd": True}
    values = {
        "actie": actie,
        "convenant": Convenant.RIEC,
        "thema": Thema.MENSENHANDEL_EN_SMOKKEL,
        "doel": Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        "soort": "hit",
        "id": "x",
        "eigenschappen": {**properties, "beschermd": True},
        "vierogen": approval,
    }
    return Ask(**{**values, **changed})


def test_every_obligation_has_its_execution() -> None:
    """The closed list of the policy is covered, each with words for who does it."""
    assert set(EXECUTIONS) == set(Duty)
    assert all(execution.how for execution in EXECUTIONS.values())


def test_hits_are_seen_under_partner_and_contact_point_only(world: World) -> None:
    """No narrower reikwijdte lets partner types out, and counts are something else."""
    for reikwijdte in Reikwijdte:
        missing = unmet(ask_of(Actie.HITS_INZIEN), decided(world, reikwijdte))
        assert (missing == ()) is (reikwijdte is Reikwijdte.PARTNER_EN_CONTACTPUNT)


@pytest.mark.parametrize(
    ("code", "without"),
    [
        (Duty.VIER_OGEN, {"vierogen": None}),
        (Duty.VIER_OGEN, {"vierogen": Approval("psn:7c1f", "psn:7c1f", Rol.RIEC_ANALIST, START)}),
        (Duty.MOT, {"motivering": None}),
        (Duty.MEN, {"eigenschappen": {"mens_gevalideerd": False}}),
    ],
)
def test_an_obligation_without_what_it_needs_is_unmet(world: World, code: Duty, without: dict[str, Any]) -> None:
    """Four eyes need another pair, a motivation must be there, a hit is validated by a person."""
    decision = decided(world, Reikwijdte.PARTNER_EN_CONTACTPUNT, Obligation(code=code, params=()))
    assert unmet(ask_of(Actie.HITS_INZIEN, **without), decision) == (code.value,)


def test_an_action_that_the_gateway_does_not_perform_is_not_done(world: World) -> None:
    """Passing on, breaking a seal and the like are allowed by no obligation table here."""
    decision = decided(world, Reikwijdte.GEEN)
    for actie in set(Actie) - set(SHOWS):
        assert unmet(ask_of(actie), decision) == ("reikwijdte",)
