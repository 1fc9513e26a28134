"""Headers that every answer carries (NL API Design Rules, web page): version, no caching, strict content policy."""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

API_VERSION: Final = "1.0.0"
CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REQUEST_ID: Final = b"x-request-id"
"""Given back as it came, so that the caller can tell which answer is whose (AuthZEN 1.0, section 10.1.3)."""
MAX_ID: Final = 256
_HEADERS: Final = (
    (b"api-version", API_VERSION.encode()),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", CSP.encode()),
    (b"strict-transport-security", b"max-age=63072000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Headers:
    """Pure ASGI middleware that adds the headers and tells `observe` the status of each answer."""

    def __init__(self, app: ASGIApp, observe: Callable[[Scope, int], None]) -> None:
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        asked = [(name, value) for name, value in scope["headers"] if name == REQUEST_ID and len(value) <= MAX_ID]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", ())}
                extra = [(name, value) for name, value in (*_HEADERS, *asked) if name not in given]
                message = {**message, "headers": [*message.get("headers", ()), *extra]}
                self._observe(scope, message["status"])
            await send(message)

        await self._app(scope, receive, with_headers)
