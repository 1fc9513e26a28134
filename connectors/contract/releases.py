"""Releases on the wire: what is asked, the protected figures that two people approve, the sealed document, its seal.

A figure that leaves is in a `Publicatie`. What was approved is named by the digest of the `Concept` with exactly those
figures, so an approval never slides to other figures; the seal names the digests of all that the figures came from.
"""

from datetime import date
from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.contract.answers import Reden
from connectors.contract.codes import Partnertype, TabelId
from connectors.contract.model import Bytes32, Code, Epoch, Jws, Tijd, Uuid, Wire

SEAL_TYP = "schakel-zegel+jwt"
METHOD: Final = "mse-stepwise-bca-1000"
"""Multiple systems estimation, forward stepwise by exact Poisson tails, BCa interval of 1,000 replicates."""

Waarde = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:._+-]{1,128}$")]
"""A code of a table's dimension (`50+` has a plus)."""
Jaar = Annotated[int, Field(ge=2000, le=2199)]
Revisie = Annotated[int, Field(ge=1, le=99)]


class ReleaseReden(StrEnum):
    """Why published figures are replaced."""

    NAGEKOMEN_MELDINGEN = "nagekomen_meldingen"
    GECORRIGEERDE_BRON = "gecorrigeerde_bron"
    INTREKKING = "intrekking"
    TELFOUT = "telfout"
    HERINDELING = "herindeling"


class Achterhouden(StrEnum):
    """Which cells a draft withholds: all that safety asks, or, as a trial that our attacker judges, small ones only."""

    VOLLEDIG = "volledig"
    ALLEEN_KLEIN = "alleen_klein"


class Niveau(StrEnum):
    """A coarser level of a hierarchy, instead of its finest codes."""

    VEILIGHEIDSHUIS = "veiligheidshuis"
    MONITORGROEP = "monitorgroep"


class Publiek(StrEnum):
    """Who may read a release: everybody, or the parties of the monitor at the Regionale Tafel."""

    OPENBAAR = "openbaar"
    REGIONALE_TAFEL = "regionale_tafel"


class ReleaseAanvraag(Wire):
    """`POST /v1/releases`: draft the tables of a year, have them protected and attacked.

    `revisie` above 1 replaces the published release `vervangt`, for a declared reason.
    """

    release_id: Code
    jaar: Jaar
    tabellen: Annotated[tuple[Code, ...], Field(min_length=1, max_length=16)]
    epoch: Epoch
    revisie: Revisie = 1
    vervangt: Code | None = None
    reden: ReleaseReden | None = None
    achterhouden: Achterhouden = Achterhouden.VOLLEDIG
    grover: Annotated[tuple[Niveau, ...], Field(max_length=2)] = ()
    publiek: Publiek = Publiek.OPENBAAR

    @model_validator(mode="after")
    def _declared(self) -> Self:
        if len({self.revisie > 1, self.vervangt is not None, self.reden is not None}) != 1:
            raise ValueError("a revision has a number above 1, the release it replaces and a reason; a first one none")
        return self


class ReleaseVrijgave(Wire):
    """`POST /v1/releases/{id}/publication`: publish exactly the figures of this digest, once they are approved."""

    digest: Bytes32


class ReleaseStand(Wire):
    """Where a release stands. `digest`: of the figures while they await approval (it is what the privacy officer
    approves), of the sealed document once published; `besluiten`: the decisions it was published on, one a table."""

    release_id: Code
    stap: Literal["aangevallen", "gepubliceerd"]
    digest: Bytes32
    revisie: Revisie
    besluiten: tuple[Uuid, ...] = ()


class PubliekeCel(Wire):
    """A cell of a published table. Without `aantal` it is withheld, for whichever reason, unless it is blank:
    `onmogelijk` (nobody can be there) or `niet_geteld` (the table's counting rule leaves such cases out)."""

    codes: Annotated[tuple[Waarde, ...], Field(max_length=4)]
    aantal: Annotated[int, Field(ge=0)] | None = None
    onmogelijk: Literal[True] | None = None
    niet_geteld: Literal[True] | None = None

    @property
    def leeg(self) -> bool:
        """Whether it is blank; everybody knows that no case of the table is there."""
        return bool(self.onmogelijk or self.niet_geteld)

    @model_validator(mode="after")
    def _nobody_there(self) -> Self:
        if self.leeg and self.aantal is not None:
            raise ValueError("a combination that cannot exist, or that is not counted, has no count")
        if self.onmogelijk and self.niet_geteld:
            raise ValueError("a combination that cannot exist is not one that is left out")
        return self


