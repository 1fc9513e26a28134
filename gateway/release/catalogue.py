"""The catalogue of the Regionale Monitor: nothing outside it is ever released (disclosure page, step 1).

Tables of one group count the same cases and are protected together; groups count different things.
"""

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from connectors.contract.codes import TabelId

PUBLIC_K: Final = 10
"""Smallest count that may be published (disclosure page; the same number is data in the policy)."""


class Telregel(StrEnum):
    """What one unit of a table is."""

    MELDING = "melding"
    UNIEK_SLACHTOFFER = "uniek_slachtoffer"
    INSPANNING = "inspanning"


@dataclass(frozen=True, slots=True)
class Tabel:
    """A table of the catalogue: its dimensions, and what it counts. `nl` and `en` are its titles."""

    id: TabelId
    dimensies: tuple[str, ...]
    telregel: Telregel
    nl: str
    en: str


CATALOGUE: Final = MappingProxyType(
    {
        tabel.id: tabel
        for tabel in (
            Tabel(
                TabelId.MELDINGEN_PER_JAAR,
                ("jaar", "route"),
                Telregel.MELDING,
                "Meldingen per jaar en route",
                "Registrations per year and route",
            ),
            Tabel(
                TabelId.AANMELDER_PER_VORM,
                ("bron_signaal", "uitbuitingsvorm"),
                Telregel.MELDING,
                "Wie meldt, per vorm van uitbuiting",
                "Who reports, by form of exploitation",
            ),
            Tabel(
                TabelId.VORM_GESLACHT_LEEFTIJD,
                ("uitbuitingsvorm", "geslacht", "leeftijdsband"),
                Telregel.UNIEK_SLACHTOFFER,
                "Vorm, geslacht en leeftijd",
                "Form, sex and age",
            ),
            Tabel(
                TabelId.VORM_PER_GEMEENTE,
                ("gemeente", "uitbuitingsvorm"),
                Telregel.UNIEK_SLACHTOFFER,
                "Vorm van uitbuiting per gemeente",
                "Form of exploitation by municipality",
            ),
            Tabel(
                TabelId.HERKOMST_PER_VORM,
                ("herkomstregio", "uitbuitingsvorm"),
                Telregel.UNIEK_SLACHTOFFER,
                "Regio van herkomst per vorm",
                "Region of origin by form",
            ),
            Tabel(
                TabelId.SECTOR_PER_VORM,
                ("sector", "uitbuitingsvorm"),
                Telregel.UNIEK_SLACHTOFFER,
                "Sector per vorm van uitbuiting",
                "Sector by form of exploitation",
            ),
            Tabel(
                TabelId.ROUTE_PER_VORM,
                ("route", "uitbuitingsvorm"),
                Telregel.UNIEK_SLACHTOFFER,
                "Route per vorm van uitbuiting",
                "Route by form of exploitation",
            ),
            Tabel(
                TabelId.INSPANNINGEN_PER_KWARTAAL,
                ("type", "kwartaal"),
                Telregel.INSPANNING,
                "Inspanningen per kwartaal",
                "Efforts per quarter",
            ),
        )
    }
)
"""`geschatte_omvang` is a size estimate, not a table of counts, and is published by its own rules."""
