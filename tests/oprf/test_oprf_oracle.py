"""Agreement with the `voprf` package (the Rust crate of the same name), an independent RFC 9497 implementation."""

import hashlib
import secrets

from hypothesis import given, settings
from hypothesis import strategies as st
from voprf import ristretto

from pseudonymizer.oprf.blind import blind, unblind
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
