"""Releases over time: what several published releases say together, and which difference gives a cell away.

Releases of one population whose numbers fit one table of cases are attacked as one. When they do not fit, cases were
added or corrected in between: then every cell that both show is subtracted, and a difference of fewer than k cases is a
disclosure about those cases (query-set difference; design page "Disclosure control", ledger and time).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import inf

import numpy as np

from aggregator.attack import Attacker, Fact, Interval, intervals, system_of
from aggregator.demands import Floats
from aggregator.lattice import Lattice, build_lattice
from aggregator.solver import Infeasible
from aggregator.tables import Hierarchy, Region, SafeTable, Universe, universe_of

# A cell's place: table id and codes.
Place = tuple[str, tuple[str, ...]]
Counts = Mapping[Place, int]
# An explanation longer than this many published cells helps nobody.
LONGEST_EXPLANATION = 12


@dataclass(frozen=True)
class PublishedRelease:
    """A release as anyone reads it. Rows may be missing (an external source).

    `rounded` is 0 when numbers are exact. Else a number v was made by `aggregator.rounding` and stands for every count
    less than `rounded` away from it. `margin` is for others' numbers, which stand for every count at most so far away;
    none of their cells is a target of the attack, only a fact for it, unless `margin` is None.
    """

    name: str
    k: int
    population: str
    hierarchies: Mapping[str, Hierarchy]
    tables: tuple[SafeTable, ...]
    mergers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    rounded: int = 0
    margin: int | None = None


@dataclass(frozen=True)
class Finding:
    """One broken cell: who finds it, which cell, what the finder knows of it, and by which arithmetic."""

    view: str
    cell: str
    low: float
    high: float
    how: str


@dataclass(frozen=True)
class CellResult:
    """What an outsider can say about one withheld cell."""

    cell: str
    low: float
    high: float
    region: Region = ()


@dataclass(frozen=True)
class Transcript:
    """The record of an attack. It treats all withheld cells alike, so that it may be published with the release.

    Of `views` viewpoints `skipped` had nothing to find: a partner or pair to whom no cell holds 1 to k-1 cases of
    others, such as the only two partners together, who know every case.
    """

    cells: tuple[CellResult, ...]
    broken: tuple[Finding, ...]
    views: int = 1
    checked_twice: int = 0
    skipped: int = 0


@dataclass(frozen=True)
class Truth:
    """Sealed counts by (table id, codes), known only to who made the release.

    `of` holds them by release name; `counts` are those of every release that is not named there.
    """

    counts: Counts
    of: Mapping[str, Counts] = field(default_factory=dict)

    def about(self, release: str, place: Place) -> int | None:
        """The true count of a cell of a release; None when it is not known."""
        return self.of.get(release, self.counts).get(place)


def words(dims: Sequence[str], codes: Sequence[str], hierarchies: Mapping[str, Hierarchy]) -> str:
    """A cell in words: its dimensions and codes, totals left out."""
    named = [f"{d} {c}" for d, c in zip(dims, codes, strict=True) if c != hierarchies[d].total]
    return ", ".join(named) or "the total"


@dataclass(frozen=True)
class Reading:
    """One release's cells over a universe: published facts, and withheld regions with their words and table place.

    A rounded cell is both: its count is withheld, and an interval for it is a fact. So is a cell that one table of the
    release withholds and another shows.
    """

    release: PublishedRelease
    facts: tuple[Fact, ...]
    withheld: Mapping[Region, tuple[str, Place]]


def read(release: PublishedRelease, index: int, universe: Universe) -> Reading:
    """Sort a release's cells into facts (exact, or an interval when rounded) and withheld regions."""
    facts: list[Fact] = []
    withheld: dict[Region, tuple[str, Place]] = {}
    for table in release.tables:
        for codes, count in zip(table.codes, table.counts, strict=True):
            region = universe.region(index, table.dims, codes)
            text = words(table.dims, codes, release.hierarchies)
            low, high = (0, inf) if count is None else stands_for(count, release)
            if low < high and release.margin is None:
                withheld.setdefault(region, (text, (table.id, codes)))
            if count is not None:
                facts.append(Fact(region, low, high, release.name, text))
    return Reading(release, tuple(facts), withheld)


def stands_for(count: int, release: PublishedRelease) -> tuple[float, float]:
    """The smallest and largest count that a published number may stand for.

    With more than k counts a number, one that is too large to stand for 0 does not stand for 1 to k-1 either: rounding
    brings those counts to a number that stands for 0 to k, or refuses (`aggregator.rounding`).
    """
    if release.margin is not None:
        return max(0, count - release.margin), count + release.margin
    if not release.rounded:
        return count, count
    low = count - release.rounded + 1
    least = release.k if release.rounded > release.k else 1
    return (max(low, least) if low > 0 else 0), count + release.rounded - 1


def lattice_for(readings: Sequence[Reading], universe: Universe) -> Lattice:
    """The micro-lattice that holds every cell of the releases."""
    regions = [fact.region for r in readings for fact in r.facts] + [region for r in readings for region in r.withheld]
    crossed = {frozenset(dim for dim, _ in region) for region in regions}
    maximal = [c for c in crossed if not any(c < other for other in crossed)]
    return build_lattice({dim: len(atoms) for dim, atoms in universe.atoms.items()}, maximal)


def fits(readings: Sequence[Reading], universe: Universe) -> bool:
    """Whether one table of cases explains all published numbers of these releases."""
    try:
        facts = [fact for reading in readings for fact in reading.facts]
        Attacker(system_of(lattice_for(readings, universe), facts)).feasible()
    except Infeasible:
        return False
    return True


