"""One custodian (or whoever stands between) answers wrongly: the client notices and unblinds nothing."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymizer.oprf import client
from pseudonymizer.oprf.client import PinnedKeys, evaluate_messages
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput, ProofRefused
from pseudonymizer.oprf.evaluate import evaluate_batch
from pseudonymizer.oprf.group import GROUP_ORDER, multiples, random_scalar
from pseudonymizer.oprf.keys import SecretKey, derive_key_pair
from pseudonymizer.oprf.proof import prove, verified_outputs
from tests.oprf.published_vectors import joined, key_of, negative_vectors, project_vectors

FIRST, SECOND, OTHER = (derive_key_pair(bytes(range(n, 32 + n)), b"x") for n in (1, 2, 3))
KEYS = PinnedKeys(FIRST.public, SECOND.public)
MESSAGES = [b"one", b"two", b"three"]
Change = Callable[[bytes], bytes]


@dataclass
class Lying:
    """A custodian whose answer is changed by whoever wants to."""

    key: SecretKey
    change: Change = bytes

    def evaluate(self, elements: bytes) -> bytes:
        return self.change(evaluate_batch(self.key, elements, secrets.token_bytes))


def _swap_first_two(answer: bytes) -> bytes:
    return answer[32:64] + answer[:32] + answer[64:]


def _set_bit_255(answer: bytes) -> bytes:
    return answer[:31] + bytes([answer[31] | 0x80]) + answer[32:]


def _repeat_first(answer: bytes) -> bytes:
    return answer[:32] * 2 + answer[64:]


LIES: dict[str, Change] = {
    "two outputs swapped": _swap_first_two,
    "one output repeated": _repeat_first,
    "bit 255 set": _set_bit_255,
    "identity": lambda answer: bytes(32) + answer[32:],
    "all identities and a zero proof": lambda answer: bytes(len(answer)),
    "truncated": lambda answer: answer[:-1],
    "longer": lambda answer: answer + b"\x00",
    "empty": lambda answer: b"",
    "proof only": lambda answer: answer[-64:],
    "proof of zeros": lambda answer: answer[:-64] + bytes(64),
    "c and s exchanged": lambda answer: answer[:-64] + answer[-32:] + answer[-64:-32],
}


@pytest.mark.parametrize("hop", [0, 1])
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_refused_and_nothing_is_unblinded(lie: Change, hop: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either custodian, any lie: ProofRefused before the blinds are used."""
    used: list[bytes] = []
    monkeypatch.setattr(client, "unblind", lambda blinds, *_: used.append(blinds))
    hops = [Lying(FIRST), Lying(SECOND)]
    hops[hop].change = lie
    with pytest.raises(ProofRefused):
        evaluate_messages(MESSAGES, (hops[0], hops[1]), KEYS, random=secrets.token_bytes)
    assert used == []


@pytest.mark.parametrize("keys", [(OTHER, SECOND), (FIRST, OTHER), (SECOND, FIRST)])
def test_a_custodian_with_another_key_is_refused(keys: tuple[SecretKey, SecretKey]) -> None:
    """Wrong key in either place, or the two exchanged."""
    with pytest.raises(ProofRefused):
        evaluate_messages(MESSAGES, (Lying(keys[0]), Lying(keys[1])), KEYS, random=secrets.token_bytes)


def test_a_refused_first_hop_never_reaches_the_second() -> None:
    """An unverified element is not sent on."""

    @dataclass
    class Unreached:
        def evaluate(self, elements: bytes) -> bytes:
            raise AssertionError("the second custodian was asked")

    with pytest.raises(ProofRefused):
        evaluate_messages(MESSAGES, (Lying(OTHER), Unreached()), KEYS, random=secrets.token_bytes)


def test_one_output_under_another_key_in_a_large_batch_is_refused() -> None:
    """A tagging attack: one element of 512 evaluated differently, proof made over the lie."""

    @dataclass
    class Tagging:
        def evaluate(self, elements: bytes) -> bytes:
            outputs = multiples(OTHER.scalar, elements[:32]) + multiples(FIRST.scalar, elements[32:])
            return outputs + prove(FIRST, elements, outputs, random_scalar(secrets.token_bytes))

    messages = [str(number).encode() for number in range(500)]
    with pytest.raises(ProofRefused):
        evaluate_messages(messages, (Tagging(), Lying(SECOND)), KEYS, random=secrets.token_bytes)


VECTOR = project_vectors()[2]
INPUTS, OUTPUTS = joined(VECTOR, "B"), joined(VECTOR, "B1")
PROOF = bytes.fromhex(VECTOR["proof1"])
PUBLIC = key_of(VECTOR, 1).public


