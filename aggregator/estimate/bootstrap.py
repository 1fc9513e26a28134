"""Bias-corrected and accelerated (BCa) bootstrap interval with the model selected afresh in every replicate.

After DiCiccio & Efron (1996, Statistical Science 11, 189-228) as Chan, Silverman & Vincent (2021, section 3.3) apply
it: resample the observed people, select and fit again, and take the acceleration from leaving out one person at a time.
"""

from collections.abc import Callable, Iterable

import numpy as np
from scipy.special import ndtr, ndtri

from aggregator.estimate.loglinear import Estimator, Floats, NotEstimableError
from aggregator.estimate.resample import resamples

LEVEL = 0.95

# Passes the replicates through one by one; a command line draws its progress bar here.
Watch = Callable[[Iterable[Floats]], Iterable[Floats]]


def unwatched(replicates: Iterable[Floats]) -> Iterable[Floats]:
    """No progress bar."""
    return replicates


def total(estimator: Estimator, counts: Floats) -> float:
    """The estimated population size (persons), infinite when the estimator has no estimate."""
    try:
        return estimator(counts).total
    except NotEstimableError:
        return float("inf")


def resampled_totals(
    estimator: Estimator, counts: Floats, order: tuple[int, ...], replicates: int, seed: int, watch: Watch = unwatched
) -> Floats:
    """Estimates on `replicates` multinomial resamples of the observed people, shape (replicates,).

    `counts` has shape (cells,) and `order` names every cell once, in the order in which the seed's stream serves them;
    cells without people stay empty and are passed over.
    """
    filled = [cell for cell in order if counts[cell] > 0.0]
    if replicates == 0 or not filled:
        return np.empty(0)
    placed = np.zeros((replicates, counts.size))
    placed[:, filled] = resamples(counts[filled].astype(np.int64), replicates, seed)
    return np.array([total(estimator, row) for row in watch(placed)], dtype=np.float64)


def one_fewer_totals(estimator: Estimator, counts: Floats) -> Floats:
    """Estimates with one person of a cell left out, shape (cells,); NaN for a cell without people."""
    totals = np.full(counts.size, np.nan)
    for cell in np.flatnonzero(counts > 0.0):
        reduced = counts.copy()
        reduced[cell] -= 1.0
        totals[cell] = total(estimator, reduced)
    return totals


def bca_interval(
    estimate: float, resampled: Floats, one_fewer: Floats, counts: Floats, level: float = LEVEL
) -> tuple[float, float] | None:
    """The BCa interval for the population size, or None when the replicates do not support one.

    `one_fewer` and `counts` have shape (cells,). None means: no replicates, all of them on one side of the estimate, or
    a jackknife estimate or an end of the interval that is not finite.
    """
    filled = counts > 0.0
    if resampled.size == 0 or not np.isfinite(estimate) or not np.isfinite(one_fewer[filled]).all():
        return None
    # A replicate with the estimate itself, up to rounding, is not below it.
    below = float(np.mean(resampled < estimate * (1.0 - 1e-12)))
    if below in (0.0, 1.0):
        return None
    bias = float(ndtri(below))
    shifted = bias + ndtri(np.array([(1.0 - level) / 2.0, (1.0 + level) / 2.0]))
    stretched = 1.0 - _acceleration(one_fewer[filled], counts[filled]) * shifted
    if (stretched <= 0.0).any():
        return None
    low, high = (_quantile(resampled, float(share)) for share in ndtr(bias + shifted / stretched))
    return (low, high) if np.isfinite(high) else None


def _acceleration(one_fewer: Floats, people: Floats) -> float:
    """Skewness of the jackknife: a sixth of the third moment over the second to the power 3/2, each person once."""
    residual = np.average(one_fewer, weights=people) - one_fewer
    second = float(people @ residual**2)
    return float(people @ residual**3) / (6.0 * second**1.5) if second > 0.0 else 0.0


def _quantile(values: Floats, share: float) -> float:
    """Quantile 8 of Hyndman & Fan (1996), the median-unbiased one that the authors use; infinite values allowed."""
    ordered = np.sort(values)
    position = share * (values.size + 1.0 / 3.0) + 1.0 / 3.0
    lower = int(np.clip(np.floor(position), 1, values.size))
    upper = min(lower + 1, values.size)
    fraction = float(np.clip(position - lower, 0.0, 1.0))
    if fraction == 0.0:
        return float(ordered[lower - 1])
    return float(ordered[lower - 1] * (1.0 - fraction) + ordered[upper - 1] * fraction)
