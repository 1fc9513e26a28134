"""The door: the size of a population from the overlaps of incomplete lists, with its interval and its gate.

Multiple systems estimation after Chan, Silverman & Vincent (2021), "Multiple Systems Estimation for Sparse Capture
Data", Journal of the American Statistical Association 116, 1297-1306. The true overlaps go in; out comes what the gate
allows. Pure: the same table, method, number of replicates and seed give the same answer on every machine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import combinations

from aggregator.estimate.bic import MODELS_KEPT, best_models, contest_of, smallest_bic
from aggregator.estimate.bootstrap import Watch, bca_interval, one_fewer_totals, resampled_totals, total, unwatched
from aggregator.estimate.gate import Evidence, Gate, Interval, judge, rounded_outward
from aggregator.estimate.histories import history_design, main_effects, members, two_list_effects
from aggregator.estimate.loglinear import Estimator, Fit, Floats, NotEstimableError, fit
from aggregator.estimate.overlap import OverlapTable
from aggregator.estimate.stepwise import stepwise


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
    study = Study(
        counts=ordered.vector(),
        estimators={each: _estimator(ordered, each) for each in Method},
        drawing_order=_drawing_order(order),
        without_each_list=tuple(
            (_estimator(remaining, method), remaining.vector()) for remaining in _without_each_list(ordered)
        ),
        names=partial(_names, lists=table.lists, order=order),
    )
    return conclude(study, method, replicates, seed, watch)


@dataclass(frozen=True, eq=False)
class Study:
    """What a conclusion is drawn from. `counts` has shape (cells,); `drawing_order` names every cell once, in the order
    in which the seed's stream serves them; `without_each_list` holds, for every list that can be left out, the
    estimator and counts of the others; `names` tells a fit's chosen effects in words."""

    counts: Floats
    estimators: Mapping[Method, Estimator]
    drawing_order: tuple[int, ...]
    without_each_list: tuple[tuple[Estimator, Floats], ...]
    names: Callable[[Fit], tuple[str, ...]]


def conclude(study: Study, method: Method, replicates: int, seed: int, watch: Watch) -> SizeEstimate:
    """Estimate, interval, second opinion and the gate's verdict over a study."""
    counts, chosen = study.counts, study.estimators[method]
    people = int(counts.sum())
    best, opinion = _fit_or_none(chosen, counts), _fit_or_none(study.estimators[Method.BIC], counts)
    if best is None:
        gate = judge(Evidence(float("inf"), None, replicates, (), (), ()))
        return SizeEstimate(people, None, (), None, opinion.total if opinion else None, gate, None)

    one_fewer = one_fewer_totals(chosen, counts)
    resampled = resampled_totals(chosen, counts, study.drawing_order, replicates, seed, watch)
    interval = bca_interval(best.total, resampled, one_fewer, counts)
    evidence = Evidence(
        estimate=best.total,
        interval=interval,
        replicates=replicates,
        opinions=(total(study.estimators[Method.STEPWISE], counts), total(study.estimators[Method.BIC], counts)),
        lists_left_out=tuple(total(estimator, remaining) for estimator, remaining in study.without_each_list),
        people_left_out=tuple(float(size) for size in one_fewer[counts > 0.0]),
    )
    gate = judge(evidence)
    return SizeEstimate(
        n=people,
        estimate=best.total,
        model=study.names(best),
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
            return partial(smallest_bic, contest_of(design, _competing_models(table, forward)))


def _competing_models(table: OverlapTable, forward: Estimator) -> tuple[Fit, ...]:
    lists = len(table.lists)
    start = _fit_or_none(forward, table.vector())
    starts = (start.effects,) if start else ()
    try:
        return best_models(history_design(lists), lists, table.vector(), MODELS_KEPT, starts)
    except NotEstimableError:
        return ()


def _fit_or_none(estimator: Estimator, counts: Floats) -> Fit | None:
    try:
        return estimator(counts)
    except NotEstimableError:
        return None


def _without_each_list(table: OverlapTable) -> tuple[OverlapTable, ...]:
    """The table of all lists but one, for each; none when only one list would be left."""
    lists = range(len(table.lists))
    if len(lists) < 3:
        return ()
    return tuple(table.reordered(tuple(other for other in lists if other != left_out)) for left_out in lists)


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
