"""What single additions already require of a pattern: cheap cuts that need no attacker's programme.

A relation is a sub-total and its parts. A withheld cell in a relation where all else is shown is given away by one
subtraction ("bridge"), and a sensitive cell can only move as far as the others in its relation let it (capacity;
Fischetti & Salazar-González, Math. Prog. 84, 1999, section 4).
"""

import numpy as np

from aggregator.demands import Floats, Ints, Problem, State
from aggregator.probe import Cut, as_cut

# Only cuts that the relaxed shares miss by this much are worth a row.
WORTH = 1e-4


def capacity_cuts(problem: Problem) -> list[Cut]:
    """For every outsider's demand and relation: the other cells must be able to make up for the move."""
    columns = problem.relations.tocsc()
    out: list[Cut] = []
    for demand in problem.demands:
        value = problem.values[demand.cell]
        if demand.view != 0 or np.isnan(value):
            continue
        start, end = columns.indptr[demand.cell], columns.indptr[demand.cell + 1]
        for relation, sign in zip(columns.indices[start:end], columns.data[start:end], strict=True):
            for need, way in ((demand.high - value, 1.0), (value - demand.low, -1.0)):
                cut = _capacity(problem, int(relation), demand.cell, sign, need, way)
                out.extend([cut] if cut else [])
    return out


def _capacity(problem: Problem, relation: int, cell: int, sign: float, need: float, way: float) -> Cut | None:
    rows = problem.relations
    members = rows.indices[rows.indptr[relation] : rows.indptr[relation + 1]]
    signs = rows.data[rows.indptr[relation] : rows.indptr[relation + 1]]
    values = problem.values[members]
    up, down = problem.ceiling[members] - values, values - problem.floor[members]
    same = signs == sign
    room = np.where(same, down if way > 0 else up, up if way > 0 else down)
    state = problem.state[members]
    room = np.where((members == cell) | (state == State.SHOWN), 0.0, room)
    given = float(room[state == State.WITHHELD].sum())
    if np.isnan(given):
        return None
    coefficients = np.zeros(len(problem.values))
    free = state == State.FREE
    coefficients[members[free]] = room[free]
    return as_cut(coefficients, need - given)


def bridge_cuts(problem: Problem, share: Floats) -> list[Cut]:
    """Relations in which one cell is (more) withheld than all others together: withhold another with it, or show it.

    Each such relation gives the cut for all its cells: the next pattern would else move the trouble to a neighbour.
    """
    share = np.where(problem.state == State.FREE, share, np.where(problem.state == State.WITHHELD, 1.0, 0.0))
    rows = problem.relations
    out: list[Cut] = []
    sums = abs(rows) @ share
    for relation in range(rows.shape[0]):
        members = rows.indices[rows.indptr[relation] : rows.indptr[relation + 1]]
        if 2 * share[members].max() > sums[relation] + WORTH:
            out += _bridges(problem, members[problem.state[members] != State.SHOWN])
    return out


def _bridges(problem: Problem, members: Ints) -> list[Cut]:
    """For every cell of a relation: withheld only together with another one of it."""
    held = problem.state[members] == State.WITHHELD
    out: list[Cut] = []
    for top, is_held in zip(members.tolist(), held.tolist(), strict=True):
        if held.sum() > is_held:
            continue
        coefficients = np.zeros(len(problem.values))
        coefficients[members[~held & (members != top)]] = 1.0
        cut = as_cut(coefficients, 1.0, -1 if is_held else top)
        out += [cut] if cut and (coefficients.any() or not is_held) else []
    return out
