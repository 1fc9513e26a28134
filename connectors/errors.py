"""What can go wrong in the partner's house, split by whose fault it is; each kind has one exit code.

A message says what is wrong, where, and what to do. It never holds a value of a source, a secret or an address with a
password in it.
"""

from pydantic import ValidationError

from connectors.contract.answers import Reden
from connectors.contract.exits import Exit


class ConnectorError(Exception):
    """The root: every expected failure of a connector command."""

    exit_code = Exit.BAD_INPUT


class InputRefused(ConnectorError):
    """Wrong use or bad input; nothing changed."""

    def __init__(
        self, reason: str, *, file: str | None = None, row: int | None = None, column: str | None = None
    ) -> None:
        """`row`: data rows counted from 1, header not counted; `column`: its name in the source."""
        where = [part for part in (file, row and f"row {row}", column and f"column {column!r}") if part]
        super().__init__(f"{', '.join(where)}: {reason}" if where else reason)
        self.file, self.row, self.column, self.reason = file, row, column, reason


def complaint(error: ValidationError, *unseen: str) -> str:
    """`place: what is wrong` of the first complaint about a file or option that a person wrote; never its value.

    `unseen`: parts of a place that stand in our models only, not in the file (the branches of a union); pydantic's own
    mark of a key is left out always.
    """
    first = error.errors(include_input=False, include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"] if part not in (*unseen, "[key]"))
    return f"{place}: {first['msg']}" if place else str(first["msg"])


class NotPermitted(ConnectorError):
    """Refused: by the gateway's policy, or here because no officer approved."""

    exit_code = Exit.REFUSED

    def __init__(self, detail: str, redenen: tuple[Reden, ...] = (), besluit: str | None = None) -> None:
        super().__init__(detail)
        self.redenen, self.besluit = redenen, besluit


class Tripped(ConnectorError):
    """Something that leaves looks like an identifier: the send stops, nothing left the house."""

    exit_code = Exit.PROTECTED


class ReleaseBlocked(ConnectorError):
    """The gateway's own attacker opens a draft of figures; `redenen` name the cell and what would help."""

    exit_code = Exit.PROTECTED

    def __init__(self, detail: str, redenen: tuple[Reden, ...]) -> None:
        super().__init__(detail)
        self.redenen = redenen


class PeerUnavailable(ConnectorError):
    """Gateway or custodian cannot be reached or cannot serve now. Nothing is lost; the same command may be repeated."""

    exit_code = Exit.UNAVAILABLE


class LeaseNeeded(PeerUnavailable):
    """The gateway holds no share of this party: lend it again and repeat."""


class NotVerified(ConnectorError):
    """A signature, proof, key or receipt that does not verify. Nothing was believed."""

    exit_code = Exit.UNVERIFIED
