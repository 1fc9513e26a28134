"""Controlled rounding: every published count becomes a multiple of the base, and all tables still add up.

    round_counts(board, spec, secret) -> Rounded

Cox ("A constructive procedure for unbiased controlled rounding", JASA 82, 1987) for additive rounding to an adjacent
multiple that leaves multiples alone (zero-restricted); Salazar-González ("Controlled rounding and cell perturbation",
Math. Prog. 105, 2006) for the mixed-integer programme over any linked tables. In three dimensions a zero-restricted
rounding need not exist (Causey, Cox & Ernst, JASA 80, 1985): then every count may go one base further, and the release
says so, because the attacker's intervals follow from it.

Where a number may go is decided first by what must stay in doubt: a cell of which an attacker may not tell 0 from k (or
a partner, what others have) only gets a number that stands for all of that. Nothing here decides that a release is
safe: `attack` and `second_attack` do, with the intervals of `aggregator.history.stands_for`.

The target of each cell is drawn, unbiased, by a keyed hash of the cell and its count: equal input gives equal numbers
(so that repeating a release does not average the noise away), and nobody can follow the draw without the key.
"""

import hmac
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from aggregator.cells import Board, Refused
from aggregator.demands import Floats, Ints
from aggregator.solver import SolverRefused
from aggregator.tables import BadInput, ReleaseSpec, SafeTable
from aggregator.tabulate import MicroData

# scipy's status codes (documentation of milp): 0 optimal, 1 stopped at a limit, 2 infeasible.
OPTIMAL, STOPPED, INFEASIBLE = 0, 1, 2
# Work for one programme: a count, not seconds, so that the same input takes the same path; seconds are only a stop.
NODES, SECONDS = 5000, 60.0
# Sum of distances within this share of the least possible: two roundings this close are equally good to a reader.
CLOSE = 0.01
# With base <= k a published 0 stands for fewer counts than 0 to k, so nothing small can hide behind it.
ADVICE = "choose a base above k, or steps = 1"


@dataclass(frozen=True)
class Rounded:
    """The rounded tables; every number is less than `reach` away from its count. `gap` is the share of the distance to
    the drawn targets that might still be saved."""

    tables: tuple[SafeTable, ...]
    reach: int
    gap: float


def round_counts(board: Board, spec: ReleaseSpec, secret: bytes) -> Rounded:
    """Round all tables of a release together; `secret` keys the draw and must be as secret as the cases.

    Raises Refused when no rounding keeps every sensitive cell in doubt, SolverRefused on a doubt of the solver.
    """
    if spec.base is None:
        raise BadInput("base: rounding needs its base")
    cells = np.unique(np.concatenate(board.place))
    for steps in (spec.steps, spec.steps + 1):
        reach = spec.base * (steps + 1)
        least, most = _windows(board, cells, spec.base, reach, fixed=steps == 0)
        if (least > most).any():
            word = board.words[int(cells[np.flatnonzero(least > most)[0]])]
            raise Refused(f"{word}: no multiple of {spec.base} that is less than {reach} away hides it: {ADVICE}")
        found = _solve(board, cells, spec.base, _targets(board, cells, spec.base, reach, secret), (least, most))
        if found is not None:
            numbers, gap = found
            return Rounded(_tables(board, dict(zip(cells.tolist(), numbers, strict=True))), reach, gap)
    raise Refused(f"no rounding to base {spec.base} adds up over all tables and keeps every sensitive cell in doubt")


def secret_of(cases: MicroData) -> bytes:
    """A key made of the cases themselves, for a maker who keeps none: as hard to guess as all of them together."""
    together: Counter[tuple[object, ...]] = Counter()
    columns = [cases.codes[dim] for dim in sorted(cases.codes)]
    for *kind, count in zip(*columns, cases.partner.tolist(), cases.counts.tolist(), strict=True):
        together[tuple(kind)] += count
    return sha256(repr(sorted(together.items(), key=repr)).encode()).digest()


def _tables(board: Board, numbers: dict[int, int]) -> tuple[SafeTable, ...]:
    return tuple(
        SafeTable(table.id, table.dims, table.codes, tuple(numbers[cell] for cell in place.tolist()))
        for table, place in zip(board.tables, board.place, strict=True)
    )


