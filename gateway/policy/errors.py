"""What can go wrong in the policy room, split by whose fault it is. No message quotes a question or an answer."""

from gateway.policy.codes import ReasonCode


class PolicyError(Exception):
    """Root of this room's errors; whoever meets one has no permission."""


class PolicySourceError(PolicyError):
    """A policy source is broken: `place` says which file, row and column; `remedy` what it must be."""

    def __init__(self, place: str, remedy: str) -> None:
        super().__init__(f"{place}: {remedy}")
        self.place = place
        self.remedy = remedy


class EngineUnavailable(PolicyError):
    """The engine gave no answer in time. Nothing is allowed; the question may be put again."""


class EngineFault(PolicyError):
    """The engine answered something that is not an answer, or answered by other rules. It counts as a refusal."""

    def __init__(self, detail: str, code: ReasonCode = ReasonCode.ONBEKENDE_WAARDE) -> None:
        super().__init__(detail)
        self.code = code
