"""The second attacker: the same question as `attack`, answered by other code with another library call.

It builds its equations unknown by unknown from codes (not from the first attacker's matrices), asks
`scipy.optimize.milp` (with and without whole numbers), and shares with the first attacker only the list of published
facts. When the two disagree about any interval they look at, the release is refused (design page "Disclosure control",
step 5).
"""

from collections.abc import Mapping, Sequence
from copy import copy
from itertools import product
from math import inf

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from aggregator.attack import Fact, Interval
from aggregator.demands import EXACT, Floats
from aggregator.solver import Infeasible, SolverRefused
from aggregator.tables import Region

# scipy's status codes (documentation of milp): 0 optimal, 2 infeasible, 3 unbounded.
OPTIMAL, INFEASIBLE, UNBOUNDED = 0, 2, 3
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
        self._floor = np.zeros(len(self._number))
        equal, exact, between, low, high = [], [], [], [], []
        for fact in facts:
            row = self.row(fact.region)
            if fact.low == fact.high:
                equal.append(row)
                exact.append(fact.low)
            else:
                between.append(row)
                low.append(fact.low)
                high.append(fact.high)
        ties = self._ties()
        self._equal = self._stack(equal + ties)
        self._exact = np.array(exact + [0.0] * len(ties))
        self._between = self._stack(between)
        self._low, self._high = np.array(low), np.array(high)

    def knowing(self, known: Mapping[tuple[int, Atom], int]) -> "SecondAttacker":
        """The same attacker with cases of its own, by block and atoms; raises Infeasible when they cannot be."""
        insider = copy(self)
        insider._floor = np.zeros(len(self._number))
        for key, count in known.items():
            if key in self._number:
                insider._floor[self._number[key]] = count
            elif count:
                raise Infeasible("a published zero contradicts cases that are known")
        return insider

    def _stack(self, rows: Sequence[Mapping[int, float]]) -> sparse.csr_array:
        table = sparse.lil_array((len(rows), len(self._number)))
        for index, row in enumerate(rows):
            for column, value in row.items():
                table[index, column] = value
        return sparse.csr_array(table)

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
        if not objective.any():
            self._solve(objective, whole)
            return Interval(0.0, 0.0)
        return Interval(self._solve(objective, whole), -self._solve(-objective, whole))

    def _solve(self, objective: Floats, whole: bool) -> float:
        constraints = [LinearConstraint(self._equal, self._exact, self._exact)]
        if len(self._low):
            constraints.append(LinearConstraint(self._between, self._low, self._high))
        answer = milp(
            objective,
            constraints=constraints,
            bounds=Bounds(self._floor, np.full(len(self._floor), np.inf)),
            integrality=np.full(len(objective), int(whole), dtype=np.int64),
        )
        return _value(answer.status, answer.fun)


def _value(status: int, value: float | None) -> float:
    if status == UNBOUNDED:
        return -inf
    if status == INFEASIBLE:
        raise Infeasible("the second attacker finds that the published numbers contradict each other")
    if status != OPTIMAL or value is None or not np.isfinite(value):
        raise SolverRefused(f"the second attacker's solver answered with status {status}")
    return float(value)
