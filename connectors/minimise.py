"""What of a record may leave under which convenant (record.md, "What goes on the wire"); the rest is dropped here.

A record that may not leave at all is held back with a reason that the privacy receipt counts. Policy at the gateway
judges again and has the last word; what is decided here only spares records a journey that must fail.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from connectors.contract.case_codes import Leeftijdsband
from connectors.contract.codes import (
    Convenant,
    Doel,
    Doorbrekingsgrond,
    PartijDomein,
    Route,
    Status,
    TokenDomein,
    WpgArtikel,
)
from connectors.contract.record import Blok, MonitorRij, Profiel, RiecRij, Token, ZvhRij
from connectors.derive import end_of_month
from connectors.errors import InputRefused
from connectors.fields import LocalRecord, RolBetrokkene, Veld

Row = RiecRij | ZvhRij | MonitorRij
_T = TypeVar("_T")

DOELEN: Final = MappingProxyType(
    {
        Convenant.RIEC: Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        Convenant.ZVH: Doel.ZVH_CASUS,
        Convenant.MONITOR: Doel.MONITOR,
    }
)
"""The purpose for which records are submitted under each convenant (policy matrix, rows 1 to 9 and 63)."""

_CASE: Final = (
    Veld.ROUTE,
    Veld.STATUS,
    Veld.CATEGORIE,
    Veld.BIJZONDER,
    Veld.NOODZAAK_BESCHERMING,
    Veld.REGIO_RAAKVLAK,
    Veld.OPSPORINGSBELANG,
    Veld.WPG_ARTIKEL,
    Veld.EMBARGO,
    Veld.BEWAREN_TOT,
)
_SECRECY: Final = (Veld.BEROEPSGEHEIM, Veld.DOORBREKINGSGROND)
_MONITOR: Final = (
    Veld.UITBUITINGSVORM,
    Veld.SECTOR,
    Veld.GESLACHT,
    Veld.LEEFTIJDSBAND,
    Veld.HERKOMSTREGIO,
    Veld.BRON_SIGNAAL,
)
_MINOR: Final = (Veld.MINDERJARIG, Veld.LEEFTIJDSBAND)
_DOUBLE: Final = (Veld.DUBBELROL, Veld.ROL_BETROKKENE)
_ALTERNATIVES: Final = MappingProxyType(
    {
        Convenant.RIEC: (_MINOR, _DOUBLE),
        Convenant.ZVH: (_MINOR, _DOUBLE),
        Convenant.MONITOR: (_DOUBLE, (Veld.JAAR, Veld.KWARTAAL)),
    }
)
"""Of each pair the mapping must fill one: the other gives it."""
_REQUIRED: Final = MappingProxyType(
    {Convenant.RIEC: _CASE, Convenant.ZVH: _CASE + _SECRECY, Convenant.MONITOR: _CASE + _MONITOR}
)
ROUTES: Final = MappingProxyType(
    {
        Convenant.RIEC: (Route.ONDERMIJNING,),
        Convenant.ZVH: (Route.ZORG_STRAF,),
        Convenant.MONITOR: (Route.ZORG_STRAF, Route.ONDERMIJNING),
    }
)
"""Which route goes where (regional flow chart; architecture page, "Three token domains"): `zorg` sends no tokens."""
_SHAREABLE_WPG: Final = frozenset(
    {WpgArtikel.ART_8, WpgArtikel.ART_9, WpgArtikel.ART_12, WpgArtikel.ART_13, WpgArtikel.GEEN}
)
"""Policy page, WPG_NIET_DEELBAAR."""


class HeldBack(StrEnum):
    """Why a record stays at the partner; codes of policy where policy would refuse for the same reason."""

    ROUTE = "ander_convenant_of_alleen_tellingen"
    CASUS_GESLOTEN = "casus_gesloten"
    BEWAARTERMIJN_VERSTREKEN = "bewaartermijn_verstreken"
    BEROEPSGEHEIM_GEEN_GROND = "beroepsgeheim_geen_grond"
    WPG_NIET_DEELBAAR = "wpg_niet_deelbaar"
    GEEN_KENMERK = "geen_kenmerk"
    TE_KLEIN = "telling_te_klein"


@dataclass(frozen=True, slots=True)
class Draft:
    """A row without record id, tokens and proof: exactly the codes that will leave."""

    codes: MappingProxyType[str, object]
    build: type[Row]
    profiel: Profiel
    """What policy judges; `bsn_aanwezig` is still False, for the tokens decide it."""
    case_ref: str

    def row(self, record_id: str, tokens: tuple[Token, ...], blokken: tuple[Blok, ...], bewijs: str) -> Row:
        """The wire row; `blokken` never stand in a MONITOR row. Raises pydantic's ValidationError on a wrong shape."""
        extra: dict[str, object] = {} if self.build is MonitorRij else {"blokken": blokken}
        content = {**self.codes, **extra, "record_id": record_id, "tokens": tokens, "bewijs": bewijs}
        return self.build.model_validate(content)

    def wire(self) -> dict[str, str | int | bool | list[str]]:
        """The codes as JSON values, absent ones left out: what the privacy receipt counts and digests."""
        return {name: _json(value) for name, value in sorted(self.codes.items()) if value is not None}

    def profile(self, bsn_aanwezig: bool) -> Profiel:
        return self.profiel.model_copy(update={"bsn_aanwezig": bsn_aanwezig})


