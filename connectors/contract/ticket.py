"""Tickets and signed requests: what a custodian and the gateway demand beside a request's body.

A ticket (gateway) is necessary, never sufficient: the request is also signed by the party's own key, pinned in the
federation file, so that a gateway alone evaluates nothing (cryptography page, bytes 13 and 14).
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import Field

from connectors.contract.batch import Motivering
from connectors.contract.canonical import b64u
from connectors.contract.codes import (
    Actie,
    Betrouwbaarheid,
    Doel,
    Rol,
    TokenDomein,
    TokenKlasse,
)
from connectors.contract.model import Bytes32, Code, Epoch, Psn, Uuid, Wire
from connectors.contract.record import Profiel
from connectors.contract.signing import PublicJwk, SigningKey, Unverified, sign_jws, verify_jws

TICKET_TYP: Final = "schakel-ticket+jwt"
PROOF_TYP: Final = "schakel-proof+jwt"
TICKET_SECONDS: Final = 600
"""Longest life of a ticket."""
PROOF_SKEW: Final = timedelta(seconds=60)
"""How far `iat` of a proof may lie from the verifier's clock."""

Sub = Annotated[str, Field(pattern=r"^[0-9]{20}/(veiligheid|zorg|opsporing|toezicht|bureau)$")]
Numericdate = Annotated[int, Field(ge=946_684_800, le=7_258_118_400)]


class Confirmation(Wire):
    """RFC 7800 `cnf` with the thumbprint of the party's key."""

    jkt: Bytes32


class Ticket(Wire):
    """Permission of the gateway, on a policy decision, to have up to `max` elements evaluated."""

    iss: Annotated[str, Field(pattern=r"^[0-9]{20}$")]
    aud: Literal["schakel-custodians"] = "schakel-custodians"
    sub: Sub
    jti: Uuid
    iat: Numericdate
    exp: Numericdate
    dom: TokenDomein
    epo: Epoch
    cls: TokenKlasse
    max: Annotated[int, Field(ge=1, le=1_000_000)]
    doel: Doel
    besluit: Uuid
    fed: Bytes32
    cnf: Confirmation


class Handelende(Wire):
    """The member of staff for whom the party's connector acts (RFC 8693 `act`), as that party vouches for him."""

    sub: Psn
    rol: Rol
    loa: Betrouwbaarheid
    mfa: bool


class Proof(Wire):
    """The `Schakel-Proof` header: this key, this method and address, this token, this body, now, once."""

    htm: Literal["GET", "POST", "PUT", "DELETE"]
    htu: Annotated[str, Field(pattern=r"^https?://[\x21-\x7e]{1,500}$")]
    iat: Numericdate
    jti: Uuid
    tkt: Bytes32
    bd: Bytes32
    hop: Literal[1, 2] | None = None
    n: Annotated[int, Field(ge=1, le=4096)] | None = None
    act: Handelende | None = None


class TicketAanvraag(Wire):
    """`POST /v1/tickets`: which tokens, how many, for which act and purpose."""

    domein: TokenDomein
    epoch: Epoch
    klasse: TokenKlasse
    aantal: Annotated[int, Field(ge=1, le=1_000_000)]
    actie: Literal[Actie.RECORDS_INDIENEN, Actie.MATCH_AANVRAGEN, Actie.AUDIT_INZIEN]
    """audit_inzien: a keeper's ticket for canaries, on the word of its privacy officer."""
    doel: Doel
    casus_id: Code | None = None
    profielen: Annotated[tuple[Profiel, ...], Field(max_length=256)] = ()
    """records_indienen: the profiles among the records to be tokenised; policy judges each before a ticket exists."""
    motivering: Motivering | None = None
    goedkeuring: Uuid | None = None


class TicketAntwoord(Wire):
    """The compact JWS of a Ticket."""

    ticket: Annotated[str, Field(max_length=4096)]
    verloopt: Numericdate


def digest_of(data: bytes) -> str:
    """b64u SHA-256, as `tkt` and `bd` carry it."""
    return b64u(hashlib.sha256(data).digest())


def prove(key: SigningKey, proof: Proof) -> str:
    """The value of the `Schakel-Proof` header."""
    return sign_jws(proof, key, PROOF_TYP)


def verify_ticket(unverified: str, gateway: PublicJwk, now: datetime) -> Ticket:
    """A ticket that the pinned gateway key signed and that is in force; raises Unverified otherwise."""
    ticket = verify_jws(unverified, (gateway,), TICKET_TYP, Ticket)
    moment = int(now.timestamp())
    if not ticket.iat <= ticket.exp <= ticket.iat + TICKET_SECONDS:
        raise Unverified("a ticket lives at most ten minutes")
    if not ticket.iat - PROOF_SKEW.seconds <= moment < ticket.exp:
        raise Unverified("the ticket is not in force")
    return ticket


def verify_proof(
    unverified: str, key: PublicJwk, *, method: str, url: str, token: str, body_digest: str, now: datetime
) -> Proof:
    """A proof by `key` for exactly this request; raises Unverified otherwise.

    `url`: scheme, authority and path as the federation file spells them, without query; `token`: the bearer token or
    ticket beside it; `body_digest`: b64u SHA-256 of the body. The caller refuses a `jti` it has seen before.
    """
    proof = verify_jws(unverified, (key,), PROOF_TYP, Proof)
    if (proof.htm, proof.htu) != (method, url):
        raise Unverified("the proof is for another request")
    if proof.tkt != digest_of(token.encode("ascii", "replace")) or proof.bd != body_digest:
        raise Unverified("the proof is for another token or body")
    if abs(datetime.fromtimestamp(proof.iat, UTC) - now) > PROOF_SKEW:
        raise Unverified("the proof is too old or from the future: check the clock")
    return proof
