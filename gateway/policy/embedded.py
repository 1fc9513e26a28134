"""The rules in this process: `gordon-to-regorus`, a Rego engine written in Rust. For a laptop and for tests.

The gateway refuses to start with it in production; there a real OPA server decides. Both read the same files.

The rules run as a compiled program on the engine's virtual machine, four times as fast as its interpreter. That machine
stops after 25,000 instructions: a question that needs more (a list of some hundreds of entries) goes to the
interpreter, which has no such bound and reads the same files.
"""

import json
import threading

import regorus
from pydantic import JsonValue

from gateway.policy.answer import Answer, read_answer
from gateway.policy.bundle import ENTRY_POINT, PolicyBundle
from gateway.policy.errors import EngineFault
from gateway.policy.question import question_text

_ANSWER = f"data.{ENTRY_POINT}"


class EmbeddedEngine:
    """One machine per thread, since it holds the input of the question it is answering and may not change threads."""

    name = "embedded"

    def __init__(self, bundle: PolicyBundle) -> None:
        self._bundle = bundle
        self._local = threading.local()

    def decide(self, question: JsonValue) -> Answer:
        """The answer; raises EngineFault when the engine stumbles (its own words may quote the question: dropped)."""
        text = question_text(question)
        try:
            return read_answer(self._executed(text))
        except (RuntimeError, ValueError):
            return self._interpreted(text)

    def _executed(self, text: str) -> str:
        machine: regorus.Rvm | None = getattr(self._local, "machine", None)
        if machine is None:
            data = json.dumps(self._bundle.data())
            machine = regorus.Rvm()
            machine.load_program(regorus.Program.compile_from_modules(data, list(self._bundle.modules), [_ANSWER]))
            machine.set_data_json(data)
            self._local.machine = machine
        machine.set_input_json(text)
        answer: str = machine.execute_entry_point(_ANSWER)
        return answer

    def _interpreted(self, text: str) -> Answer:
        engine: regorus.Engine | None = getattr(self._local, "engine", None)
        try:
            if engine is None:
                engine = regorus.Engine()
                for path, rules in self._bundle.modules:
                    engine.add_policy(path, rules)
                engine.add_data_json(json.dumps(self._bundle.data()))
                self._local.engine = engine
            engine.set_input_json(text)
            return read_answer(engine.eval_rule_as_json(_ANSWER))
        except (RuntimeError, ValueError):
            raise EngineFault("the embedded engine gave no answer") from None