class PubliekeTabel(Wire):
    """A published table: every combination of codes with sub-totals and totals."""

    tabel: TabelId
    telregel: Literal["melding", "uniek_slachtoffer", "jaar_van_eerste_melding", "inspanning"]
    k: Annotated[int, Field(ge=1, le=1000)]
    dimensies: Annotated[tuple[Code, ...], Field(max_length=4)]
    cellen: tuple[PubliekeCel, ...]


class PubliekeSchatting(Wire):
    """The size estimate: persons observed, and the interval rounded outward, or why no estimate is justified.

    `lijsten`: the kinds of partner whose overlaps were used; the overlaps themselves never leave the gateway.
    """

    waargenomen: Annotated[int, Field(ge=0)]
    onder: Annotated[int, Field(ge=0)] | None = None
    boven: Annotated[int, Field(ge=0)] | None = None
    methode: Literal["mse-stepwise-bca-1000"] = METHOD
    lijsten: tuple[Partnertype, ...]
    redenen: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _interval_or_reasons(self) -> Self:
        if (self.onder is None) != (self.boven is None) or (self.onder is None) != bool(self.redenen):
            raise ValueError("an interval has two ends and no reason against it; no interval has a reason")
        return self


class Hierarchie(Wire):
    """Which code of a dimension lies under which: (code, the code above it), sorted; others lie under the total."""

    dimensie: Code
    ouders: tuple[tuple[Waarde, Waarde], ...]


class ExterneCel(Wire):
    """A count that others published: one code a dimension, and the number as they printed it."""

    codes: Annotated[tuple[Waarde, ...], Field(max_length=4)]
    aantal: Annotated[int, Field(ge=0, le=1_000_000_000)]


class ExternePublicatie(Wire):
    """`POST /v1/external-publications`: counts that others published about the cases that table `tabel` of `jaar`
    counts (CoMensha's per police region, CBS, the police's yearly figures); every later attack knows them.

    A dimension that is not named is at its total. `marge`: the printed number stands for every count at most so far
    away (0: exact), because of rounding or another way of counting. `vervangt`: a registration that this one corrects.
    """

    extern_id: Code
    bron: Code
    datum: date
    jaar: Jaar
    tabel: TabelId
    marge: Annotated[int, Field(ge=0, le=1000)] = 0
    vervangt: Code | None = None
    dimensies: Annotated[tuple[Code, ...], Field(max_length=4)]
    cellen: Annotated[tuple[ExterneCel, ...], Field(min_length=1, max_length=20_000)]


class ExterneStand(Wire):
    """A registered external publication. `digest`: of its canonical bytes, which the privacy officer approved; `opent`:
    what it opens in releases that are out, in words, because nothing can be taken back."""

    extern_id: Code
    digest: Bytes32
    besluit: Uuid
    opent: tuple[Reden, ...] = ()


class ExterneRegel(Wire):
    """One registration in the list: what it is about, and where it stands. `cellen`: how many counts it has;
    `vervangen_door`: the registration that corrects it; absent while it is in force."""

    extern_id: Code
    bron: Code
    datum: date
    jaar: Jaar
    tabel: TabelId
    marge: Annotated[int, Field(ge=0, le=1000)]
    dimensies: Annotated[tuple[Code, ...], Field(max_length=4)]
    cellen: Annotated[int, Field(ge=1, le=20_000)]
    digest: Bytes32
    besluit: Uuid
    geregistreerd: Tijd
    vervangt: Code | None = None
    vervangen_door: Code | None = None


class ExterneLijst(Wire):
    """`GET /v1/external-publications`: every registration, oldest first, corrected ones too."""

    registraties: tuple[ExterneRegel, ...]


class ExterneRegistratie(Wire):
    """`GET /v1/external-publications/{id}`: what was registered, to the number, and where it stands."""

    stand: ExterneRegel
    publicatie: ExternePublicatie


