"""The partner in the middle: padding, dummies, order, and both proofs or nothing."""

import secrets
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymizer.oprf.client import PinnedKeys, evaluate_messages, padded_size
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput, OprfError
from pseudonymizer.oprf.evaluate import evaluate_batch
from pseudonymizer.oprf.group import multiples
from pseudonymizer.oprf.hash import hash_to_group
from pseudonymizer.oprf.keys import SecretKey, derive_key_pair

FIRST, SECOND = (derive_key_pair(bytes(range(n, 32 + n)), b"x") for n in (1, 2))
KEYS = PinnedKeys(FIRST.public, SECOND.public)


@dataclass
class Recorded:
    """A hop that remembers what it was sent."""

    key: SecretKey
    seen: list[bytes] = field(default_factory=list)

    def evaluate(self, elements: bytes) -> bytes:
        self.seen.append(elements)
        return evaluate_batch(self.key, elements, secrets.token_bytes)


def _expected(messages: list[bytes]) -> list[bytes]:
    return [multiples(SECOND.scalar, multiples(FIRST.scalar, hash_to_group(message))) for message in messages]


def _run(messages: list[bytes], hops: tuple[Recorded, Recorded]) -> list[bytes | None]:
    return evaluate_messages(messages, hops, KEYS, random=secrets.token_bytes)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=8), max_size=40))
def test_answers_are_in_order_of_messages_repetitions_included(messages: list[bytes]) -> None:
    """k1 * k2 * H(m) for each."""
    assert _run(messages, (Recorded(FIRST), Recorded(SECOND))) == _expected(messages)


def test_nothing_to_do_asks_nobody() -> None:
    """An empty list costs no budget."""
    hops = (Recorded(FIRST), Recorded(SECOND))
    assert _run([], hops) == []
    assert hops[0].seen == []


@pytest.mark.parametrize(("count", "size"), [(1, 16), (16, 16), (17, 32), (100, 128), (4096, 4096)])
def test_batches_are_powers_of_two(count: int, size: int) -> None:
    """16 to 4096."""
    assert padded_size(count) == size


@pytest.mark.parametrize("count", [0, -1, 4097])
def test_no_batch_has_another_size(count: int) -> None:
    """The caller splits."""
    with pytest.raises(InvalidInput):
        padded_size(count)


def test_a_batch_is_filled_up_with_dummies() -> None:
    """The first custodian sees 16 different elements for 3 messages, and none twice in two attempts."""
    hops = (Recorded(FIRST), Recorded(SECOND))
    for _ in range(2):
        _run([b"a", b"b", b"c"], hops)
    seen = [batch[start : start + 32] for batch in hops[0].seen for start in range(0, 512, 32)]
    assert len(seen) == len(set(seen)) == 32


def test_messages_lie_at_random_places() -> None:
    """One message among 15 dummies is found at many places."""
    places: Counter[int] = Counter()
    for _ in range(60):
        hops = (Recorded(FIRST), Recorded(SECOND))
        drawn: list[bytes] = []

        def source(size: int, drawn: list[bytes] = drawn) -> bytes:
            drawn.append(secrets.token_bytes(size))
            return drawn[-1]

        evaluate_messages([b"m"], hops, KEYS, random=source)
        places[int.from_bytes(drawn[0], "big") % 16] += 1
    assert len(places) > 8


def test_the_same_message_twice_is_evaluated_once() -> None:
    """17 equal messages fit in one batch of 16."""
    hops = (Recorded(FIRST), Recorded(SECOND))
    assert len(set(_run([b"same"] * 17, hops))) == 1
    assert [len(batch) for batch in hops[0].seen] == [16 * 32]


def test_more_than_4096_messages_go_in_batches() -> None:
    """4097 messages: 4096 and 16."""
    sizes: list[int] = []

    @dataclass
    class Counting(Recorded):
        def evaluate(self, elements: bytes) -> bytes:
            sizes.append(len(elements) // 32)
            raise InvalidInput("seen enough") if len(sizes) == 1 else AssertionError

    with pytest.raises(OprfError):
        _run([str(i).encode() for i in range(4097)], (Counting(FIRST), Recorded(SECOND)))
    assert sizes == [4096]


@pytest.mark.parametrize("keys", [(bytes(32), SECOND.public), (FIRST.public, bytes(32))])
def test_an_identity_is_no_pinned_key(keys: tuple[bytes, bytes]) -> None:
    """Refused before anything is sent."""
    with pytest.raises(InvalidElement):
        PinnedKeys(*keys)


def test_both_custodians_have_keys_of_their_own() -> None:
    """One key twice would be one custodian."""
    with pytest.raises(InvalidInput):
        PinnedKeys(FIRST.public, FIRST.public)
