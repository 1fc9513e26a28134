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
from gateway.release.catalogue import SMALLEST

SHOWN: Final = 3
"""So many opened cells are told; the first makes the point and a list of all would be a table of small cells."""
AT_TABLE: Final = "the Regionale Tafel"
"""Who finds what only releases of the Tafel open together with the figures at hand."""
SOURCE: Final = "disclosure.md: elke publicatie wordt eerst door onze eigen aanvaller aangevallen"


class Offer(StrEnum):
    """What would help a blocked draft."""

    VOLLEDIG = "volledig"
    GROVER = "grover"
    WACHTEN = "wachten"
    MEER_PARTNERS = "meer_partners"
    WEGLATEN = "weglaten"
    MARGE = "marge"


_OFFERS: Final[Mapping[Offer, str]] = {
    Offer.VOLLEDIG: "houd ook de cellen achter waaruit kleine aantallen te berekenen zijn (achterhouden = volledig)",
    Offer.GROVER: "neem een grovere tabel (grover = veiligheidshuis, monitorgroep)",
    Offer.WACHTEN: "wacht tot er {k} of meer gevallen zijn bijgekomen of gewijzigd",
    Offer.MEER_PARTNERS: "wacht tot meer partners voor deze tabel hebben aangeleverd",
    Offer.WEGLATEN: "laat de tabel weg",
    Offer.MARGE: "laat de bron nagaan, en registreer haar opnieuw met de marge waarbinnen zij telt (vervangt)",
}


@dataclass(frozen=True, slots=True)
class Blocked:
    """Why a group of tables may not be published: the refusal's reasons, the cells that were opened, and what the
    publications of others that were attacked with are called."""

    tables: tuple[str, ...]
    reasons: tuple[str, ...]
    findings: tuple[Finding, ...]
    sources: tuple[str, ...] = ()


def explained(blocked: Blocked, aanvraag: ReleaseAanvraag, names: Mapping[str, str]) -> tuple[Reden, ...]:
    """The attack, cell by cell, and what would help; `names`: what a code is called where it is no word itself."""
    code, offers = _diagnosis(blocked, aanvraag)
    k = SMALLEST[aanvraag.publiek]
    help_nl = "; of ".join(_OFFERS[offer] for offer in offers).format(k=k)
    exact = sorted(blocked.findings, key=_telling)
    told = [told_of(finding, aanvraag.release_id, names, k) for finding in exact[:SHOWN]] or [
        (_dutch(reason, aanvraag.release_id, names, k), _quiet(reason, k)) for reason in blocked.reasons[:1]
    ]
    if len(exact) > SHOWN:
        told[0] = (f"{told[0][0]} (en nog {len(exact) - 1} cellen)", f"{told[0][1]} (and {len(exact) - 1} cells more)")
    return tuple(
        Reden(code=code, nl=nl[:2000], en=en[:2000], grondslag=SOURCE, handelingsperspectief=help_nl) for nl, en in told
    )


def _telling(finding: Finding) -> tuple[float, bool, int, str]:
    """Cells that are known exactly first, and of those the shortest arithmetic that a reader can follow."""
    return finding.high - finding.low, "published cells together" in finding.how, len(finding.how), finding.cell


def opened(findings: Sequence[Finding], names: Mapping[str, str], k: int) -> tuple[Reden, ...]:
    """What a publication of others opens in figures that are out: nothing can be taken back, but it can be told."""
    help_nl = "meld het de privacyfunctionaris; in wat nog verschijnt rekent de aanvaller met deze bron"
    told = [told_of(finding, "", names, k) for finding in sorted(findings, key=_telling)[:SHOWN]]
    return tuple(
        Reden(
            code="EXTERNE_PUBLICATIE_GEEFT_CEL_PRIJS",
            nl=nl[:2000],
            en=en[:2000],
            grondslag=SOURCE,
            handelingsperspectief=help_nl,
        )
        for nl, en in told
    )


def summary(redenen: Sequence[Reden]) -> str:
    """All of it as one sentence each, for the problem document's detail."""
    help_nl = redenen[0].handelingsperspectief
    return (". ".join(reden.nl for reden in redenen) + f". Wat helpt: {help_nl}.")[:2000]


