"""The one thing that answers questions, whichever engine stands behind it."""

from typing import Protocol

from pydantic import JsonValue

from gateway.policy.answer import Answer


class PolicyEngine(Protocol):
    """The same rules in another engine: `embedded` in this process, `opa` a real OPA server."""

    name: str

    def decide(self, question: JsonValue) -> Answer:
        """The answer to one question.

        Raises EngineUnavailable when there is no answer in time and EngineFault when what came is not an answer by
        the expected rules. Never returns an allow that the engine did not give as the literal `true`.
        """
