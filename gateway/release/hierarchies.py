"""Dimensions of the release tables: gemeente > veiligheidshuis > regio, uitbuitingsvorm > monitorgroep. Pure.

Municipalities and their Veiligheidshuis are policy data (`bron/gemeenten.csv`); the parents that a release was made
with are sealed with it, so that it can be read and made again when that data has changed.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from types import MappingProxyType
from typing import Final

from aggregator.tables import Dimension, Hierarchy, hierarchy_of
from connectors.contract.case_codes import Uitbuitingsvorm
from connectors.contract.codes import Route
from connectors.contract.releases import Hierarchie, Niveau
from gateway.release.codes import MONITORGROEPEN, SEVERAL, TOTAL, possible

Parents = Mapping[str, Mapping[str, str]]
"""Dimension → code → the code that it lies under; the total is left out."""

_LEVEL_OF: Final = {"gemeente": Niveau.VEILIGHEIDSHUIS, "uitbuitingsvorm": Niveau.MONITORGROEP}


CLOSED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "route": frozenset(route.value for route in Route),
        "uitbuitingsvorm": frozenset({*(form.value for form in Uitbuitingsvorm), SEVERAL}),
    }
)
"""Dimensions whose codes all stand in every table, counted or not. Totals of different releases then cover the same
codes, so that the attackers see one cell in them and a change of it."""


def parents_for(gemeenten: Mapping[str, Mapping[str, str]], jaar: int) -> Parents:
    """The hierarchies of a year. `gemeenten`: code → {veiligheidshuis, van, tot}, times RFC 3339, as the rules list
    them; a municipality is in when it existed on some day of the year."""
    existed = {
        code: about["veiligheidshuis"]
        for code, about in gemeenten.items()
        if about["van"] < str(jaar + 1) and about["tot"] > f"{jaar}-01-01T00:00:00Z"
    }
    return {"gemeente": existed, "uitbuitingsvorm": dict(MONITORGROEPEN)}


def dimensions(names: Iterable[str], parents: Parents, grover: Sequence[Niveau]) -> dict[str, Dimension]:
    """The dimensions of a group of tables; one at its coarser level has that level's codes as its finest."""
    made = {}
    for name in sorted(names):
        below = {} if _LEVEL_OF.get(name) in grover else dict(parents.get(name, {}))
        codes = sorted({counted_as(name, code, parents, grover) for code in CLOSED.get(name, ())})
        made[name] = Dimension(total=TOTAL, parents=below, codes=tuple(codes) or None)
    return made


def counted_as(name: str, code: str, parents: Parents, grover: Sequence[Niveau]) -> str:
    """The finest code that a case is counted under in dimension `name`."""
    return parents[name].get(code, code) if _LEVEL_OF.get(name) in grover else code


def breakdown(names: Iterable[str], grover: Sequence[Niveau]) -> list[str]:
    """What a table is broken down by, in policy's words (`uitsplitsing`)."""
    levels = {name: level.value for name, level in _LEVEL_OF.items() if level in grover}
    return [levels.get(name, name) for name in names]


def on_the_wire(made: Mapping[str, Dimension]) -> tuple[Hierarchie, ...]:
    """Those dimensions that have levels, in order of their names."""
    return tuple(
        Hierarchie(dimensie=name, ouders=tuple(sorted(dimension.parents.items())))
        for name, dimension in sorted(made.items())
        if dimension.parents
    )


def from_the_wire(hierarchieen: Iterable[Hierarchie]) -> dict[str, dict[str, str]]:
    """The parents that a release was published with."""
    return {each.dimensie: dict(each.ouders) for each in hierarchieen}


def tree(name: str, seen: Iterable[str], parents: Mapping[str, Mapping[str, str]]) -> Hierarchy:
    """The hierarchy of one published dimension, from the codes that its tables show."""
    return hierarchy_of(name, Dimension(total=TOTAL, parents=dict(parents.get(name, {}))), seen)


def ancestors(tree: Hierarchy) -> dict[str, tuple[str, ...]]:
    """Every code with itself and all that it lies under."""
    parent = {child: code for code, children in tree.children.items() for child in children}
    found = {}
    for code in tree.order:
        chain = [code]
        while chain[-1] in parent:
            chain.append(parent[chain[-1]])
        found[code] = tuple(chain)
    return found


def cannot_exist(dims: Sequence[str], codes: Sequence[str], trees: Mapping[str, Hierarchy]) -> bool:
    """Whether no person can be counted in a cell: every finest sector in it excludes every finest form in it."""
    place = {name: number for number, name in enumerate(dims)}
    if not {"sector", "uitbuitingsvorm"} <= place.keys():
        return False
    sectors = trees["sector"].leaves(codes[place["sector"]])
    forms = trees["uitbuitingsvorm"].leaves(codes[place["uitbuitingsvorm"]])
    return not any(possible(form, sector) for form, sector in product(forms, sectors))
