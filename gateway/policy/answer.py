"""What an engine may answer: exactly this shape, or it is no answer.

The shape is AuthZEN 1.0 in the NL GOV profile (design page policy, "The question"). An answer that allows while it
names a reason, or refuses without one, is a fault of the engine.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError, model_validator

from connectors.contract.answers import Reden
from connectors.contract.codes import Reikwijdte
from gateway.policy.codes import Duty, ReasonCode
from gateway.policy.errors import EngineFault


class _Exact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Obligation(_Exact):
    """An obligation and the texts that its row puts in brackets."""

    code: Duty
    params: tuple[str, ...]


class Rules(_Exact):
    """By which release of the rules, and by which rows of the matrix, was answered."""

    revisie: str
    matrix_rijen: tuple[int, ...]


class Context(_Exact):
    """The reasons of a refusal, the obligations, and what the answer may show."""

    reden: tuple[Reden, ...]
    verplichtingen: tuple[Obligation, ...]
    reikwijdte: Reikwijdte
    beleid: Rules


class Answer(_Exact):
    """Policy's answer to one question; it grants nothing by itself (see `verdict.Decision`)."""

    decision: bool
    context: Context

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = {reason.code for reason in self.context.reden}
        if not names <= set(ReasonCode):
            raise ValueError("a reason that is not in the closed list")
        if Duty.LOG not in {duty.code for duty in self.context.verplichtingen}:
            raise ValueError("every answer is logged")
        if self.decision and (names or not self.context.beleid.matrix_rijen):
            raise ValueError("an allow has rows and no reasons")
        if not self.decision and (not names or self.context.reikwijdte is not Reikwijdte.GEEN):
            raise ValueError("a refusal has reasons and shows nothing")
        return self

    @property
    def codes(self) -> tuple[str, ...]:
        """The unproven checks, sorted; empty when and only when the answer allows."""
        return tuple(sorted(reason.code for reason in self.context.reden))

    @property
    def duties(self) -> tuple[str, ...]:
        """The obligation codes, sorted."""
        return tuple(sorted(duty.code.value for duty in self.context.verplichtingen))

    def as_authzen(self, digest: str) -> dict[str, JsonValue]:
        """The body of HTTP 200; `digest` is the digest of the rules that answered."""
        body = self.model_dump(mode="json")
        body["context"]["beleid"]["digest"] = digest
        return body


def read_answer(text: str | bytes) -> Answer:
    """The answer in an engine's JSON; raises EngineFault for anything else. The fault never quotes the text."""
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:
        place = ".".join(map(str, error.errors(include_input=False, include_url=False)[0]["loc"])) or "answer"
        raise EngineFault(f"the engine's answer is not the agreed shape at {place}") from None


def refusal(reasons: tuple[Reden, ...], revision: str) -> Answer:
    """A refusal that the gateway itself gives, when it has nothing to ask an engine or had no usable answer."""
    return Answer(
        decision=False,
        context=Context(
            reden=reasons,
            verplichtingen=(Obligation(code=Duty.LOG, params=()),),
            reikwijdte=Reikwijdte.GEEN,
            beleid=Rules(revisie=revision, matrix_rijen=()),
        ),
    )
