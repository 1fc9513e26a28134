"""Random regions: from every viewpoint nothing sensitive opens, planted leaks are caught, and safe tables pass."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from aggregator.history import PublishedRelease, Truth, attack_releases
from aggregator.protect import SafeRelease, Withheld, protect
from aggregator.tables import CountTable, ReleaseSpec, SafeTable, read_spec
from aggregator.tabulate import read_micro, tabulate
from tests.aggregator.third_attacker import ThirdAttacker

K = 5
GROUPS = {"A": ("g0", "g1"), "B": ("g2", "g3")}
CODES = {
    "gemeente": {"regio": ("g0", "g1", "g2", "g3"), **GROUPS, **{f"g{i}": (f"g{i}",) for i in range(4)}},
    "vorm": {"alle": ("v0", "v1", "v2"), **{f"v{i}": (f"v{i}",) for i in range(3)}},
    "geslacht": {"t": ("m", "v"), "m": ("m",), "v": ("v",)},
}
# Refusals by reason. Of the first two it is proven that no safe pattern exists: such tables are not safe to publish.
REASONS = {
    "total sensitive": "total is itself sensitive",
    "no safe pattern": "cannot be hidden",
    "attackers disagree": "disagree",
}
TWO = [["gemeente", "vorm"], ["vorm", "geslacht"]]
THREE = [*TWO, ["gemeente", "geslacht"]]


def spec_of(tables: list[list[str]], **more: object) -> ReleaseSpec:
    """Linked tables over municipalities with a level above them, forms and sexes, all codes known."""
    parents = {child: parent for parent, below in GROUPS.items() for child in below}
    return read_spec(
        {
            "k": K,
            "dimensions": {
                "gemeente": {"total": "regio", "parents": parents},
                "vorm": {"total": "alle", "codes": ["v0", "v1", "v2"]},
                "geslacht": {"total": "t", "codes": ["m", "v"]},
            },
            "tables": [{"id": "_".join(dims), "dims": dims} for dims in tables],
            **more,
        },
        "spec",
    )


def region_of(seed: int) -> pd.DataFrame:
    """30 to 230 cases of three partners, most in few municipalities and one form."""
    rng = np.random.default_rng(seed)
    size = 30 + int(rng.integers(200))
    towns, who = rng.dirichlet(np.full(4, 0.8)), rng.dirichlet(np.full(3, 3.0))
    return pd.DataFrame(
        {
            "gemeente": rng.choice([f"g{i}" for i in range(4)], size, p=towns),
            "vorm": rng.choice(["v0", "v1", "v2"], size, p=[0.55, 0.3, 0.15]),
            "geslacht": rng.choice(["m", "v"], size, p=[0.35, 0.65]),
            "partner": rng.choice(["p0", "p1", "p2"], size, p=who),
        }
    )


def viewpoints(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """What each attacker knows: nothing, one partner's cases, two partners' cases."""
    yield frame.iloc[:0]
    names = sorted(set(frame["partner"]))
    for group in [*combinations(names, 1), *combinations(names, 2)]:
        yield frame[frame["partner"].isin(group)]


def look_at(seed: int) -> tuple[str, int]:
    """Protect one region and attack it from every viewpoint: (outcome, sensitive cells that open)."""
    frame = region_of(seed)
    tables = THREE if seed % 4 == 0 else TWO
    answer = protect(frame, spec_of(tables, partner="partner"))
    if isinstance(answer, Withheld):
        return next((word for word, text in REASONS.items() if text in answer.reasons[0]), "refused"), 0
    third = ThirdAttacker(CODES, answer.tables, K)
    return "released", sum(len(third.open_cells(frame, known)) for known in viewpoints(frame))


def look_at_all(seeds: range) -> Counter[str]:
    """Outcomes over many regions, and cells that open."""
    seen: Counter[str] = Counter(opened=0)
    for seed in seeds:
        outcome, opened = look_at(seed)
        seen[outcome] += 1
        seen["opened"] += opened
    return seen


def test_no_viewpoint_opens_a_region() -> None:
    """24 regions, seven viewpoints each: no sensitive cell opens and the two attackers never disagree."""
    seen = look_at_all(range(24))
    assert (seen["opened"], seen["attackers disagree"]) == (0, 0)
    assert seen["refused"] == 0
    assert seen["released"] >= 20


@pytest.mark.full
@pytest.mark.timeout(4 * 3600)
def test_no_viewpoint_opens_one_of_a_thousand_regions() -> None:
    """1,000 regions, seven viewpoints each: 0 cells open, 0 disagreements, fewer than 5 % of the safe ones refused."""
    seen = look_at_all(range(1000))
    assert (seen["opened"], seen["attackers disagree"]) == (0, 0)
    assert seen["refused"] < 0.05 * seen["released"]


def count_tables(frame: pd.DataFrame, spec: ReleaseSpec) -> list[CountTable]:
    """The true counts."""
    cases = read_micro(frame, spec)
    return [tabulate(cases, table) for table in spec.tables]


def leaks(true: list[CountTable], safe: SafeRelease, seed: int) -> Iterator[tuple[str, tuple[SafeTable, ...]]]:
    """Tables as people get them wrong: small cells only withheld, and one cell of a safe pattern shown after all."""
    yield (
        "primary only",
        tuple(SafeTable(t.id, t.dims, t.codes, tuple(None if 0 < n < K else n for n in t.counts)) for t in true),
    )
    rng = np.random.default_rng(seed)
    shown = {t.id: dict(zip(t.codes, t.counts, strict=True)) for t in true}
    for number, table in enumerate(safe.tables):
        hidden = [at for at, count in enumerate(table.counts) if count is None]
        if not hidden:
            continue
        at = int(rng.choice(hidden))
        counts = list(table.counts)
        counts[at] = shown[table.id][table.codes[at]]
        changed = SafeTable(table.id, table.dims, table.codes, tuple(counts))
        yield "one cell shown", (*safe.tables[:number], changed, *safe.tables[number + 1 :])


def plant(seeds: range) -> tuple[int, int]:
    """How many planted tables give a sensitive cell away by the third attacker, and how many of those ours catches."""
    planted = caught = 0
    for seed in seeds:
        frame, spec = region_of(seed), spec_of(TWO)
        safe, true = protect(frame, spec), count_tables(frame, spec)
        if isinstance(safe, Withheld):
            continue
        truth = Truth({(t.id, c): n for t in true for c, n in zip(t.codes, t.counts, strict=True)})
        for _, tables in leaks(true, safe, seed):
            if not ThirdAttacker(CODES, tables, K).open_cells(frame, frame.iloc[:0]):
                continue
            planted += 1
            caught += bool(attack_releases([PublishedRelease("leaky", K, "", safe.hierarchies, tables)], truth).broken)
    return planted, caught


def test_every_planted_leak_is_caught() -> None:
    """Whatever the third attacker opens in a spoilt table of 25 regions, ours opens too."""
    planted, caught = plant(range(2000, 2025))
    assert planted > 25
    assert caught == planted


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_every_planted_leak_of_five_hundred_regions_is_caught() -> None:
    """The same over 500 regions: 100 % caught."""
    planted, caught = plant(range(2000, 2500))
    assert planted > 500
    assert caught == planted


def safe_refused(seeds: range) -> int:
    """How often a region with nothing to hide is refused, or something in it withheld."""
    refused = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        rows = [
            (g, v, s, p, int(rng.integers(K, 60)))
            for g in CODES["gemeente"]["regio"]
            for v in CODES["vorm"]["alle"]
            for s in ("m", "v")
            for p in ("p0", "p1", "p2")
        ]
        frame = pd.DataFrame(rows, columns=["gemeente", "vorm", "geslacht", "partner", "count"])
        answer = protect(frame, spec_of(THREE, partner="partner"))
        if isinstance(answer, Withheld) or any(count is None for table in answer.tables for count in table.counts):
            refused += 1
    return refused


def test_region_with_nothing_to_hide_is_published_whole() -> None:
    """Every cell has k or more cases of each partner: nothing is refused or withheld."""
    assert safe_refused(range(3000, 3020)) == 0


@pytest.mark.full
def test_three_hundred_regions_with_nothing_to_hide_are_published_whole() -> None:
    """Safe tables refused: fewer than 5 % of 300."""
    assert safe_refused(range(3000, 3300)) < 15
