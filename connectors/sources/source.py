"""What a source of records is, whatever kind of file or database it comes from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Protocol

from connectors.errors import InputRefused

Cells = tuple[str, ...]
"""The cells of one row as text, in the order of `columns`; an absent value is the empty string."""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One data row. `number` counts data rows from 1, header not counted, as error messages do."""

    number: int
    cells: Cells

    def __repr__(self) -> str:
        return f"Row({self.number})"


class Source(Protocol):
    """A source that can be read more than once, always in the same order, one row at a time."""

    @property
    def name(self) -> str:
        """What error messages call it: a file name or a table, never an address with a password."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names: unique, not empty."""

    def rows(self) -> Iterator[Row]:
        """Stream the rows; raises InputRefused with file, row and column at the first that is broken."""

    def digest(self) -> str:
        """SHA-256 (base64url) of the content: equal content, equal digest. An approval holds for one digest."""


def named_columns(file: str, header: Cells) -> Cells:
    """The header row of a file when every column has a name of its own. Raises InputRefused."""
    for position, column in enumerate(header, start=1):
        if not column.strip():
            raise InputRefused(f"column {position} has no name in the header", file=file)
        if header.index(column) != position - 1:
            raise InputRefused("this name stands twice in the header", file=file, column=column)
    return header


def as_text(value: object) -> str:
    """A stored value as the text a person would read: ISO dates, whole numbers without `.0`, true/false."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
