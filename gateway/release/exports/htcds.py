"""Sealed cells in the vocabulary of HTCDS 2.0 and the CTDC global dataset, so that they can stand beside others'. Pure.

HTCDS (IOM, github.com/UNMigration/HTCDS, Field Reference): prs_Gender, vic_TypeOfExploitation,
vic_TypeOfLabourExploitation, vic_TypeOfSexExploitation, vic_LabourIndustry (ISIC rev. 4 sections). CTDC (Counter
Trafficking Data Collaborative, global dataset and codebook): yearOfRegistration, gender, majorityStatus,
isForcedLabour, isSexualExploit, isOtherExploit, isOrganRemoval, typeOfExploitConcatenated, CountryOfExploitation;
UN_COO_Region of its synthetic dataset. One row is one sealed cell: where several of our codes map to one of theirs
they stay rows apart, so no number is made that was not sealed. Bands of age do not fit CTDC's `ageBroad`, which is
therefore left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.contract.releases import Publicatie
from gateway.release.codes import TOTAL
from gateway.release.exports.rows import FREE, Row, rows
from gateway.release.exports.tables import csv_bytes

COUNTRY: Final = "NLD"
HEAD: Final = (
    *("yearOfRegistration", "CountryOfExploitation", "table", "uitbuitingsvorm", "geslacht", "leeftijdsband"),
    *("herkomstregio", "sector", "prs_Gender", "gender", "majorityStatus", "UN_COO_Region"),
    *("vic_TypeOfExploitation", "vic_TypeOfLabourExploitation", "vic_LabourIndustry", "vic_TypeOfSexExploitation"),
    *("isForcedLabour", "isSexualExploit", "isOtherExploit", "isOrganRemoval", "typeOfExploitConcatenated"),
    *("count", "OBS_STATUS", "CONF_STATUS"),
)
_PERSONS: Final = "uniek_slachtoffer"
_DIMENSIONS: Final = ("uitbuitingsvorm", "geslacht", "leeftijdsband", "herkomstregio", "sector")

_GENDER: Final = {
    "man": ("Male", "Male"),
    "vrouw": ("Female", "Female"),
    "anders": ("Transgender/NonConforming", ""),
    "onbekend": ("Unknown", ""),
}
"""geslacht → HTCDS prs_Gender, CTDC gender."""
_REGION: Final = {
    "NL": "Europe",
    "EU_overig": "Europe",
    "Europa_niet_EU": "Europe",
    "Afrika": "Africa",
    "Azie": "Asia",
    "Latijns-Amerika_Cariben": "Americas/Oceania",
}
_MINOR: Final = frozenset({"0-11", "12-14", "15-17"})


@dataclass(frozen=True, slots=True)
class Form:
    """What a form of exploitation is called there: HTCDS type, its kind of labour, and CTDC's four flags and text."""

    htcds: str
    labour: str
    forced_labour: bool
    sexual: bool
    other: bool
    organ: bool
    ctdc: str


FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        "seksueel": Form("SexualExploitation", "", False, True, False, False, "Sexual exploitation"),
        "arbeid": Form("ForcedLabour", "", True, False, False, False, "Forced labour"),
        "gedwongen_dienstverlening": Form("Servitude", "DomesticWork", True, False, False, False, "Forced labour"),
        "arbeid_en_diensten": Form("ForcedLabour", "", True, False, False, False, "Forced labour"),
        "crimineel": Form("ForcedLabour", "IllicitActivities", True, False, False, False, "Forced labour"),
        "bedelarij": Form("ForcedBegging", "Begging", True, False, False, False, "Forced labour"),
        "orgaan": Form("OrganRemoval", "", False, False, True, True, "Organ removal"),
        "overige_vormen": Form("Other", "", False, False, True, False, "Other"),
    }
)
"""Forms whose meaning there is plain; unknown, several and not (yet) exploited have no equivalent and stay empty."""

_INDUSTRY: Final[Mapping[str, str]] = MappingProxyType(
    {
        "landbouw_visserij": "A_AgricultureForestryAndFishing",
        "industrie": "C_Manufacturing",
        "vleesverwerking": "C_Manufacturing",
        "bouw": "F_Construction",
        "handel": "G_WholesaleAndRetailTradeRepairOfMotorVehicles",
        "vervoer_haven_binnenvaart": "H_TransportationAndStorage",
        "bezorging": "H_TransportationAndStorage",
        "horeca": "I_AccommodationAndFoodServiceActivities",
        "schoonmaak": "N_AdministrativeAndSupportServiceActivities",
        "uitzend": "N_AdministrativeAndSupportServiceActivities",
        "wasserij": "S_OtherServiceActivities",
        "nagelstudio": "S_OtherServiceActivities",
        "huishoudelijk_au_pair": "T_ActivitiesOfHouseholdsAsEmployers",
    }
)
"""Sector of labour → ISIC rev. 4 section, as HTCDS names it."""
_SEX: Final = {
    **dict.fromkeys(("thuis", "escort", "hotel"), "PrivateSexualServices"),
    **dict.fromkeys(("raam", "club_bordeel", "massagesalon", "straat"), "Prostitution"),
    "online": "RemoteInteractiveServices",
}


def mapped_rows(publicatie: Publicatie) -> bytes:
    """CSV with columns HEAD: every cell of the tables of persons that cross no other dimension than theirs."""
    lines = [
        _line(publicatie, row)
        for row in rows(publicatie)
        if row.tabel.telregel == _PERSONS and set(row.tabel.dimensies) <= set(_DIMENSIONS)
    ]
    return csv_bytes(HEAD, lines)


def _line(publicatie: Publicatie, row: Row) -> tuple[str, ...]:
    ours = {name: row.code(name, TOTAL) for name in _DIMENSIONS}
    htcds_gender, ctdc_gender = _GENDER.get(ours["geslacht"], ("", ""))
    form = FORMS.get(ours["uitbuitingsvorm"])
    flags = (
        ("",) * 4
        if form is None
        else tuple(str(int(f)) for f in (form.forced_labour, form.sexual, form.other, form.organ))
    )
    sexual = ours["uitbuitingsvorm"] == "seksueel"
    return (
        *(str(publicatie.jaar), COUNTRY, row.tabel.tabel.value),
        *(ours[name] for name in _DIMENSIONS),
        *(htcds_gender, ctdc_gender, _majority(ours["leeftijdsband"]), _REGION.get(ours["herkomstregio"], "")),
        *(("", "") if form is None else (form.htcds, form.labour)),
        *(_INDUSTRY.get(ours["sector"], ""), _SEX.get(ours["sector"], "") if sexual else ""),
        *(*flags, "" if form is None else form.ctdc),
        *(row.shown, row.status.value, FREE),
    )


def _majority(band: str) -> str:
    if band in (TOTAL, "onbekend"):
        return ""
    return "Minor" if band in _MINOR else "Adult"
