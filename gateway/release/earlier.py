"""Published documents as the attackers read them: tables of the same cases, zeros that must be zero, persons observed.

Releases of one population may share cases and are attacked together (`aggregator.history`). Persons of a year are one
population, whatever the table; registrations and efforts are one for each table, since partners that only count hand in
other numbers for each, and the year table one over all years, because it looks back.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Final

import pandas as pd

from aggregator.history import PublishedRelease
from aggregator.tables import Hierarchy, SafeTable
from connectors.contract.codes import TabelId
from connectors.contract.releases import Concept, Publicatie, PubliekeTabel
from gateway.release.catalogue import PUBLIC_K, Tabel, Telregel, left_out
from gateway.release.codes import TOTAL
from gateway.release.hierarchies import CLOSED, cannot_exist, from_the_wire, tree

Figures = Concept | Publicatie
NOWHERE: Final = "wat niet kan bestaan of hier niet meetelt"
"""The name of what everybody knows without us: combinations that cannot exist, or are left out, are zero."""


def population_of(tabel: TabelId, telregel: str, jaar: int) -> str:
    """Which cases a table counts; see the module's docstring."""
    if telregel == Telregel.UNIEK_SLACHTOFFER.value:
        return f"{telregel} {jaar}"
    return tabel.value if tabel is TabelId.MELDINGEN_PER_JAAR else f"{tabel.value} {jaar}"


def populations(figures: Figures) -> tuple[str, ...]:
    """The populations that these figures say something about."""
    found = {population_of(each.tabel, each.telregel, figures.jaar) for each in figures.tabellen}
    if figures.schatting is not None:
        found.add(population_of(TabelId.GESCHATTE_OMVANG, Telregel.UNIEK_SLACHTOFFER.value, figures.jaar))
    return tuple(sorted(found))


def as_read(figures: Figures, population: str, k: int = PUBLIC_K) -> PublishedRelease | None:
    """What is read of `population` in these figures by somebody from whom counts below `k` are kept; None when they say
    nothing about it."""
    tables = [t for t in figures.tabellen if population_of(t.tabel, t.telregel, figures.jaar) == population]
    parents = from_the_wire(figures.hierarchieen)
    seen: dict[str, set[str]] = {}
    for tabel in tables:
        for cel in tabel.cellen:
            for name, code in zip(tabel.dimensies, cel.codes, strict=True):
                seen.setdefault(name, set()).add(code)
    safe = [_as_safe(tabel) for tabel in tables]
    if population.startswith(Telregel.UNIEK_SLACHTOFFER.value) and figures.schatting is not None:
        # Persons observed beside the estimate are the region's total, which any dimension of persons has.
        seen.setdefault("route", {TOTAL, *CLOSED["route"]})
        code = TabelId.GESCHATTE_OMVANG.value
        safe.append(SafeTable(code, ("route",), ((TOTAL,),), (figures.schatting.waargenomen,)))
    if not safe:
        return None
    trees = {name: tree(name, codes, parents) for name, codes in seen.items()}
    return PublishedRelease(figures.release_id, k, population, trees, tuple(safe))


def as_read_all(releases: Iterable[Figures], population: str, k: int = PUBLIC_K) -> tuple[PublishedRelease, ...]:
    """The same of several releases, in their order."""
    read = (as_read(figures, population, k) for figures in releases)
    return tuple(each for each in read if each is not None)


def _as_safe(tabel: PubliekeTabel) -> SafeTable:
    counts = tuple(0 if cel.leeg else cel.aantal for cel in tabel.cellen)
    return SafeTable(tabel.tabel.value, tabel.dimensies, tuple(cel.codes for cel in tabel.cellen), counts)


def impossible(
    wanted: Sequence[Tabel],
    micro: pd.DataFrame,
    trees: Mapping[str, Hierarchy],
    population: str,
    k: int = PUBLIC_K,
) -> tuple[PublishedRelease, ...]:
    """Zeros that the tables at hand would have in cells where nobody can be or that they leave out, as a publication of
    the world's: they may then never serve to hide another cell. Empty when no table has such a cell."""
    tables = []
    for tabel in wanted:
        dims = tabel.dimensies
        cells = product(*(trees[name].order for name in dims))
        nowhere = tuple(
            codes for codes in cells if left_out(tabel.telregel, dims, codes) or cannot_exist(dims, codes, trees)
        )
        if nowhere:
            tables.append(SafeTable("_".join(dims), dims, nowhere, (0,) * len(nowhere)))
    if not tables or micro.empty:
        return ()
    used = {name: trees[name] for table in tables for name in table.dims}
    return (PublishedRelease(NOWHERE, k, population, used, tuple(tables)),)
