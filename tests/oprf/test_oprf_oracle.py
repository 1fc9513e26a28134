"""Agreement with the `voprf` package (the Rust crate of the same name), an independent RFC 9497 implementation."""

import hashlib
import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voprf import ristretto

from pseudonymizer.oprf.blind import blind, unblind
from pseudonymizer.oprf.evaluate import evaluate_batch
from pseudonymizer.oprf.group import multiples, random_scalar
from pseudonymizer.oprf.hash import hash_to_group
from pseudonymizer.oprf.keys import derive_key_pair
from pseudonymizer.oprf.message import finalize
from pseudonymizer.oprf.proof import prove, verified_outputs

PROOF_BYTES = 64
seeds = st.binary(min_size=32, max_size=32)
infos = st.binary(max_size=40)
messages = st.binary(min_size=1, max_size=200)
batches = st.lists(messages, min_size=1, max_size=12)


def _drawn(data: bytes):
    """A repeatable source of bytes for hypothesis to shrink."""
    counter = iter(range(1 << 30))
    return lambda size: hashlib.shake_256(data + next(counter).to_bytes(4, "big")).digest(size)


@given(seeds, infos)
def test_key_pairs_agree(seed: bytes, info: bytes) -> None:
    """The same public key from the same seed and info."""
    assert derive_key_pair(seed, info).public == ristretto.Evaluator.from_seed(seed, info).public_key.serialize()


@given(seeds, messages)
def test_outputs_agree(seed: bytes, message: bytes) -> None:
    """Evaluate of a known input equals our hash, multiply, finalize."""
    key = derive_key_pair(seed, b"info")
    known = ristretto.Evaluator.from_seed(seed, b"info").evaluate_known_input(message)
    assert finalize(message, multiples(key.scalar, hash_to_group(message))) == known


@settings(max_examples=30, deadline=None)
@given(seeds, batches)
def test_the_oracle_accepts_our_answers(seed: bytes, batch: list[bytes]) -> None:
    """Its client verifies our batch proof and unblinds to the right outputs."""
    key = derive_key_pair(seed, b"")
    clients, requests = zip(*(ristretto.Client.blind(message) for message in batch), strict=True)
    inputs = b"".join(request.serialize() for request in requests)
    outputs = multiples(key.scalar, inputs)
    proof = prove(key, inputs, outputs, random_scalar(secrets.token_bytes))
    answer = ristretto.VerifiableBatchOutput.deserialize(proof + outputs)
    public = ristretto.PublicKey.deserialize(key.public)
    finals = ristretto.Client.finalize_batch(clients, answer, public)
    assert finals == [finalize(m, multiples(key.scalar, hash_to_group(m))) for m in batch]


@settings(max_examples=30, deadline=None)
@given(seeds, batches, st.binary(min_size=1))
def test_we_accept_the_oracles_answers(seed: bytes, batch: list[bytes], entropy: bytes) -> None:
    """Our client verifies its batch proof and unblinds to the right outputs."""
    evaluator = ristretto.Evaluator.from_seed(seed, b"x")
    key = derive_key_pair(seed, b"x")
    blinded = blind(b"".join(map(hash_to_group, batch)), _drawn(entropy))
    parts = [blinded.elements[start : start + 32] for start in range(0, len(blinded.elements), 32)]
    answer = evaluator.evaluate_batch([ristretto.BlindedInput.deserialize(part) for part in parts]).serialize()
    proof, outputs = answer[:PROOF_BYTES], answer[PROOF_BYTES:]
    unblinded = unblind(blinded.blinds, verified_outputs(key.public, blinded.elements, outputs, proof))
    assert unblinded == multiples(key.scalar, b"".join(map(hash_to_group, batch)))


@pytest.mark.full
def test_a_full_batch_agrees_with_the_oracle() -> None:
    """4096 elements, where every engine is in use: the oracle accepts our proof and we accept the oracle's."""
    batch = [f"message {number}".encode() for number in range(4096)]
    seed = secrets.token_bytes(32)
    key, evaluator = derive_key_pair(seed, b""), ristretto.Evaluator.from_seed(seed, b"")
    clients, requests = zip(*(ristretto.Client.blind(message) for message in batch), strict=True)
    inputs = b"".join(request.serialize() for request in requests)
    answer = evaluate_batch(key, inputs, secrets.token_bytes)
    theirs = evaluator.evaluate_batch(requests).serialize()
    ours = ristretto.VerifiableBatchOutput.deserialize(answer[-PROOF_BYTES:] + answer[:-PROOF_BYTES])
    finals = ristretto.Client.finalize_batch(clients, ours, evaluator.public_key)
    assert finals[4095] == finalize(batch[4095], multiples(key.scalar, hash_to_group(batch[4095])))
    assert verified_outputs(key.public, inputs, theirs[PROOF_BYTES:], theirs[:PROOF_BYTES]) == answer[:-PROOF_BYTES]
