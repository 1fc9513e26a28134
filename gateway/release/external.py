"""What others published, as facts for our attackers: its codes checked, its numbers held against each other's. Pure.

A registered publication says something about the cases of one population (`earlier.population_of`). It is a fact in
every later attack and never a target of one: what others withheld is theirs to protect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from aggregator.history import PublishedRelease, fits, read, stands_for, words
from aggregator.solver import SolverRefused
from aggregator.tables import Hierarchy, SafeTable, TableSpec, universe_of
from aggregator.tabulate import MicroData, tabulate
from connectors.contract.case_codes import BronSignaal, Geslacht, Herkomstregio, InspanningType, Leeftijdsband, Sector
from connectors.contract.codes import TabelId
from connectors.contract.releases import ExterneBron, ExternePublicatie
from gateway.release.catalogue import CATALOGUE, Telregel
from gateway.release.codes import TOTAL, UNKNOWN
from gateway.release.earlier import population_of
from gateway.release.hierarchies import CLOSED, Parents, tree

_LISTED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        **CLOSED,
        "geslacht": frozenset({*Geslacht, UNKNOWN}),
        "leeftijdsband": frozenset({*Leeftijdsband, UNKNOWN}),
        "herkomstregio": frozenset({*Herkomstregio, UNKNOWN}),
        "sector": frozenset({*Sector, UNKNOWN}),
        "bron_signaal": frozenset({*BronSignaal, UNKNOWN}),
        "type": frozenset(InspanningType),
        "gemeente": frozenset({UNKNOWN}),
    }
)
"""Finest codes of a dimension; municipalities come from the rules, years and quarters from the registration's year."""


