"""Elements and scalars of ristretto255 (RFC 9496) on packed bytes, n * 32 at a time.

Rules upheld here (rule 8 of the scheme):
1. An element from anyone is checked byte by byte before libsodium sees it: 32 bytes, not all zero, byte 0 even, bit 255
   clear, below 2^255 - 19, and only then `is_valid_point` (or, in a long batch, the decoder of the compiled engine:
   `composite.checked_batch`); all n of a batch before any arithmetic. libsodium itself ignores bit 255 and accepts the
   identity.
2. A scalar from anyone is below l; libsodium does not look.
3. Secret scalars only ever pass through libsodium's constant-time functions. Python integers are made of public bytes
   only: elements under check and the scalars of a proof.
4. A libsodium function that reports failure raises; its output (zeros) is never used.
"""

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final

from pseudonymizer.oprf import sodium
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput

ELEMENT_BYTES: Final = 32
SCALAR_BYTES: Final = 32
UNIFORM_BYTES: Final = 64
FIELD_PRIME: Final = 2**255 - 19
GROUP_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
IDENTITY: Final = bytes(ELEMENT_BYTES)

RandomBytes = Callable[[int], bytes]
"""A source of secret uniform bytes, `secrets.token_bytes` outside tests."""


def checked_elements(packed: bytes, workers: Executor | None = None) -> bytes:
    """Return `packed` (n * 32 bytes, n >= 1) when every element is canonical, valid and not the identity: n times
    DeserializeElement of RFC 9497 4.1, that is Decode of RFC 9496 4.3.1 and a refusal of the identity.

    Raises InvalidElement with the zero-based position of the first bad element.
    """
    verdicts = over_slices(_point_verdicts, canonical_elements(packed), b"", workers)
    if b"\x00" in verdicts:
        raise InvalidElement(f"element {verdicts.index(0)} is not a point of the group")
    return packed


def canonical_elements(packed: bytes) -> bytes:
    """Return `packed` when it is n >= 1 times 32 bytes, each a canonical, non-negative, non-zero field element.

    That is steps 1 and 2 of RFC 9496 4.3.1; whether a point belongs to it is not looked at. Raises InvalidElement as
    `checked_elements` does.
    """
    if not packed or len(packed) % ELEMENT_BYTES:
        raise InvalidElement(f"elements come in whole blocks of {ELEMENT_BYTES} bytes, at least one")
    for start in range(0, len(packed), ELEMENT_BYTES):
        value = int.from_bytes(packed[start : start + ELEMENT_BYTES], "little")
        # One comparison covers bit 255 and the range; an odd value is a negative field element.
        if value == 0 or value & 1 or value >= FIELD_PRIME:
            raise InvalidElement(f"element {start // ELEMENT_BYTES} is not canonical or is the identity")
    return packed


def _point_verdicts(packed: bytes, _alongside: bytes) -> bytes:
    """One byte an element: 1 where libsodium decodes it."""
    source = sodium.buffer_of(packed)
    base = sodium.address_of(source)
    return bytes(sodium.is_valid_point(base + start) for start in range(0, len(packed), ELEMENT_BYTES))


def checked_public_scalar(scalar: bytes) -> bytes:
    """Return a public scalar (of a proof) when it is 32 bytes and below the group order l: DeserializeScalar of RFC
    9497 4.1.

    Raises InvalidElement otherwise. Not for secrets: the comparison is not constant-time.
    """
    if len(scalar) != SCALAR_BYTES or int.from_bytes(scalar, "little") >= GROUP_ORDER:
        raise InvalidElement("a scalar is not reduced modulo the group order")
    return scalar


def reduced(uniform: bytes) -> bytes:
    """64 uniform bytes, little-endian, modulo l: a 32-byte scalar (the last step of HashToScalar, RFC 9497 4.1, and of
    RandomScalar, 4.7.2)."""
    if len(uniform) != UNIFORM_BYTES:
        raise InvalidInput("a scalar is reduced from exactly 64 bytes")
    out = sodium.empty_buffer(SCALAR_BYTES)
    sodium.scalar_reduce(out, uniform)
    return out.raw


def all_reduced(packed: bytes) -> bytes:
    """`reduced` for each of n * 64 bytes: n * 32 bytes, in order."""
    count = len(packed) // UNIFORM_BYTES
    source, out = sodium.buffer_of(packed), sodium.empty_buffer(count * SCALAR_BYTES)
    uniform, result = sodium.address_of(source), sodium.address_of(out)
    for index in range(count):
        sodium.scalar_reduce(result + index * SCALAR_BYTES, uniform + index * UNIFORM_BYTES)
    return out.raw


def random_scalars(count: int, random: RandomBytes) -> bytes:
    """`count` scalars uniform in [1, l-1], joined: RandomScalar of RFC 9497 4.7.2 with 64 bytes, where 48 will do, so
    the distance from uniform is below 2^-259; zero is drawn again."""
    scalars = all_reduced(random(count * UNIFORM_BYTES))
    zero = bytes(SCALAR_BYTES)
    while any(scalars[start : start + SCALAR_BYTES] == zero for start in range(0, len(scalars), SCALAR_BYTES)):
        scalars = all_reduced(random(count * UNIFORM_BYTES))
    return scalars


def random_scalar(random: RandomBytes) -> bytes:
    """One of `random_scalars`, from 64 bytes of `random`."""
    scalar = reduced(random(UNIFORM_BYTES))
    while scalar == bytes(SCALAR_BYTES):
        scalar = reduced(random(UNIFORM_BYTES))
    return scalar


