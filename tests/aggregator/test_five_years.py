"""Five simulated years: a release a month with late corrections, two municipal mergers and publications by others."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time

import numpy as np
import pandas as pd
import pytest

from aggregator.history import PublishedRelease, attack_releases
from aggregator.protect import SafeRelease, protect
from aggregator.tables import Dimension, ReleaseSpec, SafeTable, hierarchy_of, read_spec
from tests.aggregator.third_attacker import ThirdAttacker

K = 5
TOWNS = tuple(f"g{i}" for i in range(8))
GROUPS = {"west": ("g0", "g1", "g2", "g3"), "oost": ("g4", "g5", "g6", "g7")}
FORMS = ("seksueel", "arbeid", "crimineel", "diensten")
SEXES = ("m", "v")
# Year (from 0), month (from 0) and the merger that is in force from then to the end of that year.
MERGERS = {1: (6, {"g6": "g67", "g7": "g67"}), 3: (4, {"g4": "g45", "g5": "g45"})}
# Cases come in late in these months; others publish in those, by form and later in the year by sex.
CORRECTED, OUTSIDE = (4, 8), {2: "vorm", 9: "geslacht"}
TABLES = (
    [["gemeente", "vorm"]],
    [["vorm", "geslacht"], ["gemeente"]],
    [["gemeente", "geslacht"]],
    [["gemeente", "vorm"], ["gemeente", "geslacht"]],
)


def spec_of(tables: list[list[str]], year: int, merged: dict[str, str]) -> ReleaseSpec:
    """One month's tables; municipalities under their area, in the geography of the month."""
    parents = {merged.get(town, town): area for area, towns in GROUPS.items() for town in towns}
    return read_spec(
        {
            "k": K,
            "population": str(2021 + year),
            "dimensions": {
                "gemeente": {"total": "regio", "parents": parents, "mergers": merged},
                "vorm": {"total": "alle", "codes": list(FORMS)},
                "geslacht": {"total": "t", "codes": list(SEXES)},
            },
            "tables": [{"id": "_".join(dims), "dims": dims} for dims in tables],
        },
        "spec",
    )


def cases_of(seed: int, size: int) -> pd.DataFrame:
    """Invented cases, most of them in two towns and two forms."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "gemeente": rng.choice(TOWNS, size, p=[0.34, 0.2, 0.12, 0.1, 0.09, 0.07, 0.05, 0.03]),
            "vorm": rng.choice(FORMS, size, p=[0.45, 0.3, 0.17, 0.08]),
            "geslacht": rng.choice(SEXES, size, p=[0.4, 0.6]),
        }
    )


def by_others(frame: pd.DataFrame, year: int, month: int, dim: str) -> PublishedRelease:
    """What a national coordinator publishes: the region's cases along one dimension, exact, but for numbers below k."""
    total, codes = ("alle", FORMS) if dim == "vorm" else ("t", SEXES)
    tree = hierarchy_of(dim, Dimension(total=total, codes=codes), ())
    counts = [int(frame[dim].isin(tree.leaves(code)).sum()) for code in tree.order]
    kept = [(code, count) for code, count in zip(tree.order, counts, strict=True) if count >= K]
    table = SafeTable(dim, (dim,), tuple((code,) for code, _ in kept), tuple(count for _, count in kept))
    return PublishedRelease(f"others {year}-{month}", K, str(2021 + year), {dim: tree}, (table,))


def expected(frame: pd.DataFrame, year: int, month: int) -> list[PublishedRelease]:
    """What others will still publish from these cases: known to the maker, who counts them along."""
    until = next((m for m in CORRECTED if m > month), 12)
    return [by_others(frame, year, m, dim) for m, dim in OUTSIDE.items() if month <= m < until]


@dataclass(frozen=True)
class Epoch:
    """Months between two corrections: the cases as they then were, and all that was published of them."""

    frame: pd.DataFrame
    releases: tuple[PublishedRelease, ...]


@dataclass(frozen=True)
class Series:
    """All that came out, how many releases were refused, and the CPU seconds of each month's protection."""

    epochs: tuple[Epoch, ...]
    refused: int
    seconds: tuple[float, ...]

    @property
    def ledger(self) -> list[PublishedRelease]:
        """Oldest first."""
        return [release for epoch in self.epochs for release in epoch.releases]


