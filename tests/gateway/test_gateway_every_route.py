"""Every route of the gateway against the same forgeries: a route that is added without the door shows here."""

import re
from collections.abc import Callable

import pytest

from connectors.contract.ticket import PROOF_SKEW
from gateway.caller import ACCESS_SECONDS
from gateway.web.own import RETENTION
from tests.gateway.gateway_world import GEMEENTE, POLITIE, Party, World, new_id

OPEN = {"/livez", "/readyz", "/.well-known/authzen-configuration", "/v1/tokens"}
"""For whoever knows the address; the pages and their downloads hold what was published, and are not described."""
BODY = b"{}"
Headers = dict[str, str]
Forge = Callable[[World, Party, str, str], Headers]


def routes(world: World) -> list[tuple[str, str]]:
    """(method, path) of every route of the gateway's own description that is not open, and of its own command."""
    found = [("POST", RETENTION)]
    for path, methods in world.http.get("/openapi.json").json()["paths"].items():
        if path not in OPEN:
            made = re.sub(r"\{[a-z_]+\}", lambda _: new_id(), path.replace("{formaat}", "csv"))
            found += [(method.upper(), made) for method in methods]
    return sorted(found)


def nobody(_world: World, _party: Party, _method: str, _path: str) -> Headers:
    """Without anything."""
    return {}


def no_proof(_world: World, party: Party, _method: str, _path: str) -> Headers:
    """A token alone."""
    return {"Authorization": f"Bearer {party.token()}"}


def garbage(_world: World, _party: Party, _method: str, _path: str) -> Headers:
    """Something of the right shape."""
    return {"Authorization": f"Bearer {'a' * 40}.{'b' * 40}.{'c' * 86}", "Schakel-Proof": "a.b.c"}


def assertion_as_token(_world: World, party: Party, method: str, path: str) -> Headers:
    """What signs in does not act."""
    return party.headers(method, path, BODY, token=party.assertion())


def other_method(_world: World, party: Party, method: str, path: str) -> Headers:
    """Signed for another verb."""
    return party.headers("DELETE" if method != "DELETE" else "GET", path, BODY)


def other_path(_world: World, party: Party, method: str, path: str) -> Headers:
    """Signed for another address."""
    return party.headers(method, path + "x", BODY)


def other_audience(_world: World, party: Party, method: str, path: str) -> Headers:
    """Signed for a custodian."""
    return party.headers(method, path, BODY, htu=f"http://127.0.0.1:8501{path}")


def other_body(_world: World, party: Party, method: str, path: str) -> Headers:
    """Signed over other bytes."""
    return party.headers(method, path, b'{"a":1}')


def cut(_world: World, party: Party, method: str, path: str) -> Headers:
    """A proof without its last character."""
    headers = party.headers(method, path, BODY)
    return headers | {"Schakel-Proof": headers["Schakel-Proof"][:-1]}


def thief(world: World, party: Party, method: str, path: str) -> Headers:
    """Another party's token under one's own proof."""
    return world.party(GEMEENTE).headers(method, path, BODY, token=party.token())


def old_proof(world: World, party: Party, method: str, path: str) -> Headers:
    """A minute and a second ago."""
    headers = party.headers(method, path, BODY)
    world.clock.advance(seconds=PROOF_SKEW.total_seconds() + 1)
    return headers


def old_token(world: World, party: Party, method: str, path: str) -> Headers:
    """Signed in more than ten minutes ago."""
    token = party.token()
    world.clock.advance(seconds=ACCESS_SECONDS + 1)
    return party.headers(method, path, BODY, token=token)


FORGERIES: tuple[Forge, ...] = (
    nobody,
    no_proof,
    garbage,
    assertion_as_token,
    other_method,
    other_path,
    other_audience,
    other_body,
    cut,
    thief,
    old_proof,
    old_token,
)


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_every_route_refuses(world: World, forge: Forge) -> None:
    """401 wherever it is tried, and no such caller anywhere in an answer."""
    police, listed = world.party(POLITIE), routes(world)
    assert len(listed) >= 30
    let_in = []
    for method, path in listed:
        types = {"Content-Type": "application/x-ndjson" if "/batches/" in path else "application/json"}
        answer = world.http.request(method, path, content=BODY, headers=types | forge(world, police, method, path))
        if answer.status_code != 401:
            let_in.append((method, path, answer.status_code))
    assert let_in == []


def test_every_route_spends_its_proof(world: World) -> None:
    """Whatever a route answers to a first request, it is a replay the second time."""
    police, again = world.party(POLITIE), []
    for method, path in routes(world):
        if path == RETENTION:
            continue  # for the gateway's own key alone
        types = {"Content-Type": "application/x-ndjson" if "/batches/" in path else "application/json"}
        headers = types | police.headers(method, path, BODY)
        world.http.request(method, path, content=BODY, headers=headers)
        answer = world.http.request(method, path, content=BODY, headers=headers)
        if (answer.status_code, answer.json().get("code")) != (401, "replayed"):
            again.append((method, path, answer.status_code))
    assert again == []
