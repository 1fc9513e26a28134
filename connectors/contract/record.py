"""The rows that may travel: three kinds of record, one per convenant, and counts.

Matching needs no quasi-identifier, so RIEC and ZVH rows carry none; MONITOR rows carry the coarse codes of the
monitor's tables and no composite; tellingen carry no token at all. What else a partner knows of a record stays there.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from connectors.contract.case_codes import (
    BronSignaal,
    Geslacht,
    Herkomstregio,
    InspanningType,
    Leeftijdsband,
    Sector,
    Uitbuitingsvorm,
)
from connectors.contract.codes import (
    Categorie,
    Doorbrekingsgrond,
    Route,
    Status,
    TabelId,
    TokenType,
    WpgArtikel,
)
from connectors.contract.model import (
    Bytes16,
    Bytes32,
    Bytes128,
    Code,
    Gemeente,
    GemeenteOfOnbekend,
    Kwartaal,
    Uuid,
    Wire,
)

MAX_TOKENS = 64
"""Tokens and blocks of one record together (cryptography page, composite tokens)."""


class Token(Wire):
    """An OPRF output `P` (32 bytes). Domain and epoch stand once, in the header; strength follows from the type."""

    type: TokenType
    waarde: Bytes32


class Blok(Wire):
    """A composite's block id (16 bytes) and the sketch keyed for that block alone (1024 bits), or a dummy of both.

    Of which composite is not said: matching needs no more than how many blocks two records share, and an attacker who
    watches two partners would learn from it (deploy/linkage/DECISIONS.md, "Encoder 4").
    """

    blok: Bytes16
    schets: Bytes128


class Profiel(Wire):
    """All of a record that policy judges at submission. A RIEC or ZVH row holds it; for a ticket, and for MONITOR rows
    that carry less, the sender states the profiles that occur. References count only as present or absent."""

    route: Route
    status: Status
    categorie: Categorie
    minderjarig: bool
    dubbelrol: bool
    bijzonder: bool
    noodzaak_bescherming: bool
    regio_raakvlak: bool
    opsporingsbelang: bool
    wpg_artikel: WpgArtikel
    embargo: bool
    bewaren_tot: date
    bsn_aanwezig: bool
    beroepsgeheim: bool | None = None
    doorbrekingsgrond: Doorbrekingsgrond | None = None
    toestemming_geldig: bool | None = None
    bewijs_ref: bool = False
    professional_ref: bool = False
    consult_ref: bool = False


class _Rij(Wire):
    """What every row with tokens has. `tokens` are sorted by value, so their order says nothing."""

    record_id: Uuid
    tokens: Annotated[tuple[Token, ...], Field(max_length=MAX_TOKENS)]
    bewijs: Bytes32

    @property
    def bsn_aanwezig(self) -> bool:
        """Whether a token stands for a BSN: read from the tokens, so no sender can claim otherwise."""
        return any(token.type == TokenType.BSN for token in self.tokens)

    @model_validator(mode="after")
    def _sorted_and_unique(self) -> Self:
        values = [token.waarde for token in self.tokens]
        if values != sorted(set(values)):
            raise ValueError("tokens must be sorted by value, each once")
        return self


class _Casusrij(_Rij):
    """RIEC and ZVH rows: codes that policy needs, tokens, blocks."""

    route: Route
    status: Status
    categorie: Categorie
    minderjarig: bool
    dubbelrol: bool
    bijzonder: bool
    noodzaak_bescherming: bool
    regio_raakvlak: bool
    opsporingsbelang: bool
    wpg_artikel: WpgArtikel
    embargo: bool
    bewaren_tot: date
    blokken: Annotated[tuple[Blok, ...], Field(max_length=MAX_TOKENS)] = ()

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        blocks = [block.blok for block in self.blokken]
        if blocks != sorted(set(blocks)):
            raise ValueError("blocks must be sorted by value, each once")
        if len(self.tokens) + len(self.blokken) > MAX_TOKENS:
            raise ValueError(f"at most {MAX_TOKENS} tokens and blocks a record")
        return self

    def _profiel(self) -> Profiel:
        return Profiel(
            route=self.route,
            status=self.status,
            categorie=self.categorie,
            minderjarig=self.minderjarig,
            dubbelrol=self.dubbelrol,
            bijzonder=self.bijzonder,
            noodzaak_bescherming=self.noodzaak_bescherming,
            regio_raakvlak=self.regio_raakvlak,
            opsporingsbelang=self.opsporingsbelang,
            wpg_artikel=self.wpg_artikel,
            embargo=self.embargo,
            bewaren_tot=self.bewaren_tot,
            bsn_aanwezig=self.bsn_aanwezig,
        )


class RiecRij(_Casusrij):
    """A row of the RIEC domain."""

    soort: Literal["riec"] = "riec"

    @property
    def profiel(self) -> Profiel:
        """What policy judges of this row."""
        return self._profiel()


class ZvhRij(_Casusrij):
    """A row of a ZVH domain: the same, plus how professional secrecy was dealt with. References are opaque."""

    soort: Literal["zvh"] = "zvh"
    beroepsgeheim: bool
    doorbrekingsgrond: Doorbrekingsgrond
    toestemming_geldig: bool
    bewijs_ref: Code | None = None
    professional_ref: Code | None = None
    consult_ref: Code | None = None

    @property
    def profiel(self) -> Profiel:
        """What policy judges of this row."""
        return self._profiel().model_copy(
            update={
                "beroepsgeheim": self.beroepsgeheim,
                "doorbrekingsgrond": self.doorbrekingsgrond,
                "toestemming_geldig": self.toestemming_geldig,
                "bewijs_ref": self.bewijs_ref is not None,
                "professional_ref": self.professional_ref is not None,
                "consult_ref": self.consult_ref is not None,
            }
        )


class MonitorRij(_Rij):
    """A row of the MONITOR domain: coarse codes for the year's tables and tokens of class bsn and id."""

    soort: Literal["monitor"] = "monitor"
    jaar: Annotated[int, Field(ge=2000, le=2199)]
    gemeente: GemeenteOfOnbekend
    uitbuitingsvorm: Annotated[tuple[Uitbuitingsvorm, ...], Field(min_length=1, max_length=8)]
    sector: Sector
    geslacht: Geslacht
    leeftijdsband: Leeftijdsband
    herkomstregio: Herkomstregio
    bron_signaal: BronSignaal
    route: Route

    @model_validator(mode="after")
    def _a_set(self) -> Self:
        if list(self.uitbuitingsvorm) != sorted(set(self.uitbuitingsvorm)):
            raise ValueError("uitbuitingsvorm is a set: sorted, each once")
        return self


class Telling(Wire):
    """One cell of a catalogue table, counted at the partner. Never a token."""

    soort: Literal["telling"] = "telling"
    tabel: TabelId
    jaar: Annotated[int, Field(ge=2000, le=2199)]
    aantal: Annotated[int, Field(ge=0, le=1_000_000)]
    gemeente: GemeenteOfOnbekend | None = None
    uitbuitingsvorm: Uitbuitingsvorm | None = None
    sector: Sector | None = None
    geslacht: Geslacht | None = None
    leeftijdsband: Leeftijdsband | None = None
    herkomstregio: Herkomstregio | None = None
    bron_signaal: BronSignaal | None = None
    route: Route | None = None


class Inspanning(Wire):
    """An effort: so many of a type in a quarter, perhaps in a municipality."""

    soort: Literal["inspanning"] = "inspanning"
    type: InspanningType
    kwartaal: Kwartaal
    aantal: Annotated[int, Field(ge=0, le=1_000_000)]
    gemeente: Gemeente | None = None


Rij = Annotated[RiecRij | ZvhRij | MonitorRij | Telling | Inspanning, Field(discriminator="soort")]
"""Any row of a batch; a batch holds rows of the kind its header names."""
