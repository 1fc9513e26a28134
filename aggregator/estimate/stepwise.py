"""Forward selection by the exact Poisson tail, after Chan, Silverman & Vincent (2021), JASA 116, section 3.2.

The p-value of a candidate effect is the smaller exact tail, under the current model, of the number of people in the
cells on which the effect acts (for a two-list effect: everyone on both lists, whatever else they are on). A Wald test
picks other models on sparse tables, and is not used.
"""

import numpy as np
from scipy.special import gammainc, gammaln, pdtr

from aggregator.estimate.loglinear import Design, Fit, Floats, NotEstimableError, fit

# Section 3.2 and the simulation study of the paper: the threshold that kept coverage.
THRESHOLD = 0.02


def stepwise(
    design: Design,
    base: tuple[int, ...],
    candidates: tuple[int, ...],
    counts: Floats,
    threshold: float = THRESHOLD,
) -> Fit:
    """Start from the base effects and add the most significant candidate until none is below the threshold.

    A candidate whose model has no estimate is passed over in favour of the next. Equal p-values are settled by the
    order of `candidates`. Raises NotEstimableError when the base model itself has no estimate.
    """
    model = fit(design, base, counts)
    people = counts @ design.observed
    while True:
        left = [effect for effect in candidates if effect not in model.effects]
        if not left:
            return model
        tails = log_poisson_tail(people[left], model.expected @ design.observed[:, left])
        # Rounding makes p-values that are equal by symmetry equal in floating point too.
        ranked = sorted((round(float(tail), 9), place) for place, tail in enumerate(tails) if tail < np.log(threshold))
        larger = _first_with_an_estimate(design, model, [left[place] for _, place in ranked], counts)
        if larger is None:
            return model
        model = larger


def _first_with_an_estimate(design: Design, model: Fit, ranked: list[int], counts: Floats) -> Fit | None:
    for effect in ranked:
        try:
            return fit(design, (*model.effects, effect), counts)
        except NotEstimableError:
            continue
    return None


def log_poisson_tail(observed: Floats, mean: Floats) -> Floats:
    """log min(P(X <= observed), P(X >= observed)) for X Poisson with the given mean; arrays of one shape.

    Where both tails are too small for a double (below about 1e-308) the logarithm of the point probability stands in
    for them: it keeps the order of candidates that are all far below any threshold.
    """
    lower = pdtr(observed, mean)
    upper = np.where(observed > 0.0, gammainc(np.maximum(observed, 1.0), mean), 1.0)
    tail = np.minimum(lower, upper)
    safe_mean = np.maximum(mean, np.finfo(np.float64).tiny)
    point = observed * np.log(safe_mean) - mean - gammaln(observed + 1.0)
    return np.where(tail > 0.0, np.log(np.where(tail > 0.0, tail, 1.0)), point)
