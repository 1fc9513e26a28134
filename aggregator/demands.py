"""The question that suppression answers, as plain data: cells, what is known of them, and what must stay uncertain."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Two sums of whole numbers differ by at least 1; HiGHS is feasible to 1e-7 a row.
EXACT = 1e-6


class State(IntEnum):
    """What may be decided about a cell."""

    FREE = 0
    SHOWN = 1
    WITHHELD = 2


@dataclass(frozen=True)
class View:
    """An attacker: its name, the cases that it knows as a lower bound on every unknown, and its partner numbers."""

    name: str
    known: Floats
    members: tuple[int, ...] = ()


@dataclass(frozen=True)
class Demand:
    """In view number `view`, the feasible interval of cell number `cell` must reach down to `low` and up to `high`."""

    cell: int
    view: int
    low: float
    high: float


@dataclass(frozen=True)
class Problem:
    """Choose FREE cells to withhold, at least weight, such that every demand holds.

    rows: 0/1 matrix (cells x unknowns); links: rows (ties x unknowns) that sum to zero; relations: (additions x cells),
    +1 at a sub-total and -1 at its parts, for quick cuts. values: the cells' true values,
    NaN when unknown (a cell that an earlier release withheld). floor, ceiling: what everybody knows of a cell even when
    it is withheld (equal for a SHOWN cell that is exact). weights: cost of withholding, 0 unless FREE.
    spread: every withheld cell, sensitive or not, must in the outsider's view have an upper bound of at least `spread`
    and an interval at least that long, because an outsider cannot tell which of them are sensitive (0 = no such rule).
    """

    rows: sparse.csr_array
    links: sparse.csr_array
    relations: sparse.csr_array
    values: Floats
    floor: Floats
    ceiling: Floats
    weights: Floats
    state: Ints
    views: tuple[View, ...]
    demands: tuple[Demand, ...]
    spread: float


class Impossible(RuntimeError):
    """No pattern meets the demand on cell number `cell`, even when everything that may be withheld is."""

    def __init__(self, cell: int, view: int) -> None:
        super().__init__(f"no pattern protects cell {cell} from view {view}")
        self.cell, self.view = cell, view