def _solve(
    board: Board, cells: Ints, base: int, targets: Floats, window: tuple[Floats, Floats]
) -> tuple[list[int], float] | None:
    """Multiples nearest to the drawn targets that add up; None when there are none in their windows (all in bases).

    Unknowns: the lattice (so that the numbers belong to one table of cases), one multiple a cell, one distance a cell.
    """
    least, most = window
    targets = np.clip(targets, least, most)
    sums, ties, size = board.problem.rows[cells], board.problem.links, len(cells)
    lattice, eye = sums.shape[1], sparse.eye_array(size)
    rows = [
        sparse.hstack([sums, -float(base) * eye, sparse.csr_array((size, size))]),
        sparse.hstack([ties, sparse.csr_array((ties.shape[0], 2 * size))]),
        sparse.hstack([sparse.csr_array((size, lattice)), -eye, eye]),
        sparse.hstack([sparse.csr_array((size, lattice)), eye, eye]),
    ]
    still = np.zeros(size + ties.shape[0])
    low = np.concatenate([still, -targets, targets])
    high = np.concatenate([still, np.full(2 * size, np.inf)])
    answer = milp(
        np.concatenate([np.zeros(lattice + size), np.ones(size)]),
        constraints=LinearConstraint(sparse.csr_array(sparse.vstack(rows)), low, high),
        bounds=Bounds(
            np.concatenate([np.zeros(lattice), least, np.zeros(size)]),
            np.concatenate([np.full(lattice, np.inf), most, np.full(size, np.inf)]),
        ),
        integrality=np.concatenate([np.zeros(lattice), np.ones(size), np.zeros(size)]),
        options={"node_limit": NODES, "time_limit": SECONDS, "mip_rel_gap": CLOSE},
    )
    if answer.status == INFEASIBLE:
        return None
    if answer.status not in (OPTIMAL, STOPPED) or answer.x is None or not np.isfinite(answer.x).all():
        raise SolverRefused(f"no rounding found: the solver answered with status {answer.status}")
    multiples = np.rint(answer.x[lattice : lattice + size]).astype(np.int64)
    _require_additive(board, cells, base * multiples, np.asarray(answer.x[:lattice]))
    return (base * multiples).tolist(), float(answer.mip_gap or 0.0)


def _windows(board: Board, cells: Ints, base: int, reach: int, fixed: bool) -> tuple[Floats, Floats]:
    """The smallest and largest multiple (in bases) of every cell that stands for its count and for all demands on it.

    All are less than `reach` away; `fixed` leaves counts that are multiples alone unless a demand forbids it.
    """
    counts, away = board.problem.values[cells], reach - 1
    low, high = np.maximum(counts - away, 0.0), counts + away
    number = {cell: at for at, cell in enumerate(cells.tolist())}
    for demand in board.problem.demands:
        at = number.get(demand.cell)
        if at is not None:
            low[at], high[at] = max(low[at], demand.high - away), min(high[at], demand.low + away)
    still = fixed & (counts % base == 0) & (low <= counts) & (counts <= high)
    return np.ceil(np.where(still, counts, low) / base), np.floor(np.where(still, counts, high) / base)


def _targets(board: Board, cells: Ints, base: int, reach: int, secret: bytes) -> Floats:
    """An unbiased draw of a multiple (in bases) for every cell: up with chance (count mod base) / base.

    With further steps the draw moves one base down or up as well, each with chance 1/4, where it stays within reach.
    """
    out = np.zeros(len(cells))
    for at, cell in enumerate(cells.tolist()):
        count = round(float(board.problem.values[cell]))
        text = repr(([(dim, sorted(atoms)) for dim, atoms in board.regions[cell]], count)).encode()
        draw = _bits(hmac.digest(secret, text, "sha256"))
        out[at] = (count + next(draw) % base) // base
        for _ in range(reach // base - 1):
            moved = out[at] + (-1, 0, 0, 1)[next(draw) % 4]
            out[at] = moved if moved >= 0 and abs(moved * base - count) < reach else out[at]
    return out


def _bits(digest: bytes) -> Iterator[int]:
    """Whole numbers of 64 bits, so that a remainder by a small base is as good as even."""
    return (int.from_bytes(digest[at : at + 8], "big") for at in range(0, len(digest), 8))


def _require_additive(board: Board, cells: Ints, numbers: Ints, lattice: Floats) -> None:
    """Raise SolverRefused unless the numbers are the sums of one table with no negative cell."""
    sums = np.asarray(board.problem.rows[cells] @ lattice)
    if (np.abs(sums - numbers) > 1e-3).any() or (numbers < 0).any() or (lattice < -1e-3).any():
        raise SolverRefused("the rounded numbers do not add up; nothing is released")
