"""The overlap table: how many people were seen on exactly which lists.

Reading refuses, never repairs: every error names the source, the row (data rows count from 1; the line of the file
stands beside it) and the column, and never the value.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COUNT_COLUMN = "count"
# 2**lists - 1 cells take part in every fit; published tables have three to eight lists.
MAX_LISTS = 10
# Keeps sums of counts well inside 64 bits, and no register of people comes near it.
_MAX_COUNT = 10**9
# Every stratum adds 2**lists - 1 cells and a parameter to every fit; few people would be left in each anyway.
MAX_STRATA = 60
_WHOLE_NUMBER = re.compile(r"[0-9]{1,10}")


class OverlapError(ValueError):
    """The overlap table cannot be used as it is; the message says where and what to do."""


@dataclass(frozen=True)
class OverlapTable:
    """`counts[history - 1]` people were seen on exactly the lists whose bits are set in `history` (bit i = lists[i]).

    Every history from 1 to 2**len(lists) - 1 is present, zeros included; the history of nobody's list is not.
    """

    lists: tuple[str, ...]
    counts: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 2 <= len(self.lists) <= MAX_LISTS:
            raise OverlapError(f"an overlap table needs 2 to {MAX_LISTS} lists")
        if len(set(self.lists)) != len(self.lists):
            raise OverlapError("two lists have the same name")
        if len(self.counts) != 2 ** len(self.lists) - 1:
            raise OverlapError("an overlap table needs one count for every history")
        if any(count < 0 for count in self.counts):
            raise OverlapError("a count is negative")

    @property
    def observed(self) -> int:
        """People seen on at least one list."""
        return sum(self.counts)

    def vector(self) -> NDArray[np.float64]:
        """The counts as an array of shape (2**lists - 1,)."""
        return np.array(self.counts, dtype=np.float64)

    def people_on(self, index: int) -> int:
        """People on list number `index`, whatever other lists they are on."""
        return sum(count for history, count in enumerate(self.counts, start=1) if history >> index & 1)

    def reordered(self, order: tuple[int, ...]) -> "OverlapTable":
        """The same table with list order[0] first, order[1] second and so on; lists left out are summed away.

        People who were seen on no other list disappear with a list that is left out.
        """
        counts = [0] * (2 ** len(order) - 1)
        for history, count in enumerate(self.counts, start=1):
            seen = sum(1 << new for new, old in enumerate(order) if history >> old & 1)
            if seen:
                counts[seen - 1] += count
        return OverlapTable(tuple(self.lists[old] for old in order), tuple(counts))


def read_overlap(lines: Iterable[str], source: str) -> OverlapTable:
    """Parse comma-separated text: a header, one 0/1 column for each list and a column `count`, in any order.

    Histories that are not listed have count zero. Raises OverlapError for a missing or doubled column, fewer than two
    lists, a cell that is not 0 or 1, a count that is not a whole number of zero or more, a history given twice, and a
    row for people on no list (nobody can have counted those; a count of zero says nothing and is passed over).
    """
    tables = read_strata(lines, source, ())
    return tables[()]


def read_strata(lines: Iterable[str], source: str, covariates: Sequence[str]) -> Mapping[tuple[str, ...], OverlapTable]:
    """The same with extra columns that divide the people: one table for every combination of levels that occurs.

    Keys hold a level for every covariate, in their order; without covariates there is one table, under (). Raises
    OverlapError as `read_overlap` does, and for a covariate that is no column, is empty in a row, or has too many
    levels.
    """
    reader = csv.reader(lines, strict=True)
    seen: dict[tuple[str, ...], dict[int, tuple[int, int]]] = {}
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header, source, covariates)
        lists = tuple(name for name in header if name != COUNT_COLUMN and name not in covariates)
        row = 0
        for cells in reader:
            if not cells:
                continue  # a blank line, usually the last
            row += 1
            place = f"{source}, row {row} (line {reader.line_num})"
            levels, history, count = _read_row(header, cells, covariates, place)
            if not history:
                continue  # nobody was counted on no list: true of every table
            table = seen.setdefault(levels, {})
            if len(seen) > MAX_STRATA:
                raise OverlapError(f"{place}: more than {MAX_STRATA} combinations of covariates; use coarser columns")
            if history in table:
                raise OverlapError(
                    f"{place}, columns {', '.join([*lists, *covariates])}: the same history as row "
                    f"{table[history][1]}; add the two rows together"
                )
            table[history] = count, row
    except csv.Error:
        raise OverlapError(f"{source}, line {reader.line_num}: not readable as comma-separated text") from None
    if not covariates:
        seen.setdefault((), {})
    histories = range(1, 2 ** len(lists))
    return {
        levels: OverlapTable(lists, tuple(table.get(history, (0, 0))[0] for history in histories))
        for levels, table in sorted(seen.items())
    }


def _check_header(header: list[str], source: str, covariates: Sequence[str]) -> None:
    if COUNT_COLUMN not in header:
        raise OverlapError(f"{source}, header: column '{COUNT_COLUMN}' is missing; add the number of people a row")
    for number, name in enumerate(header, start=1):
        if not name:
            raise OverlapError(f"{source}, header: column {number} has no name; name every list")
        if header.index(name) != number - 1:
            raise OverlapError(f"{source}, header: column '{name}' appears twice; keep one")
    for number, name in enumerate(covariates):
        if name == COUNT_COLUMN or name not in header:
            raise OverlapError(f"{source}, header: covariate '{name}' is no column of people; check the name")
        if name in covariates[:number]:
            raise OverlapError(f"{source}, header: covariate '{name}' is named twice; name it once")
    if not 2 <= len(header) - 1 - len(covariates) <= MAX_LISTS:
        raise OverlapError(f"{source}, header: an estimate needs 2 to {MAX_LISTS} lists beside '{COUNT_COLUMN}'")


def _read_row(
    header: list[str], cells: list[str], covariates: Sequence[str], place: str
) -> tuple[tuple[str, ...], int, int]:
    """Levels of the covariates, history and count of one row."""
    if len(cells) != len(header):
        raise OverlapError(f"{place}: {len(cells)} cells where the header has {len(header)} columns")
    history, bit, count = 0, 0, 0
    levels = dict.fromkeys(covariates, "")
    for name, text in zip(header, (cell.strip() for cell in cells), strict=True):
        if name == COUNT_COLUMN:
            if not _WHOLE_NUMBER.fullmatch(text) or int(text) > _MAX_COUNT:
                raise OverlapError(f"{place}, column '{name}': give a whole number from 0 to {_MAX_COUNT}")
            count = int(text)
        elif name in levels:
            if not text:
                raise OverlapError(f"{place}, column '{name}': empty; give every row a level (one for unknown)")
            levels[name] = text
        else:
            if text not in ("0", "1"):
                raise OverlapError(f"{place}, column '{name}': give 1 for on the list or 0 for not on it")
            history |= int(text) << bit
            bit += 1
    if history == 0 and count:
        lists = [name for name in header if name != COUNT_COLUMN and name not in levels]
        raise OverlapError(
            f"{place}, columns {', '.join(lists)}: "
            "a row for people on no list; leave it out, it is what the estimate is for"
        )
    return tuple(levels.values()), history, count
