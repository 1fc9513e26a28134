"""Dictionary attacks on a token: who can enumerate a small value space, and who cannot (threat table).

The space stands for the 90,909,091 numbers that pass the BSN check; the attacker tries every candidate with all he has.
"""

import hmac
import secrets

import pytest

from pseudonymizer.oprf.client import PinnedKeys, evaluate_messages
from pseudonymizer.oprf.evaluate import evaluate_batch
from pseudonymizer.oprf.group import multiples, random_scalar
from pseudonymizer.oprf.hash import hash_all_to_group, hash_to_group
from pseudonymizer.oprf.keys import SecretKey, derive_key_pair
from pseudonymizer.oprf.message import encode_message, finalize

FIRST, SECOND = (derive_key_pair(bytes(range(n, 32 + n)), b"schakel1|c1|RIEC|2026|bsn") for n in (1, 2))
OTHER_DOMAIN = tuple(derive_key_pair(bytes(range(n, 32 + n)), b"schakel1|c1|MONITOR|2026|bsn") for n in (1, 2))
CANDIDATES = [encode_message("id.bsn", f"{number:09d}") for number in range(200)]
SECRET = 123


class Hop:
    """A custodian that remembers what it saw and what it answered."""

    def __init__(self, key: SecretKey) -> None:
        self.key = key
        self.seen = b""

    def evaluate(self, elements: bytes) -> bytes:
        answer = evaluate_batch(self.key, elements, secrets.token_bytes)
        self.seen += elements + answer
        return answer


@pytest.fixture
def hops() -> tuple[Hop, Hop]:
    return Hop(FIRST), Hop(SECOND)


@pytest.fixture
def token(hops: tuple[Hop, Hop]) -> bytes:
    """The token of the secret candidate, as it would lie at the gateway."""
    keys = PinnedKeys(FIRST.public, SECOND.public)
    (element,) = evaluate_messages([CANDIDATES[SECRET]], hops, keys, random=secrets.token_bytes)
    assert element is not None
    return element


def _split(packed: bytes) -> list[bytes]:
    return [packed[start : start + 32] for start in range(0, len(packed), 32)]


def _found(token: bytes, guesses: list[bytes]) -> list[int]:
    return [place for place, guess in enumerate(guesses) if hmac.compare_digest(guess, token)]


def test_both_custodians_together_find_it(token: bytes) -> None:
    """The one coalition that can: hence separate organisations and metering."""
    guesses = multiples(SECOND.scalar, multiples(FIRST.scalar, hash_all_to_group(CANDIDATES)))
    assert _found(token, _split(guesses)) == [SECRET]


@pytest.mark.parametrize("key", [FIRST, SECOND], ids=["custodian 1", "custodian 2"])
def test_the_gateway_with_one_custodian_finds_nothing(token: bytes, key: SecretKey) -> None:
    """One share, both public keys and every candidate: no guess hits."""
    hashed = hash_all_to_group(CANDIDATES)
    with_share = _split(multiples(key.scalar, hashed))
    twice = _split(multiples(key.scalar, multiples(key.scalar, hashed)))
    assert _found(token, with_share + twice + _split(hashed)) == []


def test_the_gateway_alone_finds_nothing(token: bytes) -> None:
    """Plain hashes, finalised hashes and keys of its own."""
    hashed = _split(hash_all_to_group(CANDIDATES))
    finals = [finalize(m, e)[:32] for m, e in zip(CANDIDATES, hashed, strict=True)]
    own = _split(multiples(random_scalar(secrets.token_bytes), b"".join(hashed)))
    assert _found(token, hashed + finals + own) == []


def test_a_partner_that_left_finds_nothing_offline(token: bytes, hops: tuple[Hop, Hop]) -> None:
    """Everything that ever crossed the wire, blinded, does not contain the token or a candidate."""
    wire = set(_split(hops[0].seen)) | set(_split(hops[1].seen))
    assert token not in wire
    assert wire.isdisjoint(_split(hash_all_to_group(CANDIDATES)))


def test_custodians_cannot_link_two_requests_for_one_value(hops: tuple[Hop, Hop]) -> None:
    """Every attempt is blinded afresh: no element that a custodian saw or made comes twice."""
    keys = PinnedKeys(FIRST.public, SECOND.public)
    for _ in range(3):
        evaluate_messages([CANDIDATES[SECRET]], hops, keys, random=secrets.token_bytes)
    elements = [part for part in _split(hops[0].seen) if part not in (FIRST.public, SECOND.public)]
    assert len(elements) == len(set(elements))


def test_tokens_of_two_domains_are_unrelated(token: bytes) -> None:
    """Both custodians of one domain together find nothing in another: the keys differ per domain."""
    first, second = OTHER_DOMAIN
    guesses = _split(multiples(second.scalar, multiples(first.scalar, hash_all_to_group(CANDIDATES))))
    assert _found(token, guesses) == []
    assert hash_to_group(CANDIDATES[SECRET]) not in guesses
