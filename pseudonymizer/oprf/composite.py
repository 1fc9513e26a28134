"""Sums of many public multiples, M = sum d_j * C_j: the greater part of the work of a batch proof.

Two engines: libsodium term by term, always there, and Pippenger's method compiled by numba (`multiscalar.py`), where
numba is installed and the batch is long enough. They agree on every input; the tests compare them, and so does the
first use in each process, before the second engine is trusted.
"""

import hashlib
import importlib
import importlib.util
import mmap
from collections.abc import Callable
from concurrent.futures import Executor
from functools import cache
from typing import Final, cast

from pseudonymizer.oprf import sodium
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.group import ELEMENT_BYTES, IDENTITY, element_from_uniform, over_slices, products, reduced

MultiscalarSum = Callable[[bytes, bytes, Executor | None], bytes]

MIN_MULTISCALAR: Final = 512
"""Shorter sums take tens of milliseconds with libsodium; loading numba and its compiled code takes 0.6 s, once."""


def sum_of_products(scalars: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """sum of s_j * E_j for n public scalars below l and n checked elements; 32 bytes.

    Raises InvalidElement when an element does not decode or the sum is the identity (probability 2^-252 for the weights
    of a proof), InvalidInput on unequal lengths.
    """
    if len(scalars) != len(packed):
        raise InvalidInput("as many scalars as elements are needed")
    engine = fast_engine() if len(packed) >= MIN_MULTISCALAR * ELEMENT_BYTES else None
    total = (engine or term_by_term)(scalars, packed, workers)
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


def _may_run_new_code() -> bool:
    """False where the system forbids to run memory that was written (systemd's MemoryDenyWriteExecute, SELinux)."""
    try:
        mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()
    except (OSError, AttributeError):  # AttributeError: a system without these flags
        return False
    return True


@cache
def fast_engine() -> MultiscalarSum | None:
    """The compiled engine, when numba is here, may run, and a known-answer test holds; None otherwise.

    Decided once a process.
    """
    if importlib.util.find_spec("numba") is None or not _may_run_new_code():
        return None
    module = importlib.import_module("pseudonymizer.oprf.multiscalar")
    engine = cast(MultiscalarSum, module.multiscalar_sum)
    draws = [hashlib.sha512(b"schakel1 self-test" + bytes([index])).digest() for index in range(24)]
    scalars, elements = b"".join(map(reduced, draws)), b"".join(map(element_from_uniform, draws))
    return engine if engine(scalars, elements, None) == term_by_term(scalars, elements) else None