@pytest.mark.parametrize("bit", range(512))
def test_any_flipped_bit_of_a_proof_is_refused(bit: int) -> None:
    """All 512 bits of the published proof."""
    flipped = bytearray(PROOF)
    flipped[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(ProofRefused):
        verified_outputs(PUBLIC, INPUTS, OUTPUTS, bytes(flipped))


def test_exchanged_public_keys_are_refused() -> None:
    """The published proof 1 under public key 2."""
    with pytest.raises(ProofRefused):
        verified_outputs(key_of(VECTOR, 2).public, INPUTS, OUTPUTS, PROOF)


def test_two_elements_exchanged_in_the_outputs_only_are_refused() -> None:
    """Order is part of what is proven."""
    with pytest.raises(ProofRefused):
        verified_outputs(PUBLIC, INPUTS, OUTPUTS[32:] + OUTPUTS[:32], PROOF)


@pytest.mark.parametrize("part", [0, 1], ids=["c", "s"])
def test_a_scalar_plus_l_is_refused_although_the_equation_holds(part: int) -> None:
    """The other spelling of the same residue."""
    scalars = [int.from_bytes(PROOF[:32], "little"), int.from_bytes(PROOF[32:], "little")]
    scalars[part] += GROUP_ORDER
    with pytest.raises(ProofRefused, match="reduced"):
        verified_outputs(PUBLIC, INPUTS, OUTPUTS, b"".join(value.to_bytes(32, "little") for value in scalars))


@pytest.mark.parametrize("place", [0, 1])
def test_bit_255_of_an_output_is_refused(place: int) -> None:
    """libsodium would read the same element."""
    changed = bytearray(OUTPUTS)
    changed[32 * place + 31] |= 0x80
    with pytest.raises(ProofRefused):
        verified_outputs(PUBLIC, INPUTS, bytes(changed), PROOF)


@pytest.mark.parametrize("place", [0, 1])
def test_an_identity_among_the_outputs_is_refused(place: int) -> None:
    """32 zero bytes."""
    changed = OUTPUTS[: 32 * place] + bytes(32) + OUTPUTS[32 * place + 32 :]
    with pytest.raises(ProofRefused):
        verified_outputs(PUBLIC, INPUTS, changed, PROOF)


def test_an_identity_as_public_key_is_refused() -> None:
    """A proof for k = 0 proves nothing."""
    with pytest.raises(ProofRefused):
        verified_outputs(bytes(32), INPUTS, OUTPUTS, PROOF)


@pytest.mark.parametrize("count", [0, 4097])
def test_a_proof_covers_1_to_4096_elements(count: int) -> None:
    """On both sides."""
    elements = INPUTS[:32] * count
    with pytest.raises((InvalidInput, InvalidElement, ProofRefused)):
        verified_outputs(PUBLIC, elements, elements, PROOF)
    with pytest.raises(InvalidInput):
        prove(key_of(VECTOR, 1), elements, elements, PROOF[:32])


@pytest.mark.parametrize("count", [0, 1, 15, 17, 4097, 8192])
def test_a_custodian_evaluates_powers_of_two_only(count: int) -> None:
    """16 to 4096, before any element is looked at."""
    with pytest.raises(InvalidInput):
        evaluate_batch(FIRST, INPUTS[:32] * count, secrets.token_bytes)


@pytest.mark.parametrize("place", [0, 7, 15])
def test_a_custodian_refuses_a_batch_with_one_bad_element(place: int) -> None:
    """All n are checked before any arithmetic."""
    batch = bytearray(INPUTS[:32] * 16)
    batch[32 * place + 31] |= 0x80
    with pytest.raises(InvalidElement, match=f"element {place} "):
        evaluate_batch(FIRST, bytes(batch), secrets.token_bytes)


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=64, max_size=64))
def test_a_random_proof_is_refused(proof: bytes) -> None:
    """Whatever the bytes."""
    with pytest.raises(ProofRefused):
        verified_outputs(PUBLIC, INPUTS, OUTPUTS, proof)


@pytest.mark.parametrize("place", [0, 15])
def test_a_second_spelling_is_refused_although_the_equation_holds(place: int) -> None:
    """A custodian that proves over an output with bit 255 set, which libsodium reads as the same element: without our
    own check two spellings of one token would both verify."""
    inputs = b"".join(multiples(random_scalar(secrets.token_bytes), FIRST.public) for _ in range(16))
    outputs = bytearray(multiples(FIRST.scalar, inputs))
    outputs[32 * place + 31] |= 0x80
    proof = prove(FIRST, inputs, bytes(outputs), random_scalar(secrets.token_bytes))
    with pytest.raises(ProofRefused, match=f"element {place} is not canonical"):
        verified_outputs(FIRST.public, inputs, bytes(outputs), proof)


REFUSED_BY = {
    "flip any bit of a proof": test_any_flipped_bit_of_a_proof_is_refused,
    "swap pk1/pk2": test_exchanged_public_keys_are_refused,
    "swap two elements of a batch in B1 only": test_two_elements_exchanged_in_the_outputs_only_are_refused,
    "add l = ": test_a_scalar_plus_l_is_refused_although_the_equation_holds,
    "set bit 255 of any element": test_bit_255_of_an_output_is_refused,
    "32 zero bytes as element": test_an_identity_among_the_outputs_is_refused,
    "batch of 0 or more than 4096 elements": test_a_proof_covers_1_to_4096_elements,
}
"""The tests above, by the beginning of the line of the vectors' `negative` list that each executes."""


def test_every_negative_of_the_vectors_has_its_test() -> None:
    """A line that is added to the list without a test shows here."""
    lines = negative_vectors()
    assert len(lines) == len(REFUSED_BY)
    assert all(any(line.startswith(start) for start in REFUSED_BY) for line in lines)
