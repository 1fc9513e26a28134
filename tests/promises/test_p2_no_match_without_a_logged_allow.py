"""P2: no match without a logged allow. Each test takes away the allow, or its entry, and expects no match."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pydantic import JsonValue
from sqlalchemy import text

from connectors.contract.codes import Doel, Reikwijdte
from connectors.errors import NotPermitted, PeerUnavailable
from gateway.hits.tables import QUESTIONS
from gateway.ledger.entries import Event
from gateway.policy.answer import Answer
from gateway.policy.errors import EngineUnavailable
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.verdict import Decision
from gateway.store import writing
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import START
from tests.world import ANALYST_PARTY, Federation, partners_of, put_question


class Away:
    """An engine that is not there."""

    name = "embedded"

    def decide(self, question: JsonValue) -> Answer:
        raise EngineUnavailable("nobody answers")


def test_every_answer_stands_on_an_allow_that_was_logged_first(delivered: Federation) -> None:
    """Each question in the ledger names a decision that stands before it, says allow, and was about that question."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        asked = [put_question(bureau, bsn(number)) for number in (1, 3, 100)]
    allows = {
        body["besluit"]: (place, body) for place, body in delivered.entries(Event.DECISION) if body["status"] == "allow"
    }
    logged = {body["vraag_id"]: (place, body) for place, body in delivered.entries(Event.QUESTION)}
    assert logged.keys() == {one.vraag.vraag_id for one in asked}
    for vraag_id, (place, body) in logged.items():
        before, decision = allows[body["besluit"]]
        assert before < place
        assert decision["request"]["resource"]["id"] == vraag_id


def test_every_look_at_hits_stands_on_an_allow_too(delivered: Federation) -> None:
    """Looking is a decision of its own."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        assert partners_of(bureau, put_question(bureau, bsn(1))) == ("politie",)
    allows = {body["besluit"] for _, body in delivered.entries(Event.DECISION) if body["status"] == "allow"}
    views = [body for _, body in delivered.entries(Event.HIT_VIEW)]
    assert views
    assert {body["besluit"] for body in views} <= allows


def test_without_policy_there_is_no_match(delivered: Federation) -> None:
    """The engine goes away between the ticket and the question: no answer, no question stored, no entry."""
    house = delivered.gateway.house
    room = PolicyRoom(house.policy.bundle, Away(), lambda: Lease(START, True), house.ids)
    before = len(delivered.entries(Event.QUESTION))
    with delivered.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
        delivered.serve(replace(house, policy=room))
        with pytest.raises(PeerUnavailable):
            put_question(bureau, bsn(1))
    assert delivered.count(QUESTIONS) == len(delivered.entries(Event.QUESTION)) == before + 1


def test_a_refusal_is_logged_and_matches_nothing(delivered: Federation) -> None:
    """A purpose that the records were not collected for: an entry that says refuse, and no question."""
    with delivered.connector(ANALYST_PARTY) as bureau, pytest.raises(NotPermitted):
        put_question(bureau, bsn(1), Doel.HANDHAVINGSKNELPUNTEN)
    assert [body["status"] for _, body in delivered.entries(Event.DECISION)][-1] == "refuse"
    assert delivered.count(QUESTIONS) == 0


def test_when_the_ledger_does_not_take_the_entry_there_is_no_answer(delivered: Federation) -> None:
    """A ledger that cannot be appended to stops every question: entry and answer commit together or not at all."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
        with writing(delivered.gateway.house.store) as transaction:
            transaction.execute(
                text("CREATE TRIGGER full BEFORE INSERT ON ledger_leaves BEGIN SELECT RAISE(ABORT, 'full'); END")
            )
        answered = delivered.count(QUESTIONS)
        with pytest.raises(PeerUnavailable):
            put_question(bureau, bsn(1))
    assert delivered.count(QUESTIONS) == answered


def test_a_decision_cannot_be_made_up() -> None:
    """Only the policy room makes a `Decision`; the rooms that match take nothing else."""
    with pytest.raises(TypeError):
        Decision("id", "digest", Reikwijdte.GEEN, (), (), "r", "d", START + timedelta(minutes=5), {})
