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

from aggregator.demands import EXACT, Bools, Floats, Ints, Problem, State
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


def single(problem: Problem) -> Ints:
    """For every cell the one unknown that it consists of, or -1; at most one cell an unknown, the first."""
    rows = problem.rows
    starts = rows.indptr[:-1][np.diff(rows.indptr) == 1]
    cells = np.flatnonzero(np.diff(rows.indptr) == 1)
    unknowns, first = np.unique(rows.indices[starts], return_index=True)
    out = np.full(rows.shape[0], -1, dtype=np.int64)
    out[cells[first]] = unknowns
    return out


class Prober:
    """Holds one HiGHS object with the attacker's programme; a pattern sets the bounds of its rows and unknowns.

    A cell that is a single unknown is a bound on it, every other cell and every link a row.
    """

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        cells, unknowns = problem.rows.shape
        self._unknown = single(problem)
        self._alone = np.flatnonzero(self._unknown >= 0)
        self._sums = np.flatnonzero(self._unknown < 0)
        self._matrix = sparse.csr_array(sparse.vstack([problem.rows[self._sums], problem.links]))
        self._transposed = sparse.csr_array(self._matrix.T)
        self._base = np.where(np.isnan(problem.values), problem.floor, problem.values)
        self._free = problem.state == State.FREE
        self._low_room = self._base - problem.floor
        self._up_room = problem.ceiling - self._base
        self._share = np.ones(cells)
        self._view = 0
        ties = np.zeros(problem.links.shape[0])
        rows = np.concatenate([problem.floor[self._sums], ties]), np.concatenate([problem.ceiling[self._sums], ties])
        program = Program(self._matrix, *rows, np.zeros(unknowns), np.full(unknowns, np.inf))
        self._highs: Highs = load(program)
        self._force()
        self.work = 0.0

    def set_pattern(self, share: Floats) -> None:
        """Put a pattern in force: share 1 withholds a cell, 0 shows it, between is the relaxation of the master."""
        self._share = np.where(self._free, share, 1.0)
        self._force()

    def _force(self) -> None:
        """Set all bounds to the pattern and view."""
        low, high = self._base - self._low_room * self._share, self._base + self._up_room * self._share
        rows = np.arange(len(self._sums), dtype=np.int32)
        ends = low[self._sums], high[self._sums]
        self._highs.changeRowsBounds(len(rows), rows, *ends)  # type: ignore[attr-defined]  # the stub leaves it out
        lower, upper = self._problem.views[self._view].known.copy(), np.full(self._matrix.shape[1], np.inf)
        inside = self._unknown[self._alone]
        lower[inside] = np.maximum(lower[inside], low[self._alone])
        upper[inside] = np.maximum(lower[inside], high[self._alone])
        columns = np.arange(len(lower), dtype=np.int32)
        self._highs.changeColsBounds(len(columns), columns, lower, upper)

    def reach(self, cell: int, view: int, upward: bool) -> tuple[float, Optimum, Floats]:
        """How far the cell's sum goes up (or down) in the view: the bound, the proof, and all cells' values there."""
        if view != self._view:
            self._view = view
            self._force()
        value, proof = extreme(self._highs, self._objective(cell), upward)
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
        the downward case -min <= fixed + coefficients @ withheld. Fixed cells are counted in `fixed`. Reduced costs of
        unknowns that are cells are those cells' multipliers; a lower end is then the higher of the cell's own and of
        what the view knows, which is linear in a 0/1 choice.
        """
        known = self._problem.views[view].known
        multipliers = -proof.multipliers
        reduced = np.asarray(self._transposed @ multipliers) - (1.0 if upward else -1.0) * self._objective(cell)
        cells = np.zeros(len(self._base))
        cells[self._sums] = multipliers[: len(self._sums)]
        inside = self._unknown[self._alone]
        cells[self._alone] = -reduced[inside]
        reduced[inside] = 0.0
        floor = self._problem.floor.copy()
        floor[self._alone] = np.minimum(np.maximum(floor[self._alone], known[inside]), self._base[self._alone])
        above, below = np.maximum(cells, 0.0), np.maximum(-cells, 0.0)
        up = np.where(self._free, self._base, self._problem.ceiling)
        low = np.where(self._free, self._base, floor)
        fixed = float(above @ up - below @ low - reduced @ known)
        room = above * self._up_room + below * (self._base - floor)
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
