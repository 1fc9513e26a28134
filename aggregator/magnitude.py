"""Magnitude tables (hours, money): sensitive cells by contributors and dominance, and the suppression that hides them.

Cells come with their margins. The attacker knows every shown cell, all additions, and that no cell is below zero; the
tables of one release share cells (the same codes on the same dimensions) and are one problem. Bounds are those of the
published cells, the question that tau-ARGUS and sdcTable answer for linked tables (Hundepool et al., Statistical
Disclosure Control, 2012, ch. 4).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy import sparse
from scipy.sparse.linalg import lsqr

from aggregator.attack import System, intervals
from aggregator.demands import EXACT, Bools, Demand, Floats, Impossible, Ints, Problem, State, View
from aggregator.suppress import Suppression, suppress
from aggregator.tables import BadInput, Dimension, Hierarchy, hierarchy_of
from aggregator.tabulate import at_row

# HiGHS is feasible to 1e-7 absolute, so values are scaled to this largest number before it sees them.
LARGEST = 1e5
# Published sums are rounded: a margin may differ from its parts by this share of itself, and by this much at least.
ROUNDING_SHARE, ROUNDING_FLOOR = 1e-6, 0.01
# The search ends when this share of the weight at most could still be saved.
PROVEN = 1e-7
# No withheld cell, also one of value zero, may follow exactly from the others: its interval has at least this length.
SHORTEST = 1e-3
# A code on every restricted dimension: what makes a cell the same cell in two tables.
Key = tuple[tuple[str, str], ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CellColumns(_Part):
    """Names of the columns with a cell's value, its number of contributors and its largest contributor."""

    value: str
    contributors: str
    largest: str


class PrimaryRule(_Part):
    """Sensitive: some but fewer than `min_contributors`, or a largest contributor above `dominance_share` of the value.

    `p_percent`, when given, adds the p% rule: value minus largest contributor below p % of the largest contributor
    bounds the second contributor too closely (Hundepool et al., 2012, section 4.2.2; with two largest unknown, all of
    the rest is taken as the second's).
    """

    min_contributors: int = Field(ge=1)
    dominance_share: float = Field(gt=0, le=1)
    p_percent: float | None = Field(default=None, gt=0, le=100)


class Protection(_Part):
    """Required interval: value minus and plus this share of it."""

    share: float = Field(gt=0, le=1)


class Cost(_Part):
    """What withholding a cell costs: its value, or one."""

    weight: Literal["value", "one"] = "value"


class FileTable(_Part):
    """One published table: its file and the dimensions in it."""

    file: str
    dims: tuple[str, ...] = Field(min_length=1)


class MagnitudeSpec(_Part):
    """The whole SPEC.toml of `protect-magnitude`."""

    cells: CellColumns
    primary: PrimaryRule
    protection: Protection
    cost: Cost = Cost()
    dimensions: dict[str, Dimension]
    tables: tuple[FileTable, ...] = Field(min_length=1)


class NoPattern(RuntimeError):
    """A sensitive cell cannot be hidden, even when everything that may be withheld is; the message says which."""


