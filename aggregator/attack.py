"""The attacker: what can be worked out about withheld cells from everything that is published. Linear and integer.

For every withheld cell the smallest and largest value over all tables t >= 0 that fit all published numbers of all
releases at hand (design page "Disclosure control", step 4). An outsider knows nothing more; a partner, or two together,
know their own cases too. Where an interval is shorter than 3k and the extreme table is not whole, the bound is taken
again over whole numbers, which can only be tighter. Any doubt of the solver refuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, inf

import numpy as np
from scipy import sparse

from aggregator.demands import EXACT, Bools, Floats, Ints
from aggregator.lattice import Lattice
from aggregator.solver import Highs, Infeasible, Optimum, Program, SolverRefused, extreme, load
from aggregator.tables import Region
from aggregator.whole import Walk

# Intervals shorter than this many times k are checked again over whole numbers (design page, step 4).
INTEGER_CHECK = 3


@dataclass(frozen=True)
class Fact:
    """One published number: the cell of `region` lies in low..high (equal when the exact count is on the page).

    `source` names the release and `words` the cell, for people.
    """

    region: Region
    low: float
    high: float
    source: str = ""
    words: str = ""


@dataclass(frozen=True)
class Interval:
    """The values that a cell can have, as far as an attacker can tell; infinite ends are proven unbounded."""

    low: float
    high: float

    def broken(self, k: float) -> bool:
        """The outsider's rule: the upper bound is below k, or the interval is shorter than k (design page)."""
        return self.high < k - EXACT or self.high - self.low < k - EXACT

    def hides(self, low: float, high: float) -> bool:
        """Whether the whole of low..high is possible."""
        return self.low <= low + EXACT and self.high >= high - EXACT


@dataclass(frozen=True)
class System:
    """Published facts as rows over the unknowns: low <= rows x <= high, ties x = 0, x >= known."""

    rows: sparse.csr_array
    low: Floats
    high: Floats
    ties: sparse.csr_array
    known: Floats
    facts: tuple[Fact, ...] = ()

    def fits(self, table: Floats) -> bool:
        """Whether a table is whole and agrees with every published number, by exact arithmetic on whole numbers."""
        if not np.array_equal(table, np.round(table)) or (table < self.known).any():
            return False
        cells = np.asarray(self.rows @ table)
        return bool(((self.low <= cells) & (cells <= self.high)).all() and not (self.ties @ table).any())


def system_of(lattice: Lattice, facts: Sequence[Fact], known: Floats | None = None) -> System:
    """Write down one row for every fact; `known` are an insider's own cases on the unknowns (default none).

    Raises SolverRefused when a row is missing, or two facts about one cell exclude each other.
    """
    kept: dict[Region, Fact] = {}
    for fact in facts:
        old = kept.get(fact.region, fact)
        merged = replace(old, low=max(old.low, fact.low), high=min(old.high, fact.high))
        if not merged.low <= merged.high:
            raise Infeasible("a cell is published twice with different counts")
        kept[fact.region] = merged
    rows = lattice.matrix(list(kept))
    low, high = np.array([f.low for f in kept.values()]), np.array([f.high for f in kept.values()])
    if rows.shape[0] != len(kept) or (rows.sum(axis=1) < 1).any():
        raise SolverRefused("an equation is missing from the attacker's system")
    return System(
        rows, low, high, lattice.links, np.zeros(lattice.width) if known is None else known, tuple(kept.values())
    )


