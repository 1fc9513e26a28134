"""What a partner knows of a record besides identifying traits, in the terms of the canonical record (record.md).

All of it lives at the partner. `minimise` decides per convenant which of these may leave, and in which coarse form.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from connectors.contract.case_codes import (
    BronSignaal,
    Geslacht,
    Herkomstregio,
    InspanningType,
    Leeftijdsband,
    Sector,
    Uitbuitingsvorm,
)
from connectors.contract.codes import Categorie, Doorbrekingsgrond, Route, Status, WpgArtikel


class Veld(StrEnum):
    """The wire fields that `[fields]` and `[constants]` of a mapping may fill. A closed list: others are refused."""

    ROUTE = "route"
    STATUS = "status"
    STATUS_DATUM = "status_datum"
    CATEGORIE = "categorie"
    ROL_BETROKKENE = "rol_betrokkene"
    UITBUITINGSVORM = "uitbuitingsvorm"
    SECTOR = "sector"
    GESLACHT = "geslacht"
    LEEFTIJDSBAND = "leeftijdsband"
    MINDERJARIG = "minderjarig"
    HERKOMSTREGIO = "herkomstregio"
    GEMEENTE_UITBUITING = "gemeente_uitbuiting"
    GEMEENTE_AANTREFFEN = "gemeente_aantreffen"
    GEMEENTE_VERBLIJF = "gemeente_verblijf"
    KWARTAAL = "kwartaal"
    JAAR = "jaar"
    BRON_SIGNAAL = "bron_signaal"
    DUBBELROL = "dubbelrol"
    BIJZONDER = "bijzonder"
    NOODZAAK_BESCHERMING = "noodzaak_bescherming"
    REGIO_RAAKVLAK = "regio_raakvlak"
    OPSPORINGSBELANG = "opsporingsbelang"
    WPG_ARTIKEL = "wpg_artikel"
    EMBARGO = "embargo"
    BEWAREN_TOT = "bewaren_tot"
    HERBEOORDELING = "herbeoordeling"
    BEROEPSGEHEIM = "beroepsgeheim"
    DOORBREKINGSGROND = "doorbrekingsgrond"
    TOESTEMMING_DATUM = "toestemming_datum"
    TOESTEMMING_INGETROKKEN = "toestemming_ingetrokken"
    BEWIJS_REF = "bewijs_ref"
    PROFESSIONAL_REF = "professional_ref"
    CONSULT_REF = "consult_ref"
    CASE_REF = "case_ref"
    TYPE = "type"
    AANTAL = "aantal"


class RolBetrokkene(StrEnum):
    """HTCDS role of the person; never on the wire, but `dader_en_slachtoffer` sets `dubbelrol`."""

    SLACHTOFFER_VERMOEDELIJK = "slachtoffer_vermoedelijk"
    SLACHTOFFER_BEVESTIGD = "slachtoffer_bevestigd"
    VERDACHTE = "verdachte"
    VEROORDEELDE = "veroordeelde"
    FACILITATOR = "facilitator"
    GETUIGE = "getuige"
    DADER_EN_SLACHTOFFER = "dader_en_slachtoffer"


@dataclass(frozen=True, slots=True, repr=False)
class LocalRecord:
    """One record's codes and dates. `None`: the mapping does not fill it, or the source cell is empty."""

    route: Route | None = None
    status: Status | None = None
    status_datum: date | None = None
    categorie: Categorie | None = None
    rol_betrokkene: RolBetrokkene | None = None
    uitbuitingsvorm: frozenset[Uitbuitingsvorm] | None = None
    sector: Sector | None = None
    geslacht: Geslacht | None = None
    leeftijdsband: Leeftijdsband | None = None
    minderjarig: bool | None = None
    herkomstregio: Herkomstregio | None = None
    gemeente_uitbuiting: str | None = None
    gemeente_aantreffen: str | None = None
    gemeente_verblijf: str | None = None
    kwartaal: str | None = None
    jaar: int | None = None
    bron_signaal: BronSignaal | None = None
    dubbelrol: bool | None = None
    bijzonder: bool | None = None
    noodzaak_bescherming: bool | None = None
    regio_raakvlak: bool | None = None
    opsporingsbelang: bool | None = None
    wpg_artikel: WpgArtikel | None = None
    embargo: bool | None = None
    bewaren_tot: date | None = None
    herbeoordeling: date | None = None
    beroepsgeheim: bool | None = None
    doorbrekingsgrond: Doorbrekingsgrond | None = None
    toestemming_datum: date | None = None
    toestemming_ingetrokken: bool | None = None
    bewijs_ref: str | None = None
    professional_ref: str | None = None
    consult_ref: str | None = None
    case_ref: str | None = None
    type: InspanningType | None = None
    aantal: int | None = None

    def __repr__(self) -> str:
        return "LocalRecord(hidden)"


class NotAWireValue(ValueError):
    """A text that is no value of the field; carries nothing of the text."""


class BrokenDate(NotAWireValue):
    """A text that is no date that exists."""


