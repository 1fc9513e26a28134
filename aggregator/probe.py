"""Ask, for a tentative pattern, how far a cell may move; keep what was learnt as witnesses and as cuts.

A witness is one table that fits all that would be published: it proves a bound without solving again. A cut is what any
pattern must satisfy for a demand to hold: the dual of the attacker's linear programme (Fischetti & Salazar-González,
"Models and algorithms for the 2-dimensional cell suppression problem", Math. Prog. 84, 1999; and Management Science 47,
2001, for tables with any linear constraints). Nothing here decides that a release is safe; `attack.py` does.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from aggregator.demands import EXACT, Bools, Floats, Problem, State
from aggregator.solver import Highs, Optimum, Program, extreme, load


@dataclass(frozen=True)
class Cut:
    """sum of coefficients[i] * withheld[i] over cells >= 1, or, when `unless` >= 0, >= withheld[unless]."""

    coefficients: Floats
    unless: int = -1


# Older witnesses are dropped beyond this many a view; they are only a short cut.
KEPT_WITNESSES = 1500


class Witnesses:
    """Per view the cell values of tables met so far; the cells that moved tell for which patterns a table counts."""

    def __init__(self, problem: Problem) -> None:
        self._values = problem.values
        self._free = problem.state == State.FREE
        self._tables: dict[int, list[Floats]] = {}
        self._moved: dict[int, list[npt.NDArray[np.uint8]]] = {}

    def add(self, view: int, cells: Floats) -> None:
        """Remember one table, as the values of all cells."""
        tables, moved = self._tables.setdefault(view, []), self._moved.setdefault(view, [])
        tables.append(cells)
        moved.append(np.packbits(self._free & ~(np.abs(cells - self._values) <= EXACT)))
        if len(tables) > KEPT_WITNESSES:
            del tables[0], moved[0]

    def reach(self, view: int, pattern: Bools) -> tuple[Floats, Floats]:
        """Proven lower ends and upper ends of every cell's interval in a view, given that pattern is withheld."""
        none = np.full(len(self._values), np.inf), np.full(len(self._values), -np.inf)
        if not self._tables.get(view):
            return none
        fits = ~(np.array(self._moved[view]) & np.packbits(~pattern)).any(axis=1)
        if not fits.any():
            return none
        tables = np.array([self._tables[view][i] for i in np.flatnonzero(fits)])
        return tables.min(axis=0), tables.max(axis=0)


class Prober:
    """Holds one HiGHS object with the attacker's programme, its row bounds set by the pattern in force."""

    def __init__(self, problem: Problem) -> None:
        cells = len(problem.values)
        self._problem = problem
        self._matrix = sparse.csr_array(sparse.vstack([problem.rows, problem.links]))
        self._transposed = sparse.csr_array(self._matrix.T)
        self._base = np.where(np.isnan(problem.values), problem.floor, problem.values)
        self._free = problem.state == State.FREE
        self._low_room = self._base - problem.floor
        self._up_room = problem.ceiling - self._base
        ties = problem.links.shape[0]
        unknowns = self._matrix.shape[1]
        self._lower = np.concatenate([problem.floor, np.zeros(ties)])
        self._upper = np.concatenate([problem.ceiling, np.zeros(ties)])
        program = Program(self._matrix, self._lower, self._upper, np.zeros(unknowns), np.full(unknowns, np.inf))
        self._highs: Highs = load(program)
        self._view = -1
        self._share = np.where(self._free, np.nan, 1.0)
        self._cells = cells
        self.work = 0.0

    def set_pattern(self, share: Floats) -> None:
        """Put a pattern in force: share 1 withholds a cell, 0 shows it, between is the relaxation of the master."""
        share = np.where(self._free, share, 1.0)
        self._lower[: self._cells] = self._base - self._low_room * share
        self._upper[: self._cells] = self._base + self._up_room * share
        changed = np.flatnonzero(share != self._share)
        for row in changed.tolist():
            self._highs.changeRowBounds(row, self._lower[row], self._upper[row])
        self._share = share

    def _set_view(self, view: int) -> None:
        if view != self._view:
            known = self._problem.views[view].known
            index = np.arange(len(known), dtype=np.int32)
            self._highs.changeColsBounds(len(index), index, known, np.full(len(known), np.inf))
            self._view = view

    def reach(self, cell: int, view: int, upward: bool) -> tuple[float, Optimum, Floats]:
        """How far the cell's sum goes up (or down) in the view: the bound, the proof, and all cells' values there."""
        self._set_view(view)
        objective = self._objective(cell)
        value, proof = extreme(self._highs, objective, upward)
        self.work += float(self._highs.getInfo().simplex_iteration_count + 5) * self._matrix.nnz
        if proof is None:
            raise ArithmeticError("unbounded although every cell has a cap")
        return value, proof, np.asarray(self._problem.rows @ proof.point)

    def _objective(self, cell: int) -> Floats:
        rows = self._problem.rows
        objective = np.zeros(rows.shape[1])
        objective[rows.indices[rows.indptr[cell] : rows.indptr[cell + 1]]] = 1.0
        return objective

    def price(self, cell: int, view: int, upward: bool, proof: Optimum) -> tuple[Floats, float]:
        """The proof as a bound for every pattern: reach <= fixed + sum coefficients[i] withheld[i] (or the mirror).

        Returned are (coefficients, fixed) such that for the upward case max <= fixed + coefficients @ withheld, and for
        the downward case -min <= fixed + coefficients @ withheld. Fixed cells are counted in `fixed`.
        """
        multipliers = -proof.multipliers
        sign = 1.0 if upward else -1.0
        reduced = np.asarray(self._transposed @ multipliers) - sign * self._objective(cell)
        cells = multipliers[: self._cells]
        above, below = np.maximum(cells, 0.0), np.maximum(-cells, 0.0)
        up = np.where(self._free, self._base, self._problem.ceiling)
        low = np.where(self._free, self._base, self._problem.floor)
        fixed = float(above @ up - below @ low - reduced @ self._problem.views[view].known)
        room = above * self._up_room + below * self._low_room
        return np.where(self._free, room, 0.0), fixed


def as_cut(coefficients: Floats, need: float, unless: int = -1) -> Cut | None:
    """coefficients @ withheld >= need (times withheld[unless]), scaled to 1 and lifted for 0/1 patterns."""
    if need <= EXACT:
        return None
    scaled = np.minimum(coefficients / need, 1.0)
    scaled[scaled < 1e-7] = 0.0
    if unless >= 0:
        scaled[unless] = 0.0
    return Cut(scaled, unless)
