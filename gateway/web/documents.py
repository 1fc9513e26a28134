"""OpenAPI for routes that read their own body: the contract's models, gathered under components."""

from typing import Any, Final

from fastapi import FastAPI, Response
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from connectors.contract.answers import Weigering
from connectors.contract.canonical import canonical_bytes
from connectors.contract.model import Wire
from gateway.web.headers import API_VERSION

_REF: Final = "#/components/schemas/{model}"


def accepts(model: type[Wire]) -> dict[str, Any]:
    """`openapi_extra` of a route that takes canonical bytes of `model`."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def answers(model: type[Wire], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """`responses` of a route: its model, and the problem document for everything else."""
    refusal = {"$ref": _REF.format(model=Weigering.__name__)}
    return {
        status: {"model": model, "description": model.__doc__ or ""},
        "default": {"description": "RFC 9457", "content": {"application/problem+json": {"schema": refusal}}},
    }


def send(model: Wire, status: int = 200) -> Response:
    """Canonical bytes of a model."""
    return Response(canonical_bytes(model), status, media_type="application/json")


def document(app: FastAPI, bodies: tuple[type[Wire], ...]) -> dict[str, Any]:
    """The OpenAPI document with the models of request bodies merged in."""
    described = get_openapi(title=app.title, version=API_VERSION, summary=app.summary, routes=app.routes)
    wanted = [(model, "validation") for model in (*bodies, Weigering)]
    _, schemas = models_json_schema(wanted, ref_template=_REF)  # type: ignore[arg-type]
    components = described.setdefault("components", {}).setdefault("schemas", {})
    for name, schema in schemas.get("$defs", {}).items():
        components.setdefault(name, schema)
    return described
