"""Sums of many public multiples, M = sum d_j * C_j: the greater part of the work of a batch proof."""

from concurrent.futures import Executor

from pseudonymizer.oprf import sodium
from pseudonymizer.oprf.errors import InvalidElement
from pseudonymizer.oprf.group import ELEMENT_BYTES, IDENTITY, products


def sum_of_products(scalars: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """sum of s_j * E_j for n public scalars and n checked elements; 32 bytes.

    Raises InvalidElement when an element does not decode or a term or the sum is the identity (probability 2^-252 for
    the weights of a proof), InvalidInput on unequal lengths.
    """
    terms = sodium.buffer_of(products(scalars, packed, workers))
    total = sodium.empty_buffer(ELEMENT_BYTES)
    address = sodium.address_of(terms)
    for start in range(0, len(packed), ELEMENT_BYTES):
        if sodium.add(total, total, address + start) != 0:
            raise InvalidElement("a term of a composite does not decode")
    if total.raw == IDENTITY:
        raise InvalidElement("a composite is the identity")
    return total.raw
