"""The AuthZEN façade: metadata, several questions at once, and what a caller says of the rules."""

import json
from typing import Any

import pytest
from httpx import Response

from connectors.contract.signing import Unverified, verify_jws
from gateway.policy.opening import golden_cases
from gateway.web.access import WELL_KNOWN, SignedConfiguratie
from tests.gateway.gateway_world import GATEWAY, POLITIE, World
from tests.gateway.test_gateway_activation import RULES, take_back

TYP = "schakel-authzen+jwt"


def evaluate(world: World, path: str, body: object, **headers: str) -> Response:
    """A signed AuthZEN call."""
    raw = json.dumps(body).encode()
    given = world.party(POLITIE).headers("POST", f"/access/v1/{path}", raw) | {"Content-Type": "application/json"}
    answer: Response = world.http.post(f"/access/v1/{path}", content=raw, headers={**given, **headers})
    return answer


def questions(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    """One that is allowed and one that is not."""
    cases = golden_cases(world.house.policy.bundle)
    asked: list[Any] = [next(case.question for case in cases if case.decision is wanted) for wanted in (True, False)]
    return asked[0], asked[1]


def decisions(answer: Response) -> list[bool]:
    assert answer.status_code == 200, answer.text
    return [each["decision"] for each in answer.json()["evaluations"]]


def test_metadata_says_where_to_ask(world: World) -> None:
    """Section 9: JSON at the well-known address for anyone; the decision point is the gateway's address in the
    federation file, and only what exists is named."""
    answer = world.http.get(WELL_KNOWN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found = answer.json()
    signature = found.pop("signed_metadata")
    assert found == {
        "policy_decision_point": GATEWAY,
        "access_evaluation_endpoint": f"{GATEWAY}/access/v1/evaluation",
        "access_evaluations_endpoint": f"{GATEWAY}/access/v1/evaluations",
    }
    claims = verify_jws(signature, (world.federatie.gateway.sleutel,), TYP, SignedConfiguratie)
    assert claims.model_dump(exclude={"iss", "sub"}) == found
    assert claims.iss == GATEWAY
    with pytest.raises(Unverified):
        verify_jws(signature, (world.party(POLITIE).key.public,), TYP, SignedConfiguratie)


def test_every_named_address_answers(world: World) -> None:
    """What the metadata names is served under the address that it names."""
    found = world.http.get(WELL_KNOWN).json()
    allowed, _ = questions(world)
    for name in ("access_evaluation_endpoint", "access_evaluations_endpoint"):
        assert evaluate(world, found[name].rpartition("/")[2], allowed).json()["decision"] is True


def test_questions_share_what_they_have_in_common(world: World) -> None:
    """Section 7.1.1: top-level members are defaults, and a question's own member goes before them."""
    allowed, refused = questions(world)
    shared = {name: allowed[name] for name in ("subject", "action", "resource")}
    listed = [{"context": allowed["context"]}, {**refused}]
    assert decisions(evaluate(world, "evaluations", {**shared, "evaluations": listed})) == [True, False]


@pytest.mark.parametrize("listed", [{}, {"evaluations": []}])
def test_without_a_list_it_is_one_evaluation(world: World, listed: dict[str, Any]) -> None:
    """Section 7.1: an absent or empty list makes it a single question."""
    allowed, _ = questions(world)
    assert evaluate(world, "evaluations", {**allowed, **listed}).json()["decision"] is True


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_the_three_semantics(world: World, semantic: str, expected: list[bool]) -> None:
    """Section 7.1.2: the answers up to the one that decides."""
    allowed, refused = questions(world)
    body = {"evaluations": [allowed, refused, allowed], "options": {"evaluations_semantic": semantic}}
    assert decisions(evaluate(world, "evaluations", body)) == expected


@pytest.mark.parametrize(
    "options", [{"evaluations_semantic": "any"}, {"evaluations_semantic": None}, [], "execute_all"]
)
def test_an_unknown_semantic_is_refused(world: World, options: object) -> None:
    """A caller that wants something else is told, not given the default."""
    allowed, _ = questions(world)
    assert evaluate(world, "evaluations", {"evaluations": [allowed], "options": options}).status_code == 422


@pytest.mark.parametrize("listed", [{"a": 1}, "x", 3, [{}] * 101])
def test_a_list_that_is_none_or_too_long_is_refused(world: World, listed: object) -> None:
    """At most 100 questions at once."""
    assert evaluate(world, "evaluations", {"evaluations": listed}).status_code == 422


def test_an_answer_carries_the_id_of_its_request(world: World) -> None:
    """Section 10.1.3: the same X-Request-ID comes back, with a refusal too; one of more than 256 bytes does not."""
    allowed, _ = questions(world)
    assert evaluate(world, "evaluation", allowed, **{"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert evaluate(world, "evaluation", {}, **{"X-Request-ID": "abc-2"}).headers["x-request-id"] == "abc-2"
    assert "x-request-id" not in evaluate(world, "evaluation", allowed).headers
    assert "x-request-id" not in evaluate(world, "evaluation", allowed, **{"X-Request-ID": "x" * 300}).headers


def test_a_caller_cannot_vouch_for_the_rules(world: World) -> None:
    """Rules that an owner withdrew allow nothing, whatever the question says of them."""
    allowed, _ = questions(world)
    assert allowed["context"]["beleid"]["ondertekend"] is True
    take_back(world, RULES)
    answer = evaluate(world, "evaluation", allowed).json()
    assert answer["decision"] is False
    assert [reden["code"] for reden in answer["context"]["reden"]] == ["BELEID_ONGELDIG"]


def test_a_caller_that_doubts_the_rules_is_refused(world: World) -> None:
    """A question that says the rules are unsigned is judged as it stands."""
    allowed, _ = questions(world)
    doubting = json.loads(json.dumps(allowed))
    doubting["context"]["beleid"]["ondertekend"] = False
    assert evaluate(world, "evaluation", doubting).json()["decision"] is False
