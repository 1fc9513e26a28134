"""Signed calls on the gateway: sign-in (RFC 7523 private_key_jwt), then a bearer token and a proof on each request.

The connector is outbound-only. It follows no redirect, takes no proxy from the environment, and trusts the gateway's
key of the federation file, never a key the gateway sends.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final, Literal, TypeVar

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from connectors.contract.answers import ToegangAntwoord, Weigering
from connectors.contract.canonical import canonical_bytes
from connectors.contract.model import Wire
from connectors.contract.signing import SigningKey
from connectors.contract.ticket import Handelende, Proof, digest_of, prove
from connectors.errors import (
    ConnectorError,
    InputRefused,
    LeaseNeeded,
    NotPermitted,
    NotVerified,
    PeerUnavailable,
    ReleaseBlocked,
)

MAX_ANSWER_BYTES: Final = 8 * 1024 * 1024
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS: Final = 100
"""Life of a sign-in assertion; the store page allows 60 to 120."""
_MARGIN: Final = timedelta(seconds=30)
"""A token this close to its end is renewed first."""

Method = Literal["GET", "POST", "PUT"]
Answer = TypeVar("Answer", bound=Wire)


@dataclass(frozen=True, slots=True)
class _Access:
    token: str
    until: datetime


class GatewayCalls:
    """The gateway as this party sees it. `clock` gives aware UTC times; `http` carries timeouts and TLS settings."""

    def __init__(
        self, url: str, party: str, key: SigningKey, seed: bytes, http: httpx.Client, clock: Callable[[], datetime]
    ) -> None:
        """`url`: as in the federation file; `seed`: the same 32 bytes as `key`, for the assertion's signature."""
        self._url, self._party, self._key, self._http, self._clock = url, party, key, http, clock
        self._assertion_key = Ed25519PrivateKey.from_private_bytes(seed)
        self._access: _Access | None = None

    def post(self, path: str, body: Wire, answer: type[Answer], act: Handelende | None = None) -> Answer:
        """POST canonical JSON, get a model. Raises the ConnectorError that the answer's status stands for."""
        raw = self._signed("POST", path, canonical_bytes(body), "application/json", act)
        return _parsed(raw, answer)

    def get(
        self,
        path: str,
        answer: type[Answer],
        act: Handelende | None = None,
        query: dict[str, str] | None = None,
    ) -> Answer:
        """GET; the proof signs the path, never the query."""
        return _parsed(self._signed("GET", path, b"", None, act, query), answer)

    def put(self, path: str, body: Wire, answer: type[Answer], act: Handelende | None = None) -> Answer:
        """PUT canonical JSON, get a model."""
        return _parsed(self._signed("PUT", path, canonical_bytes(body), "application/json", act), answer)

    def put_bytes(self, path: str, body: bytes, media_type: str, answer: type[Answer]) -> Answer:
        """PUT these exact bytes."""
        return _parsed(self._signed("PUT", path, body, media_type, None), answer)

    def ready(self) -> httpx.Response:
        """`GET /readyz`, unsigned, whatever its status; raises PeerUnavailable when nobody answers."""
        return self._send("GET", "/readyz", b"", {})

    def sign_in(self) -> None:
        """Get a fresh access token. Raises NotVerified when the gateway does not know this party's key."""
        now = self._clock()
        url = f"{self._url}/v1/tokens"
        claims = {
            "iss": self._party,
            "sub": self._party,
            "aud": url,
            "jti": str(uuid.uuid4()),
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + _ASSERTION_SECONDS,
        }
        assertion = jwt.encode(
            claims, self._assertion_key, algorithm="EdDSA", headers={"kid": self._key.public.thumbprint}
        )
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        try:
            answer = self._http.post(url, data=form)
        except httpx.HTTPError as error:
            raise _away(error) from error
        _refuse(answer)
        granted = _parsed(answer.content, ToegangAntwoord)
        self._access = _Access(granted.access_token, now + timedelta(seconds=granted.expires_in))

    def _signed(
        self,
        method: Method,
        path: str,
        body: bytes,
        media_type: str | None,
        act: Handelende | None,
        query: dict[str, str] | None = None,
    ) -> bytes:
        for attempt in (1, 2):
            if self._access is None or self._clock() + _MARGIN >= self._access.until:
                self.sign_in()
            headers = self._headers(method, path, body, act)
            if media_type is not None:
                headers["Content-Type"] = media_type
            answer = self._send(method, path, body, headers, query)
            if answer.status_code == HTTPStatus.UNAUTHORIZED and attempt == 1:
                self._access = None  # the gateway may have restarted: sign in once more, then believe the refusal
                continue
            break
        _refuse(answer)
        return answer.content

    def _headers(self, method: Method, path: str, body: bytes, act: Handelende | None) -> dict[str, str]:
        if self._access is None:
            raise NotVerified("not signed in")
        proof = Proof(
            htm=method,
            htu=self._url + path,
            iat=int(self._clock().timestamp()),
            jti=str(uuid.uuid4()),
            tkt=digest_of(self._access.token.encode("ascii")),
            bd=digest_of(body),
            act=act,
        )
        return {"Authorization": f"Bearer {self._access.token}", "Schakel-Proof": prove(self._key, proof)}

    def _send(
        self, method: Method, path: str, body: bytes, headers: dict[str, str], query: dict[str, str] | None = None
    ) -> httpx.Response:
        try:
            return self._http.request(method, self._url + path, content=body, headers=headers, params=query)
        except httpx.HTTPError as error:
            raise _away(error) from error


def _away(error: httpx.HTTPError) -> PeerUnavailable:
    return PeerUnavailable(f"the gateway cannot be reached ({type(error).__name__}); nothing is lost, try again later")


def _parsed(raw: bytes, answer: type[Answer]) -> Answer:
    if len(raw) > MAX_ANSWER_BYTES:
        raise NotVerified("the gateway's answer is larger than any it may give")
    try:
        return answer.model_validate_json(raw)
    except ValidationError as error:
        raise NotVerified("the gateway answered in a shape that the contract does not know") from error


def _refuse(answer: httpx.Response) -> None:
    """Raise what a status other than 2xx stands for (interface page, exit codes)."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    try:
        problem = Weigering.model_validate_json(answer.content)
    except ValidationError:
        problem = None
    raise _problem(status, problem)


def _problem(status: int, problem: Weigering | None) -> ConnectorError:
    said = f": {problem.title}" if problem else ""
    if problem is not None and problem.code == "lease_needed":
        return LeaseNeeded("the gateway holds no share of this party")
    if status == HTTPStatus.UNAUTHORIZED:
        return NotVerified(f"the gateway does not accept this party's signature{said}; check key, clock and federation")
    if status == HTTPStatus.FORBIDDEN:
        redenen = problem.redenen if problem else ()
        codes = ", ".join(reden.code for reden in redenen) or (problem.code if problem else None) or "no reason given"
        return NotPermitted(f"refused by policy ({codes}){said}", redenen, problem.besluit if problem else None)
    if problem is not None and problem.code == "release_blocked":
        return ReleaseBlocked(problem.detail or problem.title, problem.redenen)
    if status == HTTPStatus.CONFLICT:
        return NotVerified(f"the gateway holds something else under this id{said}")
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= 500 or status < 400:
        return PeerUnavailable(
            f"the gateway cannot serve now (status {status}){said}; nothing is lost, try again later"
        )
    return InputRefused(f"the gateway refuses this request (status {status}){said}")