def _json(value: object) -> str | int | bool | list[str]:
    if isinstance(value, tuple):
        return [str(item) for item in value]
    if isinstance(value, bool | int):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def missing_fields(filled: frozenset[Veld], convenant: Convenant) -> tuple[str, ...]:
    """Fields that rows of this convenant need and the mapping does not fill, as a person would write them."""
    alone = [veld.value for veld in _REQUIRED[convenant] if veld not in filled]
    pairs = [" or ".join(pair) for pair in _ALTERNATIVES[convenant] if not filled.intersection(pair)]
    return tuple(alone + pairs)


def minimise(record: LocalRecord, domein: TokenDomein, party: PartijDomein, today: date) -> Draft | HeldBack:
    """The codes of one record that may leave to `domein`, or why it stays.

    Raises InputRefused (without row: the caller knows it) when a field that this convenant needs is empty.
    """
    convenant = domein.convenant
    if _value(record.route, Veld.ROUTE) not in ROUTES[convenant]:
        return HeldBack.ROUTE
    if record.status is Status.AFGESLOTEN:
        return HeldBack.CASUS_GESLOTEN
    held = _must_stay(record, party, today)
    if held is not None:
        return held
    if convenant is Convenant.RIEC:
        return _riec(record)
    return _zvh(record, today) if convenant is Convenant.ZVH else _monitor(record, today)


def _must_stay(record: LocalRecord, party: PartijDomein, today: date) -> HeldBack | None:
    if _value(record.bewaren_tot, Veld.BEWAREN_TOT) <= today:
        return HeldBack.BEWAARTERMIJN_VERSTREKEN
    if party is PartijDomein.OPSPORING and (
        _value(record.embargo, Veld.EMBARGO) or _value(record.wpg_artikel, Veld.WPG_ARTIKEL) not in _SHAREABLE_WPG
    ):
        return HeldBack.WPG_NIET_DEELBAAR
    if record.beroepsgeheim and record.doorbrekingsgrond in (None, Doorbrekingsgrond.GEEN):
        return HeldBack.BEROEPSGEHEIM_GEEN_GROND
    return None


