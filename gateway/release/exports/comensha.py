"""Regional rows in the manner of CoMensha's yearly figures: one trait at a time, for the region. Pure.

CoMensha publishes registered victims by form of exploitation, sex, age (minor or adult in bands), nationality region,
reporting organisation and place. Each row here is one sealed cell in which all other dimensions are total; no number is
added up, so nothing is in the file that is not in the sealed tables.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from connectors.contract.releases import Publicatie
from gateway.release.codes import TOTAL
from gateway.release.exports.rows import FREE, rows
from gateway.release.exports.tables import csv_bytes

REGION: Final = "Rotterdam"
HEAD: Final = ("jaar", "regio", "telregel", "kenmerk", "code", "categorie", "aantal", "OBS_STATUS", "CONF_STATUS")
_TRAITS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "uitbuitingsvorm": "vorm van uitbuiting",
        "geslacht": "geslacht",
        "leeftijdsband": "leeftijd",
        "herkomstregio": "herkomst",
        "bron_signaal": "aanmelder",
        "gemeente": "gemeente",
        "sector": "sector",
        "route": "route",
        "jaar": "jaar van melding",
    }
)
_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        TOTAL: "totaal",
        "seksueel": "seksuele uitbuiting",
        "arbeid": "arbeidsuitbuiting",
        "gedwongen_dienstverlening": "gedwongen dienstverlening",
        "arbeid_en_diensten": "arbeid en dienstverlening",
        "crimineel": "criminele uitbuiting",
        "bedelarij": "gedwongen bedelarij",
        "orgaan": "gedwongen orgaanverwijdering",
        "nog_niet_uitgebuit": "(nog) niet uitgebuit",
        "meer_vormen": "meer dan één vorm",
    }
)


def regional_rows(publicatie: Publicatie, names: Mapping[str, str]) -> bytes:
    """CSV with columns HEAD; a total once for each counting rule. `names`: what a code is called."""
    done: set[tuple[str, ...]] = set()
    lines = []
    for row in rows(publicatie):
        crossed = [(d, c) for d, c in zip(row.tabel.dimensies, row.codes, strict=True) if c != TOTAL]
        if len(crossed) > 1 or (crossed and crossed[0][0] not in _TRAITS):
            continue
        trait, code = crossed[0] if crossed else ("", TOTAL)
        key = (row.tabel.telregel, trait, code)
        if key in done or row.tabel.telregel == "inspanning":
            continue
        done.add(key)
        words = _WORDS.get(code) or names.get(code) or code.replace("_", " ")
        about = (str(publicatie.jaar), REGION, row.tabel.telregel, _TRAITS.get(trait, "totaal"), code, words)
        lines.append((*about, row.shown, row.status.value, FREE))
    return csv_bytes(HEAD, lines)
