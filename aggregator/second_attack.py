"""The second attacker: the same question as `attack`, answered by other code with another library call.

It builds its equations unknown by unknown from codes (not from the first attacker's matrices), asks
`scipy.optimize.milp` (with and without whole numbers), and shares with the first attacker only the list of published
facts. When the two disagree about any interval they look at, the release is refused (design page "Disclosure control",
step 5).
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import product
from math import inf, isfinite

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csgraph

from aggregator.attack import Fact, Interval
from aggregator.demands import EXACT, Bools, Floats, Ints
from aggregator.solver import Infeasible, SolverRefused
from aggregator.tables import Region

# scipy's status codes (documentation of milp): 0 optimal, 2 infeasible, 3 unbounded.
OPTIMAL, INFEASIBLE, UNBOUNDED = 0, 2, 3
# Changes tried for one end of a cell, and nodes for one of them over whole numbers; then the exact programme is asked.
TRIES, NODES = 12, 300
CLASH = "the second attacker finds that the published numbers contradict each other"
Atom = tuple[int, ...]


class SecondAttacker:
    """Equations over the combinations of atoms in each clique of dimensions, made from the facts alone."""

    def __init__(
        self,
        sizes: Mapping[str, int],
        cliques: Sequence[tuple[str, ...]],
        facts: Sequence[Fact],
    ) -> None:
        self._cliques = cliques
        self._sizes = sizes
        banned = {key for fact in facts if fact.high <= EXACT for key in self._under(fact.region, every=True)}
        self._number: dict[tuple[int, Atom], int] = {}
        for block, clique in enumerate(cliques):
            for atom in product(*(range(sizes[dim]) for dim in clique)):
                if (block, atom) not in banned:
                    self._number[block, atom] = len(self._number)
        rows = [(self.row(fact.region), fact.low, fact.high) for fact in facts]
        rows += [(tie, 0.0, 0.0) for tie in self._ties()]
        table = sparse.lil_array((len(rows), len(self._number)))
        for index, (row, _, _) in enumerate(rows):
            for column, value in row.items():
                table[index, column] = value
        self._table = sparse.csr_array(table)
        self._low, self._high = (np.array([row[end] for row in rows], dtype=np.float64) for end in (1, 2))
        self._pieces = self._split(np.zeros(len(self._number)))

    def knowing(self, known: Mapping[tuple[int, Atom], int]) -> "SecondAttacker":
        """The same attacker with cases of its own, by block and atoms; raises Infeasible when they cannot be."""
        floor = np.zeros(len(self._number))
        for key, count in known.items():
            if key in self._number:
                floor[self._number[key]] = count
            elif count:
                raise Infeasible("a published zero contradicts cases that are known")
        insider = copy(self)
        insider._pieces = insider._split(floor)
        return insider

    def _split(self, floor: Floats) -> "_Pieces":
        """The equations cut into pieces that share no open unknown; raises Infeasible when a piece has no solution."""
        low, high = floor.copy(), np.full(len(floor), inf)
        alone = np.diff(self._table.indptr) == 1
        for row in np.flatnonzero(alone).tolist():
            column, factor = self._table.indices[self._table.indptr[row]], self._table.data[self._table.indptr[row]]
            ends = sorted((self._low[row] / factor, self._high[row] / factor))
            low[column], high[column] = max(low[column], ends[0]), min(high[column], ends[1])
        if (low > high + EXACT).any():
            raise Infeasible(CLASH)
        open_ = high - low > EXACT
        rest = sparse.csr_array(self._table[np.flatnonzero(~alone)])
        given = np.asarray(rest[:, np.flatnonzero(~open_)] @ low[~open_])
        ends_low, ends_high = self._low[~alone] - given, self._high[~alone] - given
        body = sparse.csr_array(rest[:, np.flatnonzero(open_)])
        empty = np.diff(body.indptr) == 0
        if (ends_low[empty] > EXACT).any() or (ends_high[empty] < -EXACT).any():
            raise Infeasible(CLASH)
        _, labels = csgraph.connected_components(abs(body.T) @ abs(body), directed=False)
        label = np.full(len(low), -1, dtype=np.int64)
        label[open_] = labels
        pieces = _Pieces(low, high, label, rest, ends_low, ends_high, {}, {})
        for number in range(int(label.max(initial=-1)) + 1):
            pieces.least(number, np.zeros(len(low)), False)
        return pieces

    def _under(self, region: Region, every: bool) -> list[tuple[int, Atom]]:
        """The combinations of atoms under a cell: in the first block that has its dimensions, or in every one."""
        wanted = dict(region)
        blocks = [b for b, clique in enumerate(self._cliques) if set(wanted) <= {*clique}]
        if not blocks:
            raise SolverRefused("the second attacker has no block for a cell")
        return [
            (block, atom)
            for block in (blocks if every else blocks[:1])
            for atom in product(*(sorted(wanted.get(dim, range(self._sizes[dim]))) for dim in self._cliques[block]))
        ]

    def row(self, region: Region) -> dict[int, float]:
        """The unknowns under a cell; combinations that a published zero excludes are none."""
        return {self._number[key]: 1.0 for key in self._under(region, every=False) if key in self._number}

    def _ties(self) -> list[dict[int, float]]:
        """For every two blocks: equal sums for every combination of the dimensions that they share."""
        out: dict[tuple[int, int, Atom], dict[int, float]] = {}
        for (block, atom), number in self._number.items():
            for other in range(len(self._cliques)):
                shared = [d for d in self._cliques[block] if d in self._cliques[other]]
                if other == block:
                    continue
                place = tuple(atom[self._cliques[block].index(dim)] for dim in shared)
                first, second = min(block, other), max(block, other)
                out.setdefault((first, second, place), {})[number] = 1.0 if block == first else -1.0
        return list(out.values())

    def interval(self, region: Region, whole: bool) -> Interval:
        """Smallest and largest value of a cell, over whole tables when `whole`; raises SolverRefused on any doubt."""
        objective = np.zeros(len(self._number))
        for column in self.row(region):
            objective[column] = 1.0
        columns = np.flatnonzero(objective)
        floor, seen = float(self._pieces.low[columns].sum()), self._pieces.spanned(columns)
        # A table that puts the cell at the sum of its unknowns' own lower bounds is the proof of that end.
        low = floor if seen.low <= floor + EXACT else self._pieces.total(objective, whole)
        return Interval(low, -self._pieces.total(-objective, whole))

    def reaches(self, region: Region, low: float, high: float) -> bool:
        """Whether whole tables that this attacker met, or finds by short changes, bring the cell to `low` or below and
        to `high` or above. False proves nothing."""
        columns = np.array(list(self.row(region)), dtype=np.int64)
        return self._pieces.reach(columns, low, False) and self._pieces.reach(columns, high, True)

    def spans(self, region: Region, ends: Interval) -> bool:
        """Whether whole tables that this attacker met already put the cell at both ends, or beyond."""
        seen = self._pieces.spanned(np.array(list(self.row(region)), dtype=np.int64))
        return seen.hides(ends.low, ends.high)


@dataclass(frozen=True)
class _Pieces:
    """Bounds of every unknown, its piece (-1: it is known), the equations with the known taken off, and per piece the
    whole tables met so far."""

    low: Floats
    high: Floats
    label: Ints
    table: sparse.csr_array
    least_sum: Floats
    most_sum: Floats
    met: dict[int, list[Floats]]
    cut: dict[int, tuple[Ints, Ints, sparse.csr_array]]

    def total(self, objective: Floats, whole: bool) -> float:
        """The least value of the objective: what is known, and the least of every piece that it touches."""
        closed = self.label < 0
        out = float(objective[closed] @ self.low[closed])
        for number in np.unique(self.label[(objective != 0) & ~closed]).tolist():
            out += self.least(number, objective, whole)
        return out

    def least(self, number: int, objective: Floats, whole: bool) -> float:
        """The least value of the objective on one piece, over whole tables when `whole`."""
        columns, rows, body = self._piece(number)
        answer = milp(
            objective[columns],
            constraints=LinearConstraint(body, self.least_sum[rows], self.most_sum[rows]),
            bounds=Bounds(self.low[columns], self.high[columns]),
            integrality=np.full(len(columns), int(whole), dtype=np.int64),
        )
        value = _value(answer.status, answer.fun)
        if isfinite(value) and answer.x is not None:
            self._meet(number, np.asarray(answer.x, dtype=np.float64))
        return value

    def _piece(self, number: int) -> tuple[Ints, Ints, sparse.csr_array]:
        """The unknowns of a piece, its equations, and these as a matrix."""
        if number not in self.cut:
            columns = np.flatnonzero(self.label == number)
            body = sparse.csc_array(self.table[:, columns])
            rows = np.unique(body.indices).astype(np.int64)
            self.cut[number] = columns, rows, sparse.csr_array(sparse.csr_array(body)[rows])
        return self.cut[number]

    def _meet(self, number: int, table: Floats) -> None:
        """Keep a piece's table if it is whole and fits the equations of the piece."""
        columns, rows, body = self._piece(number)
        whole = np.round(table)
        if (np.abs(table - whole) > EXACT).any():
            return
        sums = body @ whole
        fits = (self.least_sum[rows] <= sums) & (sums <= self.most_sum[rows])
        if fits.all() and ((self.low[columns] <= whole) & (whole <= self.high[columns])).all():
            self.met.setdefault(number, []).append(whole)

    def reach(self, columns: Ints, need: float, upward: bool) -> bool:
        """Whether a whole table met so far, or one found here, has these unknowns sum to `need` or beyond.

        From a table met so far the cheapest change that reaches it is whole, or whole over the unknowns that it and its
        like touch, in most cases. Not looked for when the unknowns lie in several pieces.
        """
        sides = np.unique(self.label[columns][self.label[columns] >= 0]).tolist()
        if len(sides) == 1 and not self._seen(columns, need, upward):
            piece, _, _ = self._piece(sides[0])
            if not self.met.get(sides[0]):
                self.least(sides[0], np.zeros(len(self.label)), True)
            own = np.isin(piece, columns)
            rest = need - float(self.low[columns[self.label[columns] < 0]].sum())
            touched = np.zeros(len(piece), dtype=np.bool_)
            for number in range(TRIES if self.met.get(sides[0]) else 0):
                tables = sorted(self.met[sides[0]], key=lambda t: float(t[own].sum()), reverse=upward)
                base = tables[number % len(tables)]
                change = self._change(sides[0], base, own, rest - float(base[own].sum()), None, number)
                if change is None:
                    break
                touched |= np.abs(change) > EXACT
                if (np.abs(change - np.round(change)) > EXACT).any():
                    change = self._change(sides[0], base, own, rest - float(base[own].sum()), touched, number)
                if change is not None:
                    self._meet(sides[0], base + change)
                    break
        return self._seen(columns, need, upward)

    def _seen(self, columns: Ints, need: float, upward: bool) -> bool:
        seen = self.spanned(columns)
        return seen.high >= need if upward else seen.low <= need

    def _change(
        self, number: int, base: Floats, own: Bools, step: float, only: Bools | None, turn: int
    ) -> Floats | None:
        """The cheapest change of a piece's table that moves the sum of `own` by `step` (up when positive), or None.

        With `only` the change is whole and touches no other unknowns. Prices differ from turn to turn.
        """
        columns, rows, body = self._piece(number)
        inside = np.ones(len(columns), dtype=np.bool_) if only is None else only
        sums, low, high = body @ base, self.least_sum[rows], self.most_sum[rows]
        goal = sparse.csr_array(own.astype(np.float64).reshape(1, -1))
        matrix = sparse.csr_array(sparse.vstack([body, goal]))[:, np.flatnonzero(inside)]
        price = 1.0 + np.modf(np.arange(2.0, 2.0 + inside.sum()) * np.sqrt(3.0 + turn))[0]
        answer = milp(
            np.concatenate([price, price]),
            constraints=LinearConstraint(
                sparse.csr_array(sparse.hstack([matrix, -matrix])),
                np.append(low - sums, step if step > 0 else -inf),
                np.append(high - sums, inf if step > 0 else step),
            ),
            bounds=Bounds(
                np.zeros(2 * int(inside.sum())),
                np.concatenate([(self.high[columns] - base)[inside], (base - self.low[columns])[inside]]),
            ),
            integrality=np.full(2 * int(inside.sum()), int(only is not None), dtype=np.int64),
            options={"node_limit": NODES},
        )
        if answer.x is None:
            return None
        change = np.zeros(len(columns))
        change[inside] = np.asarray(answer.x[: inside.sum()] - answer.x[inside.sum() :])
        return change

    def spanned(self, columns: Ints) -> Interval:
        """The least and the most that the whole tables met so far show for the sum of these unknowns."""
        closed = columns[self.label[columns] < 0]
        low = high = float(self.low[closed].sum())
        for number in np.unique(self.label[columns][self.label[columns] >= 0]).tolist():
            inside = np.isin(np.flatnonzero(self.label == number), columns)
            sums = [float(table[inside].sum()) for table in self.met.get(number, [])]
            low, high = low + min(sums, default=inf), high + max(sums, default=-inf)
        return Interval(low, high)


def _value(status: int, value: float | None) -> float:
    if status == UNBOUNDED:
        return -inf
    if status == INFEASIBLE:
        raise Infeasible(CLASH)
    if status != OPTIMAL or value is None or not np.isfinite(value):
        raise SolverRefused(f"the second attacker's solver answered with status {status}")
    return float(value)
