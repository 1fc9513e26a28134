"""`/livez`, `/readyz`, `/metrics`: for whoever keeps the machine running. No answer holds anything of a record."""

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from starlette.types import Scope

from connectors.contract.canonical import canonical_json
from gateway.errors import NotFound, NotReady

LOOPBACK: Final = ("127.0.0.1", "::1")
Checks = Mapping[str, Callable[[], bool]]
"""Name of a start-up condition and whether it holds now."""


class Requests:
    """Counts answers by route and status; a held resource of one application."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "schakel_gateway_answers", "Answers by route and status", ("route", "status"), registry=registry
        )

    def observe(self, scope: Scope, status: int) -> None:
        """Count one answer; the route's template, never the address with its ids."""
        route = getattr(scope.get("route"), "path", "other")
        self._answers.labels(route, str(status)).inc()


def health_routes(checks: Checks, registry: CollectorRegistry) -> APIRouter:
    """The three addresses."""
    router = APIRouter(tags=["beheer"])

    @router.get("/livez")
    def livez() -> Response:
        return Response(canonical_json({"alive": True}), media_type="application/json")

    @router.get("/readyz")
    def readyz() -> Response:
        failed = sorted(name for name, holds in checks.items() if not holds())
        if failed:
            raise NotReady("not ready: " + ", ".join(failed))
        return Response(canonical_json({"ready": True}), media_type="application/json")

    @router.get("/metrics", include_in_schema=False)
    def metrics(request: Request) -> Response:
        if request.client is None or request.client.host not in LOOPBACK:
            raise NotFound("metrics are read on the machine itself")
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