def simulate(years: int, months: int) -> Series:
    """Every month: corrections first, then what others publish, then our release over the whole ledger.

    What others are known to publish later from the same cases counts from the start: once a release is out, nothing can
    be withheld any more.
    """
    epochs: list[Epoch] = []
    refused, seconds = 0, []
    for year in range(years):
        frame, fresh = cases_of(100 + year, 260 + 40 * year), True
        for month in range(months):
            if month in CORRECTED:
                frame = pd.concat([frame, cases_of(900 + 10 * year + month, 40)], ignore_index=True)
            if fresh or month in CORRECTED:
                epochs.append(Epoch(frame, ()))
                fresh = False
            start, merged = MERGERS.get(year, (months, {}))
            merged = merged if month >= start else {}
            ledger = [release for epoch in epochs for release in epoch.releases]
            outside = expected(frame, year, month)
            if month in OUTSIDE:
                epochs[-1] = Epoch(frame, (*epochs[-1].releases, outside[0]))
            spec = spec_of(TABLES[month % len(TABLES)], year, merged)
            before = process_time()
            answer = protect(frame.assign(gemeente=frame["gemeente"].replace(merged)), spec, [*ledger, *outside])
            seconds.append(process_time() - before)
            if isinstance(answer, SafeRelease):
                mergers = {"gemeente": merged}
                release = PublishedRelease(
                    f"{year}-{month:02d}", K, spec.population, answer.hierarchies, answer.tables, mergers
                )
                epochs[-1] = Epoch(frame, (*epochs[-1].releases, release))
            else:
                refused += 1
    return Series(tuple(epochs), refused, tuple(seconds))


def codes_then() -> dict[str, dict[str, tuple[str, ...]]]:
    """Every code that occurs in any month, with the finest codes under it."""
    towns = {"regio": TOWNS, **GROUPS, **{town: (town,) for town in TOWNS}, "g67": ("g6", "g7"), "g45": ("g4", "g5")}
    forms = {"alle": FORMS, **{form: (form,) for form in FORMS}}
    return {"gemeente": towns, "vorm": forms, "geslacht": {"t": SEXES, "m": ("m",), "v": ("v",)}}


def opened(series: Series) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Sensitive cells that a third attacker works out from all that was published of the same cases."""
    for epoch in series.epochs:
        tables = [table for release in epoch.releases for table in release.tables]
        if tables:
            yield from ThirdAttacker(codes_then(), tables, K).open_cells(epoch.frame, epoch.frame.iloc[:0])


def test_two_years_with_a_merger_open_nothing() -> None:
    """24 months with corrections, others and a merger: 0 cells opened, for ours and for a third attacker."""
    series = simulate(2, 12)
    assert series.refused <= 4
    assert attack_releases(series.ledger).broken == ()
    assert list(opened(series)) == []


def test_harmless_cell_that_lies_open_does_not_stop_the_next_release() -> None:
    """A withheld cell of twenty cases that earlier numbers give away is not held against a release that adds none."""
    rows = [(town, form, sex) for town in TOWNS for form in FORMS for sex in SEXES for _ in range(10)]
    frame = pd.DataFrame(rows, columns=["gemeente", "vorm", "geslacht"])
    first = protect(frame, spec_of([["gemeente", "vorm"]], 0, {}))
    assert isinstance(first, SafeRelease)
    (table,) = first.tables
    counts = list(table.counts)
    counts[table.codes.index(("g0", "arbeid"))] = None
    open_table = SafeTable(table.id, table.dims, table.codes, tuple(counts))
    earlier = PublishedRelease("first", K, "2021", first.hierarchies, (open_table,))
    assert len(attack_releases([earlier]).broken) == 1
    assert isinstance(protect(frame, spec_of([["gemeente", "geslacht"]], 0, {}), [earlier]), SafeRelease)


def test_sensitive_cell_that_lies_open_does_stop_the_next_release() -> None:
    """The same cell with three cases: nothing more is released about cases of which something is known already."""
    rows = [(town, form, sex) for town in TOWNS for form in FORMS for sex in SEXES for _ in range(10)]
    frame = pd.DataFrame(rows, columns=["gemeente", "vorm", "geslacht"])
    small = (frame["gemeente"] == "g0") & (frame["vorm"] == "arbeid")
    frame = pd.concat([frame[~small], frame[small].iloc[:3]])
    first = protect(frame, spec_of([["gemeente", "vorm"]], 0, {}))
    assert isinstance(first, SafeRelease)
    (table,) = first.tables
    true = [
        int((frame["gemeente"].isin(codes_then()["gemeente"][g]) & frame["vorm"].isin(codes_then()["vorm"][v])).sum())
        for g, v in table.codes
    ]
    leaky = SafeTable(table.id, table.dims, table.codes, tuple(None if 0 < n < K else n for n in true))
    earlier = PublishedRelease("first", K, "2021", first.hierarchies, (leaky,))
    answer = protect(frame, spec_of([["gemeente", "geslacht"]], 0, {}), [earlier])
    assert not isinstance(answer, SafeRelease)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_sixty_releases_open_nothing() -> None:
    """Five years of twelve: 0 cells recovered exactly or below k, and at most a fifth of the releases refused."""
    series = simulate(5, 12)
    assert len(series.seconds) == 60
    assert series.refused <= 12
    found = attack_releases(series.ledger)
    assert found.broken == ()
    assert all(cell.high >= K and cell.high - cell.low >= K for cell in found.cells)
    assert list(opened(series)) == []
