"""A safe pattern quickly: meet one demand at a time at least cost, then show again what is not needed.

Each step solves the linear programme "smallest weighted change of the tables that brings this cell to its target" and
withholds what moved; the table that it finds is the witness (Kelly, Golden & Assad, Networks 22, 1992, for two
dimensions; Castro, INFORMS J. Comput. 24, 2012, for the general linear case). Deterministic: no clock, no randomness.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from aggregator.demands import EXACT, Bools, Floats, Impossible, Problem, State
from aggregator.probe import Cut, Prober, Witnesses, as_cut, single
from aggregator.solver import DUAL, Infeasible, Program, load, optimise

# Withheld cells move almost for free: enough to prefer short paths, too little to buy another cell.
CHEAP = 1e-3
# A smaller change than this in a solver's answer is rounding.
MOVED = 1e-5


@dataclass(frozen=True)
class Target:
    """Bring cell `cell` in view `view` up to (or down to) `goal`.

    `length`: the demand is the spread rule, so an interval that is long enough lower down will do as well.
    """

    cell: int
    view: int
    upward: bool
    goal: float
    length: bool = False


class Ends:
    """What the witnesses prove for one pattern: per view the lower and upper ends reached so far, kept up to date."""

    def __init__(self, problem: Problem, pattern: Bools, seen: Witnesses) -> None:
        self._problem, self._seen = problem, seen
        self._asked = np.zeros(len(pattern), dtype=np.bool_)
        for demand in problem.demands:
            self._asked[demand.cell] |= demand.view == 0 and demand.high - demand.low >= problem.spread
        self._ends = {view: seen.reach(view, pattern) for view in range(len(problem.views))}

    def learn(self, view: int, pattern: Bools, cells: Floats) -> None:
        """Add a witness that fits the pattern; cells that are shown are set to their exact value."""
        exact = np.where(pattern | (self._problem.state != State.FREE), cells, self._problem.values)
        self._seen.add(view, exact)
        lows, highs = self._ends[view]
        self._ends[view] = np.minimum(lows, exact), np.maximum(highs, exact)

    def met(self, target: Target) -> bool:
        """Whether a witness already proves the target."""
        lows, highs = self._ends[target.view]
        if target.upward:
            return bool(highs[target.cell] >= target.goal - EXACT)
        return bool(lows[target.cell] <= target.goal + EXACT)

    def unmet(self, pattern: Bools) -> list[Target]:
        """The demands that no witness proves yet for the pattern, largest goal first."""
        problem = self._problem
        asked = [
            target
            for demand in problem.demands
            for target in (
                Target(demand.cell, demand.view, True, demand.high),
                Target(demand.cell, demand.view, False, demand.low),
            )
        ]
        if problem.spread:
            lows, _ = self._ends[0]
            low = np.fmin(lows, np.where(np.isnan(problem.values), np.inf, problem.values))
            goal = np.maximum(np.where(np.isfinite(low), low, 0.0) + problem.spread, problem.spread)
            held = (pattern | (problem.state == State.WITHHELD)) & ~self._asked
            asked += [Target(int(cell), 0, True, float(goal[cell]), True) for cell in np.flatnonzero(held)]
        out = [target for target in asked if not self.met(target)]
        return sorted(out, key=lambda t: (-t.goal, t.cell, t.view, t.upward))


class Mover:
    """Holds the programme "least weighted change that brings one cell to its goal".

    Columns are the unknowns, then the change up and the change down of every cell that may move. An unknown that is
    itself such a cell has no column: it is its value plus the two changes.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._movable = np.flatnonzero(problem.state != State.SHOWN)
        self._place = {int(cell): i for i, cell in enumerate(self._movable)}
        self._values = np.where(np.isnan(problem.values), problem.floor, problem.values)
        unknown = np.where(np.isnan(problem.values), -1, single(problem))[self._movable]
        self._direct = np.flatnonzero(unknown >= 0)
        self._unknown = unknown[self._direct]
        self._kept = np.setdiff1d(np.arange(problem.rows.shape[1]), self._unknown)
        matrix, low, high = self._rows()
        room = (problem.ceiling - self._values)[self._movable], (self._values - problem.floor)[self._movable]
        self._low = np.zeros(matrix.shape[1])
        self._up = np.concatenate([np.full(len(self._kept), np.inf), *room])
        self._highs = load(Program(matrix, low, high, self._low, self._up), strategy=DUAL)
        self._nnz = matrix.nnz
        self._all = Prober(problem)
        self.work = 0.0

    def _rows(self) -> tuple[sparse.csr_array, Floats, Floats]:
        """The programme's rows: every cell that is no unknown of its own, and every link."""
        problem, count = self._problem, len(self._movable)
        cells = np.setdiff1d(np.arange(problem.rows.shape[0]), self._movable[self._direct])
        body = sparse.csr_array(sparse.vstack([problem.rows[cells], problem.links]))
        held = np.zeros(body.shape[1])
        held[self._unknown] = self._values[self._movable[self._direct]]
        indirect = np.setdiff1d(np.arange(count), self._direct)
        at = np.searchsorted(cells, self._movable[indirect])
        shift = sparse.coo_array((-np.ones(len(indirect)), (at, indirect)), shape=(body.shape[0], count))
        place = sparse.coo_array((np.ones(len(self._unknown)), (self._unknown, self._direct)), (body.shape[1], count))
        up = sparse.csr_array(shift) + body @ sparse.csr_array(place)
        matrix = sparse.csr_array(sparse.hstack([body[:, self._kept], up, -up]))
        ends = [
            np.concatenate(
                [np.where(problem.state == State.SHOWN, shown, self._values)[cells], np.zeros(problem.links.shape[0])]
            )
            - body @ held
            for shown in (problem.floor, problem.ceiling)
        ]
        return matrix, ends[0], ends[1]

    def move(self, target: Target, pattern: Bools, weights: Floats) -> Floats:
        """All cells' values in the cheapest table in which the target is met; raises Impossible when there is none."""
        low, up = self._ends(target)
        size = abs(target.goal - self._values[target.cell]) or 1.0
        try:
            return self._cheapest(low, up, self._cost(pattern, weights, size))
        except Infeasible:
            raise Impossible(target.cell, target.view) from None

    def move_many(self, targets: Sequence[Target], pattern: Bools, weights: Floats, reward: float) -> Floats:
        """All cells' values in one table that brings cells nearer to their goals: a unit on the way earns `reward`, a
        unit of any cell costs what it does in `move`. `targets`: of one view, at most one a cell."""
        low, up = self._known(targets[0].view)
        cost = self._cost(pattern, weights, max(self._problem.spread, 1.0))
        first, count = len(self._kept), len(self._movable)
        for target in targets:
            ahead, back = first + self._place[target.cell], first + count + self._place[target.cell]
            if not target.upward:
                ahead, back = back, ahead
            up[ahead] = min(up[ahead], abs(target.goal - self._values[target.cell]))
            cost[ahead] -= reward
            cost[back] += reward  # else a cell could earn by going up and down at once
        return self._cheapest(low, up, cost)

    def _cost(self, pattern: Bools, weights: Floats, size: float) -> Floats:
        """What a unit of every column costs when a change of about `size` is wanted."""
        price = np.where(pattern, CHEAP * weights, weights)[self._movable]
        down = price * size / np.clip(self._values[self._movable], 1e-9, size)
        return np.concatenate([np.zeros(len(self._kept)), price, np.minimum(down, price * 1e3)])

    def _cheapest(self, low: Floats, up: Floats, cost: Floats) -> Floats:
        """All cells' values in the cheapest table within the columns' bounds; raises Infeasible when there is none."""
        index = np.arange(len(low), dtype=np.int32)
        self._highs.changeColsBounds(len(index), index, low, np.maximum(up, low))
        try:
            answer = optimise(self._highs, cost)
        finally:
            self.work += float(self._highs.getInfo().simplex_iteration_count + 5) * self._nnz
        if answer is None:
            raise Infeasible("a change without end")
        first, count = len(self._kept), len(self._movable)
        change = answer.point[first : first + count] - answer.point[first + count :]
        point = np.empty(self._problem.rows.shape[1])
        point[self._kept] = answer.point[:first]
        point[self._unknown] = (self._values[self._movable] + change)[self._direct]
        return np.asarray(self._problem.rows @ point)

    def _known(self, view: int) -> tuple[Floats, Floats]:
        """Bounds of all columns as a view knows them."""
        low, up = self._low.copy(), self._up.copy()
        first, count = len(self._kept), len(self._movable)
        known = self._problem.views[view].known
        low[:first] = known[self._kept]
        spare = np.maximum(self._values[self._movable][self._direct] - known[self._unknown], 0.0)
        back_of = first + count + self._direct
        up[back_of] = np.minimum(up[back_of], spare)
        return low, up

    def _ends(self, target: Target) -> tuple[Floats, Floats]:
        """Bounds of all columns that make the cell reach its goal; raises Impossible when its own bounds forbid it."""
        low, up = self._known(target.view)
        first, count = len(self._kept), len(self._movable)
        place, value = self._place[target.cell], self._values[target.cell]
        ahead, back = first + place, first + count + place
        if not target.upward:
            ahead, back = back, ahead
        if (target.goal > value) == target.upward:
            low[ahead], up[back] = abs(target.goal - value), 0.0
        else:
            up[back] = min(up[back], abs(target.goal - value))
        if low[ahead] > up[ahead] + EXACT:
            raise Impossible(target.cell, target.view)
        return low, up

    def stretch(self, target: Target) -> list[Target]:
        """Targets that give a cell an interval of the asked length: upward if it can be, else from as low as it goes.

        Raises Impossible when even withholding everything leaves the interval too short.
        """
        self._all.set_pattern(np.ones(len(self._values)))
        top = self._all.reach(target.cell, target.view, True)[0]
        if top >= target.goal - EXACT:
            return [target]
        bottom = self._all.reach(target.cell, target.view, False)[0]
        if top < self._problem.spread - EXACT or top - bottom < self._problem.spread - EXACT:
            raise Impossible(target.cell, target.view)
        low = max(bottom, min(top - self._problem.spread, self._values[target.cell]))
        high = max(low + self._problem.spread, self._problem.spread)
        return [Target(target.cell, 0, False, float(low)), Target(target.cell, 0, True, float(min(high, top)))]


