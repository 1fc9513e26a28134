"""Size estimate with covariates: list by covariate effects, and a dark figure that is summed over strata.

When groups differ in how likely each list is to see them, pooling the groups makes lists look dependent that are not,
and the estimate can be several times off (Van Dijk, Cruyff, Van der Heijden & Kragten-Heerdink 2017 on the
Netherlands). Here every stratum (a combination of covariate levels) has its own size, and the effects of a list may
differ between levels.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from aggregator.estimate.bootstrap import Watch, bca_interval, one_fewer_totals, resampled_totals, unwatched
from aggregator.estimate.gate import Interval
from aggregator.estimate.histories import history_design, main_effects, members, two_list_effects
from aggregator.estimate.loglinear import Design, Floats
from aggregator.estimate.overlap import OverlapError, OverlapTable
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


@dataclass(frozen=True)
class CovariateEstimate:
    """Estimated size (persons), the effects chosen beyond lists and strata, and the 95 % BCa interval (or None).

    There is no verdict about publication: that belongs to the gate over a full estimate.
    """

    n: int
    estimate: float
    model: tuple[str, ...]
    interval: Interval | None


def estimate_with_covariates(
    table: StratifiedTable, replicates: int = 1000, seed: int = 1234, watch: Watch = unwatched
) -> CovariateEstimate:
    """Stepwise selection among all two-list effects and all list by covariate-level effects, and its BCa interval.

    Raises NotEstimableError when even the model without any of those effects has no estimate.
    """
    design, base, names = _stratified_design(table)
    estimator = partial(stepwise, design, base, tuple(sorted(names)))
    counts = table.vector()
    model = estimator(counts)
    interval = None
    if replicates > 0:
        resampled = resampled_totals(estimator, counts, tuple(range(counts.size)), replicates, seed, watch)
        interval = bca_interval(model.total, resampled, one_fewer_totals(estimator, counts), counts)
    chosen = tuple(names[effect] for effect in model.effects if effect in names)
    return CovariateEstimate(int(counts.sum()), model.total, chosen, interval)


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
