"""Why a custodian refuses, as closed codes that say which check failed and nothing that helps to pass it."""

from enum import StrEnum


class Refusal(StrEnum):
    """In the order of the checks (rule 14 of the scheme), which never changes."""

    OMVANG = "omvang"  # size: not a power of two of 32-byte elements, 16 to 4096
    TICKET = "ticket"
    BEZIT = "bezit"  # proof of possession: the request is not signed by the party's own key
    FEDERATIE = "federatie"  # ticket made under another federation file
    EPOCH = "epoch"  # outside its window, unknown here, or destroyed
    RECHT = "recht"  # no right to the class or domain
    HERHALING = "herhaling"  # a signed request used again for something else
    BUDGET = "budget"
    ELEMENT = "element"
    STORING = "storing"  # the custodian cannot keep its books, so it evaluates nothing


class Refused(Exception):
    """No element was evaluated."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code.value)
        self.code = code


class StartRefused(Exception):
    """The custodian does not start rather than run weak; the message says what to mend, never a secret."""
