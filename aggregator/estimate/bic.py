"""The second opinion: the hierarchical model with the smallest BIC.

A hierarchical model contains, with every effect, all effects on fewer of the same lists. All main effects are always
in, and effects reach up to lists - 1 lists: with the effect of all lists at once the dark figure is not identifiable.
Up to five lists every such model is considered (1, 8, 113 and 6,893 of them for two to five lists). Six lists already
have 7.8 million, so from there the search walks downhill from neighbour to neighbour, from the main effects and from
every other start that is handed in, as Silverman, Chan & Vincent (2024, Statistics and Computing 34:44) do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappush, heapreplace
from itertools import combinations

import numpy as np
from scipy.special import gammaln, xlogy

from aggregator.estimate.histories import main_effects, members
from aggregator.estimate.loglinear import Design, Fit, Floats, NotEstimableError, Obstacle, fit

# Above this the number of hierarchical models is in the millions.
_EXHAUSTIVE_LISTS = 5
# In the bootstrap the BIC method chooses among its best models on the original table only: Silverman, Chan & Vincent
# (2024, Statistics and Computing 34:44) find little effect on the interval, and thousands of models would take hours.
MODELS_KEPT = 100
# Room for rounding in the bound on a model's BIC, far above it and far below any difference that matters.
_SLACK = 1e-6
# Cells that become negative by less than this do so by rounding only.
_ROUNDING = 1e-9

Model = tuple[int, ...]


def best_models(design: Design, lists: int, counts: Floats, keep: int, starts: Iterable[Model] = ()) -> tuple[Fit, ...]:
    """The `keep` models of smallest BIC that have an estimate, best first; see the module for which models compete.

    `design` is a history design of `lists` lists, `counts` has shape (2**lists - 1,); `starts` are hierarchical models
    from which the downhill search starts too. Raises NotEstimableError when no model has an estimate.
    """
    if lists <= _EXHAUSTIVE_LISTS:
        return rank(design, hierarchical_models(lists), counts, keep)
    visited: dict[Model, float] = {}
    for start in (main_effects(lists), *starts):
        _walk_downhill(design, lists, counts, start, visited)
    return rank(design, tuple(sorted(visited, key=_by_size)), counts, keep)


@dataclass(frozen=True, eq=False)
class Contest:
    """Models that compete on many tables alike, in order of size, with what bounds their likelihood without a fit.

    `expected` has shape (models, cells): each model's fit to the table it was chosen on. `steps` has two factors a
    model, shapes (cells, effects) and (effects, cells): their product takes a change of the counts to the first-order
    change of that fit (one step of Fisher scoring).
    """

    design: Design
    models: tuple[Model, ...]
    expected: Floats
    steps: tuple[tuple[Floats, Floats], ...]


def contest_of(design: Design, fits: Iterable[Fit]) -> Contest:
    """The contest among models that were fitted to one table."""
    ordered = sorted(fits, key=lambda found: _by_size(found.effects))
    return Contest(
        design,
        tuple(found.effects for found in ordered),
        np.array([found.expected for found in ordered]).reshape(len(ordered), design.observed.shape[0]),
        tuple(_step(design.observed[:, list(found.effects)], found.expected) for found in ordered),
    )


def _step(matrix: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """W X (X'WX)^-1 X' for weights W = expected; it changes the sufficient statistics X' as much as the counts do."""
    weight = np.sqrt(expected)
    inverse = np.divide(1.0, weight, out=np.zeros_like(weight), where=weight > 0.0)
    weighted = matrix * weight[:, None]
    back: Floats = np.linalg.pinv(weighted).astype(np.float64)
    return weight[:, None] * weighted, back * inverse


def smallest_bic(contest: Contest, counts: Floats) -> Fit:
    """The model of smallest BIC in the contest; equal BIC goes to the earlier model.

    Models are fitted in the order of a lower bound on their BIC, until that bound passes the best BIC found: the winner
    is never left out. Raises NotEstimableError when no model has an estimate.
    """
    if not contest.models:
        raise NotEstimableError(Obstacle.NO_MLE)
    bounds = least_bic(contest, counts)
    best: tuple[float, int, Fit] | None = None
    for place in np.argsort(bounds, kind="stable").tolist():
        if best is not None and bounds[place] > best[0] + _SLACK:
            break
        try:
            found = fit(contest.design, contest.models[place], counts)
        except NotEstimableError:
            continue
        # Rounding makes models that are equal by symmetry equal in floating point too.
        entry = round(found.bic, 9), place, found
        best = entry if best is None or entry[:2] < best[:2] else best
    if best is None:
        raise NotEstimableError(Obstacle.NO_MLE)
    return best[2]


def least_bic(contest: Contest, counts: Floats) -> Floats:
    """For every model a number that its BIC on these counts is not below, shape (models,).

    By convex duality: for any table z >= 0 with the sufficient statistics of the counts, no coefficients have a log
    likelihood above sum(z log z - z) - sum(log counts!), also where an estimate is minus infinity. Here z is the
    model's fit elsewhere after one step towards these counts, or, where that makes a cell negative, a table between it
    and the counts. It is exact to first order; the counts themselves (no step) are always such a table.
    """
    change = counts - contest.expected
    moves = [left @ (right @ each) for (left, right), each in zip(contest.steps, change, strict=True)]
    way = np.array(moves) - change
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = np.where(way < -_ROUNDING, counts / -way, np.inf).min(axis=1)
    # A cell that the model's fit rules out but somebody is in: the step says nothing then.
    ruled_out = ((contest.expected == 0.0) & (counts > 0.0)).any(axis=1)
    share = np.where(ruled_out, 0.0, np.minimum(reach, 1.0))
    table = np.maximum(counts + share[:, None] * way, 0.0)
    likelihood = np.sum(xlogy(table, table) - table, axis=1) - np.sum(gammaln(counts + 1.0))
    sizes = np.array([len(model) for model in contest.models], dtype=np.float64)
    return np.asarray(sizes * np.log(max(counts.sum(), 1.0)) - 2.0 * likelihood)


def rank(design: Design, models: Iterable[Model], counts: Floats, keep: int) -> tuple[Fit, ...]:
    """The `keep` best of `models`, which stand in order of size; equal BIC goes to the earlier model.

    No model can have a higher likelihood than the counts themselves, so once the penalty alone puts a model behind the
    worst one kept, all larger models are behind it too. Raises NotEstimableError when none has an estimate.
    """
    penalty = float(np.log(max(counts.sum(), 1.0)))
    floor = -2.0 * _saturated_log_likelihood(counts)
    kept: list[tuple[float, int, Fit]] = []  # a heap with the worst on top: BIC and place negated
    for place, model in enumerate(models):
        full = len(kept) == keep
        if full and floor + penalty * len(model) >= -kept[0][0]:
            break
        try:
            found = fit(design, model, counts)
        except NotEstimableError:
            continue
        # Rounding makes models that are equal by symmetry equal in floating point too.
        entry = (-round(found.bic, 9), -place, found)
        if not full:
            heappush(kept, entry)
        elif entry[:2] > kept[0][:2]:
            heapreplace(kept, entry)
    if not kept:
        raise NotEstimableError(Obstacle.NO_MLE)
    return tuple(found for _, _, found in sorted(kept, key=lambda entry: entry[:2], reverse=True))


def best_by_steps(
    design: Design, base: Model, candidates: tuple[int, ...], counts: Floats, keep: int = MODELS_KEPT
) -> tuple[Fit, ...]:
    """The `keep` best models of a walk downhill in BIC from the base effects, one candidate more or less a step.

    For candidates that need no others present (two-list and list by level effects). Best first; empty when not even the
    base has an estimate.
    """
    current, visited = base, {base: _fit_or_none(design, base, counts)}
    while True:
        near = [tuple(sorted({*current} ^ {effect})) for effect in candidates]
        for model in near:
            if model not in visited:
                visited[model] = _fit_or_none(design, model, counts)
        best = min((current, *near), key=lambda model: _by_bic(model, visited[model]))
        if best == current:
            break
        current = best
    fits = sorted((found for found in visited.values() if found), key=lambda found: _by_bic(found.effects, found))
    return tuple(fits[:keep])


def _by_bic(model: Model, found: Fit | None) -> tuple[float, int, Model]:
    return (round(found.bic, 9) if found else float("inf")), *_by_size(model)


def _fit_or_none(design: Design, model: Model, counts: Floats) -> Fit | None:
    try:
        return fit(design, model, counts)
    except NotEstimableError:
        return None


@lru_cache(maxsize=8)
def hierarchical_models(lists: int) -> tuple[Model, ...]:
    """Every hierarchical model with all main effects and effects on at most lists - 1 lists, in order of size."""
    by_order = [
        tuple(sum(1 << index for index in chosen) for chosen in combinations(range(lists), order))
        for order in range(2, lists)
    ]
    models = _grow(main_effects(lists), by_order)
    return tuple(sorted(models, key=_by_size))


def _grow(model: Model, by_order: list[tuple[int, ...]]) -> Iterator[Model]:
    """All models made from `model` by choosing, order after order, among the effects whose parts are all present."""
    if not by_order:
        yield model
        return
    allowed = [effect for effect in by_order[0] if _parts(effect) <= set(model)]
    for size in range(len(allowed) + 1):
        for chosen in combinations(allowed, size):
            # Without an effect of this order none of a higher order can be present.
            yield from _grow((*model, *chosen), by_order[1:] if chosen else [])


def _walk_downhill(design: Design, lists: int, counts: Floats, start: Model, visited: dict[Model, float]) -> None:
    current = tuple(sorted(start))
    visited.setdefault(current, _bic(design, current, counts))
    while True:
        for neighbour in _neighbours(current, lists):
            if neighbour not in visited:
                visited[neighbour] = _bic(design, neighbour, counts)
        best = min(_neighbours(current, lists), key=lambda model: (round(visited[model], 9), _by_size(model)))
        if round(visited[best], 9) >= round(visited[current], 9):
            return
        current = best


def _neighbours(model: Model, lists: int) -> Iterator[Model]:
    """The hierarchical models with one effect more or one effect less."""
    present = set(model)
    for effect in range(1, 2**lists - 1):
        order = effect.bit_count()
        if order < 2:
            continue
        if effect not in present and _parts(effect) <= present:
            yield tuple(sorted((*model, effect)))
        elif effect in present and not any(other != effect and other & effect == effect for other in present):
            yield tuple(other for other in model if other != effect)


def _parts(effect: int) -> set[int]:
    """The effects on one list fewer."""
    return {effect & ~(1 << index) for index in members(effect)}


def _by_size(model: Model) -> tuple[int, Model]:
    return len(model), model


def _bic(design: Design, model: Model, counts: Floats) -> float:
    found = _fit_or_none(design, model, counts)
    return found.bic if found else float("inf")


def _saturated_log_likelihood(counts: Floats) -> float:
    filled = counts[counts > 0.0]
    return float(np.sum(filled * np.log(filled) - filled - gammaln(filled + 1.0)))
