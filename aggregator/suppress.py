"""Complementary suppression: which cells to withhold beside the sensitive ones, exactly, over all tables at once.

The method is branch and cut by Fischetti & Salazar-González (Math. Prog. 84, 1999; Management Science 47, 2001): a 0/1
master chooses cells, the attacker's linear programme answers with a cut for every demand that fails, and each pattern
that survives all demands is an incumbent. A quick heuristic finds the first incumbent, so the search may be stopped at
any moment: safety never depends on optimality, only the reported gap does.

The same input gives the same pattern when the search ends by its gap: one thread, fixed seeds, ties broken by cell
number. A search that the caller's clock stops first is safe too, but may differ between machines.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from aggregator.demands import EXACT, Bools, Floats, Problem, State
from aggregator.incumbent import Mover, extend, failures, prune
from aggregator.probe import Cut, Prober, Witnesses, as_cut
from aggregator.relations import bridge_cuts, capacity_cuts
from aggregator.solver import Highs, Program, SolverRefused, load, optimise
from aggregator.together import meet_together

# Rounds of cuts at the relaxed master before the first 0/1 master; bound improves little after that.
RELAXED_ROUNDS = 40
# Share of the best weight within which the search stops: two patterns this close are equally good to a reader.
GOOD_ENOUGH = 5e-4
# The relaxed master stops when a round of cuts raises its weight by less than this share.
TAIL = 1e-4
# Nodes for one 0/1 master: a count, not seconds, so that the same input takes the same path.
NODES = 2000
# A stop for one 0/1 master on a slow machine; nodes normally end it first.
MASTER_SECONDS = 30.0
HALF = 0.5
# Rounds in which neither the pattern nor the bound gets better before the search stops with the gap that it has. Ties
# between many equal patterns can go on for ever; a count, not seconds, so that the same input takes the same path.
STALLED = 6


@dataclass(frozen=True)
class Suppression:
    """A pattern that meets every demand (as far as the search knows; `attack` decides), its weight and proven bound."""

    withheld: Bools
    weight: float
    lower_bound: float
    rounds: int

    @property
    def gap(self) -> float:
        """Relative gap: at most this share of the weight could still be saved."""
        return max(0.0, (self.weight - self.lower_bound) / self.weight) if self.weight > 0 else 0.0


def suppress(
    problem: Problem, halt: Callable[[], bool], first_cuts: Sequence[Cut] = (), close: float = GOOD_ENOUGH
) -> Suppression:
    """Find a pattern of least weight; `halt` (asked often) ends the search with the best pattern so far.

    Raises Impossible when no pattern meets a demand, TimeoutError when halted before any pattern was found, and
    SolverRefused when HiGHS does not prove an answer. `first_cuts` are conditions known beforehand; the search
    ends when the gap is at most `close`.
    """
    seen, cuts = Witnesses(problem), [*first_cuts, *capacity_cuts(problem)]
    prober, mover, master = Prober(problem), Mover(problem), Master(problem, close)
    none = np.zeros(len(problem.values), dtype=np.bool_)
    best, lower, rounds, better = ~none & (problem.state == State.FREE), 0.0, 0, 0
    while rounds - better < STALLED:
        pattern, bound = _choose(problem, master, cuts, best, halt)
        if bound > lower + EXACT:
            lower, better = bound, rounds
        quick = None if rounds else meet_together(problem, mover, pattern, seen, halt)
        if failures(problem, prober, pattern, seen, cuts, len(problem.values)) and quick is None:
            pattern = extend(problem, mover, pattern, seen, problem.weights, never if rounds else halt)
        pattern = pattern if quick is None else quick
        if rounds:  # the first pattern is only there to be safe: pruning it costs more than it teaches
            pattern = prune(problem, prober, pattern, seen, cuts, halt)
        if not rounds or _weight(problem, pattern) < _weight(problem, best) - EXACT:
            best, better = pattern, rounds
        rounds += 1
        if halt() or _weight(problem, best) - lower <= close * _weight(problem, best):
            break
        if rounds == 1:
            # Shares are dearer to probe than patterns: as much work as the first pattern took, not more.
            lower = max(lower, _relax(problem, prober, master, cuts, halt, 2 * prober.work + mover.work))
    return Suppression(best, _weight(problem, best), min(lower, _weight(problem, best)), rounds)


def _choose(
    problem: Problem, master: "Master", cuts: list[Cut], best: Bools, halt: Callable[[], bool]
) -> tuple[Bools, float]:
    """The master's pattern without a cell that one subtraction gives away, and the bound that it proves."""
    pattern, bound = master.choose(cuts, best)
    while not halt() and (bridges := bridge_cuts(problem, pattern.astype(np.float64))):
        cuts.extend(bridges)
        before, (pattern, bound) = pattern, master.choose(cuts, best)
        if (pattern == before).all():
            break  # no pattern meets all cuts: the cell that cannot be hidden is found by probing, not here
    return pattern, bound


def never() -> bool:
    """For steps that are short and must be finished."""
    return False


def _weight(problem: Problem, pattern: Bools) -> float:
    return float(problem.weights @ pattern)


def _relax(
    problem: Problem, prober: Prober, master: "Master", cuts: list[Cut], halt: Callable[[], bool], most: float
) -> float:
    """Cut the relaxed master until no demand fails at its optimum, or the prober's work is `most`; returns the bound.

    The work is counted in simplex steps, not in seconds, so that the same input takes the same path.
    """

    def spent() -> bool:
        return halt() or prober.work > most

    share, value = master.relaxation(cuts)
    for _ in range(RELAXED_ROUNDS):
        while not spent() and (bridges := bridge_cuts(problem, share)):
            cuts.extend(bridges)
            share, value = master.relaxation(cuts)
        if not _cut_off(problem, prober, share, cuts, spent):
            break
        last = value
        share, value = master.relaxation(cuts)
        if value - last < TAIL * value:
            break
    return value


def _cut_off(problem: Problem, prober: Prober, share: Floats, cuts: list[Cut], halt: Callable[[], bool]) -> int:
    """Add a cut for every demand that fails at these shares, unless a table met here shows that it holds; how many."""
    before = len(cuts)
    prober.set_pattern(share)
    reached = dict.fromkeys(range(len(problem.views)), (problem.values, problem.values))
    for demand in problem.demands:
        for upward, goal in ((True, demand.high), (False, demand.low)):
            lows, highs = reached[demand.view]
            if (highs[demand.cell] >= goal - EXACT) if upward else (lows[demand.cell] <= goal + EXACT):
                continue
            if halt():
                return len(cuts) - before
            value, proof, cells = prober.reach(demand.cell, demand.view, upward)
            reached[demand.view] = np.fmin(lows, cells), np.fmax(highs, cells)
            if (value < goal - EXACT) if upward else (value > goal + EXACT):
                coefficients, fixed = prober.price(demand.cell, demand.view, upward, proof)
                cut = as_cut(coefficients, (goal if upward else -goal) - fixed)
                cuts.extend([cut] if cut else [])
    return len(cuts) - before


class Master:
    """Holds the programme over the 0/1 choice of cells: least weight subject to all cuts known."""

    def __init__(self, problem: Problem, close: float) -> None:
        self._problem, self._close = problem, close
        self._size = len(problem.values)
        self._upper = np.where(problem.state == State.FREE, 1.0, 0.0)
        self._relaxed = self._load(sparse.csr_array((0, self._size)), np.zeros(0), False)
        self._known = 0

    def _load(self, matrix: sparse.csr_array, at_least: Floats, integer: bool) -> Highs:
        program = Program(matrix, at_least, np.full(matrix.shape[0], np.inf), np.zeros(self._size), self._upper)
        highs = load(program, integer)
        highs.changeColsCost(self._size, np.arange(self._size, dtype=np.int32), self._problem.weights)
        return highs

    def relaxation(self, cuts: Sequence[Cut]) -> tuple[Floats, float]:
        """Shares in 0..1 at the relaxed optimum, and its weight: a lower bound on every safe pattern's weight."""
        for cut in cuts[self._known :]:
            row = _row(cut)
            places = np.flatnonzero(row).astype(np.int32)
            at_least = 1.0 if cut.unless < 0 else 0.0
            self._relaxed.addRow(at_least, highspy.kHighsInf, len(places), places, row[places])
        self._known = len(cuts)
        answer = optimise(self._relaxed, self._problem.weights)
        if answer is None:
            raise SolverRefused("the master programme has no bound")
        return np.clip(answer.point, 0.0, 1.0), answer.value

    def choose(self, cuts: Sequence[Cut], best: Bools) -> tuple[Bools, float]:
        """A pattern that meets all cuts at (nearly) least weight, and a proven lower bound; warm from `best`."""
        rows = [sparse.csr_array(_row(cut).reshape(1, -1)) for cut in cuts]
        matrix = sparse.csr_array(sparse.vstack(rows)) if rows else sparse.csr_array((0, self._size))
        highs = self._load(matrix, np.array([1.0 if cut.unless < 0 else 0.0 for cut in cuts]), True)
        highs.setOptionValue("mip_max_nodes", NODES)
        highs.setOptionValue("time_limit", MASTER_SECONDS)
        highs.setOptionValue("mip_rel_gap", self._close / 2)
        start = highspy.HighsSolution()
        start.col_value = best.astype(np.float64).tolist()
        highs.setSolution(start)
        highs.run()
        info = highs.getInfo()
        told = float(self._problem.weights @ (np.array(highs.getSolution().col_value) > HALF))
        if abs(told - float(info.objective_function_value)) > EXACT * max(1.0, told):
            # HiGHS called a point optimal whose weight is another than it says: once more, cold and without presolve.
            highs.clearSolver()
            highs.setOptionValue("presolve", "off")
            highs.run()
            info = highs.getInfo()
        if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
            return best, 0.0
        point = np.array(highs.getSolution().col_value)
        return point > HALF, float(info.mip_dual_bound)


def _row(cut: Cut) -> Floats:
    """The cut as a row over all cells: coefficients, minus one at the cell whose own choice it hangs on."""
    row = cut.coefficients.copy()
    if cut.unless >= 0:
        row[cut.unless] -= 1.0
    return row
