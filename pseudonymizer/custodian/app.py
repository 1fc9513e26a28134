"""The custodian's composition root and HTTP door: one evaluation route, two probes, nothing else."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Annotated, Final

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError

from connectors.contract.federation import Federatie, load_federation
from connectors.contract.signing import MAX_JWS, Unverified
from pseudonymizer.custodian.admission import Custodian, UnverifiedRequest, answer
from pseudonymizer.custodian.keyring import load_key_ring
from pseudonymizer.custodian.problems import problem
from pseudonymizer.custodian.refusals import Refusal, Refused, StartRefused
from pseudonymizer.custodian.settings import Settings
from pseudonymizer.custodian.store import is_destroyed, open_store, reading
from pseudonymizer.oprf.group import ELEMENT_BYTES, RandomBytes
from pseudonymizer.oprf.proof import MAX_BATCH

MAX_BODY: Final = MAX_BATCH * ELEMENT_BYTES
Clock = Callable[[], datetime]


def open_federation(settings: Settings) -> Federatie:
    """The federation file that two pinned owners signed. Raises StartRefused."""
    try:
        return load_federation(settings.federation.read_bytes(), settings.owners)
    except (OSError, Unverified) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise StartRefused(f"{settings.federation.name}: {reason}") from error


def open_custodian(settings: Settings, random: RandomBytes, now: datetime) -> Custodian:
    """Everything a custodian needs, verified. Raises StartRefused rather than run weak."""
    federation = open_federation(settings)
    try:
        store = open_store(settings.store)
        with reading(store) as connection:
            keys = load_key_ring(
                settings.seeds,
                settings.number,
                federation,
                now,
                lambda domain, epoch: is_destroyed(connection, domain, epoch),
            )
    except (SQLAlchemyError, OSError):
        raise StartRefused(f"{settings.store.name}: the store cannot be opened for writing") from None
    url = next(item.url for item in federation.custodians if item.nr == settings.number)
    workers = ThreadPoolExecutor(settings.workers, "evaluate") if settings.workers > 1 else None
    return Custodian(settings.number, url, federation, keys, store, random, workers)


def create_app(custodian: Custodian, clock: Clock) -> FastAPI:
    """The ASGI application. It has no documentation routes: the wire is described in the contract."""
    app = FastAPI(title="Schakel custodian", docs_url=None, redoc_url=None, openapi_url=None)
    log = structlog.get_logger("schakel.custodian")

    @app.post("/v1/evaluate/{key_class}", response_class=Response)
    def evaluate(key_class: str, request: Request, body: Annotated[bytes, Depends(_body)]) -> Response:
        unverified = UnverifiedRequest(
            key_class=key_class,
            ticket=_bearer(request.headers.get("authorization", "")),
            proof=request.headers.get("schakel-proof", ""),
            body=body,
        )
        evaluated = answer(custodian, unverified, clock())
        log.info("evaluated", key_class=key_class, n=len(body) // ELEMENT_BYTES)
        return Response(evaluated, media_type="application/octet-stream", headers={"Cache-Control": "no-store"})

    @app.get("/livez")
    def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        with reading(custodian.store):
            open_places = len(custodian.keys.places())
        return JSONResponse({"status": "ok"}) if open_places else problem(Refusal.EPOCH)

    @app.exception_handler(Refused)
    def refused(_request: Request, error: Refused) -> JSONResponse:
        log.info("refused", code=error.code.value)
        return problem(error.code)

    @app.exception_handler(SQLAlchemyError)
    def books_closed(_request: Request, error: SQLAlchemyError) -> JSONResponse:
        log.error("storing", kind=type(error).__name__)
        return problem(Refusal.STORING)

    return app


async def _body(request: Request) -> bytes:
    """The request's body, given up as soon as it is longer than any batch; the only asynchronous line of the house."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise Refused(Refusal.OMVANG)
        chunks.append(chunk)
    return b"".join(chunks)


def _bearer(header: str) -> str:
    scheme, _, token = header.partition(" ")
    return token if scheme == "Bearer" and len(token) <= MAX_JWS else ""