def read_magnitude_spec(raw: Mapping[str, object], where: str) -> MagnitudeSpec:
    """Check a parsed spec; raises BadInput naming the file (`where`) and the key that is wrong."""
    try:
        spec = MagnitudeSpec.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise BadInput(f"{where}: {'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
    for table in spec.tables:
        for dim in table.dims:
            if dim not in spec.dimensions:
                raise BadInput(f"{where}: tables {table.file}: {dim!r} is not declared under [dimensions]")
        if len(set(table.dims)) != len(table.dims):
            raise BadInput(f"{where}: tables {table.file}: name each dimension once")
        if [PurePath(t.file).name for t in spec.tables].count(PurePath(table.file).name) > 1:
            raise BadInput(f"{where}: tables {table.file}: two tables of this name would be one file; rename one")
    for name, dimension in spec.dimensions.items():
        hierarchy_of(name, dimension, (), where)
    return spec


@dataclass(frozen=True)
class MagnitudeResult:
    """Per table and row `shown`, `primary` or `secondary`; how good the pattern is; how many cells the attack opens."""

    statuses: Mapping[str, tuple[str, ...]]
    primary: int
    secondary: int
    suppressed_value: float
    suppression: Suppression
    unsafe: int


@dataclass(frozen=True)
class _Cells:
    number: dict[Key, int]
    values: Floats
    sensitive: Bools
    rows: Mapping[str, Ints]
    where: tuple[str, ...]


def protect_magnitude(
    frames: Mapping[str, pd.DataFrame], spec: MagnitudeSpec, halt: Callable[[], bool]
) -> MagnitudeResult:
    """Protect linked magnitude tables; `frames` by file name, dimension columns as text.

    Raises BadInput (file, row, column), NoPattern, TimeoutError, SolverRefused. Nothing is safe unless `unsafe` is 0.
    """
    trees = _hierarchies(frames, spec)
    cells = _read(frames, spec, trees)
    scale = LARGEST / max(float(cells.values.max()), 1e-12)
    problem = _problem(cells, spec, trees, scale)
    try:
        found = suppress(problem, halt, close=PROVEN)
    except Impossible as nothing:
        raise NoPattern(f"no pattern hides {cells.where[nothing.cell]}, whatever is withheld beside it") from None
    hidden = found.withheld | cells.sensitive
    unsafe = _attack(problem, hidden)
    statuses = {
        file: tuple("primary" if cells.sensitive[c] else "secondary" if hidden[c] else "shown" for c in rows)
        for file, rows in cells.rows.items()
    }
    second = hidden & ~cells.sensitive
    value = float(cells.values[second].sum())
    return MagnitudeResult(statuses, int(cells.sensitive.sum()), int(second.sum()), value, found, unsafe)


def _hierarchies(frames: Mapping[str, pd.DataFrame], spec: MagnitudeSpec) -> dict[str, Hierarchy]:
    seen: dict[str, set[str]] = {dim: set() for dim in spec.dimensions}
    for table in spec.tables:
        frame = frames[table.file]
        for column in [*table.dims, spec.cells.value, spec.cells.contributors, spec.cells.largest]:
            if column not in frame.columns:
                raise BadInput(f"{table.file}: column {column!r} is missing; the spec declares it")
            if [*frame.columns].count(column) > 1:
                raise BadInput(f"{table.file}: column {column!r} occurs twice")
        if "status" in frame.columns:
            raise BadInput(f"{table.file}: column 'status' is there already; this command adds it, rename it first")
        if frame.empty:
            raise BadInput(f"{table.file}: no cells; give every cell a row, margins included")
        for dim in table.dims:
            for row, code in enumerate(frame[dim]):
                if pd.isna(code) or not str(code).strip():
                    raise BadInput(f"{at_row(table.file, frame, row)}, column {dim!r}: empty code")
            seen[dim] |= {str(code) for code in frame[dim]}
    return {dim: hierarchy_of(dim, dimension, seen[dim]) for dim, dimension in spec.dimensions.items()}


def _read(frames: Mapping[str, pd.DataFrame], spec: MagnitudeSpec, trees: Mapping[str, Hierarchy]) -> _Cells:
    number: dict[Key, int] = {}
    values: list[float] = []
    sensitive: list[bool] = []
    rows: dict[str, Ints] = {}
    first: list[str] = []
    for table in spec.tables:
        frame, places, within = frames[table.file], [], set()
        numbers = {c: _numbers(frame, table.file, c) for c in dict.fromkeys(spec.cells.model_dump().values())}
        for row, codes in enumerate(zip(*(frame[dim].astype(str) for dim in table.dims), strict=True)):
            key = _key(table.dims, codes, trees)
            where = at_row(table.file, frame, row)
            if key in within:
                raise BadInput(f"{where}: this combination of codes occurs twice")
            within.add(key)
            value, count, top = (float(numbers[c][row]) for c in spec.cells.model_dump().values())
            if key not in number:
                number[key] = len(number)
                values.append(value)
                first.append(where)
                sensitive.append(False)
            elif abs(values[number[key]] - value) > ROUNDING_FLOOR + ROUNDING_SHARE * value:
                raise BadInput(f"{where}, column {spec.cells.value!r}: another table gives this cell a different value")
            sensitive[number[key]] |= _sensitive(value, count, top, spec.primary)
            places.append(number[key])
        rows[table.file] = np.array(places, dtype=np.int64)
    return _Cells(number, np.array(values), np.array(sensitive, dtype=np.bool_), rows, tuple(first))


def _key(dims: Sequence[str], codes: Sequence[str], trees: Mapping[str, Hierarchy]) -> Key:
    return tuple(sorted((d, c) for d, c in zip(dims, codes, strict=True) if c != trees[d].total))


def _numbers(frame: pd.DataFrame, file: str, column: str) -> Floats:
    out = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64)
    for row in np.flatnonzero(~(np.isfinite(out) & (out >= 0))):
        raise BadInput(f"{at_row(file, frame, int(row))}, column {column!r}: not a number of 0 or more")
    return out


def _sensitive(value: float, contributors: float, largest: float, rule: PrimaryRule) -> bool:
    few = 0 < contributors < rule.min_contributors
    dominated = largest > rule.dominance_share * value
    close = rule.p_percent is not None and contributors > 0 and value - largest < rule.p_percent / 100 * largest
    return few or dominated or close