_ISO: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]{5,15}(?:Z|[+-][0-9:]{4,6})?)?")
_DUTCH: Final = re.compile(r"([0-9]{1,2})[-/]([0-9]{1,2})[-/]([0-9]{4})")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_KWARTAAL: Final = re.compile(r"[0-9]{4}-Q[1-4]")
_GEMEENTE: Final = re.compile(r"(?:GM)?([0-9]{4})")
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}|[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43}")
_TRUTH: Final = MappingProxyType({"true": True, "false": False})


def read_date(text: str) -> date:
    """ISO 8601 (a time is ignored), dd-mm-yyyy or yyyymmdd, years 1900 to 2199; raises BrokenDate."""
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _DUTCH.fullmatch(text):
        day, month, year = int(found[1]), int(found[2]), int(found[3])
    else:
        raise BrokenDate("not a date")
    if not 1900 <= year <= 2199:
        raise BrokenDate("not a date")
    try:
        return date(year, month, day)
    except ValueError:
        raise BrokenDate("not a date") from None


def _truth(text: str) -> bool:
    try:
        return _TRUTH[text]
    except KeyError:
        raise NotAWireValue("not true or false") from None


def _matching(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not pattern.fullmatch(text):
            raise NotAWireValue("not of the form this field has")
        return text

    return read


def _gemeente(text: str) -> str:
    found = _GEMEENTE.fullmatch(text)
    if not found:
        raise NotAWireValue("not a municipality code")
    return f"GM{found[1]}"


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and low <= int(text) <= high):
            raise NotAWireValue("not a number in range")
        return int(text)

    return read


def _coded(codes: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        try:
            return codes(text)
        except ValueError:
            raise NotAWireValue("not a code of this field") from None

    return read


def _case_ref(text: str) -> str:
    if len(text.encode()) > 512:
        raise NotAWireValue("a case reference is at most 512 bytes")
    return text


READERS: Final = MappingProxyType[Veld, Callable[[str], object]](
    {
        Veld.ROUTE: _coded(Route),
        Veld.STATUS: _coded(Status),
        Veld.STATUS_DATUM: read_date,
        Veld.CATEGORIE: _coded(Categorie),
        Veld.ROL_BETROKKENE: _coded(RolBetrokkene),
        Veld.UITBUITINGSVORM: _coded(Uitbuitingsvorm),
        Veld.SECTOR: _coded(Sector),
        Veld.GESLACHT: _coded(Geslacht),
        Veld.LEEFTIJDSBAND: _coded(Leeftijdsband),
        Veld.MINDERJARIG: _truth,
        Veld.HERKOMSTREGIO: _coded(Herkomstregio),
        Veld.GEMEENTE_UITBUITING: _gemeente,
        Veld.GEMEENTE_AANTREFFEN: _gemeente,
        Veld.GEMEENTE_VERBLIJF: _gemeente,
        Veld.KWARTAAL: _matching(_KWARTAAL),
        Veld.JAAR: _number(2000, 2199),
        Veld.BRON_SIGNAAL: _coded(BronSignaal),
        Veld.DUBBELROL: _truth,
        Veld.BIJZONDER: _truth,
        Veld.NOODZAAK_BESCHERMING: _truth,
        Veld.REGIO_RAAKVLAK: _truth,
        Veld.OPSPORINGSBELANG: _truth,
        Veld.WPG_ARTIKEL: _coded(WpgArtikel),
        Veld.EMBARGO: _truth,
        Veld.BEWAREN_TOT: read_date,
        Veld.HERBEOORDELING: read_date,
        Veld.BEROEPSGEHEIM: _truth,
        Veld.DOORBREKINGSGROND: _coded(Doorbrekingsgrond),
        Veld.TOESTEMMING_DATUM: read_date,
        Veld.TOESTEMMING_INGETROKKEN: _truth,
        Veld.BEWIJS_REF: _matching(_REFERENCE),
        Veld.PROFESSIONAL_REF: _matching(_REFERENCE),
        Veld.CONSULT_REF: _matching(_REFERENCE),
        Veld.CASE_REF: _case_ref,
        Veld.TYPE: _coded(InspanningType),
        Veld.AANTAL: _number(0, 1_000_000),
    }
)
"""How the text of a cell, or the target of a code, becomes a value of a field. References are opaque by form: 22 or 43
characters base64url, or 32 or 64 hexadecimal digits, so that no sentence fits in one (record page)."""
LOCAL_ONLY: Final = frozenset(
    {
        Veld.STATUS_DATUM,
        Veld.ROL_BETROKKENE,
        Veld.GEMEENTE_VERBLIJF,
        Veld.HERBEOORDELING,
        Veld.TOESTEMMING_DATUM,
        Veld.TOESTEMMING_INGETROKKEN,
        Veld.CASE_REF,
    }
)
"""Fields that no row of the wire carries (record page, "Never on the wire"); they are only computed with."""
SETS: Final = frozenset({Veld.UITBUITINGSVORM})
"""Fields that hold a set: a cell may name several values, split by the mapping's `separator`."""