def _case_codes(record: LocalRecord) -> dict[str, object]:
    minor = record.minderjarig if record.minderjarig is not None else _band(record).minderjarig
    double = record.rol_betrokkene is RolBetrokkene.DADER_EN_SLACHTOFFER
    if record.dubbelrol is None and record.rol_betrokkene is None:
        raise InputRefused("field 'dubbelrol' is empty in this row; map the empty value in its codes")
    # Only the month of the retention date travels: its exact day could single a record out.
    return {
        "route": record.route,
        "status": _value(record.status, Veld.STATUS),
        "categorie": _value(record.categorie, Veld.CATEGORIE),
        "minderjarig": minor,
        "dubbelrol": double or bool(record.dubbelrol),
        "bijzonder": _value(record.bijzonder, Veld.BIJZONDER),
        "noodzaak_bescherming": _value(record.noodzaak_bescherming, Veld.NOODZAAK_BESCHERMING),
        "regio_raakvlak": _value(record.regio_raakvlak, Veld.REGIO_RAAKVLAK),
        "opsporingsbelang": _value(record.opsporingsbelang, Veld.OPSPORINGSBELANG),
        "wpg_artikel": _value(record.wpg_artikel, Veld.WPG_ARTIKEL),
        "embargo": _value(record.embargo, Veld.EMBARGO),
        "bewaren_tot": end_of_month(_value(record.bewaren_tot, Veld.BEWAREN_TOT)),
    }


def _band(record: LocalRecord) -> Leeftijdsband:
    return _value(record.leeftijdsband, Veld.LEEFTIJDSBAND)


def _riec(record: LocalRecord) -> Draft:
    codes = _case_codes(record)
    return Draft(MappingProxyType(codes), RiecRij, _profile(codes), record.case_ref or "")


def _zvh(record: LocalRecord, today: date) -> Draft:
    _value(record.beroepsgeheim, Veld.BEROEPSGEHEIM)
    _value(record.doorbrekingsgrond, Veld.DOORBREKINGSGROND)
    references = {name: getattr(record, name) for name in ("bewijs_ref", "professional_ref", "consult_ref")}
    codes, secrecy = _case_codes(record), _secrecy(record, today)
    profiel = _profile(codes | secrecy | {name: value is not None for name, value in references.items()})
    return Draft(MappingProxyType(codes | secrecy | references), ZvhRij, profiel, record.case_ref or "")


def _secrecy(record: LocalRecord, today: date) -> dict[str, object]:
    """How professional secrecy was dealt with; consent counts from its date until it is withdrawn, and travels without
    that date (record.md, `toestemming_geldig`)."""
    consent = record.toestemming_datum is not None and record.toestemming_datum <= today
    return {
        "beroepsgeheim": record.beroepsgeheim,
        "doorbrekingsgrond": record.doorbrekingsgrond,
        "toestemming_geldig": consent and not record.toestemming_ingetrokken,
    }


def _monitor(record: LocalRecord, today: date) -> Draft:
    year = record.jaar if record.jaar is not None else int(_value(record.kwartaal, Veld.KWARTAAL)[:4])
    codes: dict[str, object] = {
        "jaar": year,
        "gemeente": record.gemeente_uitbuiting or record.gemeente_aantreffen or "onbekend",
        "uitbuitingsvorm": tuple(sorted(_value(record.uitbuitingsvorm, Veld.UITBUITINGSVORM))),
        "sector": _value(record.sector, Veld.SECTOR),
        "geslacht": _value(record.geslacht, Veld.GESLACHT),
        "leeftijdsband": _band(record),
        "herkomstregio": _value(record.herkomstregio, Veld.HERKOMSTREGIO),
        "bron_signaal": _value(record.bron_signaal, Veld.BRON_SIGNAAL),
        "route": record.route,
    }
    # The gateway reads the age from the band, so the profile says what the band says.
    judged = _case_codes(record) | {"minderjarig": _band(record).minderjarig}
    profiel = _profile(judged | (_secrecy(record, today) if record.beroepsgeheim is not None else {}))
    return Draft(MappingProxyType(codes), MonitorRij, profiel, record.case_ref or "")


def _profile(codes: dict[str, object]) -> Profiel:
    return Profiel.model_validate({**codes, "bsn_aanwezig": False})


def _value(value: _T | None, veld: Veld) -> _T:
    if value is None:
        raise InputRefused(f"field {veld.value!r} is empty in this row; map the empty value in its codes")
    return value
