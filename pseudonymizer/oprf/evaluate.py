"""The custodian's side of one hop: check all elements, multiply, prove (rules 6 to 9; BlindEvaluate of RFC 9497)."""

from concurrent.futures import Executor
from typing import Final

from pseudonymizer.oprf.composite import checked_batch, multiplied_batch
from pseudonymizer.oprf.errors import InvalidInput
from pseudonymizer.oprf.group import ELEMENT_BYTES, RandomBytes, random_scalar
from pseudonymizer.oprf.keys import SecretKey
from pseudonymizer.oprf.proof import MAX_BATCH, prove

MIN_BATCH: Final = 16


def batch_size(packed: bytes) -> int:
    """The number of elements of a request, when it is a power of two from 16 to 4096 (rule 6).

    Raises InvalidInput otherwise.
    """
    count, rest = divmod(len(packed), ELEMENT_BYTES)
    if rest or not MIN_BATCH <= count <= MAX_BATCH or count & (count - 1):
        raise InvalidInput(f"a batch is a power of two of {ELEMENT_BYTES}-byte elements, {MIN_BATCH} to {MAX_BATCH}")
    return count


def evaluate_batch(key: SecretKey, packed: bytes, random: RandomBytes, workers: Executor | None = None) -> bytes:
    """k * E for each element and one proof for all: n * 32 bytes || 64 bytes (rule 7).

    BlindEvaluate of RFC 9497 3.3.2 over a list: DeserializeElement for all, then the multiples, then GenerateProof with
    A = G, B = K, C = the request's elements, D = the multiples and a fresh random scalar.
    Raises InvalidInput on a batch of another size and InvalidElement on a bad element, before any arithmetic.
    """
    batch_size(packed)
    checked_batch(packed, workers)
    outputs = multiplied_batch(key.scalar, packed, workers)
    return outputs + prove(key, packed, outputs, random_scalar(random), workers)
