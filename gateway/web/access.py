"""The AuthZEN façade (NL GOV profile): what would policy say? It answers and changes nothing."""

import json
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from connectors.contract.canonical import canonical_json
from gateway.errors import CallersFault, Malformed, PolicyUnavailable
from gateway.house import House
from gateway.policy.errors import PolicyError
from gateway.policy.question import answerable
from gateway.web.door import LARGE, admit

MOST: Final = 100
"""Questions of one `/evaluations` request."""


def access_routes(house: House) -> APIRouter:
    """`POST /access/v1/evaluation` and `/evaluations` for parties of the federation."""
    router = APIRouter(prefix="/access/v1", tags=["autorisatie"])

    @router.post("/evaluation", summary="AuthZEN 1.0 evaluation")
    def evaluation(request: Request) -> Response:
        return _send(_answer(house, _read(admit(house, request, LARGE).body)))

    @router.post("/evaluations", summary="AuthZEN 1.0 evaluations")
    def evaluations(request: Request) -> Response:
        asked = _read(admit(house, request, LARGE).body)
        questions = asked.get("evaluations") if isinstance(asked, dict) else None
        if not isinstance(questions, list) or not 1 <= len(questions) <= MOST:
            raise Malformed(f"evaluations: a list of 1 to {MOST} questions")
        return _send({"evaluations": [_answer(house, question) for question in questions]})

    return router


def _answer(house: House, question: JsonValue) -> dict[str, JsonValue]:
    if not answerable(question):
        raise CallersFault("a question has subject, action, resource and context", code="bad_question")
    try:
        answer, rules = house.policy.consult(question, house.clock())
        return answer.as_authzen(rules.digest)
    except PolicyError as error:
        raise PolicyUnavailable("the purpose rules gave no answer") from error


def _read(body: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallersFault("not JSON", code="bad_question") from error
    return value


def _send(answer: dict[str, JsonValue]) -> Response:
    return Response(canonical_json(answer), media_type="application/json")
