"""Who calls: sign-in by private_key_jwt, access tokens bound to the party's key, a signed proof with every request.

Rules this module upholds (store page; RFC 7523, RFC 9700 section 2.5; cryptography page, bytes 13)
1. Keys come from the federation file alone; the algorithm is EdDSA because that file says so, not because a token does.
2. An assertion lives at most 120 s, an access token 600 s, a proof 60 s either side of the gateway's clock.
3. Every `jti` is accepted once, however slowly its request comes in; the table that remembers them survives a restart.
   Where a clock or a restored database could have forgotten some, no token of before is good (`gateway.era`).
4. A token is worthless without a proof by the key it is bound to, over this method, address, token and body.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import jwt
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Column, Connection, Table, Text, delete

from connectors.contract.codes import Betrouwbaarheid, Rol
from connectors.contract.federation import Federatie, Partij
from connectors.contract.model import Bytes16, Oin, Uuid, Wire
from connectors.contract.signing import SigningKey, Unverified, sign_jws, unverified_kid, verify_jws
from connectors.contract.ticket import (
    PROOF_SKEW,
    PROOF_TYP,
    Confirmation,
    Handelende,
    Numericdate,
    Proof,
    Sub,
    verify_proof,
)
from gateway.clock import to_ms
from gateway.errors import UnverifiedCaller
from gateway.ids import id_bytes
from gateway.store import METADATA, STRICT, Blob, Int, insert_once

ACCESS_TYP: Final = "schakel-toegang+jwt"
ACCESS_SECONDS: Final = 600
BODY_SECONDS: Final = 600
"""How long a body may take to come in after its headers; a proof is remembered at least as long."""
ASSERTION_SECONDS: Final = 120
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CONNECTOR: Final = Handelende(sub="psn:connector", rol=Rol.PARTNER_IT, loa=Betrouwbaarheid.LAAG, mfa=False)
"""Who acts when no member of staff does."""
_UUID: TypeAdapter[str] = TypeAdapter(Uuid)

REPLAYS: Final = Table(
    "replays",
    METADATA,
    Column("party", Text, primary_key=True),
    Column("jti", Blob, primary_key=True),
    Column("expires_ms", Int, nullable=False, index=True),
    **STRICT,
)


class Toegang(Wire):
    """Claims of an access token (RFC 7519, RFC 7800)."""

    iss: Oin
    sub: Sub
    aud: Literal["schakel-gateway"] = "schakel-gateway"
    iat: Numericdate
    exp: Numericdate
    jti: Uuid
    era: Bytes16
    cnf: Confirmation


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified caller: a party of the federation, and the member of staff (or connector) that acts for it."""

    party: Partij
    act: Handelende

    @property
    def id(self) -> str:
        """`oin/domein`."""
        return self.party.id

    @property
    def is_person(self) -> bool:
        """True when a member of staff acts, False for the connector itself."""
        return self.act != CONNECTOR


@dataclass(frozen=True, slots=True)
class UnspentProof:
    """A proof that verified but whose `jti` has not been entered in the replay table yet; `expires`: until when it may
    be spent, and is remembered; `era`: in which it may."""

    caller: Caller
    jti: str
    body_digest: str
    era: str
    expires: datetime


def sign_in(unverified_assertion: str, federatie: Federatie, era: str, now: datetime) -> UnspentProof:
    """The party that signed a client assertion (RFC 7523 section 3); raises UnverifiedCaller.

    The caller of this function spends the `jti` before it issues a token. An assertion that a clock brought back would
    get a token with which nobody but the party can do anything.
    """
    party = _party_of(unverified_assertion, federatie)
    try:
        claims: dict[str, Any] = jwt.decode(
            unverified_assertion,
            key=party.sleutel.key(),
            algorithms=["EdDSA"],
            audience=f"{federatie.gateway.url}/v1/tokens",
            issuer=party.id,
            options={"require": ["iss", "sub", "aud", "jti", "iat", "exp"], "verify_exp": False, "verify_iat": False},
        )
        jti = _UUID.validate_python(claims["jti"], strict=True)
        issued, expires = _moments(claims)
    except (jwt.PyJWTError, ValidationError, ValueError) as error:
        raise UnverifiedCaller("the client assertion does not verify") from error
    moment = now.timestamp()
    if claims["sub"] != party.id:
        raise UnverifiedCaller("the client assertion is about another party")
    if not issued - PROOF_SKEW.seconds <= moment < expires <= issued + ASSERTION_SECONDS:
        raise UnverifiedCaller("the client assertion is not in force: check the clock, and let it live 120 s at most")
    return UnspentProof(Caller(party, CONNECTOR), jti, "", era, now + timedelta(seconds=2 * ASSERTION_SECONDS))