def scalar_product(left: bytes, right: bytes) -> bytes:
    """left * right mod l, constant-time."""
    out = sodium.empty_buffer(SCALAR_BYTES)
    sodium.scalar_multiply(out, left, right)
    return out.raw


def scalar_difference(left: bytes, right: bytes) -> bytes:
    """left - right mod l, constant-time."""
    out = sodium.empty_buffer(SCALAR_BYTES)
    sodium.scalar_subtract(out, left, right)
    return out.raw


def scalar_inverses(packed: bytes) -> bytes:
    """The inverses of n non-zero scalars with one inversion and 3n products (Montgomery's trick), constant-time.

    Raises InvalidInput when one of them is zero (their product then is).
    """
    size = len(packed)
    source = sodium.buffer_of(packed)
    prefix, out = sodium.empty_buffer(size), sodium.empty_buffer(size)
    scalars, prefixes, results = sodium.address_of(source), sodium.address_of(prefix), sodium.address_of(out)
    running = sodium.buffer_of((1).to_bytes(SCALAR_BYTES, "little"))
    for start in range(0, size, SCALAR_BYTES):
        sodium.copy(prefixes + start, running, SCALAR_BYTES)
        sodium.scalar_multiply(running, running, scalars + start)
    if sodium.scalar_invert(running, running) != 0:
        raise InvalidInput("zero has no inverse")
    for start in range(size - SCALAR_BYTES, -1, -SCALAR_BYTES):
        sodium.scalar_multiply(results + start, running, prefixes + start)
        sodium.scalar_multiply(running, running, scalars + start)
    return out.raw


def elements_from_uniform(packed: bytes, workers: Executor | None = None) -> bytes:
    """The one-way map on n * 64 bytes: n * 32 bytes, in order; an identity among them is the caller's to refuse."""

    def mapped(part: bytes, _alongside: bytes) -> bytes:
        count = len(part) // UNIFORM_BYTES
        source, out = sodium.buffer_of(part), sodium.empty_buffer(count * ELEMENT_BYTES)
        uniform, result = sodium.address_of(source), sodium.address_of(out)
        for index in range(count):
            sodium.from_hash(result + index * ELEMENT_BYTES, uniform + index * UNIFORM_BYTES)
        return out.raw

    return over_slices(mapped, packed, b"", workers, UNIFORM_BYTES)


def element_from_uniform(uniform: bytes) -> bytes:
    """The one-way map of RFC 9496 4.3.4 on 64 uniform bytes; may be the identity with probability about 2^-252."""
    if len(uniform) != UNIFORM_BYTES:
        raise InvalidInput("the one-way map takes exactly 64 bytes")
    out = sodium.empty_buffer(ELEMENT_BYTES)
    if sodium.from_hash(out, uniform) != 0:
        raise InvalidInput("the one-way map failed")
    return out.raw


def base_multiple(scalar: bytes) -> bytes:
    """scalar * G. Raises InvalidElement when the result is the identity."""
    out = sodium.empty_buffer(ELEMENT_BYTES)
    if sodium.multiply_base(out, scalar) != 0:
        raise InvalidElement("a multiple of the generator is the identity")
    return out.raw


def element_sum(left: bytes, right: bytes) -> bytes:
    """left + right. Raises InvalidElement when one of them does not decode."""
    out = sodium.empty_buffer(ELEMENT_BYTES)
    if sodium.add(out, left, right) != 0:
        raise InvalidElement("an element does not decode")
    return out.raw


def multiples(scalar: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """scalar * E for each of the n elements of `packed`; order kept.

    Raises InvalidElement when an element does not decode or a result is the identity.
    """
    return over_slices(lambda part, _: _multiply(scalar, 0, part), packed, b"", workers)


def products(scalars: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """s_j * E_j for n scalars and n elements; order kept.

    Raises as `multiples`, and InvalidInput on unequal lengths.
    """
    if len(scalars) != len(packed):
        raise InvalidInput("as many scalars as elements are needed")
    return over_slices(lambda part, matching: _multiply(matching, SCALAR_BYTES, part), packed, scalars, workers)


def _multiply(scalars: bytes, step: int, packed: bytes) -> bytes:
    source, out, factors = sodium.buffer_of(packed), sodium.empty_buffer(len(packed)), sodium.buffer_of(scalars)
    element, result, factor = sodium.address_of(source), sodium.address_of(out), sodium.address_of(factors)
    for start in range(0, len(packed), ELEMENT_BYTES):
        if sodium.multiply(result + start, factor, element + start) != 0:
            raise InvalidElement("an element does not decode, or a multiple is the identity")
        factor += step
    return out.raw


def over_slices(
    task: Callable[[bytes, bytes], bytes],
    packed: bytes,
    alongside: bytes,
    workers: Executor | None,
    item: int = ELEMENT_BYTES,
) -> bytes:
    """Run `task` on equal slices of the batch in `workers`, and join the answers in order."""
    count = len(packed) // item
    if workers is None or count < 2 * _SLICES:
        return task(packed, alongside)
    size = -(-count // _SLICES) * item
    starts = range(0, len(packed), size)
    parts = workers.map(lambda start: task(packed[start : start + size], alongside[start : start + size]), starts)
    return b"".join(parts)


_SLICES: Final = 8  # more slices than cores, so that a busy core does not hold up the batch
