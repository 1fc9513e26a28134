"""A third, plain attacker for tests: unknowns are full combinations of finest codes, scipy's integer solver answers.

It shares no line with the two attackers of the aggregator: no lattice, no regions, no facts.
"""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp

from aggregator.tables import SafeTable

Floats = npt.NDArray[np.float64]
# dimension -> code -> the finest codes under it.
Codes = Mapping[str, Mapping[str, Sequence[str]]]


class ThirdAttacker:
    """What follows from tables about cells, to somebody who knows some of the cases."""

    def __init__(self, codes: Codes, tables: Sequence[SafeTable], k: int) -> None:
        self._codes, self._tables, self._k = codes, tables, k
        self._dims = tuple(codes)
        finest = [sorted({code for below in codes[dim].values() for code in below}) for dim in self._dims]
        self._place = {combination: at for at, combination in enumerate(product(*finest))}
        self._rows = [(t, c, n, self._row(t, c)) for t in tables for c, n in zip(t.codes, t.counts, strict=True)]
        shown = [(n, row) for _, _, n, row in self._rows if n is not None]
        counts = np.array([n for n, _ in shown], dtype=float)
        self._equal = LinearConstraint(np.array([row for _, row in shown]), counts, counts)

    def _row(self, table: SafeTable, codes: tuple[str, ...]) -> Floats:
        under = {dim: set(self._codes[dim][code]) for dim, code in zip(table.dims, codes, strict=True)}
        row = np.zeros(len(self._place))
        for combination, at in self._place.items():
            row[at] = all(code in under[dim] for dim, code in zip(self._dims, combination, strict=True) if dim in under)
        return row

    def cases(self, frame: pd.DataFrame) -> Floats:
        """Cases by full combination, shape (combinations,)."""
        out = np.zeros(len(self._place))
        for combination in frame[list(self._dims)].itertuples(index=False, name=None):
            out[self._place[combination]] += 1
        return out

    def open_cells(self, frame: pd.DataFrame, known: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
        """Cells with 0 < others < k that are shown, or whose interval does not hold own cases to own cases plus k."""
        truth, own = self.cases(frame), self.cases(known)
        bounds = Bounds(own, np.full(len(own), np.inf))
        out = []
        for table, codes, count, row in self._rows:
            mine, rest = float(row @ own), float(row @ (truth - own))
            if not 0 < rest < self._k:
                continue
            if count is not None or not self._reaches(row, bounds, mine, mine + self._k):
                out.append((table.id, codes))
        return out

    def holds(self, table: str, codes: tuple[str, ...], low: float, high: float) -> bool:
        """Whether, to an outsider, the cell may be as little as `low` and as much as `high`."""
        row = next(row for safe, place, _, row in self._rows if (safe.id, place) == (table, codes))
        return self._reaches(row, Bounds(np.zeros(len(row)), np.full(len(row), np.inf)), low, high)

    def _reaches(self, row: Floats, bounds: Bounds, low: float, high: float) -> bool:
        for sign, end in ((1.0, low), (-1.0, -high)):
            answer = milp(
                sign * row, constraints=self._equal, bounds=bounds, integrality=np.ones(len(row), dtype=np.int64)
            )
            if answer.status == 3 and sign < 0:  # proven unbounded
                continue
            if answer.status != 0 or answer.fun > end + 1e-6:
                return False
        return True
