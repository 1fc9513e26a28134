"""The rules in this process: `gordon-to-regorus`, a Rego engine written in Rust. For a laptop and for tests.

The gateway refuses to start with it in production; there a real OPA server decides. Both read the same files.

The rules run as a compiled program on the engine's virtual machine, four times as fast as its interpreter. That machine
stops after 25,000 instructions: a question that needs more (a list of some hundreds of entries) goes to the
interpreter, which has no such bound and reads the same files.
"""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import regorus
from pydantic import JsonValue

from gateway.policy.answer import Answer, read_answer
from gateway.policy.bundle import ENTRY_POINT, PolicyBundle
from gateway.policy.errors import EngineFault
from gateway.policy.question import question_text

_ANSWER: Final = f"data.{ENTRY_POINT}"


class EmbeddedEngine:
    """Decides on a thread of its own, one question after another: a machine may not be used, nor dropped, elsewhere."""

    name = "embedded"

    def __init__(self, bundle: PolicyBundle) -> None:
        # When the engine goes, its pool goes, and the thread ends with all that it holds.
        self._thread = ThreadPoolExecutor(1, "rego", _open, (bundle,))

    def decide(self, question: JsonValue) -> Answer:
        """The answer; raises EngineFault when the engine stumbles."""
        return read_answer(self.answer_text(question))

    def answer_text(self, question: JsonValue) -> str:
        """The engine's own JSON, whatever it is; raises EngineFault when it stumbles (its words may quote the question:
        dropped)."""
        text = question_text(question)
        try:
            return self._thread.submit(_decide, text).result()
        except (RuntimeError, ValueError):
            raise EngineFault("the embedded engine gave no answer") from None


class _Rules:
    """The rules of one bundle as a program, and for long questions as modules; lives and ends on one thread."""

    def __init__(self, bundle: PolicyBundle) -> None:
        data = json.dumps(bundle.data())
        self._machine = regorus.Rvm()
        self._machine.load_program(regorus.Program.compile_from_modules(data, list(bundle.modules), [_ANSWER]))
        self._machine.set_data_json(data)
        self._interpreter = regorus.Engine()
        for path, rules in bundle.modules:
            self._interpreter.add_policy(path, rules)
        self._interpreter.add_data_json(data)

    def decide(self, text: str) -> str:
        """The answer as JSON text; raises RuntimeError or ValueError."""
        try:
            self._machine.set_input_json(text)
            return str(self._machine.execute_entry_point(_ANSWER))
        except (RuntimeError, ValueError):
            self._interpreter.set_input_json(text)
            return str(self._interpreter.eval_rule_as_json(_ANSWER))


_held: Final = threading.local()


def _open(bundle: PolicyBundle) -> None:
    _held.rules = _Rules(bundle)


def _decide(text: str) -> str:
    rules: _Rules = _held.rules
    return rules.decide(text)
