"""What flows back and around: receipts, refusals, casus, authorisation, questions, hits, leases, withdrawals.

Answers have one shape whatever they say, so that a hit, no hit and a wall look alike to whoever may not know.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.contract.batch import Motivering
from connectors.contract.codes import (
    Actie,
    Antwoord,
    BlokType,
    Categorie,
    Convenant,
    Doel,
    Partnertype,
    Reikwijdte,
    Route,
    Status,
    Sterkte,
    Thema,
    TokenDomein,
)
from connectors.contract.federation import Contactpunt
from connectors.contract.model import B64u, Bytes32, Code, Epoch, Psn, Tijd, Uuid, Wire
from connectors.contract.record import MAX_TOKENS, Blok, Token

RECEIPT_TYP = "schakel-receipt+jwt"
Zin = Annotated[str, StringConstraints(max_length=2000)]
"""A sentence from the gateway's own catalogue (reason texts); never from a record."""


class LedgerPlaats(Wire):
    """Where the ledger holds the entry: its index, its leaf hash (RFC 6962 leaf) and the chain's head after it."""

    index: Annotated[int, Field(ge=0)]
    blad: Bytes32
    hoofd: Bytes32


class Ontvangst(Wire):
    """A receipt: the signed promise that this batch (or withdrawal) is stored and entered in the ledger."""

    soort: Literal["batch", "intrekking", "kanaries"]
    id: Uuid
    digest: Bytes32
    aantal: Annotated[int, Field(ge=0)]
    ontvangen: Tijd
    grootboek: LedgerPlaats
    verplichtingen: tuple[Code, ...] = ()
    """Obligations of the decisions it rests on: what the party is to do (INF, VT), how long records may stay (R)."""


class SignedReceipt(Wire):
    """Compact JWS over an Ontvangst by the gateway's pinned key."""

    ontvangst: Annotated[str, Field(max_length=8192)]


class Reden(Wire):
    """Why a check was not proven, in two languages, with its legal ground and what would help."""

    code: Code
    nl: Zin
    en: Zin
    grondslag: Zin
    handelingsperspectief: Zin


class Weigering(Wire):
    """RFC 9457 problem document; `redenen` where policy refused."""

    type: Zin
    title: Zin
    status: Annotated[int, Field(ge=400, le=599)]
    detail: Zin | None = None
    instance: Zin | None = None
    code: Code | None = None
    besluit: Uuid | None = None
    redenen: tuple[Reden, ...] = ()


class Casus(Wire):
    """`POST /v1/cases`: a casus that questions can be bound to."""

    casus_id: Code
    convenant: Convenant
    thema: Thema
    status: Status
    route: Route
    bijzonder: bool = False
    triage_positief: bool = False
    tafel_vastgesteld: bool = False


class Autorisatie(Wire):
    """`POST /v1/authorisations`: who may ask in a casus, for which purpose, from when until when."""

    autorisatie_id: Code
    casus_id: Code
    subject: Psn
    doel: Doel
    van: Tijd
    tot: Tijd

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.van >= self.tot:
            raise ValueError("van < tot")
        return self


class Goedkeuring(Wire):
    """`POST /v1/approvals`: a second person of the same party approves what the first will do within 24 hours.

    `onderwerp`: the casus id for a question, the digest of the privacy receipt for a delivery, the digest of the
    protected figures for a release.
    """

    goedkeuring_id: Uuid
    actie: Actie
    onderwerp: Code
    aanvrager: Psn


class Geregistreerd(Wire):
    """Answer to a registration: its place in the ledger."""

    grootboek: LedgerPlaats


_ONE_EACH = frozenset({"cx.D", "cx.P", "cx.FN", "cx.FY", "cx.FM"})
"""Composites of which a person has one: of the document, the phone, the whole name."""


class GevraagdBlok(Blok):
    """A block of a question, with the composite that it is of: the limits on subjects look at it, matching does not."""

    type: BlokType


class Subject(Wire):
    """One subject of a question: tokens made by the asking party's own connector, in that domain.

    One person has one value of each type of token, one document and one phone: more would be several people under one
    subject of the limits (policy page, SLEEPNET).
    """

    tokens: Annotated[tuple[Token, ...], Field(max_length=MAX_TOKENS)]
    blokken: Annotated[tuple[GevraagdBlok, ...], Field(max_length=MAX_TOKENS)] = ()

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not self.tokens and not self.blokken:
            raise ValueError("a subject needs a token or a block")
        single = [token.type for token in self.tokens] + [b.type for b in self.blokken if b.type.value in _ONE_EACH]
        if len(set(single)) != len(single):
            raise ValueError("a subject has one value of each type")
        return self


