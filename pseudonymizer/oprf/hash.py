"""The two hash functions of RFC 9497 for ristretto255-SHA512: expand_message_xmd (RFC 9380), then map or reduce."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from typing import Final

from pseudonymizer.oprf.errors import InvalidInput
from pseudonymizer.oprf.group import UNIFORM_BYTES, all_reduced, element_from_uniform, elements_from_uniform, reduced

CONTEXT: Final = b"OPRFV1-\x01-ristretto255-SHA512"
"""contextString of RFC 9497 3.1 for mode VOPRF (0x01), unchanged, so that any RFC 9497 tool is an oracle."""

_TO_GROUP: Final = b"HashToGroup-" + CONTEXT
_TO_SCALAR: Final = b"HashToScalar-" + CONTEXT
"""The domain separation tags of RFC 9497 4.1, 40 and 41 bytes."""
BEFORE_SCALAR: Final = bytes(128)
"""Z_pad of RFC 9380 5.3.1: as many zeros as SHA-512 has bytes in a block (s_in_bytes = 128)."""
BEHIND_SCALAR: Final = UNIFORM_BYTES.to_bytes(2, "big") + b"\x00" + _TO_SCALAR + len(_TO_SCALAR).to_bytes(1, "big")
"""What follows a message in the first hash of HashToScalar: l_i_b_str || 00 || DST_prime."""
SECOND_SCALAR: Final = b"\x01" + _TO_SCALAR + len(_TO_SCALAR).to_bytes(1, "big")
"""What follows b_0 in the second one: 01 || DST_prime."""
_BLOCK_OF_ZEROS: Final = hashlib.sha512(BEFORE_SCALAR)


def expand_message_xmd(message: bytes, tag: bytes) -> bytes:
    """64 uniform bytes from `message` under the domain separation tag `tag` (RFC 9380 5.3.1 with SHA-512).

    len_in_bytes is 64, the length of one digest, so ell = 1 and the result is b_1 = H(b_0 || 01 || DST_prime), where
    b_0 = H(Z_pad || message || 0040 || 00 || DST_prime) and DST_prime = tag || u8 len(tag).
    """
    if not 0 < len(tag) <= 255:
        raise InvalidInput("a domain separation tag has 1 to 255 bytes")
    suffix = tag + len(tag).to_bytes(1, "big")
    first = _BLOCK_OF_ZEROS.copy()
    first.update(message + UNIFORM_BYTES.to_bytes(2, "big") + b"\x00" + suffix)
    return hashlib.sha512(first.digest() + b"\x01" + suffix).digest()


def hash_to_group(message: bytes) -> bytes:
    """HashToGroup of RFC 9497 4.1, hash_to_ristretto255 of RFC 9380 appendix B: expand to 64 bytes, then the one-way
    map. A 32-byte element, in theory the identity, which the caller must refuse."""
    return element_from_uniform(expand_message_xmd(message, _TO_GROUP))


def hash_all_to_group(messages: Sequence[bytes], workers: Executor | None = None) -> bytes:
    """HashToGroup of n messages: n * 32 bytes, in order."""
    return elements_from_uniform(b"".join(expand_message_xmd(message, _TO_GROUP) for message in messages), workers)


def hash_each_to_scalar(head: bytes, tails: Iterable[bytes]) -> bytes:
    """HashToScalar of `head` || tail for each of `tails`, joined; `head` is hashed once."""
    start = _BLOCK_OF_ZEROS.copy()
    start.update(head)
    uniform = []
    for tail in tails:
        first = start.copy()
        first.update(tail + BEHIND_SCALAR)
        uniform.append(hashlib.sha512(first.digest() + SECOND_SCALAR).digest())
    return all_reduced(b"".join(uniform))


def hash_to_scalar(message: bytes, tag: bytes = _TO_SCALAR) -> bytes:
    """HashToScalar of RFC 9497 4.1: expand to 64 bytes, read a little-endian integer, reduce it modulo l; 32 bytes.

    `tag` is another one only for DeriveKeyPair (3.2.1).
    """
    return reduced(expand_message_xmd(message, tag))
