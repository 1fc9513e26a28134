"""The only place with status codes: every refusal as an RFC 9457 problem document of the contract (`Weigering`)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from connectors.contract.answers import Weigering
from connectors.contract.canonical import canonical_bytes
from gateway import errors

MEDIA_TYPE: Final = "application/problem+json"
_LOG: Final = structlog.get_logger("gateway")

STATUS: Final[Mapping[type[errors.GatewayError], tuple[int, str]]] = MappingProxyType(
    {
        errors.UnverifiedCaller: (401, "Niet geverifieerd / not verified"),
        errors.PolicyRefused: (403, "Geweigerd door de doelregels / refused by the purpose rules"),
        errors.NotAllowed: (403, "Niet toegestaan / not allowed"),
        errors.NotFound: (404, "Niet gevonden / not found"),
        errors.Conflict: (409, "Strijdig met wat er is / conflict"),
        errors.TooSlow: (408, "Te langzaam / too slow"),
        errors.TooLarge: (413, "Te groot / too large"),
        errors.WrongMediaType: (415, "Ander mediatype nodig / wrong media type"),
        errors.Malformed: (422, "Onjuist van vorm / malformed"),
        errors.CallersFault: (400, "Onjuist verzoek / bad request"),
        errors.OurFault: (503, "Nu niet beschikbaar / unavailable"),
        errors.GatewayError: (500, "Fout in de gateway / gateway error"),
    }
)


def problem(error: errors.GatewayError) -> Response:
    """The response for an error of ours: the first listed class it belongs to decides."""
    status, title = next(value for kind, value in STATUS.items() if isinstance(error, kind))
    refused = error if isinstance(error, errors.PolicyRefused) else None
    weigering = Weigering(
        type=f"urn:schakel:probleem:{error.code}",
        title=title,
        status=status,
        detail=error.detail[:2000],
        code=error.code,
        besluit=refused.besluit if refused else None,
        redenen=error.redenen if isinstance(error, errors.PolicyRefused | errors.ReleaseBlocked) else (),
    )
    headers = {"Retry-After": "5"} if status == 503 else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(canonical_bytes(weigering), status, headers, MEDIA_TYPE)


def log_json() -> None:
    """One JSON object a line on standard output; only the fields that this house names."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ]
    )


def install(app: FastAPI) -> None:
    """Turn every exception of the application into a problem document; nothing else sets a status of refusal."""
    app.add_exception_handler(errors.GatewayError, _ours)
    app.add_exception_handler(RequestValidationError, _shape)
    app.add_exception_handler(HTTPException, _framework)
    app.add_middleware(Edge)


def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.GatewayError):
        raise error
    answer = problem(error)
    about = {"code": error.code, "route": _route(request), "status": answer.status_code}
    if isinstance(error, errors.OurFault):
        _LOG.error("unavailable", **about)
    else:
        _LOG.warning("refused", **about)
    return answer


def _route(request: Request) -> str:
    """Method and template of the address, never the address with its ids."""
    return f"{request.method} {getattr(request.scope.get('route'), 'path', 'other')}"


def _shape(_request: Request, error: Exception) -> Response:
    first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": (), "type": "value"}
    return problem(errors.Malformed(f"{'.'.join(map(str, first['loc']))}: {first['type']}"))


def _framework(_request: Request, error: Exception) -> Response:
    """What the framework itself refuses, with the headers that belong to it (405 names what is allowed)."""
    if not isinstance(error, HTTPException):
        raise error
    title = "Niet gevonden / not found" if error.status_code == 404 else "Onjuist verzoek / bad request"
    body = Weigering(type="about:blank", title=title, status=error.status_code)
    return Response(canonical_bytes(body), error.status_code, error.headers, MEDIA_TYPE)


class Edge:
    """Pure ASGI middleware at the edge of the process: what nobody foresaw becomes a refusal and a log line.

    An exception's own words may hold values (those of a database quote the statement's), so none leaves from here: the
    server around this would print it with its traceback. An answer that had begun is cut off.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:
            _LOG.error("unforeseen", kind=type(error).__name__)
            if scope["type"] == "http" and not begun:
                refusal = problem(errors.GatewayError("something unforeseen went wrong; nothing was promised"))
                await refusal(scope, receive, send)
