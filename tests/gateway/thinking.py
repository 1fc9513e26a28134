"""Things that happen while policy thinks."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import JsonValue
from sqlalchemy import text

from connectors.contract.codes import Actie
from gateway.policy.answer import Answer
from gateway.policy.engine import PolicyEngine
from gateway.store import writing
from tests.gateway.gateway_world import World


class Watched:
    """The real engine, with something that happens while it thinks about one kind of act."""

    name = "watched"

    def __init__(self, engine: PolicyEngine, actie: Actie, event: Callable[[], Any]) -> None:
        self._engine, self._actie, self._event = engine, actie, event

    def decide(self, question: JsonValue) -> Answer:
        """The real answer, after the event."""
        assert isinstance(question, dict)
        action = question["action"]
        assert isinstance(action, dict)
        if action["name"] == self._actie:
            self._event()
        return self._engine.decide(question)


def while_asked(world: World, actie: Actie, event: Callable[[], Any]) -> None:
    """Let something happen each time policy is asked about such an act."""
    room = world.house.policy
    room.take_up(room.bundle, Watched(room._rules.engine, actie, event))


def once(event: Callable[[], Any]) -> Callable[[], Any]:
    """The event, the first time only."""
    left: Iterator[Callable[[], Any]] = iter((event,))

    def first() -> Any:
        return next(left, lambda: None)()

    return first


def no_owner_stands(world: World) -> None:
    """Nobody stands behind the rules in force any more."""
    with writing(world.house.store) as transaction:
        transaction.execute(text("UPDATE policy_changes SET handtekeningen = '[]'"))
