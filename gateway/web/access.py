"""The AuthZEN façade (NL GOV profile): what would policy say? It answers and changes nothing.

Source: OpenID AuthZEN Authorization API 1.0, sections 6 (evaluation), 7 (evaluations: defaults, semantics) and 9
(metadata).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import JsonValue

from connectors.contract.canonical import canonical_json
from connectors.contract.federation import Url
from connectors.contract.model import Wire
from connectors.contract.signing import sign_jws
from gateway.errors import CallersFault, Malformed, PolicyUnavailable
from gateway.house import House
from gateway.policy.errors import PolicyError
from gateway.policy.question import SECTIONS, answerable
from gateway.web.door import LARGE, admit

MOST: Final = 100
"""Questions of one `/evaluations` request."""
WELL_KNOWN: Final = "/.well-known/authzen-configuration"
_STOPS_AT: Final[Mapping[str, bool | None]] = {
    "execute_all": None,
    "deny_on_first_deny": False,
    "permit_on_first_permit": True,
}
"""The decision after which the rest is not asked (section 7.1.2, `evaluations_semantic`)."""


class Configuratie(Wire):
    """What this decision point offers (section 9.1.1). What is not named is not offered: searches have no address."""

    policy_decision_point: Url
    access_evaluation_endpoint: Url
    access_evaluations_endpoint: Url


class SignedConfiguratie(Configuratie):
    """The claims of `signed_metadata` (section 9.1.3): the same, with who says so."""

    iss: Url
    sub: Literal["authzen-configuration"] = "authzen-configuration"


def access_routes(house: House) -> APIRouter:
    """`POST /access/v1/evaluation` and `/evaluations` for parties of the federation; the metadata for anyone."""
    router = APIRouter(tags=["autorisatie"])

    @router.post("/access/v1/evaluation", summary="AuthZEN 1.0 evaluation")
    def evaluation(request: Request) -> Response:
        return _send(_answer(house, _read(admit(house, request, LARGE).body)))

    @router.post("/access/v1/evaluations", summary="AuthZEN 1.0 evaluations")
    def evaluations(request: Request) -> Response:
        asked = _read(admit(house, request, LARGE).body)
        if not isinstance(asked, dict):
            return _send(_answer(house, asked))
        listed, options = asked.pop("evaluations", None), asked.pop("options", {})
        if listed is None or listed == []:
            return _send(_answer(house, asked))
        if not isinstance(listed, list) or len(listed) > MOST:
            raise Malformed(f"evaluations: a list of at most {MOST} questions")
        return _send({"evaluations": list(_several(house, asked, listed, _stop(options)))})

    @router.get(WELL_KNOWN + urlsplit(house.federatie.gateway.url).path.rstrip("/"), summary="AuthZEN 1.0 metadata")
    def configuration() -> Response:
        return _send(metadata(house))

    return router


def metadata(house: House) -> dict[str, JsonValue]:
    """The metadata document, and the same signed by the key that the federation file pins for this gateway."""
    url = house.federatie.gateway.url.rstrip("/")
    offered: dict[str, Any] = {
        "policy_decision_point": house.federatie.gateway.url,
        "access_evaluation_endpoint": f"{url}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{url}/access/v1/evaluations",
    }
    claims = SignedConfiguratie(**offered, iss=house.federatie.gateway.url)
    return {**offered, "signed_metadata": sign_jws(claims, house.signing, "schakel-authzen+jwt")}


def _stop(options: JsonValue) -> bool | None:
    """The decision after which nothing more is asked, or None; raises Malformed for a semantic that is not one."""
    semantic = options.get("evaluations_semantic", "execute_all") if isinstance(options, dict) else None
    if not isinstance(semantic, str) or semantic not in _STOPS_AT:
        raise Malformed("options.evaluations_semantic: one of " + ", ".join(_STOPS_AT))
    return _STOPS_AT[semantic]


def _several(
    house: House, asked: Mapping[str, JsonValue], listed: list[JsonValue], stop: bool | None
) -> Iterator[dict[str, JsonValue]]:
    """Each question with the defaults of the whole, until one decides the rest."""
    defaults = {name: asked[name] for name in SECTIONS if name in asked}
    for question in listed:
        answer = _answer(house, {**defaults, **question} if isinstance(question, dict) else question)
        yield answer
        if answer["decision"] is stop:
            return


def _answer(house: House, question: JsonValue) -> dict[str, JsonValue]:
    if not answerable(question):
        raise CallersFault("a question has subject, action, resource and context", code="bad_question")
    try:
        answer, rules = house.policy.consult(question, house.clock())
    except PolicyError as error:
        raise PolicyUnavailable("the purpose rules gave no answer") from error
    return answer.as_authzen(rules.digest)


def _read(body: bytes) -> JsonValue:
    try:
        value: JsonValue = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallersFault("not JSON", code="bad_question") from error
    return value


def _send(answer: dict[str, JsonValue]) -> Response:
    return Response(canonical_json(answer), media_type="application/json")