def _relations(cells: _Cells, spec: MagnitudeSpec, trees: Mapping[str, Hierarchy]) -> dict[Key, list[list[int]]]:
    """For every cell the ways in which it is the sum of others; a combination that no table lists is a known zero."""
    out: dict[Key, list[list[int]]] = {}
    done: set[tuple[Key, str]] = set()
    for table in spec.tables:
        for codes in _with_margins(table, cells, trees):
            key = _key(list(codes), list(codes.values()), trees)
            for dim in table.dims:
                below = trees[dim].children.get(codes[dim], ())
                if not below or (key, dim) in done or key not in cells.number:
                    continue
                keys = [_key([*codes], [*(codes | {dim: child}).values()], trees) for child in below]
                parts = [cells.number[part] for part in keys if part in cells.number]
                if parts or cells.number[key] in cells.rows[table.file]:
                    done.add((key, dim))
                    out.setdefault(key, []).append(parts)
    return out


def _with_margins(table: FileTable, cells: _Cells, trees: Mapping[str, Hierarchy]) -> list[dict[str, str]]:
    """A table's cells and those above them: a margin that only another table lists is a sum of this one's too."""
    above = {d: {code: up for up, below in trees[d].children.items() for code in below} for d in table.dims}
    keys = list(cells.number)
    found = {
        tuple(dict(keys[cell]).get(dim, trees[dim].total) for dim in table.dims)
        for cell in cells.rows[table.file].tolist()
    }
    for axis, dim in enumerate(table.dims):
        for codes in [*found]:
            code = codes[axis]
            while code in above[dim]:
                code = above[dim][code]
                found.add((*codes[:axis], code, *codes[axis + 1 :]))
    return [dict(zip(table.dims, codes, strict=True)) for codes in sorted(found)]


def _problem(cells: _Cells, spec: MagnitudeSpec, trees: Mapping[str, Hierarchy], scale: float) -> Problem:
    """Unknowns are the cells themselves, tied by the additions; only rounding is forgiven."""
    count = len(cells.values)
    entries: list[tuple[int, int, float]] = []
    additions = 0
    for key, ways in _relations(cells, spec, trees).items():
        for parts in ways:
            total = cells.values[cells.number[key]]
            if abs(total - cells.values[parts].sum()) > ROUNDING_FLOOR * max(1, len(parts)) + ROUNDING_SHARE * total:
                raise BadInput(
                    f"{cells.where[cells.number[key]]}, column {spec.cells.value!r}: its parts do not add up to it; a"
                    " combination without a row counts as zero"
                )
            entries += [(additions, cells.number[key], 1.0), *((additions, part, -1.0) for part in parts)]
            additions += 1
    i, j, x = (np.array(column) for column in zip(*entries, strict=True)) if entries else (np.zeros(0),) * 3
    shape = (additions, count)
    relations = sparse.csr_array(sparse.coo_array((x, (i.astype(np.int64), j.astype(np.int64))), shape=shape))
    values = _balanced(cells.values * scale, relations)
    state = np.where(cells.sensitive, State.WITHHELD, State.FREE)
    top = cells.number.get(())
    state = np.where((values <= 0) & ~cells.sensitive, State.SHOWN, state)
    weights = np.where(state == State.FREE, values if spec.cost.weight == "value" else 1.0, 0.0)
    if top is not None:
        state[top] = State.SHOWN if state[top] == State.FREE else state[top]
        weights[top] = 0.0
    share = spec.protection.share
    demands = tuple(
        Demand(int(c), 0, values[c] * (1 - share), values[c] * (1 + share)) for c in np.flatnonzero(cells.sensitive)
    )
    shown = state == State.SHOWN
    cap = float(values.max()) * 2.0
    return Problem(
        sparse.csr_array(sparse.eye_array(count, format="csr")),
        relations,
        relations,
        values,
        np.where(shown, values, 0.0),
        np.where(shown, values, cap),
        weights,
        state.astype(np.int64),
        (View("outsider", np.zeros(count)),),
        demands,
        SHORTEST,
    )


def _balanced(values: Floats, relations: sparse.csr_array) -> Floats:
    """The nearest values (least squares) for which all additions hold exactly: published ones are rounded."""
    for _ in range(3):
        miss = np.asarray(relations @ values)
        if np.abs(miss).max(initial=0.0) <= EXACT / 100:
            break
        values = values - np.asarray(lsqr(relations, miss, atol=1e-15, btol=1e-15, iter_lim=20_000)[0])
    return np.where(values < EXACT / 1000, 0.0, values)


def _attack(problem: Problem, hidden: Bools) -> int:
    """The number of withheld cells that what is shown gives away: sensitive ones too closely, any one exactly."""
    shown = np.flatnonzero(~hidden)
    system = System(
        sparse.csr_array(problem.rows[shown]),
        problem.values[shown],
        problem.values[shown],
        problem.links,
        np.zeros(len(problem.values)),
    )
    withheld = np.flatnonzero(hidden)
    found = intervals(system, sparse.csr_array(problem.rows[withheld]), 0.0, whole=False)
    ends = dict(zip(withheld.tolist(), found, strict=True))
    narrow = {d.cell for d in problem.demands if not ends[d.cell].hides(d.low, d.high)}
    exact = {cell for cell, got in ends.items() if got.high - got.low < SHORTEST - EXACT}
    return len(narrow | exact)
