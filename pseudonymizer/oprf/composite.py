"""Work on whole batches: the check, the multiples, the weights, and the sums of many public multiples,
M = sum d_j * C_j (RFC 9497 2.2.1, ComputeComposites).

Two engines: one element after another in Python, always there; and loops compiled by numba, where numba is installed
and the batch is long enough: Pippenger's method for the sums (`multiscalar.py`), libsodium's functions in a row for the
rest (`loops.py`). They agree on every input; the tests compare them, and so does the first use in each process, before
the second engine is trusted.
"""

import hashlib
import importlib
import importlib.util
import mmap
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cache
from typing import Final

from pseudonymizer.oprf import sodium
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.group import (
    ELEMENT_BYTES,
    IDENTITY,
    SCALAR_BYTES,
    canonical_elements,
    checked_elements,
    element_from_uniform,
    multiples,
    over_slices,
    products,
    reduced,
)
from pseudonymizer.oprf.hash import hash_each_to_scalar

MIN_MULTISCALAR: Final = 512
"""Shorter sums take tens of milliseconds with libsodium; loading numba and its compiled code takes about 1 s, once."""

# RFC 9496 A.2, one encoding for each reason for which Decode refuses canonical bytes: x^2 not a square, x*y negative,
# y zero.
_NOT_ELEMENTS: Final = (
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
    "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """The compiled engine. `decode` raises InvalidElement with the place of an element that RFC 9496 4.3.1 refuses, and
    keeps the points for the sum that follows; `total` adds up, and may give the identity; `multiply` is `multiples`,
    `weights` is `hash_each_to_scalar` over the transcripts of a proof."""

    decode: Callable[[bytes, Executor | None], object]
    total: Callable[[bytes, bytes, Executor | None], bytes]
    multiply: Callable[[bytes, bytes, Executor | None], bytes]
    weights: Callable[[bytes, bytes, bytes, Executor | None], bytes]


def checked_batch(packed: bytes, workers: Executor | None = None) -> bytes:
    """`checked_elements` for a list whose sum is taken next: same verdict, same errors, but an element is decoded once
    for both where the compiled engine takes the sum.

    An element that passes here goes on to a libsodium multiplication in every use (evaluation at a custodian,
    unblinding at a partner), which decodes it again and refuses what it cannot decode: rule 8 never rests on the
    compiled code alone.
    """
    engine = _engine_for(packed)
    if engine is None:
        return checked_elements(packed, workers)
    engine.decode(canonical_elements(packed), workers)
    return packed


def multiplied_batch(scalar: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """`multiples`: scalar * E for each of n elements, order kept; raises as it does. Constant-time in the scalar."""
    engine = _engine_for(packed)
    return engine.multiply(scalar, packed, workers) if engine else multiples(scalar, packed, workers)


def transcript_scalars(head: bytes, inputs: bytes, outputs: bytes, workers: Executor | None = None) -> bytes:
    """HashToScalar(`head` || u16 j || u16 32 || C_j || u16 32 || D_j || "Composite") of RFC 9497 2.2.1 for each j from
    0: n * 32 bytes."""
    engine = _engine_for(inputs)
    if engine is not None:
        return engine.weights(head, inputs, outputs, workers)
    size = ELEMENT_BYTES.to_bytes(2, "big")
    tails = (
        index.to_bytes(2, "big")
        + size
        + inputs[start : start + ELEMENT_BYTES]
        + size
        + outputs[start : start + ELEMENT_BYTES]
        + b"Composite"
        for index, start in enumerate(range(0, len(inputs), ELEMENT_BYTES))
    )
    return hash_each_to_scalar(head, tails)


def sum_of_products(scalars: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """sum of s_j * E_j for n public scalars below l and n checked elements; 32 bytes, serialised as RFC 9496 4.3.2.

    Raises InvalidElement when an element does not decode or the sum is the identity (probability 2^-252 for the weights
    of a proof), InvalidInput on unequal lengths.
    """
    if len(scalars) != len(packed):
        raise InvalidInput("as many scalars as elements are needed")
    engine = _engine_for(packed)
    total = engine.total(scalars, packed, workers) if engine else term_by_term(scalars, packed, workers)
    if total == IDENTITY:
        raise InvalidElement("a composite is the identity")
    return total


def term_by_term(scalars: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """The sum with libsodium alone; raises InvalidElement also when a single term is the identity."""
    partial = over_slices(lambda part, matching: _sum(products(matching, part)), packed, scalars, workers)
    return _sum(partial)


def _sum(packed: bytes) -> bytes:
    terms, total = sodium.buffer_of(packed), sodium.empty_buffer(ELEMENT_BYTES)
    address = sodium.address_of(terms)
    for start in range(0, len(packed), ELEMENT_BYTES):
        if sodium.add(total, total, address + start) != 0:
            raise InvalidElement("a term of a composite does not decode")
    return total.raw


def _engine_for(packed: bytes) -> Engine | None:
    return fast_engine() if len(packed) >= MIN_MULTISCALAR * ELEMENT_BYTES else None


def _may_run_new_code() -> bool:
    """False where the system forbids to run memory that was written (systemd's MemoryDenyWriteExecute, SELinux)."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except (OSError, AttributeError):  # AttributeError: a system without these flags
        return False
    return True


@cache
def fast_engine() -> Engine | None:
    """The compiled engine, when numba is here, may run, and its known-answer tests hold; None otherwise.

    Decided once a process.
    """
    if importlib.util.find_spec("numba") is None or not _may_run_new_code():
        return None
    sums, loops = (importlib.import_module(f"pseudonymizer.oprf.{name}") for name in ("multiscalar", "loops"))
    engine = Engine(sums.decoded, sums.multiscalar_sum, loops.multiplied, loops.hashed_weights)
    draws = [hashlib.sha512(b"schakel1 self-test" + bytes([index])).digest() for index in range(24)]
    scalars, elements = b"".join(map(reduced, draws)), b"".join(map(element_from_uniform, draws))
    head, one = draws[0], scalars[:SCALAR_BYTES]
    same = (
        engine.total(scalars, elements, None) == term_by_term(scalars, elements),
        engine.multiply(one, elements, None) == multiples(one, elements),
        engine.weights(head, elements, scalars, None) == transcript_scalars(head, elements, scalars),
    )
    if not all(same):
        return None
    return engine if all(_refuses(engine, elements + bytes.fromhex(bad)) for bad in _NOT_ELEMENTS) else None


def _refuses(engine: Engine, packed: bytes) -> bool:
    try:
        engine.decode(packed, None)
    except InvalidElement:
        return True
    return False
