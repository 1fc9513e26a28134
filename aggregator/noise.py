"""The noise of a series: the discrete Gaussian of the library `opendp`, which measures its own cost.

Canonne, Kamath & Steinke ("The discrete Gaussian for differential privacy", NeurIPS 2020): adding it with standard
deviation s to whole numbers whose Euclidean sensitivity is d costs d^2 / (2 s^2) of zero-concentrated differential
privacy (zCDP; Bun & Steinke, TCC 2016). The draw uses the library's own secure randomness, never a seed: noise that
can be drawn again can be taken off again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf, nextafter, sqrt

from aggregator.tables import BadInput

# The share of numbers that may lie further from their count than the accuracy that the command names.
TAIL = 0.05
# A scale that is too small by rounding is widened by this factor until the library's own map agrees.
WIDER = 1.0 + 2.0**-40


@dataclass(frozen=True)
class Mechanism:
    """Discrete Gaussian noise. `cost` is what `opendp` proves that one draw costs (rho of zCDP, exact, never above what
    was asked); at least 95 % of the drawn numbers lie at most `accuracy` from their count."""

    scale: float
    cost: Fraction
    accuracy: int
    draw: Callable[[Sequence[int]], list[int]]


def discrete_gaussian(rho: Fraction, squared_sensitivity: int) -> Mechanism:
    """The narrowest noise that costs at most `rho` > 0 when one case changes the numbers by sqrt(squared_sensitivity).

    Raises BadInput when the package opendp is not installed, or rho is too small for a finite scale.
    """
    try:
        import opendp.prelude as dp  # here and not above: only a series needs this optional dependency
    except ImportError:
        raise BadInput("method: a series needs the package opendp; install schakel[series]") from None
    dp.enable_features("contrib")
    sensitivity = nextafter(sqrt(squared_sensitivity), inf)
    scale = sensitivity / sqrt(2.0 * float(rho))
    space = dp.vector_domain(dp.atom_domain(T=int)), dp.l2_distance(T=float)
    while True:
        measurement = dp.m.make_gaussian(*space, scale=scale)
        cost = Fraction(float(measurement.map(sensitivity)))  # type: ignore[no-untyped-call]  # opendp's own lack
        if cost <= rho:
            break
        scale *= WIDER
    # The library's accuracy is the distance that at most TAIL of the draws reach; one less is what the others keep to.
    accuracy = int(dp.discrete_gaussian_scale_to_accuracy(scale=scale, alpha=TAIL)) - 1
    return Mechanism(scale, cost, accuracy, lambda counts: [int(n) for n in measurement(list(counts))])