class Vraag(Wire):
    """`POST /v1/match-requests`: is this subject known, in this casus, for this purpose?"""

    vraag_id: Uuid
    domein: TokenDomein
    epoch: Epoch
    federatie: Bytes32
    casus_id: Code
    doel: Doel
    thema: Thema
    categorie: Categorie
    minderjarig: bool
    dubbelrol: bool
    bijzonder: bool
    noodzaak_bescherming: bool
    subjecten: Annotated[tuple[Subject, ...], Field(min_length=1, max_length=25)]
    motivering: Motivering | None = None


class VraagAntwoord(Wire):
    """The answer: known or not, and how many partners were present. No content, no names, no number of records."""

    vraag_id: Uuid
    antwoord: Antwoord
    partners_aanwezig: Annotated[int, Field(ge=0)]
    reikwijdte: Reikwijdte
    verloopt: Tijd
    besluit: Uuid
    verplichtingen: tuple[Code, ...]


class Hit(Wire):
    """A contentless hit: a partner of this kind knows the subject; its contact point knows the rest."""

    partnertype: Partnertype
    contactpunt: Contactpunt
    sterkte: Sterkte


class Hits(Wire):
    """`GET /v1/hits/{vraag_id}`, after a person validated them: same shape when there are none."""

    vraag_id: Uuid
    hits: tuple[Hit, ...]
    verloopt: Tijd
    besluit: Uuid
    verplichtingen: tuple[Code, ...] = ()
    """Of the decision on the whole, hits or none: what the one who looks is to do (VT, INF)."""


class Validatie(Wire):
    """`POST /v1/hits/{vraag_id}/validation`: a person judged whether the match can stand (MEN)."""

    oordeel: Literal["bevestigd", "verworpen"]


class Lease(Wire):
    """`POST /v1/leases`: a party lends its share of (domain, epoch) for 24 hours, or without one asks how it stands.

    `grafstenen`: withdrawn record ids that the connector remembers. A gateway that starts, from a backup or not, serves
    nothing of a party before they came with its share.
    """

    domein: TokenDomein
    epoch: Epoch
    share: Bytes32 | None = None
    grafstenen: Annotated[tuple[Uuid, ...], Field(max_length=100_000)] = ()


class LeaseStand(Wire):
    """How the lease stands, and the ledger's head."""

    lease_needed: bool
    verloopt: Tijd | None
    hoofd: Bytes32


class Intrekking(Wire):
    """`POST /v1/withdrawals`: some records of this party in a domain, or all (`vertrek`: it leaves for good)."""

    intrekking_id: Uuid
    domein: TokenDomein
    record_ids: Annotated[tuple[Uuid, ...], Field(max_length=100_000)] = ()
    alles: bool = False
    vertrek: bool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.alles == bool(self.record_ids):
            raise ValueError("name records or say alles, not both")
        if self.vertrek and not self.alles:
            raise ValueError("vertrek withdraws alles")
        return self


class VerstrekkingsVerzoek(Wire):
    """`POST /v1/disclosure-requests`: ask the source behind a hit for content, which the gateway never reads."""

    verzoek_id: Uuid
    vraag_id: Uuid
    motivering: Motivering


class Envelope(Wire):
    """HPKE (RFC 9180, base mode, X25519) to the receiver's pinned key; the gateway carries it and cannot open it."""

    verzoek_id: Uuid
    van: Code
    aan: Code
    enc: Bytes32
    ct: B64u
    handtekening: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]


class ToegangAntwoord(Wire):
    """RFC 6749 section 5.1 answer of `POST /v1/tokens`."""

    access_token: Annotated[str, Field(max_length=4096)]
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: Annotated[int, Field(ge=1, le=600)]


CHECKPOINT_TYP = "schakel-checkpoint+jwt"


class Controlepunt(Wire):
    """How long the ledger is and what its head is, at a moment."""

    grootte: Annotated[int, Field(ge=0)]
    hoofd: Bytes32
    tijd: Tijd


class SignedCheckpoint(Wire):
    """`GET /v1/ledger/checkpoint`: compact JWS over a Controlepunt by the gateway's pinned key."""

    controlepunt: Annotated[str, Field(max_length=2048)]


class Blad(Wire):
    """One leaf: its position, its data (39 bytes, base64url) and the chain's head after it."""

    index: Annotated[int, Field(ge=0)]
    data: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{52}$")]
    hoofd: Bytes32


class Bladen(Wire):
    """`GET /v1/ledger/entries`: leaves from a position on; hashes only, so any party can walk the chain."""

    bladen: Annotated[tuple[Blad, ...], Field(max_length=1000)]