class Attacker:
    """Holds the attacker's programme in one view; unknowns that a published zero rules out are left out of it.

    A published number about a single unknown is a bound on it, not a row: the programme is then a third as high.
    """

    def __init__(self, system: System, integer: bool = False) -> None:
        self._known = system.known
        low, high = system.low - system.rows @ system.known, system.high - system.rows @ system.known
        if (high < -EXACT).any() or np.isnan(low).any() or np.isnan(high).any():
            raise Infeasible("the numbers contradict each other: a published cell is too small for what is known")
        zero, rest = np.flatnonzero(high <= EXACT), np.flatnonzero(high > EXACT)
        if (low[zero] > EXACT).any():
            raise Infeasible("the numbers contradict each other: a cell is published as more than its own total")
        gone = (
            np.asarray(system.rows[zero].sum(axis=0)).reshape(-1) > 0 if len(zero) else np.zeros(len(self._known), bool)
        )
        self._columns = np.flatnonzero(~gone)
        rows = sparse.csr_array(sparse.csr_array(system.rows[rest])[:, self._columns])
        alone = np.diff(rows.indptr) == 1
        self._below, self._above, lower, upper = _bounds(rows, alone, low[rest], high[rest])
        facts = [system.facts[i] for i in rest] if system.facts else []
        self._alone = [fact for fact, one in zip(facts, alone, strict=bool(facts)) if one]
        self._facts = [fact for fact, one in zip(facts, alone, strict=bool(facts)) if not one]
        several = np.flatnonzero(~alone)
        ties = -np.asarray(system.ties @ system.known)
        matrix = sparse.csr_array(sparse.vstack([rows[several], system.ties[:, self._columns]]))
        ends = np.concatenate([low[rest][several], ties]), np.concatenate([high[rest][several], ties])
        self._program = Program(matrix, *ends, lower, upper)
        # With no unknown left there is nothing to solve, and HiGHS would answer "Empty": only the numbers are checked.
        count = len(self._columns)
        self._highs: Highs | None = load(self._program, integer) if count else None
        self._walk: Walk | None = Walk(self._program) if count and not integer else None
        if not count and ((ends[0] > EXACT).any() or (ends[1] < -EXACT).any()):
            raise Infeasible("the numbers contradict each other: nothing is left to explain a published cell")
        self.solved = 0

    def feasible(self) -> None:
        """Raises Infeasible when no table fits the published numbers."""
        self._extreme(np.zeros(len(self._known)), True)

    def _extreme(self, objective: Floats, largest: bool) -> tuple[float, Optimum | None]:
        self.solved += 1
        if self._highs is None:
            nothing = Optimum(0.0, np.zeros(0), np.zeros(self._program.matrix.shape[0]), np.zeros(0))
            return float(objective @ self._known), nothing
        value, answer = extreme(self._highs, objective[self._columns], largest)
        return value + float(objective @ self._known), answer

    def end(self, objective: Floats, largest: bool) -> tuple[float, Floats | None]:
        """One end of the interval of objective x, and the table (all unknowns) where it is reached."""
        value, answer = self._extreme(objective, largest)
        if answer is None:
            return value, None
        point = self._known.copy()
        point[self._columns] += answer.point
        return value, point

    def reach(self, target: Ints, need: float, upward: bool) -> Floats | None:
        """An unchecked whole table in which these unknowns sum to `need` or beyond; None proves nothing."""
        if self._walk is None:
            return None
        members = np.flatnonzero(np.isin(self._columns, target))
        found = self._walk.reach(members, need - float(self._known[target].sum()), upward)
        if found is None:
            return None
        table = self._known.copy()
        table[self._columns] += found
        return table

    def keep(self, table: Floats) -> None:
        """A whole table that fits everything published: `reach` may start from it."""
        if self._walk is not None:
            self._walk.add((table - self._known)[self._columns])

    def reasons(self, objective: Floats, largest: bool) -> list[tuple[float, Fact]]:
        """The published facts whose weighted sum proves one end of the interval, largest weight first."""
        _, answer = self._extreme(objective, largest)
        if answer is None or not (self._facts or self._alone):
            return []
        pairs = list(zip(answer.multipliers.tolist(), self._facts, strict=False))
        for column, slope in enumerate(answer.reduced.tolist()):
            fact = int((self._below if slope > 0 else self._above)[column])
            if fact >= 0:
                pairs.append((slope, self._alone[fact]))
        sign = -1.0 if largest else 1.0
        used = [(sign * w, fact) for w, fact in pairs if abs(w) > EXACT]
        return sorted(used, key=lambda pair: (-pair[0], pair[1].source, pair[1].words))


