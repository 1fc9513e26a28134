"""A journal of a thousand random decisions replays whole, through the ledger and the officer's command."""

import json
import uuid

import pytest
from typer.testing import CliRunner

from connectors.contract.codes import Actie
from gateway.cli import app
from gateway.clock import to_ms
from gateway.ledger.append import append
from gateway.ledger.entries import DecisionEntry
from gateway.policy.verdict import Decision
from gateway.store import writing
from tests.gateway.gateway_world import make_world
from tests.policy.questions import Mutator

COUNT = 1_000


def entry(house, question, now):
    """A decision of the running gateway on a question, as the ledger keeps it."""
    verdict = house.policy.decide(question, now)
    return DecisionEntry(
        besluit=str(uuid.uuid4()),
        trace_id="0" * 32,
        event_name=Actie.MATCH_AANVRAGEN,
        timestamp=to_ms(now),
        status="allow" if isinstance(verdict, Decision) else "refuse",
        **verdict.record,
    )


@pytest.fixture
def world(tmp_path):
    """A running gateway."""
    made = make_world(tmp_path)
    yield made
    made.close()


def replayed(world):
    """What `schakel-gateway replay --all` says, and its exit code."""
    done = CliRunner().invoke(
        app, ["replay", "--all", "--json", "--settings", str(world.layout.gateway / "gateway.toml")]
    )
    return done.exit_code, json.loads(done.output)


def test_a_thousand_random_decisions_replay_to_the_same_answers(world):
    """1,000 mutated questions, decided and stored: every one comes out the same; allows and refusals occur."""
    house, now = world.house, world.clock()
    mutator = Mutator(20261124, house.policy.bundle.table("vocabulary"))
    entries = tuple(entry(house, mutator.draw(), now) for _ in range(COUNT))
    with writing(house.store) as transaction:
        append(transaction, entries, now, house.random)
    assert {each.status for each in entries} == {"allow", "refuse"}
    assert replayed(world) == (0, {"replayed": COUNT, "differing": []})


def test_an_answer_that_was_not_given_differs(world):
    """The instrument itself: a stored answer of another question is found among the others, exit code 6."""
    house, now = world.house, world.clock()
    mutator = Mutator(5, house.policy.bundle.table("vocabulary"))
    entries = [entry(house, mutator.draw(), now) for _ in range(10)]
    other = next(each for each in entries if each.response != entries[0].response)
    entries[0] = entries[0].model_copy(update={"response": other.response})
    with writing(house.store) as transaction:
        append(transaction, tuple(entries), now, house.random)
    assert replayed(world) == (6, {"replayed": 10, "differing": [entries[0].besluit]})
