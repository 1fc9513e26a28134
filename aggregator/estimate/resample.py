"""Multinomial resampling that repeats R's `set.seed` and `rmultinom`, draw for draw.

The published intervals were made by the authors' R package. Drawing what R draws lets anyone check an interval against
that package replicate by replicate, instead of within the noise of a different stream: on the UK five lists the BCa
interval of the authors, seed 1234, comes out to the printed digit.

Sources: Matsumoto & Nishimura (1998) for the generator; R's documentation of `RNGkind` for how a seed fills its state;
Kachitvichyanukul & Schmeiser (1988), Communications of the ACM 31, 216-222, algorithms BINV and BTPE, for the binomial.
"""

from collections.abc import Callable
from math import floor, log, sqrt

import numpy as np
from numpy.typing import NDArray

Uniform = Callable[[], float]

# Below this mean the binomial is inverted, above it BTPE accepts and rejects; the limit that R uses.
_INVERSION_MEAN = 30.0
# Inversion starts again past this value: only rounding can lead there.
_INVERSION_END = 110
_BATCH = 8192


def resamples(counts: NDArray[np.int64], replicates: int, seed: int) -> NDArray[np.int64]:
    """Draw as many people as were counted, with replacement, `replicates` times: shape (replicates, cells).

    `counts` has shape (cells,), all positive; `seed` is a whole number of 32 bits. The order of the cells matters to
    the stream, and the last cell takes who is left without a draw of its own, as in R.
    """
    uniform = _uniforms(seed)
    people = int(counts.sum())
    shares = counts / people
    return np.array([_multinomial(uniform, people, shares) for _ in range(replicates)], dtype=np.int64).reshape(
        replicates, counts.size
    )


def _uniforms(seed: int) -> Uniform:
    """The stream of `runif` after `set.seed(seed)` with R's default generator."""
    state = seed & 0xFFFFFFFF
    words = []
    for turn in range(50 + 625):  # fifty turns of a congruential generator scramble the seed, the rest fill the state
        state = (69069 * state + 1) & 0xFFFFFFFF
        if turn > 50:  # the first word is the place in the state, which R then sets to "used up"
            words.append(state)
    twister = np.random.MT19937()
    twister.state = {"bit_generator": "MT19937", "state": {"key": np.array(words, dtype=np.uint32), "pos": 624}}
    waiting: list[float] = []

    def draw() -> float:
        if not waiting:
            # R's factor, kept a hair inside (0, 1) as R does.
            batch = twister.random_raw(_BATCH).astype(np.float64) * 2.3283064365386963e-10
            waiting.extend(np.clip(batch, 2.328306437080797e-10 / 2, 1.0 - 2.328306437080797e-10 / 2)[::-1].tolist())
        return waiting.pop()

    return draw


def _multinomial(uniform: Uniform, people: int, shares: NDArray[np.float64]) -> list[int]:
    """Binomials one cell after another, each given what the earlier cells left."""
    drawn = [0] * shares.size
    left, share_left = people, np.longdouble(1.0)
    for cell in range(shares.size - 1):
        chance = float(shares[cell] / share_left)
        drawn[cell] = _binomial(uniform, left, chance) if chance < 1.0 else left
        left -= drawn[cell]
        if left <= 0:
            return drawn
        share_left -= np.longdouble(shares[cell])
    drawn[-1] = left
    return drawn


def _binomial(uniform: Uniform, trials: int, chance: float) -> int:
    rare = min(chance, 1.0 - chance)
    successes = (
        _by_inversion(uniform, trials, rare) if trials * rare < _INVERSION_MEAN else _btpe(uniform, trials, rare)
    )
    return trials - successes if chance > 0.5 else successes


def _by_inversion(uniform: Uniform, trials: int, chance: float) -> int:
    odds = chance / (1.0 - chance)
    while True:
        value, probability, rest = 0, (1.0 - chance) ** trials, uniform()
        while value <= _INVERSION_END:
            if rest < probability:
                return value
            rest -= probability
            value += 1
            probability *= odds * (trials + 1) / value - odds


def _btpe(uniform: Uniform, trials: int, chance: float) -> int:
    """Triangle, parallelogram and two exponential tails over the binomial, in the names of the paper."""
    n, p, q = trials, chance, 1.0 - chance
    r = p / q
    npq = n * p * q
    f_m = n * p + p
    m = floor(f_m)
    p1 = floor(2.195 * sqrt(npq) - 4.6 * q) + 0.5
    x_m, x_l, x_r = m + 0.5, m + 0.5 - p1, m + 0.5 + p1
    c = 0.134 + 20.5 / (15.3 + m)
    slope = (f_m - x_l) / (f_m - x_l * p)
    lambda_l = slope * (1.0 + 0.5 * slope)
    slope = (x_r - f_m) / (x_r * q)
    lambda_r = slope * (1.0 + 0.5 * slope)
    p2 = p1 * (1.0 + c + c)
    p3 = p2 + c / lambda_l
    p4 = p3 + c / lambda_r
    while True:
        u = uniform() * p4
        v = uniform()
        if u <= p1:  # the triangle lies under the binomial: accept at once
            return int(x_m - p1 * v + u)
        if u <= p2:
            x = x_l + (u - p1) / c
            v = v * c + 1.0 - abs(x_m - x) / p1
            if not 0.0 < v <= 1.0:
                continue
            y = int(x)
        elif u > p3:
            y = int(x_r - log(v) / lambda_r)
            if y > n:
                continue
            v *= (u - p3) * lambda_r
        else:
            y = int(x_l + log(v) / lambda_l)
            if y < 0:
                continue
            v *= (u - p2) * lambda_l
        if _accepted(v, y, m, n, r, npq):
            return y


def _accepted(v: float, y: int, m: int, n: int, r: float, npq: float) -> bool:
    """Whether v <= f(y) / f(m) for the binomial probability function f with mode m."""
    k = abs(y - m)
    if k <= 20 or k >= npq / 2.0 - 1.0:
        ratio = 1.0
        for step in range(min(m, y) + 1, max(m, y) + 1):
            ratio *= r * (n + 1) / step - r
        return v <= ratio if y >= m else v * ratio <= 1.0
    squeeze = (k / npq) * ((k * (k / 3.0 + 0.625) + 1.0 / 6.0) / npq + 0.5)
    normal = -k * k / (2.0 * npq)
    height = log(v)
    if height < normal - squeeze:
        return True
    if height > normal + squeeze:
        return False
    exact = (
        (m + 0.5) * log((m + 1) / (y + 1))
        + (n - m + 0.5) * log((n - m + 1) / (n - y + 1))
        + (y - m) * log((n - y + 1) * r / (y + 1))
        + _stirling(m + 1)
        + _stirling(n - m + 1)
        - _stirling(y + 1)
        - _stirling(n - y + 1)
    )
    return height <= exact


def _stirling(x: int) -> float:
    """Correction terms of Stirling's formula to machine accuracy."""
    square = float(x) * x
    return (13860.0 - (462.0 - (132.0 - (99.0 - 140.0 / square) / square) / square) / square) / x / 166320.0