def _diagnosis(blocked: Blocked, aanvraag: ReleaseAanvraag) -> tuple[str, tuple[Offer, ...]]:
    coarser = (Offer.GROVER,) if _may_be_coarser(blocked, aanvraag) else ()
    if aanvraag.achterhouden is Achterhouden.ALLEEN_KLEIN:
        return "TABELLEN_GEVEN_CEL_PRIJS", (Offer.VOLLEDIG, *coarser)
    if any("contradicts" in reason for reason in blocked.reasons):
        return "EXTERNE_BRON_SPREEKT_TEGEN", (Offer.MARGE, Offer.WEGLATEN)
    if any(_by_others(finding.how, blocked.sources) for finding in blocked.findings):
        return "EXTERNE_PUBLICATIE_GEEFT_CEL_PRIJS", (*coarser, Offer.WEGLATEN)
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


def _by_others(how: str, sources: Sequence[str]) -> bool:
    return any(source in how for source in sources)


def told_of(finding: Finding, release_id: str, names: Mapping[str, str], k: int) -> tuple[str, str]:
    """One finding in Dutch and English: the cell, and the arithmetic that gives it."""
    cell, how = _dutch(finding.cell, release_id, names, k), _dutch(finding.how, release_id, names, k)
    view = "" if finding.view == "outsider" else f", gezien door {_dutch(finding.view, release_id, names, k)}"
    english = f"{_quiet(finding.cell, k)} can be computed: {_quiet(finding.how, k).replace(f' ({release_id})', '')}"
    return f"{cell}{view} is te berekenen: {how}", english


_WORDS: Final = (
    (r"\bthis release\b", "{release}"),
    (r"\bchange in the total\b", "de wijziging van het totaal"),
    (r"\bchange in\b", "de wijziging van"),
    (r"\bthe total\b", "het totaal"),
    (
        r"\bthe region's total is itself sensitive, and it is never withheld: release nothing on so few cases",
        "het totaal van de regio is zelf te klein, van te weinig partners of door één overheerst, en wordt nooit "
        "achtergehouden",
    ),
    (r"\bfewer than (\d+) cases came or went in between", r"er kwamen of gingen minder dan \1 gevallen"),
    (r"; wait until more cases changed", ""),
    (r"\bpublished cells together\b", "gepubliceerde cellen samen"),
    (r"\bwithheld in\b", "achtergehouden in"),
    (r"\bshown in\b", "getoond in"),
    (r"\bminus\b", "min"),
    (r" and ", " en "),
    (r"\buitbuitingsvorm\b", "vorm"),
    (r"\bno safe pattern: ", "geen veilige manier van achterhouden: "),
    (r"\bcannot be hidden\b", "is niet te verbergen"),
    (r"\bcontradicts the rows at hand about\b", "spreekt de aangeleverde rijen tegen over"),
    (r"\bcontradicts the coarser level of this draft about\b", "telt fijner dan dit ontwerp:"),
    (r"\bcontradicts (.+) about\b", r"spreekt \1 tegen over"),
    (r"\bthese figures\b", "deze cijfers"),
    (r"\bthe Regionale Tafel\b", "de Regionale Tafel"),
    (r"\bis sensitive en already shown in\b", "is te klein en staat al in"),
    (r"\balready shown in\b", "staat al in"),
)


def _quiet(text: str, k: int) -> str:
    """Without the count that a difference names."""
    return re.sub(
        r"(?<!fewer than )\b\d+ cases came or went in between",
        f"fewer than {k} cases came or went in between",
        text,
    )


def _dutch(text: str, release_id: str, names: Mapping[str, str], k: int) -> str:
    """The aggregator's sentence in Dutch, codes by their names."""
    said = _quiet(text, k).replace(f" ({release_id})", "")
    for pattern, dutch in _WORDS:
        said = re.sub(pattern, dutch.replace("{release}", release_id), said)
    said = re.sub(r"[A-Za-z0-9+_/-]{2,}", lambda found: names.get(found.group(), found.group()), said)
    return said.replace("_", " ")
