"""Size estimate with covariates: list by covariate effects, and a dark figure that is summed over strata.

When groups differ in how likely each list is to see them, pooling the groups makes lists look dependent that are not,
and the estimate can be several times off (Van Dijk, Cruyff, Van der Heijden & Kragten-Heerdink 2017 on the
Netherlands). Here every stratum (a combination of covariate levels) has its own size, and the effects of a list may
differ between levels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from aggregator.estimate.bic import best_by_steps, contest_of, smallest_bic
from aggregator.estimate.bootstrap import Watch, unwatched
from aggregator.estimate.histories import history_design, main_effects, members, two_list_effects
from aggregator.estimate.loglinear import Design, Estimator, Fit, Floats, fit
from aggregator.estimate.overlap import OverlapError, OverlapTable
from aggregator.estimate.size import Method, SizeEstimate, Study, conclude
from aggregator.estimate.stepwise import stepwise


@dataclass(frozen=True)
class StratifiedTable:
    """One overlap table a stratum: strata[i] holds a level for every covariate, tables[i] the counts of that stratum.

    All tables have the same lists in the same order. Strata in which nobody was observed are left out: they carry no
    information, and their dark figure is estimated as zero.
    """

    covariates: tuple[str, ...]
    strata: tuple[tuple[str, ...], ...]
    tables: tuple[OverlapTable, ...]

    def __post_init__(self) -> None:
        if len(self.strata) != len(self.tables) or not self.tables:
            raise OverlapError("every stratum needs one overlap table")
        if len(set(self.strata)) != len(self.strata):
            raise OverlapError("two strata have the same covariate levels")
        if any(len(levels) != len(self.covariates) for levels in self.strata):
            raise OverlapError("every stratum needs one level for every covariate")
        if len({table.lists for table in self.tables}) != 1:
            raise OverlapError("all strata need the same lists in the same order")
        if any(table.observed == 0 for table in self.tables):
            raise OverlapError("leave out strata in which nobody was observed")

    def vector(self) -> Floats:
        """Counts of shape (strata * (2**lists - 1),), stratum after stratum."""
        return np.concatenate([table.vector() for table in self.tables])

    def without(self, index: int) -> "StratifiedTable | None":
        """The same strata seen through all lists but number `index`; None when nobody is on the others."""
        kept = tuple(other for other in range(len(self.tables[0].lists)) if other != index)
        left = [(levels, table.reordered(kept)) for levels, table in zip(self.strata, self.tables, strict=True)]
        filled = [(levels, table) for levels, table in left if table.observed]
        if not filled:
            return None
        return StratifiedTable(self.covariates, tuple(levels for levels, _ in filled), tuple(t for _, t in filled))


def stratified(
    covariates: Sequence[str], strata: Mapping[tuple[str, ...], OverlapTable], source: str
) -> StratifiedTable:
    """The table of all strata in which somebody was observed, lists in order of their names, strata of their levels.

    Raises OverlapError (naming `source`) when nobody was observed at all.
    """
    filled = [(levels, table) for levels, table in sorted(strata.items()) if table.observed]
    if not filled:
        raise OverlapError(f"{source}, column 'count': nobody was observed; there is nothing to estimate from")
    names = filled[0][1].lists
    order = tuple(sorted(range(len(names)), key=lambda index: names[index]))
    tables = tuple(table.reordered(order) for _, table in filled)
    return StratifiedTable(tuple(covariates), tuple(levels for levels, _ in filled), tables)


def estimate_with_covariates(
    table: StratifiedTable,
    method: Method = Method.STEPWISE,
    replicates: int = 1000,
    seed: int = 1234,
    watch: Watch = unwatched,
) -> SizeEstimate:
    """Estimate the population over all strata, choosing among two-list effects and list by covariate-level effects.

    Method and gate are those of `estimate_size`; the second opinion is the best BIC that a walk from model to model
    finds. The model names its effects "A:B" for two lists and "A:column=level" for a list in one level. A table on
    which nothing can be estimated is an answer too: no estimate, and a gate that refuses.
    """
    counts = table.vector()
    lists = range(len(table.tables[0].lists))
    shorter = [table.without(index) for index in lists] if len(lists) > 2 else []
    study = Study(
        counts=counts,
        estimators={each: _estimator(table, each) for each in Method},
        drawing_order=tuple(range(counts.size)),
        without_each_list=tuple((_estimator(other, method), other.vector()) for other in shorter if other),
        names=partial(_chosen, names=_stratified_design(table)[2]),
    )
    return conclude(study, method, replicates, seed, watch)


def _chosen(model: Fit, names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(names[effect] for effect in model.effects if effect in names)


def _estimator(table: StratifiedTable, method: Method) -> Estimator:
    """What is done afresh on every resample. For BIC the models that compete are found here, on the table itself."""
    design, base, names = _stratified_design(table)
    candidates = tuple(sorted(names))
    match method:
        case Method.STEPWISE:
            return partial(stepwise, design, base, candidates)
        case Method.MAIN:
            return partial(fit, design, base)
        case Method.BIC:
            return partial(smallest_bic, contest_of(design, best_by_steps(design, base, candidates, table.vector())))


def _stratified_design(table: StratifiedTable) -> tuple[Design, tuple[int, ...], dict[int, str]]:
    """The design, its base columns (intercept, lists, one a stratum but the first), and the candidates by name."""
    lists = table.tables[0].lists
    count, strata = len(lists), len(table.tables)
    histories = history_design(count)
    mains, pairs = main_effects(count), two_list_effects(count)
    cells = histories.observed.shape[0]
    observed = [np.tile(histories.observed[:, [*mains, *pairs]], (strata, 1))]
    dark = [np.tile(histories.dark[:, [*mains, *pairs]], (strata, 1))]
    names = {len(mains) + at: ":".join(lists[index] for index in members(pair)) for at, pair in enumerate(pairs)}
    observed.append(np.repeat(np.eye(strata)[:, 1:], cells, axis=0))
    dark.append(np.eye(strata)[:, 1:])
    base = (*range(len(mains)), *range(len(mains) + len(pairs), len(mains) + len(pairs) + strata - 1))
    column = len(mains) + len(pairs) + strata - 1
    for position, covariate in enumerate(table.covariates):
        for level in sorted({levels[position] for levels in table.strata}):
            inside = np.array([float(levels[position] == level) for levels in table.strata])
            on_list = observed[0][:, 1 : count + 1]
            observed.append(on_list * np.repeat(inside, cells)[:, None])
            dark.append(np.zeros((strata, count)))
            names |= {column + at: f"{name}:{covariate}={level}" for at, name in enumerate(lists)}
            column += count
    return Design(np.hstack(observed), np.hstack(dark)), base, names