def issue_access(party: Partij, key: SigningKey, issuer: str, jti: str, era: str, now: datetime) -> str:
    """A compact JWS that proves the sign-in for ten minutes of one era and is bound to the party's own key."""
    moment = int(now.timestamp())
    claims = Toegang(
        iss=issuer,
        sub=party.id,
        iat=moment,
        exp=moment + ACCESS_SECONDS,
        jti=jti,
        era=era,
        cnf=Confirmation(jkt=party.sleutel.thumbprint),
    )
    return sign_jws(claims, key, ACCESS_TYP)


def verify_caller(
    unverified_token: str,
    unverified_proof: str,
    federatie: Federatie,
    *,
    method: str,
    path: str,
    era: str,
    now: datetime,
) -> UnspentProof:
    """The caller of a request whose body is still to be read; raises UnverifiedCaller.

    The reader of the body compares its digest with `body_digest`, then spends the `jti`, then acts.
    """
    try:
        access = verify_jws(unverified_token, (federatie.gateway.sleutel,), ACCESS_TYP, Toegang)
        party = federatie.partij(access.sub)
        if party is None or access.iss != federatie.gateway.oin or access.cnf.jkt != party.sleutel.thumbprint:
            raise Unverified("the token is bound to a key that this party no longer has")
        if access.era != era:
            raise Unverified("the token is of before the gateway started or its clock went back: sign in again")
        if not access.iat - PROOF_SKEW.seconds <= now.timestamp() < access.exp <= access.iat + ACCESS_SECONDS:
            raise Unverified("the token is not in force: sign in again")
        claimed = verify_jws(unverified_proof, (party.sleutel,), PROOF_TYP, Proof)
        proof = verify_proof(
            unverified_proof,
            party.sleutel,
            method=method,
            url=federatie.gateway.url + path,
            token=unverified_token,
            body_digest=claimed.bd,
            now=now,
        )
    except Unverified as error:
        raise UnverifiedCaller(str(error)) from error
    expires = now + 2 * PROOF_SKEW + timedelta(seconds=BODY_SECONDS)
    return UnspentProof(Caller(party, proof.act or CONNECTOR), proof.jti, proof.bd, era, expires)


def spend(transaction: Connection, proof: UnspentProof, era: str, now: datetime) -> Caller:
    """The caller, once: raises UnverifiedCaller when this `jti` was accepted before, or comes so late, or in another
    era, that an earlier one may have been forgotten."""
    if proof.era != era:
        raise UnverifiedCaller("the gateway's clock went back while the body came in: sign in again")
    if now >= proof.expires:
        raise UnverifiedCaller("the body came in too long after its headers: sign a new request")
    transaction.execute(delete(REPLAYS).where(REPLAYS.c.expires_ms < to_ms(now)))
    row = {"party": proof.caller.id, "jti": id_bytes(proof.jti), "expires_ms": to_ms(proof.expires)}
    if not insert_once(transaction, REPLAYS, row):
        raise UnverifiedCaller("this request was sent before: sign a new one", code="replayed")
    return proof.caller


def _party_of(unverified_assertion: str, federatie: Federatie) -> Partij:
    kid = unverified_kid(unverified_assertion)
    party = next((p for p in federatie.partijen if p.sleutel.thumbprint == kid), None) if kid else None
    if party is None:
        raise UnverifiedCaller("the client assertion names no key of a party in the federation file")
    return party


def _moments(claims: dict[str, Any]) -> tuple[int, int]:
    issued, expires = claims["iat"], claims["exp"]
    if type(issued) is not int or type(expires) is not int:
        raise ValueError("iat and exp are whole seconds")
    return issued, expires
