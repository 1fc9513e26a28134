"""Refusals as RFC 9457 problem documents. HTTP status codes exist in this file only."""

from typing import Final

from fastapi.responses import JSONResponse

from connectors.contract.answers import Weigering
from pseudonymizer.custodian.refusals import Refusal

MEDIA_TYPE: Final = "application/problem+json"
_STATUS: Final = {
    Refusal.OMVANG: 413,
    Refusal.TICKET: 401,
    Refusal.BEZIT: 401,
    Refusal.FEDERATIE: 409,
    Refusal.EPOCH: 403,
    Refusal.RECHT: 403,
    Refusal.HERHALING: 409,
    Refusal.BUDGET: 429,
    Refusal.ELEMENT: 422,
    Refusal.STORING: 503,
}
_TITLE: Final = {
    Refusal.OMVANG: "A body is a power of two of 32-byte elements, 16 to 4096",
    Refusal.TICKET: "The ticket does not permit this",
    Refusal.BEZIT: "The request is not signed by the party that the ticket names",
    Refusal.FEDERATIE: "The ticket was made under another federation file",
    Refusal.EPOCH: "The epoch is not open here",
    Refusal.RECHT: "The party has no right to this domain and class",
    Refusal.HERHALING: "The request was used before",
    Refusal.BUDGET: "The budget is spent",
    Refusal.ELEMENT: "An element is not valid",
    Refusal.STORING: "The custodian cannot answer now; retry the same request later",
}


def problem(code: Refusal) -> JSONResponse:
    """The whole answer to a refused request: a closed code and its fixed title."""
    body = Weigering(type="about:blank", title=_TITLE[code], status=_STATUS[code], code=code.value)
    return JSONResponse(
        body.model_dump(mode="json", exclude_none=True, exclude_defaults=True) | {"type": body.type},
        status_code=body.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )
