"""HiGHS behind a door that fails closed: an answer is a proven optimum, a proven unbounded ray, or a refusal.

Two HiGHS objects with different `threads` options in one process answer NotSet; reading "not optimal" as "unbounded,
so safe" once reported 0 violations while 29 of 93 cells were open (design page "Disclosure control"). So every object
here gets the same options, and any status but Optimal or Unbounded raises.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

import highspy
import numpy as np
import numpy.typing as npt
from highspy._core import _Highs
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# The solver object; a held resource, changed only by its holder.
Highs = _Highs

# HiGHS's option simplex_strategy (its documentation): 1 is the dual simplex, 4 the primal.
DUAL, PRIMAL = 1, 4

# Feasibility tolerance of HiGHS (1e-7) with room for sums; counts are whole numbers, so 1e-6 never hides a unit.
TOLERANCE = 1e-6


PROVEN = (
    highspy.HighsModelStatus.kOptimal,
    highspy.HighsModelStatus.kUnbounded,
    highspy.HighsModelStatus.kInfeasible,
)


class SolverRefused(RuntimeError):
    """The solver did not prove its answer; nothing may be concluded from it."""


class Infeasible(SolverRefused):
    """Proven: no point satisfies the program."""


@dataclass(frozen=True)
class Program:
    """minimise c x subject to row_lower <= matrix x <= row_upper and lower <= x <= upper."""

    matrix: sparse.csr_array
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Optimum:
    """A proven optimum: value, the point, one multiplier a row (derivative of the value to the row's bound) and one
    reduced cost a column (derivative to the column's bound)."""

    value: float
    point: Floats
    multipliers: Floats
    reduced: Floats


def new_highs() -> Highs:
    """A silent, single-threaded, reproducible HiGHS; the only place where one is made."""
    # The wrapper class prints a banner on standard output before any option can be set; its own base does not.
    highs = Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("random_seed", 0)
    return highs


def load(
    program: Program, integer: bool = False, make: Callable[[], Highs] = new_highs, strategy: int = PRIMAL
) -> Highs:
    """A HiGHS object that holds the program, objective zero; `make` is handed in by tests that inject faults.

    The same rows are asked about one cell after another. The last answer then stays feasible and only its price is
    wrong, which is the primal simplex's case: on 2,264 linked cells 27 steps a question instead of 376 with the dual.
    """
    for numbers in (program.matrix.data, program.row_lower, program.row_upper, program.lower, program.upper):
        if np.isnan(numbers).any():
            raise SolverRefused("the program holds a NaN")
    lp = highspy.HighsLp()
    rows, columns = program.matrix.shape
    lp.num_row_, lp.num_col_ = rows, columns
    lp.col_cost_ = np.zeros(columns)
    lp.col_lower_, lp.col_upper_ = program.lower, program.upper
    lp.row_lower_, lp.row_upper_ = program.row_lower, program.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = program.matrix.indptr.astype(np.int32)
    lp.a_matrix_.index_ = program.matrix.indices.astype(np.int32)
    lp.a_matrix_.value_ = program.matrix.data.astype(np.float64)
    if integer:
        lp.integrality_ = [highspy.HighsVarType.kInteger] * columns
    highs = make()
    highs.setOptionValue("simplex_strategy", strategy)
    if highs.passModel(lp) == highspy.HighsStatus.kError:
        raise SolverRefused("HiGHS did not accept the program")
    return highs


def optimise(highs: Highs, cost: Floats) -> Optimum | None:
    """Minimise cost x, warm from the last answer; None means proven unbounded.

    Raises Infeasible, and SolverRefused on every other status: time limit, NotSet, unknown, a value that is not finite.
    """
    if np.isnan(cost).any():
        raise SolverRefused("the objective holds a NaN")
    count = len(cost)
    highs.changeColsCost(count, np.arange(count, dtype=np.int32), cost)
    highs.run()
    status = highs.getModelStatus()
    if status not in PROVEN:
        # The warm start led nowhere. Once more from nothing, by the dual simplex; no weaker answer is accepted.
        strategy = highs.getOptionValue("simplex_strategy")[1]
        highs.clearSolver()
        highs.setOptionValue("simplex_strategy", DUAL)
        highs.run()
        highs.setOptionValue("simplex_strategy", strategy)
        status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kUnbounded:
        return None
    if status == highspy.HighsModelStatus.kInfeasible:
        raise Infeasible("the numbers contradict each other: no table fits them")
    if status != highspy.HighsModelStatus.kOptimal:
        raise SolverRefused(f"solver status {highs.modelStatusToString(status)!r} instead of Optimal")
    solution = highs.getSolution()
    value = float(highs.getInfo().objective_function_value)
    point = np.array(solution.col_value)
    if not isfinite(value) or not np.isfinite(point).all():
        raise SolverRefused("the solver's answer is not a finite number")
    return Optimum(value, point, np.array(solution.row_dual), np.array(solution.col_dual))


def some_whole(program: Program, nodes: int) -> Floats | None:
    """Any whole point of the program, or None when none was found within so many nodes: None proves nothing.

    The point is as the solver gives it, rounded; nothing may be concluded before it is checked against the rows.
    """
    highs = load(program, integer=True)
    highs.setOptionValue("mip_max_improving_sols", 1)
    highs.setOptionValue("mip_max_nodes", nodes)
    highs.run()
    if highs.getInfo().primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    return np.asarray(np.round(np.array(highs.getSolution().col_value)))


def extreme(highs: Highs, objective: Floats, largest: bool) -> tuple[float, Optimum | None]:
    """The proven largest or smallest value of the objective, with its point; infinite when proven unbounded."""
    answer = optimise(highs, -objective if largest else objective)
    if answer is None:
        return (inf if largest else -inf), None
    return (-answer.value if largest else answer.value), answer
