"""Bias-corrected and accelerated (BCa) bootstrap interval with the model selected afresh in every replicate.

After DiCiccio & Efron (1996, Statistical Science 11, 189-228) as Chan, Silverman & Vincent (2021, section 3.3) apply it:
resample the observed people, select and fit again, and take the acceleration from leaving out one person at a time.
Resampling happens up front from a seed, so the answer does not depend on how the refits are spread over processes.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

import numpy as np
from scipy.special import ndtr, ndtri

from aggregator.estimate.loglinear import Estimator, Floats, NotEstimableError

LEVEL = 0.95


class Spread(Protocol):
    """Applies a function to each item and returns the answers in order: `map`, or the `map` of a pool of processes."""

    def __call__(self, function: Callable[[Floats], float], items: Iterable[Floats], /) -> Iterable[float]: ...


def total(estimator: Estimator, counts: Floats) -> float:
    """The estimated population size (persons), infinite when the estimator has no estimate."""
    try:
        return estimator(counts).total
    except NotEstimableError:
        return float("inf")


def resampled_totals(estimator: Estimator, counts: Floats, replicates: int, seed: int, spread: Spread) -> Floats:
    """Estimates on `replicates` multinomial resamples of the observed people, shape (replicates,)."""
    people = int(counts.sum())
    if people == 0 or replicates == 0:
        return np.empty(0)
    draws = np.random.default_rng(seed).multinomial(people, counts / people, size=replicates)
    return np.fromiter(spread(partial(total, estimator), draws.astype(np.float64)), dtype=np.float64, count=replicates)


def one_fewer_totals(estimator: Estimator, counts: Floats, spread: Spread) -> Floats:
    """Estimates with one person of a cell left out, shape (cells,); NaN for a cell without people."""
    filled = np.flatnonzero(counts > 0.0)
    reduced = counts - np.eye(counts.size)[filled]
    totals = np.full(counts.size, np.nan)
    totals[filled] = np.fromiter(spread(partial(total, estimator), reduced), dtype=np.float64, count=filled.size)
    return totals


def bca_interval(
    estimate: float, resampled: Floats, one_fewer: Floats, counts: Floats, level: float = LEVEL
) -> tuple[float, float] | None:
    """The BCa interval for the population size, or None when the replicates do not support one.

    None means: no replicates, all on one side of the estimate, a jackknife estimate or an end that is not finite.
    """
    filled = counts > 0.0
    if resampled.size == 0 or not np.isfinite(estimate) or not np.isfinite(one_fewer[filled]).all():
        return None
    # Symmetric cells give estimates that differ in the last bits only: those are equal, not below.
    below = float(np.mean(resampled < estimate * (1.0 - 1e-12)))
    if below in (0.0, 1.0):
        return None
    people, left_out = counts[filled], one_fewer[filled]
    residual = np.average(left_out, weights=people) - left_out
    spread_out = float(people @ residual**2)
    acceleration = float(people @ residual**3) / (6.0 * spread_out**1.5) if spread_out > 0.0 else 0.0
    bias = float(ndtri(below))
    shifted = bias + ndtri(np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0]))
    stretched = 1.0 - acceleration * shifted
    if (stretched <= 0.0).any():
        return None
    low, high = (_quantile(resampled, float(share)) for share in ndtr(bias + shifted / stretched))
    return (low, high) if np.isfinite(high) else None


def _quantile(values: Floats, share: float) -> float:
    """Hyndman & Fan (1996) quantile 8, the median-unbiased one that the authors use; infinite values allowed."""
    ordered = np.sort(values)
    position = share * (values.size + 1.0 / 3.0) + 1.0 / 3.0
    lower = int(np.clip(np.floor(position), 1, values.size))
    upper = min(lower + 1, values.size)
    fraction = float(np.clip(position - lower, 0.0, 1.0))
    if fraction == 0.0:
        return float(ordered[lower - 1])
    return float(ordered[lower - 1] * (1.0 - fraction) + ordered[upper - 1] * fraction)
