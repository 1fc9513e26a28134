"""Codes that exist only in tables: totals, groups of forms, and which sectors a form can have. Constants.

Sources: record page (code lists; sectors per form) and the Regionale Monitor's grouping of forms (disclosure page, step
1: uitbuitingsvorm > monitorgroep). `seksueel` is a group of its own and so stands directly under the total.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from connectors.contract.case_codes import Sector, Uitbuitingsvorm

TOTAL: Final = "totaal"
"""The code of every dimension's total."""
UNKNOWN: Final = "onbekend"
SEVERAL: Final = "meer_vormen"
"""A person with more than one known form of exploitation counts once, under this code, so that tables add up."""

MONITORGROEPEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        Uitbuitingsvorm.ARBEID.value: "arbeid_en_diensten",
        Uitbuitingsvorm.GEDWONGEN_DIENSTVERLENING.value: "arbeid_en_diensten",
        Uitbuitingsvorm.CRIMINEEL.value: "crimineel_en_bedelarij",
        Uitbuitingsvorm.BEDELARIJ.value: "crimineel_en_bedelarij",
        Uitbuitingsvorm.ORGAAN.value: "overige_vormen",
        Uitbuitingsvorm.NOG_NIET_UITGEBUIT.value: "overige_vormen",
        Uitbuitingsvorm.ONBEKEND.value: "overige_vormen",
        SEVERAL: "overige_vormen",
    }
)
"""Form of exploitation → the monitor's group that it is counted in."""

_SEKSUEEL: Final = ("thuis", "escort", "hotel", "raam", "club_bordeel", "massagesalon", "straat", "online", "anders")
_ARBEID: Final = (
    *("landbouw_visserij", "huishoudelijk_au_pair", "horeca", "industrie", "bouw", "vervoer_haven_binnenvaart"),
    *("handel", "schoonmaak", "uitzend", "vleesverwerking", "wasserij", "bezorging", "nagelstudio", "overig"),
)
_CRIMINEEL: Final = (
    *("drugsproductie", "drugshandel_uithaler", "katvanger_bankrekening", "winkeldiefstal", "explosieven"),
    *("woninggebruik", "bedelen", "overig"),
)
_ELSEWHERE: Final = (UNKNOWN,)
"""Sector unknown goes with every form."""

SECTOREN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        Uitbuitingsvorm.SEKSUEEL.value: frozenset(Sector(name).value for name in (*_SEKSUEEL, *_ELSEWHERE)),
        Uitbuitingsvorm.ARBEID.value: frozenset(Sector(name).value for name in (*_ARBEID, *_ELSEWHERE)),
        Uitbuitingsvorm.CRIMINEEL.value: frozenset(Sector(name).value for name in (*_CRIMINEEL, *_ELSEWHERE)),
    }
)
"""Sectors that a form can have; a form that is not here can have any."""


def possible(vorm: str, sector: str) -> bool:
    """Whether a person exploited in this form can be counted in this sector; both are finest codes."""
    return vorm not in SECTOREN or sector in SECTOREN[vorm]