def attack_releases(
    releases: Sequence[PublishedRelease], truth: Truth | None = None, newest_only: bool = False
) -> Transcript:
    """Attack releases as an outsider, oldest first, alone and together; nothing but what is published is used.

    `truth` (of the newest release) gives the stricter rule: a sensitive cell's interval must contain 0..k. With
    `newest_only` only what the last release opens or narrows counts, not what lay open before it. Raises
    Infeasible when a single release contradicts itself, SolverRefused on any doubt.
    """
    cells: list[CellResult] = []
    broken: list[Finding] = []
    for population in sorted({release.population for release in releases}):
        group = [release for release in releases if release.population == population]
        universe = universe_of([r.hierarchies for r in group], [r.mergers for r in group])
        readings = [read(release, index, universe) for index, release in enumerate(group)]
        clusters = _clusters(readings, universe)
        for cluster in clusters:
            if newest_only and releases[-1] not in [reading.release for reading in cluster]:
                continue
            found, opened = _attack_cluster(cluster, universe, truth)
            cells += found
            broken += _new_since(cluster, opened, universe, truth) if newest_only else opened
        for older, newer in combinations(clusters, 2):
            if newest_only and releases[-1] not in [reading.release for reading in (*older, *newer)]:
                continue
            broken += differences(older, newer)
    return Transcript(tuple(cells), tuple(broken))


def _new_since(
    cluster: Sequence[Reading], opened: Sequence[Finding], universe: Universe, truth: Truth | None
) -> list[Finding]:
    """Of the cells that a cluster opens, those that lay not just as open before its newest release."""
    if not opened or len(cluster) == 1:
        return list(opened)
    before = {(f.cell, f.low, f.high) for f in _attack_cluster(cluster[:-1], universe, truth)[1]}
    return [f for f in opened if (f.cell, f.low, f.high) not in before]


def _clusters(readings: Sequence[Reading], universe: Universe) -> list[list[Reading]]:
    """Releases that one table of cases explains, together; raises Infeasible when one does not fit even itself."""
    clusters: list[list[Reading]] = []
    for reading in readings:
        home = next((c for c in reversed(clusters) if fits([*c, reading], universe)), None)
        if home is not None:
            home.append(reading)
            continue
        if not fits([reading], universe):
            raise Infeasible(f"{reading.release.name}: the published counts contradict each other; no table fits them")
        clusters.append([reading])
    return clusters


def _attack_cluster(
    cluster: Sequence[Reading], universe: Universe, truth: Truth | None
) -> tuple[list[CellResult], list[Finding]]:
    lattice = lattice_for(cluster, universe)
    facts = [fact for reading in cluster for fact in reading.facts]
    k = max(reading.release.k for reading in cluster)
    system = system_of(lattice, facts)
    shown = {fact.region: fact for fact in facts if fact.low == fact.high}
    hidden = {
        region: (reading.release.name, *label)
        for reading in cluster
        for region, label in reading.withheld.items()
        if not (reading.release.rounded and region in shown)
    }
    broken = [
        Finding("outsider", f.words, f.low, f.high, f"shown in {f.source}") for f in facts if 0 < f.low == f.high < k
    ]
    targets = lattice.matrix(list(hidden))
    found = intervals(system, targets, k)
    helper = Attacker(system)
    for row, (region, interval) in enumerate(zip(hidden, found, strict=True)):
        source, text, place = hidden[region]
        if not _open(interval, k, None if truth is None else truth.about(source, place)):
            continue
        if region not in shown:
            how = explain(helper, np.asarray(targets[[row]].todense()).reshape(-1), text)
            broken.append(Finding("outsider", text, interval.low, interval.high, how))
        elif shown[region].low >= k:  # a smaller count is named above
            how = f"withheld in {source} and shown in {shown[region].source}"
            broken.append(Finding("outsider", text, interval.low, interval.high, how))
    results = [CellResult(hidden[region][1], i.low, i.high, region) for region, i in zip(hidden, found, strict=True)]
    return results, broken


def _open(interval: Interval, k: int, count: int | None) -> bool:
    if count is not None:
        return 0 < count < k and not interval.hides(0, k)
    return interval.broken(k)


def explain(attacker: Attacker, objective: Floats, text: str) -> str:
    """The arithmetic that opens a cell, in words: which published cells are added and subtracted."""
    terms = attacker.reasons(objective, True)
    plus = [f"{fact.words} ({fact.source})" for weight, fact in terms if weight > 0]
    minus = [f"{fact.words} ({fact.source})" for weight, fact in terms if weight < 0]
    sources = list(dict.fromkeys(fact.source for weight, fact in terms if weight > 0))
    others = [s for s in dict.fromkeys(fact.source for weight, fact in terms if weight < 0) if s not in sources]
    lead = f"{' and '.join(sources)} minus {' and '.join(others)} = {text}: " if sources and others else ""
    if len(terms) > LONGEST_EXPLANATION:
        return f"{lead}{len(terms)} published cells together"
    return lead + " plus ".join(plus) + (" minus " + " minus ".join(minus) if minus else "")


def differences(older: Sequence[Reading], newer: Sequence[Reading]) -> list[Finding]:
    """Cells that both sides show and that differ by fewer than k cases, though not by none."""
    before = {fact.region: fact for reading in older for fact in reading.facts if fact.low == fact.high}
    out = []
    for reading in newer:
        for fact in reading.facts:
            old = before.get(fact.region)
            if old is None or fact.low != fact.high:
                continue
            change = abs(fact.low - old.low)
            if 0 < change < reading.release.k:
                how = f"{fact.source} minus {old.source} = {fact.words}: {change:g} cases came or went in between"
                out.append(Finding("outsider", f"change in {fact.words}", change, change, how))
    return out


def unbounded(value: float) -> float | None:
    """A bound as JSON can hold it: infinity becomes null."""
    return None if value in (inf, -inf) else value
