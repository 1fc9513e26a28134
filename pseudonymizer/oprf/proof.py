"""One proof for a whole batch that every output is the same secret multiple of its input (RFC 9497 2.2, rule 9).

The verifier recomputes the composites M and Zc from the public lists; the prover gets Zc as k*M. Nothing here returns a
boolean: `verified_outputs` returns the outputs or raises.
"""

import hashlib
from concurrent.futures import Executor
from typing import Final

from pseudonymizer.oprf.composite import checked_batch, sum_of_products, transcript_scalars
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput, ProofRefused
from pseudonymizer.oprf.group import (
    ELEMENT_BYTES,
    SCALAR_BYTES,
    base_multiple,
    checked_elements,
    checked_public_scalar,
    element_sum,
    multiples,
    scalar_difference,
    scalar_product,
)
from pseudonymizer.oprf.hash import CONTEXT, hash_to_scalar
from pseudonymizer.oprf.keys import SecretKey

PROOF_BYTES: Final = 2 * SCALAR_BYTES
MAX_BATCH: Final = 4096
_SEED_TAG: Final = b"Seed-" + CONTEXT
_U16_32: Final = (32).to_bytes(2, "big")
_U16_64: Final = (64).to_bytes(2, "big")


def composite_weights(public_key: bytes, inputs: bytes, outputs: bytes, workers: Executor | None = None) -> bytes:
    """d_0 .. d_(n-1) of ComputeComposites (RFC 9497 2.2.1 and 2.2.2), n * 32 bytes; public values.

    seed = SHA-512(u16 32 || B || u16 len || "Seed-" || contextString), with B = `public_key`;
    d_j = HashToScalar(u16 64 || seed || u16 j || u16 32 || C_j || u16 32 || D_j || "Composite"), j from 0, u16
    big-endian; C = `inputs`, D = `outputs`, in the order in which they were sent.
    Raises InvalidInput when the lists differ in length or hold 0 or more than 4096 elements.
    """
    if len(inputs) != len(outputs) or not 1 <= len(inputs) // ELEMENT_BYTES <= MAX_BATCH or len(inputs) % ELEMENT_BYTES:
        raise InvalidInput(f"a proof covers two equally long lists of 1 to {MAX_BATCH} elements")
    seed = hashlib.sha512(_U16_32 + public_key + len(_SEED_TAG).to_bytes(2, "big") + _SEED_TAG).digest()
    return transcript_scalars(_U16_64 + seed, inputs, outputs, workers)


def prove(key: SecretKey, inputs: bytes, outputs: bytes, nonce: bytes, workers: Executor | None = None) -> bytes:
    """GenerateProof of RFC 9497 2.2.1 with A = G: c || s, 64 bytes.

    M = sum of d_j * C_j; Z = k * M (ComputeCompositesFast); t2 = r * A; t3 = r * M; c = the challenge; s = r - c * k.
    `nonce` is the RFC's r: random and fresh for every answer, also on a retry; a repeated one reveals the key. k and r
    meet libsodium's constant-time functions only.
    Raises InvalidInput as `composite_weights`.
    """
    composite = sum_of_products(composite_weights(key.public, inputs, outputs, workers), inputs, workers)
    composite_output = multiples(key.scalar, composite)
    challenge = _challenge(key.public, composite, composite_output, base_multiple(nonce), multiples(nonce, composite))
    return challenge + scalar_difference(nonce, scalar_product(challenge, key.scalar))


def verified_outputs(
    public_key: bytes, inputs: bytes, outputs: bytes, proof: bytes, workers: Executor | None = None
) -> bytes:
    """Return `outputs` when `proof` shows that they are k * `inputs` for the k of `public_key`: VerifyProof of RFC 9497
    2.2.2 with A = G, which answers true or raises.

    c, s deserialised (each below l); K and the outputs deserialised; M = sum of d_j * C_j, Z = sum of d_j * D_j
    (ComputeComposites); t2 = s * A + c * B; t3 = s * M + c * Z; the challenge over them must be c. Comparing with `!=`
    is safe: everything here is public. `inputs` are the caller's own or verified elements.
    Raises ProofRefused on anything that does not hold, InvalidInput on lists that no proof can cover.
    """
    if len(proof) != PROOF_BYTES:
        raise ProofRefused("the proof does not have 64 bytes")
    try:
        challenge, response = (checked_public_scalar(proof[:SCALAR_BYTES]), checked_public_scalar(proof[SCALAR_BYTES:]))
        checked_elements(public_key)
        checked_batch(outputs, workers)
        weights = composite_weights(public_key, inputs, outputs, workers)
        composite = sum_of_products(weights, inputs, workers)
        composite_output = sum_of_products(weights, outputs, workers)
        commitment = element_sum(base_multiple(response), multiples(challenge, public_key))
        composite_commitment = element_sum(multiples(response, composite), multiples(challenge, composite_output))
    except InvalidElement as error:
        raise ProofRefused(f"an answer cannot be verified: {error}") from error
    if _challenge(public_key, composite, composite_output, commitment, composite_commitment) != challenge:
        raise ProofRefused("the proof does not hold for this key and these elements")
    return outputs


def _challenge(public_key: bytes, *elements: bytes) -> bytes:
    """c = HashToScalar(u16 32 || B || u16 32 || M || u16 32 || Z || u16 32 || t2 || u16 32 || t3 || "Challenge") of RFC
    9497 2.2.1 and 2.2.2; `elements` are M (a0), Z (a1), t2 (a2), t3 (a3)."""
    return hash_to_scalar(b"".join(_U16_32 + element for element in (public_key, *elements)) + b"Challenge")
