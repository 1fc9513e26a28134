"""Releases over time: a merger of municipalities (test_five_years.py simulates the rest)."""

import numpy as np
import pandas as pd

from aggregator.history import PublishedRelease, attack_releases
from aggregator.protect import SafeRelease, protect
from aggregator.tables import ReleaseSpec, read_spec

K = 5


def spec_of(dims: list[str], population: str, mergers: dict[str, str] | None = None) -> ReleaseSpec:
    """One table of one year."""
    gemeente = {"total": "regio"} | ({"mergers": mergers} if mergers else {})
    return read_spec(
        {
            "k": K,
            "population": population,
            "dimensions": {"gemeente": gemeente, "vorm": {"total": "alle"}, "geslacht": {"total": "t"}},
            "tables": [{"id": "_".join(dims), "dims": dims}],
        },
        "spec",
    )


def year_of(seed: int, size: int) -> pd.DataFrame:
    """One year's invented cases."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "gemeente": [f"g{i}" for i in rng.choice(6, size, p=[0.4, 0.2, 0.15, 0.1, 0.1, 0.05])],
            "vorm": [f"v{i}" for i in rng.choice(3, size, p=[0.6, 0.3, 0.1])],
            "geslacht": rng.choice(["m", "v"], size),
        }
    )


def published(name: str, answer: SafeRelease, spec: ReleaseSpec) -> PublishedRelease:
    """A release as the ledger keeps it."""
    mergers = {dim: d.mergers for dim, d in spec.dimensions.items()}
    return PublishedRelease(name, spec.k, spec.population, answer.hierarchies, answer.tables, mergers)


def test_merger_is_an_overlapping_geography() -> None:
    """After g4 and g5 merged into g9, the new table and the old one are attacked over their common parts."""
    frame, old = year_of(1, 200), spec_of(["gemeente", "vorm"], "2024")
    first = protect(frame, old)
    assert isinstance(first, SafeRelease)
    ledger = [published("old", first, old)]
    merged = frame.assign(gemeente=frame["gemeente"].replace({"g4": "g9", "g5": "g9"}))
    new = spec_of(["gemeente", "vorm"], "2024", {"g4": "g9", "g5": "g9"})
    second = protect(merged, new, ledger)
    assert isinstance(second, SafeRelease)
    assert attack_releases([*ledger, published("new", second, new)]).broken == ()
