"""Rules that once decided, put to their own questions again: by their own closed lists, not by those of today.

A code that was added since, or is gone, is nothing to a decision of then; so answers are compared as the JSON that was
given and stored, in the order of steps of `policy.room`. Nothing may be done on such an answer: it makes no `Decision`.
"""

import json
from typing import Any, Final

from pydantic import JsonValue

from gateway.policy.bundle import PolicyBundle
from gateway.policy.codes import Duty, ReasonCode
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.errors import EngineFault
from gateway.policy.question import answerable
from gateway.policy.schema import QuestionSchema

_CONTEXT: Final = {"reden", "verplichtingen", "reikwijdte", "beleid"}


class KeptRules:
    """One set of kept rules in this process's engine."""

    def __init__(self, bundle: PolicyBundle) -> None:
        self.bundle = bundle
        self._schema = QuestionSchema(bundle.table("vocabulary"))
        self._engine = EmbeddedEngine(bundle)

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
        answer = json.loads(self._engine.answer_text(question))
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