def extend(
    problem: Problem, mover: Mover, pattern: Bools, seen: Witnesses, weights: Floats, halt: Callable[[], bool]
) -> Bools:
    """The pattern plus what all unmet demands need; raises Impossible on a demand that nothing can meet."""
    pattern = pattern.copy()
    ends = Ends(problem, pattern, seen)
    while targets := ends.unmet(pattern):
        for target in targets:
            if ends.met(target):
                continue
            if halt():
                raise TimeoutError("the search ran out of its budget before a safe pattern was found")
            steps = [target]
            if target.length:
                steps = mover.stretch(target)
            for step in steps:
                cells = mover.move(step, pattern, weights)
                pattern |= (np.abs(cells - problem.values) > MOVED) & (problem.state == State.FREE)
                ends.learn(step.view, pattern, cells)
    return pattern


def prune(
    problem: Problem, prober: Prober, pattern: Bools, seen: Witnesses, cuts: list[Cut], halt: Callable[[], bool]
) -> Bools:
    """Show again, dearest first, every withheld cell without which all demands still hold."""
    pattern = pattern.copy()
    free = np.flatnonzero(pattern & (problem.state == State.FREE))
    for cell in sorted((int(c) for c in free), key=lambda c: (-problem.weights[c], c)):
        if halt():
            return pattern
        trial = pattern.copy()
        trial[cell] = False
        if not violated(cuts, trial) and not failures(problem, prober, trial, seen, cuts, 1):
            pattern = trial
    return pattern


