"""Arithmetic of edwards25519 on public values, compiled to machine code by numba: field, points, Pippenger's windows.

Only public values come here: blinded elements, their multiples and the weights of a proof. The code is variable-time.
Keys, blinds and nonces go through libsodium (`group.py`).

A field element is five 64-bit limbs of 51 bits (RFC 7748 section 5 names the field); limbs may run up to 2^54 between
operations. A point is a row of 20 limbs, X Y Z T in extended coordinates; an affine point that will be added often is a
row of 15, Y+X, Y-X and 2dXY (Hisil, Wong, Carter and Dawson 2008, unified addition for a = -1).
Importing this module imports numba; `multiscalar.py` decides whether that is worth its while.
"""

import importlib
from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

numba: Final[Any] = importlib.import_module("numba")
extending: Final[Any] = importlib.import_module("numba.extending")
ir: Final[Any] = importlib.import_module("llvmlite.ir")

Word = np.uint64
Limbs = tuple[Word, Word, Word, Word, Word]
Rows = NDArray[np.uint64]
Function = TypeVar("Function", bound=Callable[..., Any])

PRIME: Final = 2**255 - 19
D: Final = -121665 * pow(121666, -1, PRIME) % PRIME
SQRT_M1: Final = pow(2, (PRIME - 1) // 4, PRIME)
LIMB_BITS: Final = 51
LIMB_MASK: Final = (1 << LIMB_BITS) - 1
_FIELD: Final = numba.types.UniTuple(numba.types.uint64, 5)
_I64: Final = ir.IntType(64)
_I128: Final = ir.IntType(128)


def compiled(function: Function) -> Function:
    """Machine code at the first call, kept on disk where that is possible; it runs without Python's global lock."""
    try:
        return cast(Function, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder to keep it in (NUMBA_CACHE_DIR): compiled again in each process
        return cast(Function, numba.njit(nogil=True)(function))


def _limbs(value: int) -> Limbs:
    """The constant `value` in limbs of numpy's unsigned type, so that numba stays in unsigned arithmetic."""
    return cast(Limbs, tuple(np.uint64((value >> (LIMB_BITS * index)) & LIMB_MASK) for index in range(5)))


_ZERO: Final = _limbs(0)
_ONE: Final = _limbs(1)
_D: Final = _limbs(D)
_2D: Final = _limbs(2 * D % PRIME)
_SQRT_M1: Final = _limbs(SQRT_M1)
# Added before a subtraction so that no limb goes below zero: four times p, limb by limb.
_4P: Final = cast(Limbs, tuple(np.uint64(4 * int(limb)) for limb in _limbs(PRIME)))
_MASK: Final = np.uint64(LIMB_MASK)
_SHIFT: Final = np.uint64(LIMB_BITS)
_NINETEEN: Final = np.uint64(19)
_BIT: Final = np.uint64(1)


def _times(_context: Any, _left: Any, _right: Any) -> Any:
    """left * right mod p: 25 products of 64 x 64 bits in 128-bit sums, the upper half folded in by 2^255 = 19."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        a, b = ([builder.extract_value(value, index) for index in range(5)] for value in arguments)
        wide_a, wide_b = ([builder.zext(limb, _I128) for limb in limbs] for limbs in (a, b))
        folded = [builder.zext(builder.mul(limb, ir.Constant(_I64, 19)), _I128) for limb in b]
        sums = []
        for place in range(5):
            terms = [
                builder.mul(wide_a[index], wide_b[place - index] if index <= place else folded[place - index + 5])
                for index in range(5)
            ]
            sums.append(_added(builder, terms))
        return context.make_tuple(builder, signature.return_type, _carried(builder, sums))

    return _FIELD(_FIELD, _FIELD), generate


def _squared(_context: Any, _value: Any) -> Any:
    """value^2 mod p: 15 products, because equal cross terms are taken once and doubled."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        limbs = [builder.extract_value(arguments[0], index) for index in range(5)]
        wide = [builder.zext(limb, _I128) for limb in limbs]
        doubled = [builder.zext(builder.shl(limb, ir.Constant(_I64, 1)), _I128) for limb in limbs]
        folded = [builder.zext(builder.mul(limb, ir.Constant(_I64, 19)), _I128) for limb in limbs]
        sums = []
        for place in range(5):
            pairs = [(index, (place - index) % 5) for index in range(5) if index <= (place - index) % 5]
            terms = [
                builder.mul(wide[i] if i == j else doubled[i], folded[j] if i + j >= 5 else wide[j]) for i, j in pairs
            ]
            sums.append(_added(builder, terms))
        return context.make_tuple(builder, signature.return_type, _carried(builder, sums))

    return _FIELD(_FIELD), generate


def _added(builder: Any, terms: list[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = builder.add(total, term)
    return total


def _carried(builder: Any, sums: list[Any]) -> list[Any]:
    """Five 128-bit sums as limbs below 2^51 + 2^17."""
    bits, mask = ir.Constant(_I128, LIMB_BITS), ir.Constant(_I128, LIMB_MASK)
    for place in range(4):
        sums[place + 1] = builder.add(sums[place + 1], builder.lshr(sums[place], bits))
        sums[place] = builder.and_(sums[place], mask)
    top, sums[4] = builder.lshr(sums[4], bits), builder.and_(sums[4], mask)
    sums[0] = builder.add(sums[0], builder.mul(top, ir.Constant(_I128, 19)))
    sums[1] = builder.add(sums[1], builder.lshr(sums[0], bits))
    sums[0] = builder.and_(sums[0], mask)
    return [builder.trunc(value, _I64) for value in sums]


times: Final[Callable[[Limbs, Limbs], Limbs]] = extending.intrinsic(_times)
squared: Final[Callable[[Limbs], Limbs]] = extending.intrinsic(_squared)


@compiled
def plus(a: Limbs, b: Limbs) -> Limbs:
    return (a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4])


@compiled
def minus(a: Limbs, b: Limbs) -> Limbs:
    return (
        a[0] + _4P[0] - b[0],
        a[1] + _4P[1] - b[1],
        a[2] + _4P[2] - b[2],
        a[3] + _4P[3] - b[3],
        a[4] + _4P[4] - b[4],
    )


@compiled
def _pass_carries(a: Limbs) -> Limbs:
    low = a[0] & _MASK
    one = a[1] + (a[0] >> _SHIFT)
    two = a[2] + (one >> _SHIFT)
    three = a[3] + (two >> _SHIFT)
    four = a[4] + (three >> _SHIFT)
    return (low + _NINETEEN * (four >> _SHIFT), one & _MASK, two & _MASK, three & _MASK, four & _MASK)


@compiled
def canonical(a: Limbs) -> Limbs:
    """The one representation below p."""
    a = _pass_carries(_pass_carries(_pass_carries(a)))
    quotient = (a[0] + _NINETEEN) >> _SHIFT
    for index in range(1, 5):
        quotient = (a[index] + quotient) >> _SHIFT
    low = a[0] + _NINETEEN * quotient
    one = a[1] + (low >> _SHIFT)
    two = a[2] + (one >> _SHIFT)
    three = a[3] + (two >> _SHIFT)
    four = a[4] + (three >> _SHIFT)
    return (low & _MASK, one & _MASK, two & _MASK, three & _MASK, four & _MASK)


@compiled
def same(a: Limbs, b: Limbs) -> bool:
    return canonical(a) == canonical(b)


@compiled
def _squared_often(a: Limbs, count: int) -> Limbs:
    for _ in range(count):
        a = squared(a)
    return a


@compiled
def _to_p58(a: Limbs) -> Limbs:
    """a^((p-5)/8) = a^(2^252 - 3), 252 squarings and 11 products (the addition chain of Curve25519's inventor)."""
    a2 = squared(a)
    a9 = times(a, _squared_often(a2, 2))
    a11 = times(a2, a9)
    a5 = times(a9, squared(a11))  # 2^5 - 1
    a10 = times(_squared_often(a5, 5), a5)
    a20 = times(_squared_often(a10, 10), a10)
    a40 = times(_squared_often(a20, 20), a20)
    a50 = times(_squared_often(a40, 10), a10)
    a100 = times(_squared_often(a50, 50), a50)
    a200 = times(_squared_often(a100, 100), a100)
    a250 = times(_squared_often(a200, 50), a50)
    return times(_squared_often(a250, 2), a)


@compiled
def _get(rows: Rows, row: int, start: int) -> Limbs:
    return (rows[row, start], rows[row, start + 1], rows[row, start + 2], rows[row, start + 3], rows[row, start + 4])


@compiled
def _put(rows: Rows, row: int, start: int, value: Limbs) -> None:
    rows[row, start] = value[0]
    rows[row, start + 1] = value[1]
    rows[row, start + 2] = value[2]
    rows[row, start + 3] = value[3]
    rows[row, start + 4] = value[4]


@compiled
def _put_sum(rows: Rows, row: int, e: Limbs, f: Limbs, g: Limbs, h: Limbs) -> None:
    _put(rows, row, 0, times(e, f))
    _put(rows, row, 5, times(g, h))
    _put(rows, row, 10, times(f, g))
    _put(rows, row, 15, times(e, h))


@compiled
def _put_zero(rows: Rows, row: int) -> None:
    _put(rows, row, 0, _ZERO)
    _put(rows, row, 5, _ONE)
    _put(rows, row, 10, _ONE)
    _put(rows, row, 15, _ZERO)


@compiled
def _add_affine(rows: Rows, row: int, points: Rows, point: int, negative: bool) -> None:
    """rows[row] += points[point], or -= when `negative`: 7 products."""
    x, y, z = _get(rows, row, 0), _get(rows, row, 5), _get(rows, row, 10)
    sum_at, difference_at = (5, 0) if negative else (0, 5)
    a = times(minus(y, x), _get(points, point, difference_at))
    b = times(plus(y, x), _get(points, point, sum_at))
    c = times(_get(rows, row, 15), _get(points, point, 10))
    d = plus(z, z)
    if negative:
        _put_sum(rows, row, minus(b, a), plus(d, c), minus(d, c), plus(b, a))
    else:
        _put_sum(rows, row, minus(b, a), minus(d, c), plus(d, c), plus(b, a))


@compiled
def _add(rows: Rows, row: int, others: Rows, other: int) -> None:
    """rows[row] += others[other]: 9 products; also doubles, because the addition law is complete."""
    x, y, other_x, other_y = _get(rows, row, 0), _get(rows, row, 5), _get(others, other, 0), _get(others, other, 5)
    a = times(minus(y, x), minus(other_y, other_x))
    b = times(plus(y, x), plus(other_y, other_x))
    c = times(times(_get(rows, row, 15), _get(others, other, 15)), _2D)
    z = times(_get(rows, row, 10), _get(others, other, 10))
    d = plus(z, z)
    _put_sum(rows, row, minus(b, a), minus(d, c), plus(d, c), plus(b, a))


@compiled
def _from_words(words: Rows, row: int) -> Limbs:
    a, b, c, d = words[row, 0], words[row, 1], words[row, 2], words[row, 3]
    return (
        a & _MASK,
        ((a >> np.uint64(51)) | (b << np.uint64(13))) & _MASK,
        ((b >> np.uint64(38)) | (c << np.uint64(26))) & _MASK,
        ((c >> np.uint64(25)) | (d << np.uint64(39))) & _MASK,
        (d >> np.uint64(12)) & _MASK,
    )


@compiled
def decode(words: Rows, first: int, end: int, points: Rows) -> int:
    """ristretto255 Decode (RFC 9496 4.3.1) of encodings `first` to `end` (4 little-endian words each) into `points`.

    Returns -1, or the place of the first encoding that is not an element; canonicity of the bytes was checked before.
    """
    for row in range(first, end):
        s = _from_words(words, row)
        square = squared(s)
        u1, u2 = minus(_ONE, square), plus(_ONE, square)
        u2_square = squared(u2)
        v = minus(minus(_ZERO, times(_D, squared(u1))), u2_square)
        # 1/sqrt(w), w = v*u2^2, by one power (RFC 9496 4.2)
        w = times(v, u2_square)
        w3 = times(squared(w), w)
        root = times(w3, _to_p58(times(squared(w3), w)))
        check = times(w, squared(root))
        if not same(check, _ONE):
            if not same(check, minus(_ZERO, _ONE)):
                return row
            root = times(root, _SQRT_M1)
        den_x = times(root, u2)
        x = canonical(times(plus(s, s), den_x))
        if x[0] & _BIT:
            x = canonical(minus(_ZERO, x))
        y = canonical(times(u1, times(times(root, den_x), v)))
        t = canonical(times(x, y))
        if t[0] & _BIT or y == _ZERO:
            return row
        _put(points, row, 0, plus(y, x))
        _put(points, row, 5, minus(y, x))
        _put(points, row, 10, times(t, _2D))
    return -1


@compiled
def signed_digits(words: Rows, width: int, digits: NDArray[np.int32]) -> None:
    """Scalars below 2^253 (4 words each) as digits from -2^(width-1) to 2^(width-1), lowest first.

    Written to digits[window, scalar].
    """
    half, full = 1 << (width - 1), 1 << width
    for row in range(words.shape[0]):
        carry = 0
        for window in range(digits.shape[0]):
            bit = window * width
            place, shift = bit >> 6, bit & 63
            value = words[row, place] >> np.uint64(shift) if place < 4 else np.uint64(0)
            if shift + width > 64 and place < 3:
                value |= words[row, place + 1] << np.uint64(64 - shift)
            digit = np.int64(value & np.uint64(full - 1)) + carry
            carry = 1 if digit > half else 0
            digits[window, row] = digit - full * carry


@compiled
def window_sum(points: Rows, digits: NDArray[np.int32], width: int, window: int, sums: Rows) -> None:
    """sums[window] = sum of digit_j * P_j (Pippenger's buckets, one for each absolute value of a digit)."""
    buckets = np.empty((1 << (width - 1), 20), np.uint64)
    for bucket in range(buckets.shape[0]):
        _put_zero(buckets, bucket)
    for point in range(points.shape[0]):
        digit = digits[window, point]
        if digit > 0:
            _add_affine(buckets, digit - 1, points, point, False)
        elif digit < 0:
            _add_affine(buckets, -digit - 1, points, point, True)
    running = np.empty((1, 20), np.uint64)
    _put_zero(running, 0)
    _put_zero(sums, window)
    for bucket in range(buckets.shape[0] - 1, -1, -1):
        _add(running, 0, buckets, bucket)
        _add(sums, window, running, 0)


@compiled
def combined(sums: Rows, width: int, total: Rows) -> None:
    """total[0] = sum of 2^(width * window) * sums[window]."""
    _put_zero(total, 0)
    for window in range(sums.shape[0] - 1, -1, -1):
        for _ in range(width):
            _add(total, 0, total, 0)
        _add(total, 0, sums, window)
