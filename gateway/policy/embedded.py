"""The rules in this process: `gordon-to-regorus`, a Rego engine written in Rust. For a laptop and for tests.

The gateway refuses to start with it in production; there a real OPA server decides. Both read the same files.
"""

import json
import threading

import regorus
from pydantic import JsonValue

from gateway.policy.answer import Answer, read_answer
from gateway.policy.bundle import ENTRY_POINT, PolicyBundle
from gateway.policy.errors import EngineFault
from gateway.policy.question import question_text


class EmbeddedEngine:
    """One Rego engine per thread, since an engine holds the input of the question it is answering."""

    name = "embedded"

    def __init__(self, bundle: PolicyBundle) -> None:
        self._bundle = bundle
        self._local = threading.local()

    def decide(self, question: JsonValue) -> Answer:
        """The answer; raises EngineFault when the engine stumbles (its own words may quote the question: dropped)."""
        engine = self._engine()
        try:
            engine.set_input_json(question_text(question))
            return read_answer(engine.eval_rule_as_json(f"data.{ENTRY_POINT}"))
        except (RuntimeError, ValueError):
            raise EngineFault("the embedded engine gave no answer") from None

    def _engine(self) -> regorus.Engine:
        engine: regorus.Engine | None = getattr(self._local, "engine", None)
        if engine is None:
            engine = regorus.Engine()
            for path, text in self._bundle.modules:
                engine.add_policy(path, text)
            engine.add_data_json(json.dumps(self._bundle.data()))
            self._local.engine = engine
        return engine
