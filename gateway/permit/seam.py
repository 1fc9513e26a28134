"""The seam to the policy room until its engines land: the same questions, the same Rego files, one engine a thread.

Fails closed: anything but a whole answer with `decision` literally true is a refusal or no answer at all.
"""

import json
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import regorus

from connectors.contract.answers import Reden
from connectors.contract.codes import Reikwijdte


@dataclass(frozen=True, slots=True)
class Decision:
    """Policy allows; only this module makes one."""

    id: str
    reikwijdte: Reikwijdte
    verplichtingen: tuple[str, ...]
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """Policy does not allow."""

    id: str
    redenen: tuple[Reden, ...]
    record: dict[str, Any]


class PolicyError(Exception):
    """No usable answer."""


class PolicyEngine(Protocol):
    """Answers one question."""

    def decide(self, question: dict[str, Any]) -> Decision | Refused:
        """Raises PolicyError when there is no usable answer."""


class EmbeddedRego:
    """The Rego files of a folder in this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = threading.local()

    def decide(self, question: dict[str, Any]) -> Decision | Refused:
        """Raises PolicyError when the engine gives no whole answer."""
        beleid = {"revisie": "2026.11.2", "ondertekend": True, "ouderdom_uren": 0}
        asked = {**question, "context": {**question["context"], "beleid": beleid}}
        try:
            engine = self._engine()
            engine.set_input(asked)
            answer = engine.eval_rule("data.schakel.decision.answer")
            return self._verdict(asked, answer)
        except (RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
            raise PolicyError("no usable answer") from error

    def _verdict(self, asked: dict[str, Any], answer: dict[str, Any]) -> Decision | Refused:
        context = answer["context"]
        record = {
            "request": asked,
            "response": answer,
            "policies": context["beleid"],
            "configuration": {"engine": "embedded"},
        }
        besluit = str(uuid.uuid4())
        if answer["decision"] is True:
            duties = tuple(sorted({duty["code"] for duty in context["verplichtingen"]}))
            return Decision(besluit, Reikwijdte(context["reikwijdte"]), duties, record)
        names = ("code", "nl", "en", "grondslag", "handelingsperspectief")
        reasons = tuple(Reden(**{n: reason.get(n, "") for n in names}) for reason in context["reden"])
        return Refused(besluit, reasons, record)

    def _engine(self) -> Any:
        engine = getattr(self._local, "engine", None)
        if engine is None:
            engine = regorus.Engine()
            for path in sorted(self._folder.glob("schakel/**/*.rego")):
                if not path.name.endswith("_test.rego"):
                    engine.add_policy_from_file(str(path))
            for path in sorted(self._folder.glob("schakel/**/data.json")):
                data = json.loads(path.read_text(encoding="utf-8"))
                for part in reversed(path.parent.relative_to(self._folder).parts):
                    data = {part: data}
                engine.add_data(data)
            self._local.engine = engine
        return engine
