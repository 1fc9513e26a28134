"""Rules that once decided, put to their own questions again: by their own closed lists, not by those of today.

A code that was added since, or is gone, is nothing to a decision of then; so answers are compared as the JSON that was
given and stored, in the order of steps of `policy.room`. Nothing may be done on such an answer: it makes no `Decision`.
"""

import json
from typing import Any, Final

import regorus
from pydantic import JsonValue

from gateway.policy.bundle import ENTRY_POINT, PolicyBundle
from gateway.policy.codes import Duty, ReasonCode
from gateway.policy.errors import EngineFault
from gateway.policy.question import answerable, question_text
from gateway.policy.schema import QuestionSchema

_ANSWER: Final = f"data.{ENTRY_POINT}"
_CONTEXT: Final = {"reden", "verplichtingen", "reikwijdte", "beleid"}


class KeptRules:
    """One set of kept rules in this process's engine. A held resource of one thread, as that engine is."""

    def __init__(self, bundle: PolicyBundle) -> None:
        self.bundle = bundle
        self._schema = QuestionSchema(bundle.table("vocabulary"))
        self._engine = regorus.Engine()
        for path, text in bundle.modules:
            self._engine.add_policy(path, text)
        self._engine.add_data_json(json.dumps(bundle.data()))

    def response(self, question: JsonValue) -> dict[str, JsonValue]:
        """The body that these rules give: what `Answer.as_authzen` gave when they were in force."""
        if not answerable(question):
            return self._refusal(ReasonCode.ONBEKENDE_WAARDE)
        try:
            fits = self._schema.fits(question)
            answer = self._asked(question)
        except EngineFault as fault:
            return self._refusal(fault.code)
        context: dict[str, Any] = answer["context"]
        if context["beleid"]["revisie"] != self.bundle.release:
            return self._refusal(ReasonCode.BELEID_ONGELDIG)
        unknown = any(reason["code"] == ReasonCode.ONBEKENDE_WAARDE for reason in context["reden"])
        if fits or unknown:
            context["beleid"]["digest"] = self.bundle.digest
            return answer
        return self._refused([*context["reden"], self._reason(ReasonCode.ONBEKENDE_WAARDE)])

    def _asked(self, question: JsonValue) -> dict[str, Any]:
        try:
            self._engine.set_input_json(question_text(question))
            answer = json.loads(self._engine.eval_rule_as_json(_ANSWER))
        except (RuntimeError, ValueError):
            raise EngineFault("the embedded engine gave no answer") from None
        if not isinstance(answer, dict) or not isinstance(answer.get("context"), dict):
            raise EngineFault("the engine's answer is not the agreed shape")
        if set(answer) != {"decision", "context"} or set(answer["context"]) != _CONTEXT:
            raise EngineFault("the engine's answer is not the agreed shape")
        return answer

    def _refusal(self, code: ReasonCode) -> dict[str, JsonValue]:
        return self._refused([self._reason(code)])

    def _refused(self, reasons: list[Any]) -> dict[str, JsonValue]:
        return {
            "decision": False,
            "context": {
                "reden": reasons,
                "verplichtingen": [{"code": Duty.LOG.value, "params": []}],
                "reikwijdte": "geen",
                "beleid": {"revisie": self.bundle.release, "matrix_rijen": [], "digest": self.bundle.digest},
            },
        }

    def _reason(self, code: ReasonCode) -> dict[str, Any]:
        codes: Any = self.bundle.table("reasons")["codes"]
        return {"code": code.value, **codes[code.value]}