def _bounds(rows: sparse.csr_array, alone: Bools, low: Floats, high: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Rows about a single unknown as bounds: which of them (counted among themselves, -1 for none) bounds each unknown
    from below and from above, and the bounds. Raises Infeasible when two exclude each other."""
    count = rows.shape[1]
    below, above = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    lower, upper = np.zeros(count), np.full(count, inf)
    for number, row in enumerate(np.flatnonzero(alone).tolist()):
        column = rows.indices[rows.indptr[row]]
        if low[row] > lower[column]:
            below[column], lower[column] = number, low[row]
        if high[row] < upper[column]:
            above[column], upper[column] = number, high[row]
    if (lower > upper + EXACT).any():
        raise Infeasible("the numbers contradict each other: a cell is published twice with different counts")
    return below, above, lower, np.maximum(lower, upper)


def intervals(system: System, targets: sparse.csr_array, k: float, whole: bool = True) -> list[Interval]:
    """The interval of every target row, in order.

    Where it is short (unless whole=False) whole tables must prove it: the lower end exactly, and the upper end exactly
    or at least k above the lower. A whole table found for one target is evidence for all others. Raises SolverRefused
    when anything is not proven, Infeasible (one kind of it) when the published numbers clash.
    """
    attacker = Attacker(system)
    attacker.feasible()
    count = targets.shape[0]
    low, high = np.zeros(count), np.zeros(count)
    seen = Evidence(system, targets, attacker)
    bottom = np.asarray(targets @ system.known)
    for row in range(count):
        objective = _dense(targets, row)
        high[row], point = attacker.end(objective, True)
        seen.add(point)
        # A table that leaves a cell nothing but what is known proves its lower end: no unknown goes below that.
        low[row] = bottom[row]
        if seen.least[row] > bottom[row] + EXACT:
            low[row], point = attacker.end(objective, False)
            seen.add(point)
    if whole:
        for row in np.flatnonzero(high - low < INTEGER_CHECK * k).tolist():
            low[row], high[row] = ceil(low[row] - EXACT), floor(high[row] + EXACT)
            if not seen.reached(row, low[row], False):
                low[row] = seen.end(row, False)
            if not seen.reached(row, min(high[row], max(low[row] + k, k)), True):
                high[row] = seen.end(row, True)
    return [Interval(float(a), float(b)) for a, b in zip(low, high, strict=True)]


class Evidence:
    """The smallest and largest value of every target over the whole tables met so far, and `least` over all tables.

    A table counts as whole after a check against everything published, whoever found it.
    """

    def __init__(self, system: System, targets: sparse.csr_array, attacker: Attacker) -> None:
        self._system, self._targets, self._attacker = system, targets, attacker
        self._exact: Attacker | None = None
        self.low, self.high = np.full(targets.shape[0], inf), np.full(targets.shape[0], -inf)
        self.least = self.low

    def add(self, point: Floats | None) -> None:
        """Take a table into account."""
        if point is None:
            return
        self.least = np.minimum(self.least, np.asarray(self._targets @ point))
        table = np.round(point)
        if (np.abs(point - table) <= EXACT).all() and self._system.fits(table):
            cells = np.asarray(self._targets @ table)
            self.low, self.high = np.minimum(self.low, cells), np.maximum(self.high, cells)
            self._attacker.keep(table)

    def reached(self, row: int, need: float, upward: bool) -> bool:
        """Whether a whole table met so far, or one found now, brings the target to `need` or beyond."""
        if not self._met(row, need, upward):
            self.add(self._attacker.reach(_members(self._targets, row), need, upward))
        return self._met(row, need, upward)

    def _met(self, row: int, need: float, upward: bool) -> bool:
        return bool(self.high[row] >= need if upward else self.low[row] <= need)

    def end(self, row: int, upward: bool) -> float:
        """An end of the target over whole tables by the exact programme, infinite when proven unbounded.

        Raises SolverRefused on any doubt, also when the table that it shows does not fit what is published.
        """
        self._exact = self._exact or Attacker(self._system, integer=True)
        value, point = self._exact.end(_dense(self._targets, row), upward)
        self.add(point)
        if point is not None and not self._met(row, value - EXACT if upward else value + EXACT, upward):
            raise SolverRefused("the solver's whole table does not fit what is published")
        return value


def proven(system: System, targets: sparse.csr_array, wanted: Sequence[Interval]) -> list[Interval]:
    """For every target row an interval that is certainly possible; as long as asked for if it can be, else exact.

    Faster than `intervals`: a whole table found for one target is evidence for all others, and the linear programme is
    not asked where such tables reach both ends.
    """
    attacker = Attacker(system)
    attacker.feasible()
    seen = Evidence(system, targets, attacker)
    out = []
    for row, want in enumerate(wanted):
        high = seen.high[row] if seen.reached(row, want.high, True) else seen.end(row, True)
        low = seen.low[row] if seen.reached(row, want.low, False) else seen.end(row, False)
        out.append(Interval(float(low), float(high)))
    return out


def _members(targets: sparse.csr_array, row: int) -> Ints:
    return np.asarray(targets.indices[targets.indptr[row] : targets.indptr[row + 1]], dtype=np.int64)


def _dense(targets: sparse.csr_array, row: int) -> Floats:
    objective = np.zeros(targets.shape[1])
    objective[_members(targets, row)] = 1.0
    return objective
