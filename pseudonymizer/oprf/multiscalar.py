"""Sums of many public multiples by Pippenger's method (1976), about five times as fast as one multiplication a term.

Used where numba is installed and a sum is long enough to repay its start-up; `composite.py` falls back to libsodium
term by term, and takes this engine only after one sum came out the same both ways.
"""

from concurrent.futures import Executor
from functools import lru_cache
from typing import Final

import numpy as np

from pseudonymizer.oprf import kernels
from pseudonymizer.oprf.errors import InvalidElement
from pseudonymizer.oprf.kernels import LIMB_BITS, PRIME, SQRT_M1, D, Rows

_SCALAR_BITS: Final = 253
_SLICES: Final = 8


def multiscalar_sum(scalars: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """sum of s_j * E_j for n public scalars below l and n elements, both n * 32 bytes; 32 bytes, maybe the identity.

    Raises InvalidElement with the place of an element that does not decode.
    """
    points = decoded(packed, workers)
    words = np.frombuffer(scalars, np.uint64).reshape(-1, 4)
    width = window_width(len(words))
    windows = _SCALAR_BITS // width + 1
    digits = np.empty((windows, len(words)), np.int32)
    kernels.signed_digits(words, width, digits)
    sums, total = np.empty((windows, 20), np.uint64), np.empty((1, 20), np.uint64)

    def one_window(window: int) -> None:
        kernels.window_sum(points, digits, width, window, sums)

    for _ in map(one_window, range(windows)) if workers is None else workers.map(one_window, range(windows)):
        pass
    kernels.combined(sums, width, total)
    return _encoded(total)


def window_width(count: int) -> int:
    """Bits of a window for `count` terms: the width with the fewest products of field elements."""

    def products(width: int) -> int:
        return (_SCALAR_BITS // width + 1) * (7 * count + 9 * 2 * (1 << (width - 1)))

    return min(range(3, 14), key=products)


@lru_cache(maxsize=2)
def decoded(packed: bytes, workers: Executor | None) -> Rows:
    """The points of a batch of canonical encodings, one row each; raises InvalidElement with the place of a bad one.

    The last two batches are kept: a list is checked and then summed, and what custodian 1 answered is what custodian 2
    is asked.
    """
    words = np.frombuffer(packed, np.uint64).reshape(-1, 4)
    points = np.empty((len(words), 15), np.uint64)
    size = len(words) if workers is None else -(-len(words) // _SLICES)

    def one_slice(first: int) -> int:
        return kernels.decode(words, first, min(first + size, len(words)), points)

    starts = range(0, len(words), size)
    for bad in map(one_slice, starts) if workers is None else workers.map(one_slice, starts):
        if bad >= 0:
            raise InvalidElement(f"element {bad} is not a point of the group")
    return points


def _encoded(total: Rows) -> bytes:
    """ristretto255 Encode (RFC 9496 4.3.2) of one public point, in Python integers."""
    x, y, z, t = (_integer(total, start) for start in (0, 5, 10, 15))
    u1, u2 = (z + y) * (z - y) % PRIME, x * y % PRIME
    inverse_root = _inverse_root(u1 * u2 * u2 % PRIME)
    den1, den2 = inverse_root * u1 % PRIME, inverse_root * u2 % PRIME
    z_inverse = den1 * den2 * t % PRIME
    den_inverse = den2
    if t * z_inverse % PRIME & 1:
        x, y, den_inverse = y * SQRT_M1 % PRIME, x * SQRT_M1 % PRIME, den1 * _INVERSE_ROOT_A_MINUS_D % PRIME
    if x * z_inverse % PRIME & 1:
        y = -y
    return _not_negative(den_inverse * (z - y)).to_bytes(32, "little")


def _integer(rows: Rows, start: int) -> int:
    return sum(int(limb) << (LIMB_BITS * place) for place, limb in enumerate(rows[0, start : start + 5])) % PRIME


def _inverse_root(value: int) -> int:
    """1/sqrt(value), or of value times sqrt(-1), not negative (SQRT_RATIO_M1 of RFC 9496 4.2 with u = 1)."""
    root = pow(value, 3, PRIME) * pow(pow(value, 7, PRIME), (PRIME - 5) // 8, PRIME) % PRIME
    check = value * root * root % PRIME
    return _not_negative(root * SQRT_M1 if check in (PRIME - 1, PRIME - SQRT_M1) else root)


def _not_negative(value: int) -> int:
    value %= PRIME
    return PRIME - value if value & 1 else value


_INVERSE_ROOT_A_MINUS_D: Final = _inverse_root((-1 - D) % PRIME)
