"""Poisson log-linear models on capture histories: existence, identifiability, maximum likelihood.

Rules upheld here, in this order, before any number is returned:

1. An effect whose sufficient statistic is zero (an empty overlap) has maximum likelihood estimate minus infinity:
   every cell that carries the effect has expectation zero and is dropped, and the parameter still counts
   (Chan, Silverman & Vincent 2021, JASA 116, section 2.3).
2. The remaining maximum likelihood estimate exists (Fienberg & Rinaldo 2012, Annals of Statistics 40, 996-1023).
3. The remaining design has full column rank, so the dark figure is identifiable.

No input or output, no clock, no randomness.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.special import gammaln, ndtri

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_MAX_STEPS = 200
# Relative change of the deviance at which the scoring steps stop: far below the printed digit of any estimate.
_CONVERGED = 1e-12


class Obstacle(StrEnum):
    """Why a model has no usable maximum likelihood estimate."""

    NOBODY = "nobody_observed"
    NO_MLE = "no_maximum_likelihood_estimate"
    NOT_IDENTIFIABLE = "not_identifiable"
    NUMERICS = "not_converged"


class NotEstimableError(Exception):
    """The model has no estimate of the dark figure on these counts; `obstacle` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@dataclass(frozen=True, eq=False)
class Design:
    """Which effects act on which cells; column 0 is the intercept.

    `observed` has shape (cells that can be observed, effects), `dark` has shape (cells that cannot be observed,
    effects); both hold 0.0 and 1.0 only. A plain overlap table has one dark cell, a stratified one has one a stratum.
    """

    observed: Floats
    dark: Floats


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model. `effects` are the column numbers of the design, in the order they were asked for.

    `dark` is the expected number of people on no list (persons, > 0), `log_dark_error` the standard error of its
    logarithm, `log_likelihood` includes the factorial term, `parameters` counts effects at minus infinity too, and
    `expected` has shape (cells,) with 0 where such an effect acts.
    """

    effects: tuple[int, ...]
    observed_total: float
    dark: float
    log_dark_error: float
    log_likelihood: float
    parameters: int
    expected: Floats

    @property
    def total(self) -> float:
        """Estimated size of the population: observed plus dark figure (persons)."""
        return self.observed_total + self.dark

    @property
    def bic(self) -> float:
        """Bayesian information criterion with log(number of people observed) for every parameter.

        The convention of Rcapture and of Silverman, Chan & Vincent (2024), Statistics and Computing 34:44.
        """
        return self.parameters * float(np.log(self.observed_total)) - 2.0 * self.log_likelihood


Estimator = Callable[[Floats], Fit]


def fit(design: Design, effects: tuple[int, ...], counts: Floats) -> Fit:
    """Fit the effects to the counts, shape (cells,), after the three checks in this module's docstring.

    Raises NotEstimableError when nobody was observed, when the estimate does not exist or is not identifiable, and
    when the numerical search does not converge.
    """
    columns = list(effects)
    asked = design.observed[:, columns]
    empty = (counts @ asked) == 0.0
    if empty[0] or 0 not in columns[:1]:
        raise NotEstimableError(Obstacle.NOBODY)
    kept = ~(asked[:, empty] > 0.0).any(axis=1)
    matrix, seen = asked[np.ix_(kept, ~empty)], counts[kept]
    require_estimate_exists(matrix, seen)
    coefficients, mean = _maximise(matrix, seen)

    dark_rows = design.dark[:, columns]
    possible = ~(dark_rows[:, empty] > 0.0).any(axis=1)
    dark_matrix = dark_rows[np.ix_(possible, ~empty)]
    dark, error = _dark_figure(dark_matrix, matrix, coefficients, mean)
    expected = np.zeros_like(counts)
    expected[kept] = mean
    return Fit(
        effects=effects,
        observed_total=float(counts.sum()),
        dark=dark,
        log_dark_error=error,
        log_likelihood=float(np.sum(seen * np.log(mean) - mean - gammaln(seen + 1.0))),
        parameters=len(effects),
        expected=expected,
    )


def require_estimate_exists(matrix: Floats, counts: Floats) -> None:
    """Raise NotEstimableError unless the maximum likelihood estimate exists and is unique.

    `matrix` has shape (cells, effects), `counts` shape (cells,). Fienberg & Rinaldo (2012): the estimate exists exactly
    when some strictly positive table x has the observed sufficient statistics, matrix.T @ x = matrix.T @ counts. With
    x = counts + e z for a small e > 0 only the empty cells matter, so the linear programme asks for z in the null space
    of matrix.T that raises every empty cell: maximise s <= 1 with z >= s there. The problem is homogeneous: s is 0 or
    1.
    """
    effects = matrix.shape[1]
    filled = counts > 0.0
    if np.linalg.matrix_rank(matrix[filled]) == effects:
        return  # no direction leaves the filled cells unchanged, so the likelihood has no direction to escape in
    if np.linalg.matrix_rank(matrix) < effects:
        raise NotEstimableError(Obstacle.NOT_IDENTIFIABLE)
    if not _empty_cells_can_be_raised(matrix, filled):
        raise NotEstimableError(Obstacle.NO_MLE)


def _empty_cells_can_be_raised(matrix: Floats, filled: Bools) -> bool:
    cells, effects = matrix.shape
    empty = np.flatnonzero(~filled)
    balance = np.hstack([matrix.T, np.zeros((effects, 1))])
    raised = np.zeros((empty.size, cells + 1))
    raised[np.arange(empty.size), empty] = -1.0
    raised[:, -1] = 1.0
    objective = np.zeros(cells + 1)
    objective[-1] = -1.0
    free: list[tuple[float | None, float | None]] = [(None, None)] * cells
    answer = linprog(
        objective,
        A_ub=raised,
        b_ub=np.zeros(empty.size),
        A_eq=balance,
        b_eq=np.zeros(effects),
        bounds=[*free, (0.0, 1.0)],
        method="highs",
    )
    # Only a proven optimum of one is a yes: any other solver status is a refusal.
    return answer.status == 0 and answer.fun is not None and -float(answer.fun) > 0.5


def _maximise(matrix: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Fisher scoring with step halving; returns the coefficients and the expected counts of the cells."""
    mean: Floats = counts + 0.1  # the usual start of a Poisson regression (McCullagh & Nelder 1989, section 2.5)
    predictor = np.log(mean)
    coefficients: Floats | None = None
    deviance = np.inf
    for _ in range(_MAX_STEPS):
        weighted = matrix * mean[:, None]
        try:
            pull = weighted.T @ (predictor + (counts - mean) / mean)
            target: Floats = np.linalg.solve(matrix.T @ weighted, pull).astype(np.float64)
        except np.linalg.LinAlgError:
            raise NotEstimableError(Obstacle.NUMERICS) from None
        step: Floats = target if coefficients is None else target - coefficients
        base: Floats = np.zeros_like(target) if coefficients is None else coefficients
        coefficients, predictor, mean, reached = _halve_until_better(matrix, counts, base, step, deviance)
        if abs(deviance - reached) <= _CONVERGED * (abs(reached) + 1.0):
            return coefficients, mean
        deviance = reached
    raise NotEstimableError(Obstacle.NUMERICS)


