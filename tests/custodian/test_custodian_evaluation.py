"""What a custodian answers to a valid request."""

import secrets
from pathlib import Path

import pytest

from connectors.contract.codes import TokenKlasse
from pseudonymizer.custodian.app import open_custodian
from pseudonymizer.oprf.client import PinnedKeys, evaluate_messages
from pseudonymizer.oprf.group import multiples
from pseudonymizer.oprf.hash import hash_to_group
from pseudonymizer.oprf.message import encode_message
from pseudonymizer.oprf.proof import verified_outputs
from tests.custodian.doors import SignedHop, ask, open_door, points
from tests.custodian.small_federation import NOW, SmallFederation, small_federation


@pytest.fixture
def federation(tmp_path: Path) -> SmallFederation:
    return small_federation(tmp_path)


def _key(federation: SmallFederation, number: int, key_class: TokenKlasse):
    custodian = open_custodian(federation.settings(number), secrets.token_bytes, NOW)
    return custodian.keys.key("RIEC", "2026", key_class)


def test_a_valid_request_is_answered_with_a_proof_that_holds(federation: SmallFederation) -> None:
    """The answer is n * 32 bytes of outputs and a proof under the pinned key."""
    body = points()
    answer = ask(open_door(federation), federation, body)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    key = _key(federation, 1, TokenKlasse.ID)
    assert verified_outputs(key.public, body, answer.content[:-64], answer.content[-64:]) == answer.content[:-64]


@pytest.mark.parametrize("key_class", list(TokenKlasse))
def test_two_custodians_over_http_give_the_product_key(federation: SmallFederation, key_class: TokenKlasse) -> None:
    """A partner that goes through both doors gets k1 * k2 * H(m) for every message, in order."""
    ticket = federation.ticket(cls=key_class)
    hops = tuple(SignedHop(open_door(federation, n), federation, ticket, n, key_class) for n in (1, 2))
    first, second = (_key(federation, n, key_class) for n in (1, 2))
    messages = [encode_message("id.kvk", f"{number:08d}") for number in range(20)]
    got = evaluate_messages(messages, hops, PinnedKeys(first.public, second.public), random=secrets.token_bytes)
    plain = b"".join(map(hash_to_group, messages))
    assert b"".join(got) == multiples(second.scalar, multiples(first.scalar, plain))


def test_an_answer_is_never_cached(federation: SmallFederation) -> None:
    """Answers and refusals carry no-store."""
    door = open_door(federation)
    assert ask(door, federation, points()).headers["cache-control"] == "no-store"
    assert ask(door, federation, b"").headers["cache-control"] == "no-store"


def test_the_proof_of_a_retry_is_fresh(federation: SmallFederation) -> None:
    """The same body twice gives the same elements and different proofs: the nonce t is never reused."""
    door, ticket, body = open_door(federation), federation.ticket(), points()
    one, two = (ask(door, federation, body, ticket=ticket).content for _ in range(2))
    assert one[:-64] == two[:-64]
    assert one[-64:] != two[-64:]


def test_the_probes_answer(federation: SmallFederation) -> None:
    """Liveness needs the process, readiness its store and keys."""
    door = open_door(federation)
    assert door.get("/livez").json() == {"status": "ok"}
    assert door.get("/readyz").json() == {"status": "ok"}


def test_there_are_no_other_routes(federation: SmallFederation) -> None:
    """No documentation, no listing, no other method."""
    door = open_door(federation)
    assert [door.get(path).status_code for path in ("/docs", "/openapi.json", "/", "/v1/evaluate")] == [404] * 4
    assert door.get("/v1/evaluate/id").status_code == 405
