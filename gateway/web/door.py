"""The door: who calls, with which bytes. Everything behind it has a verified `Caller` and a body that he signed.

Order: headers verified, body read under a limit and hashed, digest compared with the signed one, `jti` spent. Only
then does a route act. Routes are plain functions in worker threads; the body is fetched from the event loop piece by
piece, so a large one is never whole in memory unless the route wants it. Who sends nothing for a while, or takes too
long in all, is cut off: a worker thread waits for him.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar
from urllib.parse import parse_qsl

import anyio
import anyio.from_thread
from fastapi import Request
from pydantic import ValidationError
from starlette.types import Message

from connectors.contract.canonical import b64u
from connectors.contract.model import Wire
from gateway.caller import BODY_SECONDS, Caller, UnspentProof, spend, verify_caller
from gateway.errors import Malformed, TooLarge, TooSlow, UnverifiedCaller, WrongMediaType
from gateway.house import House
from gateway.store import writing

SMALL: Final = 64 * 1024
LARGE: Final = 8 * 1024 * 1024
"""Withdrawals and leases may name 100,000 records."""
IDLE_SECONDS: Final = 30.0
"""How long the next piece of a body may take."""
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 16
_LONGEST_LENGTH: Final = 20

Model = TypeVar("Model", bound=Wire)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A verified caller and the body he signed."""

    caller: Caller
    body: bytes
    digest: str

    def read(self, model: type[Model]) -> Model:
        """The body as a wire model; raises Malformed naming the field, never its value."""
        try:
            return model.model_validate_json(self.body)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            known = first["type"] != "extra_forbidden"
            where = ".".join(map(str, first["loc"])) if known else "a field that the schema does not know"
            raise Malformed(f"{where or 'body'}: {first['type']}") from error


def admit(house: House, request: Request, limit: int = SMALL) -> Admitted:
    """Verify the request and read its body. Raises UnverifiedCaller, TooLarge, WrongMediaType, StoreUnavailable."""
    proof = verify_headers(house, request)
    if request.method in ("POST", "PUT"):
        require_media_type(request, JSON)
    body = b"".join(body_chunks(request, limit))
    caller = settle(house, proof, b64u(hashlib.sha256(body).digest()))
    return Admitted(caller, body, proof.body_digest)


def verify_headers(house: House, request: Request) -> UnspentProof:
    """The caller by token and signed proof; the body is still unread."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise UnverifiedCaller("send an access token: Authorization: Bearer …")
    proof = request.headers.get("schakel-proof", "")
    now = house.clock()
    return verify_caller(
        token,
        proof,
        house.federatie,
        method=request.method,
        path=request.url.path,
        era=house.era.at(now),
        now=now,
    )


def settle(house: House, proof: UnspentProof, digest: str) -> Caller:
    """The caller, once the body turned out to be the one he signed; his `jti` is spent. Raises UnverifiedCaller, and
    StoreUnavailable when another process may serve the database by now."""
    if digest != proof.body_digest:
        raise UnverifiedCaller("the body is not the one that was signed")
    if house.hold is not None:
        house.hold.demand()
    now = house.clock()
    with writing(house.store) as transaction:
        return spend(transaction, proof, house.era.at(now), now)


def require_media_type(request: Request, media_type: str) -> None:
    """Raises WrongMediaType unless the body is declared as `media_type`."""
    declared = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if declared != media_type:
        raise WrongMediaType(f"send {media_type}")


def read_form(request: Request) -> Mapping[str, str]:
    """The fields of a form of at most `SMALL` bytes, each given once (RFC 6749, section 3.2); the caller is unknown
    yet. Raises WrongMediaType, TooLarge, TooSlow, Malformed."""
    require_media_type(request, FORM)
    body = b"".join(body_chunks(request, SMALL))
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Malformed("body: not a form") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Malformed("body: a field is given twice")
    return fields


def body_chunks(request: Request, limit: int, clock: Callable[[], float] = monotonic) -> Iterator[bytes]:
    """The body piece by piece; raises TooLarge beyond `limit` bytes, before reading when the length is declared, and
    TooSlow when it does not come in. `clock`: seconds."""
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit() and len(declared) < _LONGEST_LENGTH and int(declared) <= limit):
        raise TooLarge(f"the body may hold {limit} bytes")
    size, end = 0, clock() + BODY_SECONDS
    while True:
        message = _next_piece(request, min(IDLE_SECONDS, end - clock()))
        if message["type"] != "http.request":
            raise Malformed("the body was cut off")
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"the body may hold {limit} bytes")
        if chunk:
            yield chunk
        if not message.get("more_body", False):
            return


def _next_piece(request: Request, seconds: float) -> Message:
    """What comes next of a request, from the event loop."""

    async def receive() -> Message:
        with anyio.fail_after(seconds):
            return await request.receive()

    try:
        return anyio.from_thread.run(receive)
    except TimeoutError as error:
        raise TooSlow("the body did not come in: send it faster, or in smaller batches") from error
