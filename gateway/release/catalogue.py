"""The catalogue of the Regionale Monitor: nothing outside it is ever released (disclosure page, step 1).

Tables of one group count the same cases and are protected together; groups count different things.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from connectors.contract.codes import Route, TabelId
from connectors.contract.releases import Publiek
from gateway.errors import Malformed

PUBLIC_K: Final = 10
"""Smallest count that may be published (disclosure page; the same number is data in the policy)."""
SMALLEST: Final = MappingProxyType({Publiek.OPENBAAR: PUBLIC_K, Publiek.REGIONALE_TAFEL: 5})
"""The same by who may read it (disclosure page, step 1: 10 public, 5 inside the Regionale Tafel)."""


def policy_name(tabel: str, publiek: Publiek) -> str:
    """What the rules call a table: the Regionale Tafel's has an entry of its own in their catalogue."""
    return tabel if publiek is Publiek.OPENBAAR else f"{tabel}.{publiek.value}"


class Telregel(StrEnum):
    """What one unit of a table is. The values stand in sealed documents."""

    MELDING = "melding"
    UNIEK_SLACHTOFFER = "uniek_slachtoffer"
    INSPANNING = "inspanning"

    @property
    def nl(self) -> str:
        """The counting rule, for whoever reads the table."""
        return _RULES[self][0]

    @property
    def en(self) -> str:
        """The same in English."""
        return _RULES[self][1]


_RULES: Final = {
    Telregel.MELDING: (
        "Telt meldingen: wie door twee partners is gemeld, telt twee keer. Aantallen van partners die alleen tellingen "
        "aanleveren (zorgroute) tellen mee.",
        "Counts registrations: who was registered by two partners counts twice. Counts of partners that hand in counts "
        "only (care route) are included.",
    ),
    Telregel.UNIEK_SLACHTOFFER: (
        "Telt personen, ieder één keer, in het jaar van de eerste melding, ontdubbeld over de partners die daaraan "
        "meedoen. Tellingen van de zorgroute zijn niet te ontdubbelen en tellen hier niet mee.",
        "Counts persons, each once, in the year of the first registration, deduplicated across the partners that opted "
        "in. Counts of the care route cannot be deduplicated and are left out.",
    ),
    Telregel.INSPANNING: (
        "Telt inspanningen (controles, trainingen, plaatsingen), geen personen; elke partner telt zijn eigen. Niet "
        "getoond is ook wat één of twee aanleveraars overheersen, omdat hun aandeel dan te schatten zou zijn.",
        "Counts efforts (inspections, trainings, placements), not persons; every partner counts its own. What one or "
        "two contributors dominate is withheld too, because their share could be estimated.",
    ),
}


_LEFT_OUT: Final = MappingProxyType({Telregel.UNIEK_SLACHTOFFER: ("route", Route.ZORG.value)})
"""What a counting rule leaves out: partners of the care route hand in counts, never tokens (architecture page, "Three
token domains"), so nobody can tell which of them are persons who were counted already."""


def left_out(telregel: Telregel, dims: Sequence[str], codes: Sequence[str]) -> bool:
    """Whether a cell (`codes`, one for each of `dims`) is about cases that the counting rule leaves out. It is blank: a
    zero would say that there are none."""
    return _LEFT_OUT.get(telregel) in set(zip(dims, codes, strict=True))


@dataclass(frozen=True, slots=True)
class Tabel:
    """A table of the catalogue: its dimensions, and what it counts. `nl` and `en` are its titles."""

    id: TabelId
    dimensies: tuple[str, ...]
    telregel: Telregel
    nl: str
    en: str


def _tabel(id_: TabelId, dimensies: str, telregel: Telregel, nl: str, en: str) -> tuple[TabelId, Tabel]:
    return id_, Tabel(id_, tuple(dimensies.split()), telregel, nl, en)


CATALOGUE: Final = MappingProxyType(
    dict(
        (
            _tabel(
                TabelId.MELDINGEN_PER_JAAR,
                "jaar route",
                Telregel.MELDING,
                "Meldingen per jaar en route",
                "Registrations per year and route",
            ),
            _tabel(
                TabelId.AANMELDER_PER_VORM,
                "bron_signaal uitbuitingsvorm",
                Telregel.MELDING,
                "Wie meldt, per vorm van uitbuiting",
                "Who reports, by form of exploitation",
            ),
            _tabel(
                TabelId.VORM_GESLACHT_LEEFTIJD,
                "uitbuitingsvorm geslacht leeftijdsband",
                Telregel.UNIEK_SLACHTOFFER,
                "Vorm, geslacht en leeftijd",
                "Form, sex and age",
            ),
            _tabel(
                TabelId.VORM_PER_GEMEENTE,
                "gemeente uitbuitingsvorm",
                Telregel.UNIEK_SLACHTOFFER,
                "Vorm van uitbuiting per gemeente",
                "Form of exploitation by municipality",
            ),
            _tabel(
                TabelId.HERKOMST_PER_VORM,
                "herkomstregio uitbuitingsvorm",
                Telregel.UNIEK_SLACHTOFFER,
                "Regio van herkomst per vorm",
                "Region of origin by form",
            ),
            _tabel(
                TabelId.SECTOR_PER_VORM,
                "sector uitbuitingsvorm",
                Telregel.UNIEK_SLACHTOFFER,
                "Sector per vorm van uitbuiting",
                "Sector by form of exploitation",
            ),
            _tabel(
                TabelId.ROUTE_PER_VORM,
                "route uitbuitingsvorm",
                Telregel.UNIEK_SLACHTOFFER,
                "Route per vorm van uitbuiting",
                "Route by form of exploitation",
            ),
            _tabel(
                TabelId.INSPANNINGEN_PER_KWARTAAL,
                "type kwartaal",
                Telregel.INSPANNING,
                "Inspanningen per kwartaal",
                "Efforts per quarter",
            ),
        )
    )
)
"""Every table of counts. `geschatte_omvang` is a size estimate beside the count of persons (`size.py`)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a request asks for: tables of counts, grouped by what they count, and perhaps the size estimate."""

    groups: tuple[tuple[Tabel, ...], ...]
    estimate: bool


def wanted(names: Sequence[str]) -> Wanted:
    """Read a request; raises Malformed for a table outside the catalogue or named twice.

    Tables of persons are one group. Those of registrations each count with other partners' counts beside the rows, so
    each is a group of its own, and so are efforts.
    """
    if len(set(names)) != len(names):
        raise Malformed("tabellen: name each table once")
    known = {each.value for each in CATALOGUE} | {TabelId.GESCHATTE_OMVANG.value}
    if not set(names) <= known:
        raise Malformed("tabellen: a table that is not in the catalogue", code="unknown_table")
    groups: dict[str, list[Tabel]] = {}
    for name in sorted(set(names) - {TabelId.GESCHATTE_OMVANG.value}):
        tabel = CATALOGUE[TabelId(name)]
        key = tabel.telregel.value if tabel.telregel is Telregel.UNIEK_SLACHTOFFER else tabel.id.value
        groups.setdefault(key, []).append(tabel)
    return Wanted(tuple(tuple(group) for _, group in sorted(groups.items())), TabelId.GESCHATTE_OMVANG.value in names)