def violated(cuts: Sequence[Cut], pattern: Bools) -> bool:
    """Whether a known cut already shows that the pattern fails."""
    return any(
        float(cut.coefficients @ pattern) < (1.0 if cut.unless < 0 else float(pattern[cut.unless])) - EXACT
        for cut in reversed(cuts)
    )


def failures(problem: Problem, prober: Prober, pattern: Bools, seen: Witnesses, cuts: list[Cut], most: int) -> int:
    """Probe all demands for a pattern; adds a cut for each that fails and stops after `most` of them."""
    prober.set_pattern(pattern.astype(np.float64))
    ends = Ends(problem, pattern, seen)
    found = 0
    for target in ends.unmet(pattern):
        if ends.met(target):
            continue
        ok, cut = check(problem, prober, pattern, target, ends)
        if not ok:
            found += 1
            if cut is not None:
                cuts.append(cut)
            if found >= most:
                break
    return found


def check(problem: Problem, prober: Prober, pattern: Bools, target: Target, ends: Ends) -> tuple[bool, Cut | None]:
    """Probe one target under the pattern in force: whether it holds, and if not the cut that the proof gives."""
    value, proof, cells = prober.reach(target.cell, target.view, target.upward)
    ends.learn(target.view, pattern, cells)
    if ends.met(target):
        return True, None
    coefficients, fixed = prober.price(target.cell, target.view, target.upward, proof)
    goal = target.goal if target.upward else -target.goal
    unless = target.cell if target.length and problem.state[target.cell] == State.FREE else -1
    if not target.length:
        return False, as_cut(coefficients, goal - fixed)
    if value < problem.spread - EXACT:
        return False, as_cut(coefficients, problem.spread - fixed, unless)
    # The interval's length is asked for, not one end: both ends may still move, so both proofs count together.
    bottom, low_proof, low_cells = prober.reach(target.cell, target.view, False)
    ends.learn(target.view, pattern, low_cells)
    if value - bottom >= problem.spread - EXACT:
        return True, None
    more, low_fixed = prober.price(target.cell, target.view, False, low_proof)
    return False, as_cut(coefficients + more, problem.spread - fixed - low_fixed, unless)
