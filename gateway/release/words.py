"""A blocked draft in words: which published numbers give which cell away, and what would help. Pure.

Never a count: the cell is named and the arithmetic, not its outcome, since who drafts may not know small counts either.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aggregator.history import Finding
from connectors.contract.answers import Reden
from connectors.contract.releases import Achterhouden, Niveau, ReleaseAanvraag
from gateway.release.catalogue import PUBLIC_K

SHOWN: Final = 3
"""So many opened cells are told; the first makes the point and a list of all would be a table of small cells."""
SOURCE: Final = "disclosure.md: elke publicatie wordt eerst door onze eigen aanvaller aangevallen"


class Offer(StrEnum):
    """What would help a blocked draft."""

    VOLLEDIG = "volledig"
    GROVER = "grover"
    WACHTEN = "wachten"
    MEER_PARTNERS = "meer_partners"
    WEGLATEN = "weglaten"


_OFFERS: Final[Mapping[Offer, str]] = {
    Offer.VOLLEDIG: "houd ook de cellen achter waaruit kleine aantallen te berekenen zijn (achterhouden = volledig)",
    Offer.GROVER: "neem een grovere tabel (grover = veiligheidshuis, monitorgroep)",
    Offer.WACHTEN: f"wacht tot er {PUBLIC_K} of meer gevallen zijn bijgekomen of gewijzigd",
    Offer.MEER_PARTNERS: "wacht tot meer partners voor deze tabel hebben aangeleverd",
    Offer.WEGLATEN: "laat de tabel weg",
}


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a group of tables may not be published: the refusal's reasons and the cells that were opened."""

    tables: tuple[str, ...]
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]


def explained(blocked: Blocked, aanvraag: ReleaseAanvraag, names: Mapping[str, str]) -> tuple[Reden, ...]:
    """The attack, cell by cell, and what would help; `names`: what a code is called where it is no word itself."""
    code, offers = _diagnosis(blocked, aanvraag)
    help_nl = "; of ".join(_OFFERS[offer] for offer in offers)
    exact = sorted(blocked.findings, key=_telling)
    told = [_told(finding, aanvraag.release_id, names) for finding in exact[:SHOWN]] or [
        (_dutch(reason, aanvraag.release_id, names), _quiet(reason)) for reason in blocked.reasons[:1]
    ]
    if len(exact) > SHOWN:
        told[0] = (f"{told[0][0]} (en nog {len(exact) - 1} cellen)", f"{told[0][1]} (and {len(exact) - 1} cells more)")
    return tuple(
        Reden(code=code, nl=nl[:2000], en=en[:2000], grondslag=SOURCE, handelingsperspectief=help_nl) for nl, en in told
    )


def _telling(finding: Finding) -> tuple[float, bool, int, str]:
    """Cells that are known exactly first, and of those the shortest arithmetic that a reader can follow."""
    return finding.high - finding.low, "published cells together" in finding.how, len(finding.how), finding.cell


def summary(redenen: Sequence[Reden]) -> str:
    """All of it as one sentence each, for the problem document's detail."""
    help_nl = redenen[0].handelingsperspectief
    return (". ".join(reden.nl for reden in redenen) + f". Wat helpt: {help_nl}.")[:2000]


def _diagnosis(blocked: Blocked, aanvraag: ReleaseAanvraag) -> tuple[str, tuple[Offer, ...]]:
    coarser = (Offer.GROVER,) if _may_be_coarser(blocked, aanvraag) else ()
    if aanvraag.achterhouden is Achterhouden.ALLEEN_KLEIN:
        return "TABELLEN_GEVEN_CEL_PRIJS", (Offer.VOLLEDIG, *coarser)
    if any(finding.cell.startswith("change in ") for finding in blocked.findings):
        return "VERSCHIL_MET_EERDERE_PUBLICATIE", (Offer.WACHTEN, Offer.WEGLATEN)
    if any("total is itself sensitive" in reason for reason in blocked.reasons):
        return "TOTAAL_TE_KWETSBAAR", (Offer.MEER_PARTNERS, Offer.WEGLATEN)
    return "TABELLEN_GEVEN_CEL_PRIJS", (*coarser, Offer.WEGLATEN)


def _may_be_coarser(blocked: Blocked, aanvraag: ReleaseAanvraag) -> bool:
    levels = {Niveau.VEILIGHEIDSHUIS: "gemeente", Niveau.MONITORGROEP: "vorm"}
    return any(
        level not in aanvraag.grover and any(word in table for table in blocked.tables)
        for level, word in levels.items()
    )


def _told(finding: Finding, release_id: str, names: Mapping[str, str]) -> tuple[str, str]:
    """One finding in Dutch and English: the cell, and the arithmetic that gives it."""
    cell, how = _dutch(finding.cell, release_id, names), _dutch(finding.how, release_id, names)
    view = "" if finding.view == "outsider" else f", gezien door {_dutch(finding.view, release_id, names)}"
    english = f"{_quiet(finding.cell)} can be computed: {_quiet(finding.how).replace(f' ({release_id})', '')}"
    return f"{cell}{view} is te berekenen: {how}", english


_WORDS: Final = (
    (r"\bthis release\b", "{release}"),
    (r"\bchange in the total\b", "de wijziging van het totaal"),
    (r"\bchange in\b", "de wijziging van"),
    (r"\bthe total\b", "het totaal"),
    (
        r"\bthe region's total is itself sensitive, and it is never withheld: release nothing on so few cases",
        "het totaal van de regio is zelf te klein of van te weinig partners, en wordt nooit achtergehouden",
    ),
    (r"\bfewer than (\d+) cases came or went in between", r"er kwamen of gingen minder dan \1 gevallen"),
    (r"; wait until more cases changed", ""),
    (r"\bpublished cells together\b", "gepubliceerde cellen samen"),
    (r"\bshown in\b", "getoond in"),
    (r"\bminus\b", "min"),
    (r" and ", " en "),
    (r"\buitbuitingsvorm\b", "vorm"),
    (r"\bno safe pattern: ", "geen veilige manier van achterhouden: "),
    (r"\bcannot be hidden\b", "is niet te verbergen"),
)


def _quiet(text: str) -> str:
    """Without the count that a difference names."""
    return re.sub(
        r"(?<!fewer than )\b\d+ cases came or went in between",
        f"fewer than {PUBLIC_K} cases came or went in between",
        text,
    )


def _dutch(text: str, release_id: str, names: Mapping[str, str]) -> str:
    """The aggregator's sentence in Dutch, codes by their names."""
    said = _quiet(text).replace(f" ({release_id})", "")
    for pattern, dutch in _WORDS:
        said = re.sub(pattern, dutch.replace("{release}", release_id), said)
    said = re.sub(r"[A-Za-z0-9+_/-]{2,}", lambda found: names.get(found.group(), found.group()), said)
    return said.replace("_", " ")
