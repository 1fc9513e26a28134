"""The door: the size of a population from the overlaps of incomplete lists, with its interval and its gate.

Multiple systems estimation after Chan, Silverman & Vincent (2021), "Multiple Systems Estimation for Sparse Capture
Data", Journal of the American Statistical Association 116, 1297-1306. The true overlaps go in; out comes what the gate
allows. Pure: the same table, method, number of replicates and seed give the same answer on every machine.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import combinations

from aggregator.estimate.bic import best_models, smallest_bic
from aggregator.estimate.bootstrap import Watch, bca_interval, one_fewer_totals, resampled_totals, total, unwatched
from aggregator.estimate.gate import Evidence, Gate, Interval, judge, rounded_outward
from aggregator.estimate.histories import history_design, main_effects, members, two_list_effects
from aggregator.estimate.loglinear import Estimator, Fit, NotEstimableError, fit
from aggregator.estimate.overlap import OverlapTable
from aggregator.estimate.stepwise import stepwise

# In the bootstrap the BIC method chooses among its best models on the original table only: Silverman, Chan & Vincent
# (2024, Statistics and Computing 34:44) find little effect on the interval, and thousands of models would take hours.
_BIC_MODELS_KEPT = 100


class Method(StrEnum):
    """How the model is chosen: stepwise by exact Poisson tails, best BIC, or main effects only."""

    STEPWISE = "stepwise"
    BIC = "bic"
    MAIN = "main"


@dataclass(frozen=True)
class SizeEstimate:
    """The answer. `n` people were observed; sizes are persons; None where there is no estimate.

    `model` names the effects beyond the main ones, lists joined by a colon in the order of the table; `interval` is the
    95 % BCa interval; `bic` is the estimate of the model of best BIC; `published` is the only part meant for the
    public.
    """

    n: int
    estimate: float | None
    model: tuple[str, ...]
    interval: Interval | None
    bic: float | None
    gate: Gate
    published: tuple[int, int] | None


def estimate_size(
    table: OverlapTable,
    method: Method = Method.STEPWISE,
    replicates: int = 1000,
    seed: int = 1234,
    watch: Watch = unwatched,
) -> SizeEstimate:
    """Estimate the size of the population behind the table, and let the gate decide about publication.

    `replicates` >= 0 bootstrap samples are drawn from `seed` (32 bits; 1234 is the authors' own). The order of the rows
    never matters; the order of the lists decides only which people the seed draws, not the estimate, model or BIC.
    A table on which nothing can be estimated is an answer too: no estimate, and a gate that refuses.
    """
    order = tuple(sorted(range(len(table.lists)), key=lambda index: table.lists[index]))
    ordered = table.reordered(order)
    counts = ordered.vector()
    methods = {each: _estimator(ordered, each) for each in Method}
    best, opinion = _fit_or_none(methods[method], ordered), _fit_or_none(methods[Method.BIC], ordered)
    if best is None:
        gate = judge(Evidence(float("inf"), None, replicates, (), (), ()))
        return SizeEstimate(table.observed, None, (), None, opinion.total if opinion else None, gate, None)

    one_fewer = one_fewer_totals(methods[method], counts)
    resampled = resampled_totals(methods[method], counts, _drawing_order(order), replicates, seed, watch)
    interval = bca_interval(best.total, resampled, one_fewer, counts)
    evidence = Evidence(
        estimate=best.total,
        interval=interval,
        replicates=replicates,
        opinions=(total(methods[Method.STEPWISE], counts), total(methods[Method.BIC], counts)),
        lists_left_out=_without_each_list(ordered, method),
        people_left_out=tuple(float(size) for size in one_fewer[counts > 0.0]),
    )
    gate = judge(evidence)
    return SizeEstimate(
        n=table.observed,
        estimate=best.total,
        model=_names(best, table.lists, order),
        interval=interval,
        bic=opinion.total if opinion else None,
        gate=gate,
        published=rounded_outward(interval) if gate.publish and interval else None,
    )


def _estimator(table: OverlapTable, method: Method) -> Estimator:
    """What is done afresh on every resample. For BIC the models that compete are found here, on the table itself."""
    lists = len(table.lists)
    design = history_design(lists)
    forward = partial(stepwise, design, main_effects(lists), two_list_effects(lists))
    match method:
        case Method.STEPWISE:
            return forward
        case Method.MAIN:
            return partial(fit, design, main_effects(lists))
        case Method.BIC:
            return partial(smallest_bic, design, _competing_models(table, forward))


def _competing_models(table: OverlapTable, forward: Estimator) -> tuple[tuple[int, ...], ...]:
    lists = len(table.lists)
    start = _fit_or_none(forward, table)
    starts = (start.effects,) if start else ()
    try:
        found = best_models(history_design(lists), lists, table.vector(), _BIC_MODELS_KEPT, starts)
    except NotEstimableError:
        return ()
    return tuple(sorted((model.effects for model in found), key=lambda effects: (len(effects), effects)))


def _fit_or_none(estimator: Estimator, table: OverlapTable) -> Fit | None:
    try:
        return estimator(table.vector())
    except NotEstimableError:
        return None


def _without_each_list(table: OverlapTable, method: Method) -> tuple[float, ...]:
    """Estimates of the same population from all lists but one; none when only one list would be left."""
    lists = range(len(table.lists))
    if len(lists) < 3:
        return ()
    shorter = [table.reordered(tuple(other for other in lists if other != left_out)) for left_out in lists]
    return tuple(total(_estimator(remaining, method), remaining.vector()) for remaining in shorter)


def _drawing_order(order: tuple[int, ...]) -> tuple[int, ...]:
    """The cells of the name-ordered table in the order of the authors' tables: by number of lists, then by list."""
    place = {original: new for new, original in enumerate(order)}
    return tuple(
        sum(1 << place[index] for index in chosen) - 1
        for size in range(1, len(order) + 1)
        for chosen in combinations(range(len(order)), size)
    )


def _names(model: Fit, lists: tuple[str, ...], order: tuple[int, ...]) -> tuple[str, ...]:
    """The effects on two lists or more, each with its lists in the table's own order."""
    interactions = [effect for effect in model.effects if effect.bit_count() > 1]
    return tuple(":".join(lists[index] for index in sorted(order[bit] for bit in members(e))) for e in interactions)