@dataclass(frozen=True, slots=True)
class External:
    """A registered publication. `digest`: SHA-256 of what was registered."""

    publicatie: ExternePublicatie
    digest: str

    @property
    def name(self) -> str:
        """What attacks call it."""
        return f"{self.publicatie.bron} {self.publicatie.jaar}"

    @property
    def population(self) -> str:
        """Which cases it counts."""
        tabel = CATALOGUE[self.publicatie.tabel]
        return population_of(tabel.id, tabel.telregel.value, self.publicatie.jaar)

    @property
    def dims(self) -> tuple[str, ...]:
        """Its dimensions; the year among them where the table looks back over years."""
        given = self.publicatie.dimensies
        return (*given, "jaar") if self._by_year else given

    @property
    def cells(self) -> tuple[tuple[tuple[str, ...], int], ...]:
        """Codes (as `dims`) and printed number of every cell."""
        extra = (str(self.publicatie.jaar),) if self._by_year else ()
        return tuple(((*cel.codes, *extra), cel.aantal) for cel in self.publicatie.cellen)

    @property
    def _by_year(self) -> bool:
        return self.publicatie.tabel is TabelId.MELDINGEN_PER_JAAR and "jaar" not in self.publicatie.dimensies


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a cell: its number (1 is the first), the dimension or `count`, and what to do."""

    row: int
    column: str
    what: str


def dimensions_of(tabel: TabelId) -> frozenset[str]:
    """Dimensions in which others may have counted the cases of a table: its own, and for persons those of every table
    of persons."""
    entry = CATALOGUE[tabel]
    if entry.telregel is not Telregel.UNIEK_SLACHTOFFER:
        return frozenset(entry.dimensies)
    return frozenset(d for t in CATALOGUE.values() if t.telregel is entry.telregel for d in t.dimensies)


def listed(name: str, jaar: int, parents: Parents) -> frozenset[str]:
    """All codes of a dimension below its total; of years and quarters those of `jaar`."""
    above = parents.get(name, {})
    years = {"jaar": {str(jaar)}, "kwartaal": {f"{jaar}-Q{quarter}" for quarter in (1, 2, 3, 4)}}
    return frozenset({*_LISTED.get(name, ()), *years.get(name, ()), *above, *above.values()})


def wrong_cell(publicatie: ExternePublicatie, parents: Parents) -> Wrong | None:
    """The first cell that cannot be one of ours; `parents`: the hierarchies of its year."""
    # A total over years would count cases of other years than the registration's.
    known = {
        name: listed(name, publicatie.jaar, parents) | (set() if name == "jaar" else {TOTAL})
        for name in publicatie.dimensies
    }
    seen: set[tuple[str, ...]] = set()
    for row, cel in enumerate(publicatie.cellen, start=1):
        if len(cel.codes) != len(publicatie.dimensies):
            return Wrong(row, "codes", "give one code for each dimension")
        for name, code in zip(publicatie.dimensies, cel.codes, strict=True):
            if code not in known[name]:
                return Wrong(row, name, "unknown code; use those of our tables, and leave other regions out")
        if cel.codes in seen:
            return Wrong(row, "codes", "this combination of codes occurs twice")
        seen.add(cel.codes)
    return None


def trees_for(
    externals: Sequence[External], parents: Parents, published: Sequence[PublishedRelease]
) -> Mapping[str, Hierarchy]:
    """The hierarchies in which to read publications: as the newest of `published` has them, else with every code."""
    found: dict[str, Hierarchy] = {}
    for external in externals:
        for name in external.dims:
            known = [release.hierarchies[name] for release in published if name in release.hierarchies]
            codes = listed(name, external.publicatie.jaar, parents) | set(found[name].order if name in found else ())
            found[name] = known[-1] if known else tree(name, codes - {TOTAL}, parents)
    return found


def as_facts(external: External, trees: Mapping[str, Hierarchy], k: int) -> PublishedRelease:
    """The publication as attackers read it. A code that a tree lacks has no case; see `clash` for a number there."""
    places = [set(trees[name].order) for name in external.dims]
    kept = [cell for cell in external.cells if all(code in place for code, place in zip(cell[0], places, strict=True))]
    table = SafeTable(
        external.publicatie.extern_id, external.dims, tuple(c for c, _ in kept), tuple(n for _, n in kept)
    )
    used = {name: trees[name] for name in external.dims}
    return PublishedRelease(external.name, k, external.population, used, (table,), margin=external.publicatie.marge)


@dataclass(frozen=True, slots=True)
class Clash:
    """A number that cannot be true: whose, about which cell, and what it contradicts."""

    source: str
    cell: str
    against: str

    @property
    def words(self) -> str:
        """One sentence."""
        return f"{self.source} contradicts {self.against} about {self.cell}"


def clash_with_cases(externals: Sequence[External], cases: MicroData) -> Clash | None:
    """The first number that is not that of the cases at hand, within its margin."""
    for external in externals:
        facts = as_facts(external, cases.hierarchies, 1)
        counted = tabulate(cases, TableSpec(id="x", dims=external.dims))
        truth = dict(zip(counted.codes, counted.counts, strict=True))
        for codes, printed in external.cells:
            low, high = stands_for(printed, facts)
            if not low <= truth.get(codes, 0) <= high:
                return Clash(external.name, _words(external, codes), "the rows at hand")
    return None


def finer(externals: Sequence[External], cases: MicroData, parents: Parents) -> Clash | None:
    """The first cell that others counted more finely than these cases are counted."""
    for external in externals:
        for codes, _ in external.cells:
            for name, code in zip(external.dims, codes, strict=True):
                if code in parents.get(name, {}) and code not in cases.hierarchies[name].order:
                    return Clash(external.name, _words(external, codes), "the coarser level of this draft")
    return None


def clash_of(releases: Sequence[PublishedRelease]) -> Clash | None:
    """The first number that no table of cases explains together with those before it; raises SolverRefused."""
    universe = universe_of([release.hierarchies for release in releases], [release.mergers for release in releases])
    readings = [read(release, index, universe) for index, release in enumerate(releases)]
    if fits(readings, universe):
        return None
    facts = [fact for reading in readings for fact in reading.facts]
    good, bad = 0, len(facts)
    while bad - good > 1:
        middle = (good + bad) // 2
        if fits([replace(readings[0], facts=tuple(facts[:middle]), withheld={})], universe):
            good = middle
        else:
            bad = middle
    culprit = facts[bad - 1]
    others = list(dict.fromkeys(release.name for release in releases if release.name != culprit.source))
    return Clash(culprit.source, culprit.words, " and ".join(others) or "itself")


def clashing(externals: Sequence[External], parents: Parents) -> Clash | None:
    """The first publication that contradicts itself or one of those before it, population by population."""
    for population in sorted({external.population for external in externals}):
        group = [external for external in externals if external.population == population]
        trees = trees_for(group, parents, ())
        try:
            found = clash_of([as_facts(external, trees, 1) for external in group])
        except SolverRefused:
            return Clash(group[-1].name, "the total", "the attacker's solver")
        if found is not None:
            return found
    return None


def unknown_codes(externals: Sequence[External], trees: Mapping[str, Hierarchy]) -> Clash | None:
    """The first number above zero about a code that the figures do not have."""
    for external in externals:
        for codes, printed in external.cells:
            strange = any(code not in trees[name].order for name, code in zip(external.dims, codes, strict=True))
            if strange and printed > external.publicatie.marge:
                return Clash(external.name, _words(external, codes), "these figures")
    return None


def _words(external: External, codes: tuple[str, ...]) -> str:
    named = {name: Hierarchy(name, TOTAL, (TOTAL,), {}) for name in external.dims}
    return words(external.dims, codes, named)


def named(externals: Sequence[External]) -> tuple[ExterneBron, ...]:
    """What figures say of the publications that they were protected against."""
    return tuple(
        ExterneBron(
            extern_id=each.publicatie.extern_id,
            bron=each.publicatie.bron,
            jaar=each.publicatie.jaar,
            datum=each.publicatie.datum,
            digest=each.digest,
        )
        for each in externals
    )


def of_population(externals: Sequence[External], population: str) -> tuple[External, ...]:
    """Those that say something about these cases."""
    return tuple(external for external in externals if external.population == population)