class ExterneBron(Wire):
    """An external publication that figures were protected against, by the digest of what was registered."""

    extern_id: Code
    bron: Code
    jaar: Jaar
    datum: date
    digest: Bytes32


class _Cijfers(Wire):
    """What a draft and a published document have alike: the question and the protected figures.

    `publiek`: absent when everybody may read them; `extern`: absent when nothing of others was registered.
    """

    release_id: Code
    jaar: Jaar
    epoch: Epoch
    revisie: Revisie
    vervangt: Code | None = None
    reden: ReleaseReden | None = None
    grover: tuple[Niveau, ...] = ()
    partners: Annotated[int, Field(ge=0)]
    patroon: Code
    hierarchieen: tuple[Hierarchie, ...] = ()
    tabellen: tuple[PubliekeTabel, ...]
    schatting: PubliekeSchatting | None = None
    publiek: Literal["regionale_tafel"] | None = None
    extern: Annotated[tuple[ExterneBron, ...], Field(min_length=1)] | None = None

    @property
    def kring(self) -> Publiek:
        """Who may read these figures."""
        return Publiek(self.publiek or Publiek.OPENBAAR)


class Concept(_Cijfers):
    """`GET /v1/releases/{id}/draft`: figures that withstood our attackers and await approval by their digest."""

    versie_schema: Literal["schakel-concept-1"] = "schakel-concept-1"


class Publicatie(_Cijfers):
    """`GET /v1/releases/{id}`: the sealed document; `cijfers` is the digest of the `Concept` that was approved."""

    versie_schema: Literal["schakel-publicatie-2"] = "schakel-publicatie-2"
    gepubliceerd: Tijd
    cijfers: Bytes32


class AangevallenCel(Wire):
    """What an outsider can say about one withheld cell: at least `laag`, at most `hoog` (absent: no bound)."""

    cel: Annotated[str, StringConstraints(max_length=500)]
    laag: Annotated[int, Field(ge=0)]
    hoog: Annotated[int, Field(ge=0)] | None = None


class AangevallenGroep(Wire):
    """The attack on tables that count the same cases, from every view, together with all earlier releases.

    `extern`: the external publications attacked with. `ook_aan_tafel`: public figures that were attacked once more with
    the releases that only the Regionale Tafel has; what its members can tell is not in here.
    """

    telling: Annotated[str, StringConstraints(max_length=100)]
    eerdere: tuple[Code, ...]
    extern: Annotated[tuple[Code, ...], Field(min_length=1)] | None = None
    ook_aan_tafel: Literal[True] | None = None
    blikken: Annotated[int, Field(ge=1)]
    blikken_zonder_doel: Annotated[int, Field(ge=0)]
    dubbel_gecontroleerd: Annotated[int, Field(ge=0)]
    cellen: tuple[AangevallenCel, ...]


class Aanvalsverslag(Wire):
    """`GET /v1/releases/{id}/attack`: the attack that the figures withstood. It treats all withheld cells alike."""

    cijfers: Bytes32
    groepen: tuple[AangevallenGroep, ...]


class Zegel(Wire):
    """What a published release came from: its question, figures, attack, rules, input and code, all by digest.

    `invoer` is keyed by the gateway's own secret: with a plain digest anyone could test guesses of the input.
    """

    release_id: Code
    revisie: Revisie
    aanvraag: Bytes32
    cijfers: Bytes32
    aanval: Bytes32
    publicatie: Bytes32
    beleid: Code
    invoer: Bytes32
    code: Code
    besluiten: tuple[Uuid, ...]
    verzegeld: Tijd


class SignedSeal(Wire):
    """`GET /v1/releases/{id}/seal`: compact JWS over a Zegel by the gateway's pinned key."""

    zegel: Jws


class Reproductie(Wire):
    """`POST /v1/releases/{id}/reproduction`: the release made again from the stored rows; empty `verschillen`: the
    same bytes."""

    release_id: Code
    verschillen: tuple[Literal["invoer", "cijfers", "schatting", "publicatie", "zegel"], ...]
    andere_code: bool
    andere_regels: bool
