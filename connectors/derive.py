"""Coarse codes made at the partner from exact dates and countries, which stay (record.md: exact values stay local)."""

from datetime import date
from typing import Final

from connectors.contract.case_codes import Herkomstregio, Leeftijdsband
from pseudonymizer.identity import BirthDate

_BANDS: Final = (
    (11, Leeftijdsband.J0_11),
    (14, Leeftijdsband.J12_14),
    (17, Leeftijdsband.J15_17),
    (22, Leeftijdsband.J18_22),
    (29, Leeftijdsband.J23_29),
    (39, Leeftijdsband.J30_39),
    (49, Leeftijdsband.J40_49),
)
"""Highest age of each band; whoever is older is in the last, `50+`."""

# UN M49 regions; a country that stands in none is "overig". Member states of the EU in 2026.
_EU: Final = frozenset(
    "AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT POL PRT ROU SVK SVN ESP SWE".split()
)
_EUROPE: Final = frozenset(
    "ALB AND BLR BIH FRO GGY GIB IMN ISL JEY LIE MCO MDA MKD MNE NOR RUS SMR SRB CHE UKR GBR VAT XKX ALA SJM".split()
)
_AFRICA: Final = frozenset(
    "DZA AGO BEN BWA BFA BDI CPV CMR CAF TCD COM COG COD CIV DJI EGY GNQ ERI SWZ ETH GAB GMB GHA GIN GNB KEN LSO LBR "
    "LBY MDG MWI MLI MRT MUS MYT MAR MOZ NAM NER NGA REU RWA SHN STP SEN SYC SLE SOM ZAF SSD SDN TZA TGO TUN UGA ESH "
    "ZMB ZWE".split()
)
_ASIA: Final = frozenset(
    "AFG ARM AZE BHR BGD BTN BRN KHM CHN GEO HKG IND IDN IRN IRQ ISR JPN JOR KAZ PRK KOR KWT KGZ LAO LBN MAC MYS MDV "
    "MNG MMR NPL OMN PAK PSE PHL QAT SAU SGP LKA SYR TWN TJK THA TLS TUR TKM ARE UZB VNM YEM".split()
)
_LATIN_AMERICA: Final = frozenset(
    "AIA ATG ARG ABW BHS BRB BLZ BOL BES BRA VGB CYM CHL COL CRI CUB CUW DMA DOM ECU SLV FLK GUF GRD GLP GTM GUY HTI "
    "HND JAM MTQ MEX MSR NIC PAN PRY PER PRI BLM KNA LCA MAF VCT SXM SUR TTO TCA VIR URY VEN".split()
)


def leeftijdsband(birth: BirthDate | None, on: date) -> Leeftijdsband:
    """The age band on that day; `onbekend` when the date is, or when its known part leaves two bands open."""
    ages = _ages(birth, on)
    if ages is None:
        return Leeftijdsband.ONBEKEND
    youngest, oldest = (_band(age) for age in ages)
    return youngest if youngest is oldest else Leeftijdsband.ONBEKEND


def minderjarig(birth: BirthDate | None, on: date) -> bool:
    """Whether the person may be under 18: where only part of the date is known, the youngest possible age counts.

    A wholly unknown date gives False, as the band `onbekend` does (contract, Leeftijdsband).
    """
    ages = _ages(birth, on)
    return ages is not None and ages[0] < 18


def herkomstregio(alpha3: str | None) -> Herkomstregio:
    """The region of an ISO 3166-1 alpha-3 country; `onbekend` for None, `overig` outside the five regions."""
    if alpha3 is None:
        return Herkomstregio.ONBEKEND
    if alpha3 == "NLD":
        return Herkomstregio.NL
    for members, region in (
        (_EU, Herkomstregio.EU_OVERIG),
        (_EUROPE, Herkomstregio.EUROPA_NIET_EU),
        (_AFRICA, Herkomstregio.AFRIKA),
        (_ASIA, Herkomstregio.AZIE),
        (_LATIN_AMERICA, Herkomstregio.LATIJNS_AMERIKA_CARIBEN),
    ):
        if alpha3 in members:
            return region
    return Herkomstregio.OVERIG


def kwartaal(moment: date) -> str:
    """`YYYY-Qn`."""
    return f"{moment.year:04d}-Q{(moment.month + 2) // 3}"


def end_of_month(moment: date) -> date:
    """The last day of that month: the only day of a month that travels (record.md)."""
    following = date(moment.year + moment.month // 12, moment.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def plus_months(moment: date, months: int) -> date:
    """So many months later, on the same day or the last day of a shorter month."""
    total = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(total, 12)
    last = end_of_month(date(year, month + 1, 1))
    return min(date(year, month + 1, 1).replace(day=min(moment.day, last.day)), last)


def _ages(birth: BirthDate | None, on: date) -> tuple[int, int] | None:
    """(youngest, oldest) possible age in whole years; None when unknown or born after `on`."""
    if birth is None:
        return None
    earliest = (birth.month or 1, birth.day or 1)
    latest = (birth.month or 12, birth.day or 31)
    youngest, oldest = (on.year - birth.year - ((on.month, on.day) < day) for day in (latest, earliest))
    return (max(youngest, 0), oldest) if oldest >= 0 else None


def _band(age: int) -> Leeftijdsband:
    return next((band for upper, band in _BANDS if age <= upper), Leeftijdsband.J50)