def _halve_until_better(
    matrix: Floats, counts: Floats, base: Floats, step: Floats, deviance: float
) -> tuple[Floats, Floats, Floats, float]:
    for halvings in range(40):
        coefficients = base + step / 2.0**halvings
        predictor = matrix @ coefficients
        if predictor.max() < 500.0:  # exp() overflows past 700
            mean = np.exp(predictor)
            # Minus twice the log-likelihood without its constant term: sum(mean - counts * log mean).
            reached = 2.0 * float(mean.sum() - counts @ predictor)
            if reached <= deviance + 1e-9 * (abs(deviance) + 1.0 if np.isfinite(deviance) else 1.0):
                return coefficients, predictor, mean, reached
    raise NotEstimableError(Obstacle.NUMERICS)


def _dark_figure(dark: Floats, matrix: Floats, coefficients: Floats, mean: Floats) -> tuple[float, float]:
    """Expected people in the dark cells, and the standard error of its logarithm by the delta method."""
    expected = np.exp(dark @ coefficients)
    total = float(expected.sum())
    if not np.isfinite(total) or total <= 0.0:
        raise NotEstimableError(Obstacle.NUMERICS)
    gradient = expected @ dark / total
    information = matrix.T @ (matrix * mean[:, None])
    try:
        variance = float(gradient @ np.linalg.solve(information, gradient))
    except np.linalg.LinAlgError:
        raise NotEstimableError(Obstacle.NUMERICS) from None
    return total, float(np.sqrt(variance))


def wald_interval(model: Fit, level: float = 0.95) -> tuple[float, float]:
    """Interval for the population size, normal on the logarithm of the dark figure, given the model (persons).

    It knows nothing of how the model was chosen; the BCa interval does (Chan, Silverman & Vincent 2021, section 3.1).
    """
    reach = float(ndtri((1.0 + level) / 2.0)) * model.log_dark_error
    low, high = (model.observed_total + model.dark * float(np.exp(side)) for side in (-reach, reach))
    return low, high
