"""Releases over time: years, corrections, mergers and a five-year series, attacked together."""

import numpy as np
import pandas as pd
import pytest

from aggregator.history import PublishedRelease, attack_releases
from aggregator.protect import SafeRelease, protect
from aggregator.tables import ReleaseSpec, read_spec

K = 5
TABLES = [["gemeente", "vorm"], ["vorm", "geslacht"], ["gemeente", "geslacht"], ["gemeente"], ["vorm"]]


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


def simulate(years: int, each: int) -> tuple[list[PublishedRelease], int]:
    """New tables on the same cases, corrected years, a merger; returns the ledger and the number refused."""
    ledger: list[PublishedRelease] = []
    refused = 0
    for year in range(years):
        frame = year_of(100 + year, 180 + 20 * year)
        for number in range(each):
            if number == each // 2:
                frame = pd.concat([frame, year_of(900 + year, 12)], ignore_index=True)
            merging = year in (2, 3) and number == each - 1
            mergers = {"g4": "g9", "g5": "g9"} if merging else None
            cases = frame.assign(gemeente=frame["gemeente"].replace(mergers)) if mergers else frame
            spec = spec_of(TABLES[number % len(TABLES)], str(2021 + year), mergers)
            answer = protect(cases, spec, ledger)
            if isinstance(answer, SafeRelease):
                ledger.append(published(f"{year}-{number:02d}", answer, spec))
            else:
                refused += 1
    return ledger, refused


def test_a_year_of_releases_opens_nothing() -> None:
    """Six releases of one year with a correction half-way: 0 cells opened by all together."""
    ledger, _ = simulate(1, 6)
    assert len(ledger) >= 3
    assert attack_releases(ledger).broken == ()


@pytest.mark.full
def test_five_years_and_sixty_releases_open_nothing() -> None:
    """Five years, 60 releases, corrections and two mergers: 0 cells recovered exactly or below k."""
    ledger, refused = simulate(5, 12)
    assert len(ledger) + refused == 60
    assert len(ledger) >= 30
    assert attack_releases(ledger).broken == ()
