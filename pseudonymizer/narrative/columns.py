"""What each column of a source seems to hold, looked at before the first mapping is written.

A column that a mapping calls a code and that holds names, numbers or stories is refused: codes leave, those must not.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pseudonymizer.narrative.scan import NarrativeLine, Scanner
from pseudonymizer.narrative.spans import Label

SAMPLE_CELLS = 500
"""Cells of a column that are scanned; all cells are counted."""

_STORY_WORDS = 6
_STORY_CHARACTERS = 60
_CODE_DISTINCT = 100
_SHARE = 0.05
"""Share of the scanned cells from which a column is called identifying. A lone hit may be a chance likeness."""


class ColumnKind(StrEnum):
    """What a column seems to be."""

    EMPTY = "empty"
    CODE = "code"
    IDENTIFYING = "identifying"
    FREE_TEXT = "free_text"
    OTHER = "other"


class PiiInCodeColumn(ValueError):
    """A column declared a code holds something else; names column and kind, never a value."""

    def __init__(self, column: str, what: str, cells: int) -> None:
        super().__init__(
            f"column {column}: declared a code, but {cells} of the cells looked at hold {what}; "
            "map it as a trait, name it under [narrative], or drop it"
        )
        self.column = column
        self.what = what


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column: `cells` in all, `filled` not empty, `distinct` values (counted up to 101), `scanned` cells.

    `found` has, per label, the number of scanned cells in which it was found, most first.
    """

    column: str
    kind: ColumnKind
    cells: int
    filled: int
    distinct: int
    scanned: int
    found: tuple[tuple[Label, int], ...]


class _Tally:
    """Running counts of one column; holds at most `SAMPLE_CELLS` values."""

    def __init__(self, column: str) -> None:
        self.column = column
        self.cells = self.filled = self.stories = 0
        self.values: set[str] = set()
        self.sample: list[str] = []

    def add(self, value: str | None) -> None:
        self.cells += 1
        text = (value or "").strip()
        if not text:
            return
        self.filled += 1
        self.stories += len(text.split()) >= _STORY_WORDS or len(text) > _STORY_CHARACTERS
        if len(self.values) <= _CODE_DISTINCT:
            self.values.add(text)
        if len(self.sample) < SAMPLE_CELLS:
            self.sample.append(text)

    def profile(self, scanner: Scanner) -> ColumnProfile:
        found: Counter[Label] = Counter()
        cached: Mapping[str, frozenset[Label]] = {v: _labels(scanner, self.column, v) for v in set(self.sample)}
        for value in self.sample:
            found.update(cached[value])
        return ColumnProfile(
            self.column,
            self._kind(found),
            self.cells,
            self.filled,
            len(self.values),
            len(self.sample),
            tuple(sorted(found.items(), key=lambda item: (-item[1], item[0]))),
        )

    def _kind(self, found: Counter[Label]) -> ColumnKind:
        if not self.filled:
            return ColumnKind.EMPTY
        if self.stories > _SHARE * self.filled:
            return ColumnKind.FREE_TEXT
        if any(n > _SHARE * len(self.sample) for n in found.values()):
            return ColumnKind.IDENTIFYING
        return ColumnKind.CODE if len(self.values) <= _CODE_DISTINCT else ColumnKind.OTHER


def profile_columns(
    scanner: Scanner, columns: Sequence[str], rows: Iterable[Sequence[str | None]]
) -> tuple[ColumnProfile, ...]:
    """Profile the columns of a table read once, row by row; a row shorter than the header counts as empty cells."""
    tallies = [_Tally(column) for column in columns]
    for row in rows:
        for place, tally in enumerate(tallies):
            tally.add(row[place] if place < len(row) else None)
    return tuple(tally.profile(scanner) for tally in tallies)


def refuse_pii_in_codes(profiles: Iterable[ColumnProfile], code_columns: Iterable[str]) -> None:
    """Raise `PiiInCodeColumn` for the first column that is declared a code and is not one."""
    declared = frozenset(code_columns)
    for profile in profiles:
        if profile.column not in declared:
            continue
        if profile.kind is ColumnKind.FREE_TEXT:
            raise PiiInCodeColumn(profile.column, "free text", profile.filled)
        if profile.kind is ColumnKind.IDENTIFYING:
            label, cells = profile.found[0]
            raise PiiInCodeColumn(profile.column, label.value, cells)


def _labels(scanner: Scanner, column: str, value: str) -> frozenset[Label]:
    """Return the labels found in a cell, read with its column's name before it as a form would print it."""
    lead = f"{column.replace('_', ' ').lower()}: "
    result = scanner.scan_one(NarrativeLine("", lead + value))
    return frozenset(span.label for span in result.spans if span.end > len(lead))
