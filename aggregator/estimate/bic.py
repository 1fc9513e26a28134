"""The second opinion: the hierarchical model with the smallest BIC.

A hierarchical model contains, with every effect, all effects on fewer of the same lists. All main effects are always
in, and effects reach up to lists - 1 lists: with the effect of all lists at once the dark figure is not identifiable.
Up to five lists every such model is considered (1, 8, 113 and 6,893 of them for two to five lists). Six lists already
have 7.8 million, so from there the search walks downhill from neighbour to neighbour, from the main effects and from
every other start that is handed in, as Silverman, Chan & Vincent (2024, Statistics and Computing 34:44) do.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from heapq import heappush, heapreplace
from itertools import combinations

import numpy as np
from scipy.special import gammaln

from aggregator.estimate.histories import main_effects, members
from aggregator.estimate.loglinear import Design, Fit, Floats, NotEstimableError, Obstacle, fit

# Above this the number of hierarchical models is in the millions.
_EXHAUSTIVE_LISTS = 5

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


def smallest_bic(design: Design, models: tuple[Model, ...], counts: Floats) -> Fit:
    """The model of smallest BIC among `models`, which stand in order of size. Raises NotEstimableError if none fits."""
    return rank(design, models, counts, 1)[0]


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
    try:
        return fit(design, model, counts).bic
    except NotEstimableError:
        return float("inf")


def _saturated_log_likelihood(counts: Floats) -> float:
    filled = counts[counts > 0.0]
    return float(np.sum(filled * np.log(filled) - filled - gammaln(filled + 1.0)))
