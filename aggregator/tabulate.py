"""Micro-data to count tables: every combination of codes, sub-totals and totals, zeros included. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from aggregator.tables import BadInput, CountTable, Hierarchy, ReleaseSpec, TableSpec, hierarchy_of

Ints = npt.NDArray[np.int64]

# The name of an index that holds the line of every row in its file.
LINE = "line"
# No register of cases comes near it, and sums stay far inside what the solver tells from its neighbours.
LARGEST_COUNT = 1_000_000_000


@dataclass(frozen=True)
class MicroData:
    """Checked cases. For row i: `codes[dim][i]` is a leaf code, `counts[i]` >= 0 cases, `partner[i]` an index.

    `partner` indexes `holders`, each the numbers (in `partners`) of those who know the case; it is all zero, with no
    partners named, when the release has no partner column.
    """

    hierarchies: Mapping[str, Hierarchy]
    codes: Mapping[str, npt.NDArray[np.object_]]
    counts: Ints
    partner: Ints
    partners: tuple[str, ...]
    holders: tuple[frozenset[int], ...] = ()

    def known_to(self, members: Sequence[int]) -> npt.NDArray[np.bool_]:
        """Which cases at least one of these partners knows."""
        told = np.array([not held.isdisjoint(members) for held in self.holders], dtype=np.bool_)
        return told[self.partner] if len(told) else np.zeros(len(self.counts), dtype=np.bool_)


def read_micro(frame: pd.DataFrame, spec: ReleaseSpec, where: str = "micro-data") -> MicroData:
    """Check micro-data against the spec: one row a case, or a `count` column of whole numbers >= 0.

    Columns that the spec does not declare are ignored. Raises BadInput naming `where`, row (1 = the first under the
    header) and column: a missing column, an empty or unknown code, a sub-total's code on a case, a bad count.
    """
    wanted = [*spec.dimensions, *([spec.partner] if spec.partner else [])]
    for column in wanted:
        if column not in frame.columns:
            raise BadInput(f"{where}: column {column!r} is missing; the spec declares it")
    for column in (*wanted, "count"):
        if list(frame.columns).count(column) > 1:
            raise BadInput(f"{where}: column {column!r} occurs twice")
    counts = _counts(frame, where)
    codes: dict[str, npt.NDArray[np.object_]] = {}
    hierarchies: dict[str, Hierarchy] = {}
    for name, dimension in spec.dimensions.items():
        values = _texts(frame[name], name, where)
        tree = hierarchy_of(name, dimension, set(values), where)
        inner = {code for code in tree.order if tree.children.get(code)} | {dimension.total}
        closed = set(tree.order) if dimension.codes is None else {*dimension.codes, *dimension.parents}
        for row, value in enumerate(values):
            if value in inner:
                raise BadInput(
                    f"{at_row(where, frame, row)}, column {name!r}: a total or sub-total; give each case a finest code"
                )
            if value not in closed:
                raise BadInput(
                    f"{at_row(where, frame, row)}, column {name!r}: unknown category; the spec lists the codes"
                )
        codes[name], hierarchies[name] = values, tree
    if not spec.partner:
        return MicroData(hierarchies, codes, counts, np.zeros(len(frame), dtype=np.int64), ())
    named = _texts(frame[spec.partner], spec.partner, where)
    labels, index = np.unique(named.astype(str), return_inverse=True)
    parts = [str(label).split(spec.partner_separator) if spec.partner_separator else [str(label)] for label in labels]
    partners = tuple(sorted({part for held in parts for part in held}))
    number = {name: place for place, name in enumerate(partners)}
    holders = tuple(frozenset(number[part] for part in held) for held in parts)
    return MicroData(hierarchies, codes, counts, index.astype(np.int64), partners, holders)


def at_row(where: str, rows: "pd.DataFrame | pd.Series[str]", row: int) -> str:
    """Where a data row stands, for people: its number, and its line in the file (which the index named LINE knows)."""
    line = rows.index[row] if rows.index.name == LINE else row + 2
    return f"{where}: row {row + 1} (line {line})"


def _texts(column: "pd.Series[str]", name: str, where: str) -> npt.NDArray[np.object_]:
    missing = column.isna().to_numpy()
    values = np.array([str(value).strip() for value in column], dtype=object)
    for row in range(len(values)):
        if missing[row] or values[row].lower() in ("", "nan"):
            raise BadInput(
                f"{at_row(where, column, row)}, column {name!r}: empty; every case needs a code (use one for unknown)"
            )
    return values


def _counts(frame: pd.DataFrame, where: str) -> Ints:
    if "count" not in frame.columns:
        return np.ones(len(frame), dtype=np.int64)
    counts = np.zeros(len(frame), dtype=np.int64)
    for row, value in enumerate(frame["count"]):
        text = str(value).strip()
        if text.startswith("-") and text[1:].isdigit():
            raise BadInput(
                f"{at_row(where, frame, row)}, column 'count': negative; a count is a whole number of 0 or more"
            )
        if not (text.isascii() and text.isdigit()):
            raise BadInput(f"{at_row(where, frame, row)}, column 'count': not a whole number of 0 or more")
        if len(text) > len(str(LARGEST_COUNT)) or int(text) > LARGEST_COUNT:
            raise BadInput(
                f"{at_row(where, frame, row)}, column 'count': too large; a row has at most {LARGEST_COUNT} cases"
            )
        counts[row] = int(text)
    if sum(counts.tolist()) > LARGEST_COUNT:
        raise BadInput(f"{where}: column 'count': all rows together have at most {LARGEST_COUNT} cases")
    return counts


def tabulate(micro: MicroData, table: TableSpec, counts: Ints | None = None) -> CountTable:
    """Count one table: the rows are the product of the dimensions' codes, in hierarchy order, totals first.

    `counts` replaces the cases' own counts (for instance one partner's part), same length as the micro-data.
    """
    trees = [micro.hierarchies[dim] for dim in table.dims]
    base = cube(micro, table.dims, micro.counts if counts is None else counts)
    for axis, tree in enumerate(trees):
        base = np.tensordot(_sums(tree), base, axes=(1, axis))
        base = np.moveaxis(base, 0, axis)
    grids = np.indices(base.shape).reshape(len(trees), -1)
    codes = tuple(tuple(tree.order[i] for tree, i in zip(trees, place, strict=True)) for place in grids.T)
    return CountTable(table.id, table.dims, codes, tuple(int(n) for n in base.reshape(-1)))


def cube(micro: MicroData, dims: Sequence[str], counts: Ints) -> Ints:
    """Counts over the codes' order of every dimension (only leaf positions are filled)."""
    shape = tuple(len(micro.hierarchies[dim].order) for dim in dims)
    places = []
    for dim in dims:
        number = {code: index for index, code in enumerate(micro.hierarchies[dim].order)}
        places.append(np.array([number[code] for code in micro.codes[dim]], dtype=np.int64))
    out = np.zeros(shape, dtype=np.int64)
    if len(counts):
        np.add.at(out, tuple(places), counts)
    return out


def _sums(tree: Hierarchy) -> Ints:
    """A 0/1 matrix (codes x codes): row c marks the leaves under code c."""
    number = {code: index for index, code in enumerate(tree.order)}
    out = np.zeros((len(tree.order), len(tree.order)), dtype=np.int64)
    for code in tree.order:
        for leaf in tree.leaves(code):
            out[number[code], number[leaf]] = 1
    return out
