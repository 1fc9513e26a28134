"""The federation file: parties, keys, budgets, custodians and epochs, signed by two convenant owners.

It is the root of trust of every house. No key comes from the gateway. Its SHA-256 stands in every ticket and batch, so
houses that hold different files refuse each other.
"""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import Convenant, PartijDomein, Partnertype, TokenDomein, TokenKlasse
from connectors.contract.model import Bytes32, Epoch, Gemeente, Jws, Oin, Tijd, Wire
from connectors.contract.signing import HpkeJwk, PublicJwk, SigningKey, Unverified, sign_jws, verify_jws

TYP = "schakel-federatie+jwt"
Naam = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[A-Za-z0-9.:\[\]-]{1,253}(/[A-Za-z0-9._/-]*)?$")]
Contactpunt = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}$")]
Budget = Annotated[int, Field(ge=0, le=100_000_000)]

ELEMENTS_PER_CASE = {TokenKlasse.BSN: 3, TokenKlasse.ID: 10, TokenKlasse.CX: 60}
"""Budget of an epoch per declared case (cryptography page, scheme point 6)."""


class Deelname(Wire):
    """Membership of a convenant. A party is never deleted, it gets a `tot`."""

    convenant: Convenant
    van: Tijd
    tot: Tijd | None = None
    ontdubbelen: bool = False

    def actief(self, moment: datetime) -> bool:
        """van ≤ moment < tot."""
        return self.van <= moment and (self.tot is None or moment < self.tot)


class Partij(Wire):
    """A party: one part (`domein`) of one organisation (`oin`), with a key of its own."""

    oin: Oin
    domein: PartijDomein
    partnertype: Partnertype
    naam: Naam
    contactpunt: Contactpunt
    deelnames: Annotated[tuple[Deelname, ...], Field(min_length=1)]
    sleutel: PublicJwk
    hpke: HpkeJwk
    caseload: Annotated[int, Field(ge=0, le=10_000_000)]
    bsn_recht: bool
    gemeente: Gemeente | None = None
    kanariehouder: bool = False

    @property
    def id(self) -> str:
        """`oin/domein`, the `sub` of every token of this party."""
        return f"{self.oin}/{self.domein}"

    def deelname(self, convenant: Convenant) -> Deelname | None:
        """Its membership of a convenant, past ones included."""
        return next((lid for lid in self.deelnames if lid.convenant == convenant), None)


class Custodian(Wire):
    """A key custodian: an organisation that is neither the gateway's operator nor the other custodian."""

    nr: Literal[1, 2]
    naam: Naam
    oin: Oin
    url: Url


class CustodianSleutel(Wire):
    """Public key K of one custodian for one (domain, epoch, class), with the window in which it evaluates."""

    custodian: Literal[1, 2]
    domein: TokenDomein
    epoch: Epoch
    klasse: TokenKlasse
    k: Bytes32
    van: Tijd
    tot: Tijd
    overlap_tot: Tijd

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.van < self.tot <= self.overlap_tot:
            raise ValueError("van < tot ≤ overlap_tot")
        return self


class Gateway(Wire):
    naam: Naam
    oin: Oin
    url: Url
    sleutel: PublicJwk


class Toeslag(Wire):
    """A one-off allowance on top of the daily tenth, for a first load; it never raises the budget of the epoch."""

    oin: Oin
    domein: PartijDomein
    token_domein: TokenDomein
    epoch: Epoch
    klasse: TokenKlasse
    dag: date
    aantal: Budget


class Eigenaar(Wire):
    """A convenant owner, who signs the federation file and activates policy."""

    oin: Oin
    sleutel: PublicJwk


class Federatie(Wire):
    """The content that two owners sign."""

    versie_schema: Literal["schakel-federatie-1"] = "schakel-federatie-1"
    naam: Naam
    volgnummer: Annotated[int, Field(ge=1)]
    opgesteld: Tijd
    gateway: Gateway
    custodians: Annotated[tuple[Custodian, ...], Field(min_length=2, max_length=2)]
    sleutels: tuple[CustodianSleutel, ...]
    partijen: tuple[Partij, ...]
    eigenaren: Annotated[tuple[Eigenaar, ...], Field(min_length=2)]
    toeslagen: tuple[Toeslag, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _unique("partij (oin, domein)", [party.id for party in self.partijen])
        _unique("sleutel van een partij", [party.sleutel.x for party in self.partijen])
        _unique("custodian", [str(custodian.nr) for custodian in self.custodians])
        _unique("organisatie van custodian of gateway", [self.gateway.oin, *(c.oin for c in self.custodians)])
        _unique("publieke sleutel K", [key.k for key in self.sleutels])
        _unique("sleutelplaats", [f"{s.custodian}|{s.domein}|{s.epoch}|{s.klasse}" for s in self.sleutels])
        _unique("eigenaar", [owner.oin for owner in self.eigenaren])
        if any(key.k == "A" * 43 for key in self.sleutels):
            raise ValueError("K is the identity")
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical bytes, 43 characters; stands in every ticket and batch."""
        return sha256(canonical_bytes(self))

    def partij(self, party_id: str) -> Partij | None:
        """The party with this `oin/domein`."""
        return next((party for party in self.partijen if party.id == party_id), None)

    def sleutel(self, custodian: int, domein: TokenDomein, epoch: str, klasse: TokenKlasse) -> CustodianSleutel | None:
        """The pinned public key for a place, or None."""
        place = (custodian, domein, epoch, klasse)
        return next((s for s in self.sleutels if (s.custodian, s.domein, s.epoch, s.klasse) == place), None)


class SignedFederation(Wire):
    """The file on disk: content and the owners' signatures over its digest."""

    federatie: Federatie
    handtekeningen: Annotated[tuple[Jws, ...], Field(max_length=8)]


class FederationDigest(Wire):
    """What an owner signs: a content digest and nothing else."""

    digest: Bytes32


def sign_federation(federatie: Federatie, owners: tuple[SigningKey, ...]) -> SignedFederation:
    """The signed file; `owners` sign in the given order."""
    claims = FederationDigest(digest=federatie.digest)
    return SignedFederation(federatie=federatie, handtekeningen=tuple(sign_jws(claims, key, TYP) for key in owners))


def load_federation(raw: bytes, pinned_owners: tuple[str, ...]) -> Federatie:
    """The federation that two different pinned owners signed.

    `pinned_owners`: RFC 7638 thumbprints this house was given out of band (at `init`), never read from the file itself.
    Raises Unverified when the file is malformed or fewer than two pinned owners signed this exact content.
    """
    try:
        signed = SignedFederation.model_validate_json(raw)
    except ValidationError as error:
        where = "; ".join(".".join(map(str, item["loc"])) + ": " + item["msg"] for item in error.errors()[:3])
        raise Unverified(f"federation file is malformed at {where}") from error
    federatie = signed.federatie
    trusted = {o.sleutel.thumbprint: o for o in federatie.eigenaren if o.sleutel.thumbprint in pinned_owners}
    signers = set()
    for unverified in signed.handtekeningen:
        for thumbprint, owner in trusted.items():
            try:
                claims = verify_jws(unverified, (owner.sleutel,), TYP, FederationDigest)
            except Unverified:
                continue
            if claims.digest == federatie.digest:
                signers.add(thumbprint)
    if len(signers) < 2:
        raise Unverified("federation file: two pinned convenant owners must have signed this content")
    return federatie


def _unique(what: str, values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"{what} occurs twice")
