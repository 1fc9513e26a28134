"""The fit of the published weights: at the optimum, and not led astray by a column that says nothing."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from deploy.linkage.fit import RIDGE, logistic


def _drawn(seed: int, rows: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An intercept and three columns of different scale, answers that follow them, and how much each row counts."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(rows), rng.normal(size=rows), 40 * rng.random(rows), rng.random(rows) < 0.2])
    odds = x @ np.array([-1.0, 2.0, 0.05, 1.5])
    return x.astype(float), (rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(float), rng.integers(1, 4, rows) * 1.0


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_it_is_the_optimum(seed: int) -> None:
    """No worse than what a general optimiser finds of the same loss on standardised columns."""
    x, y, times = _drawn(seed)
    share = times / times.sum()
    mean = share @ x[:, 1:]
    spread = np.sqrt(share @ (x[:, 1:] - mean) ** 2)
    z = np.column_stack([x[:, 0], (x[:, 1:] - mean) / spread])

    def loss(beta: np.ndarray) -> float:
        odds = z @ beta
        return float(share @ (np.logaddexp(0, odds) - y * odds) + 0.5 * RIDGE * (beta[1:] ** 2).sum())

    found = logistic(x, y, times)
    mine = np.r_[found[0] + found[1:] @ mean, found[1:] * spread]
    assert loss(mine) <= minimize(loss, np.zeros(4), method="BFGS").fun + 1e-7


@given(st.integers(0, 1000), st.floats(-1e3, 1e3))
@settings(max_examples=20, deadline=None)
def test_a_constant_column_weighs_nothing(seed: int, value: float) -> None:
    """Whatever its value: rounding in its mean once made it weigh so much that every score was shifted."""
    x, y, times = _drawn(seed)
    without, found = logistic(x, y, times), logistic(np.column_stack([x, np.full(len(x), value)]), y, times)
    assert np.allclose(found[:-1], without, atol=1e-9)
    assert abs(found[-1] * value) < 1e-9
