"""libsodium's functions called for a whole batch in a row, compiled by numba: no Python and no global lock in between.

Secret scalars pass through here as addresses only: the constant-time code that reads them is libsodium's own, and the
loops take the same steps whatever the scalars are. The hashes are of public values.
"""

import ctypes
from concurrent.futures import Executor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pseudonymizer.oprf import kernels, sodium
from pseudonymizer.oprf.errors import InvalidElement
from pseudonymizer.oprf.group import ELEMENT_BYTES, over_slices
from pseudonymizer.oprf.hash import BEFORE_SCALAR, BEHIND_SCALAR, SECOND_SCALAR

Octets = NDArray[np.uint8]
_SLICES: Final = 8
_DIGEST: Final = 64
_FRAME: Final = b"\x00\x20"


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


_MULTIPLY, _SHA512, _REDUCE = map(_address, (sodium.multiply, sodium.sha512, sodium.scalar_reduce))


def multiplied(scalar: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """`group.multiples`: scalar * E for each of n elements, order kept; raises InvalidElement as it does."""

    def one_slice(part: bytes, _alongside: bytes) -> bytes:
        source, out, factor = sodium.buffer_of(part), sodium.empty_buffer(len(part)), sodium.buffer_of(scalar)
        key, elements, multiples = map(sodium.address_of, (factor, source, out))
        if _multiply_all(_MULTIPLY, key, elements, multiples, len(part) // ELEMENT_BYTES) >= 0:
            raise InvalidElement("an element does not decode, or a multiple is the identity")
        return out.raw

    return over_slices(one_slice, packed, b"", workers)


def hashed_weights(head: bytes, inputs: bytes, outputs: bytes, workers: Executor | None = None) -> bytes:
    """`composite.transcript_scalars`: the weights of a proof, n * 32 bytes."""
    count = len(inputs) // ELEMENT_BYTES
    message = BEFORE_SCALAR + head + bytes(2) + (_FRAME + bytes(ELEMENT_BYTES)) * 2 + b"Composite" + BEHIND_SCALAR
    place = len(BEFORE_SCALAR + head)
    lists = [np.frombuffer(packed, np.uint8).reshape(-1, ELEMENT_BYTES) for packed in (inputs, outputs)]
    weights = np.empty((count, ELEMENT_BYTES), np.uint8)
    size = count if workers is None else -(-count // _SLICES)

    def one_slice(first: int) -> None:
        one, two, uniform = _octets(message), _octets(bytes(_DIGEST) + SECOND_SCALAR), _octets(bytes(_DIGEST))
        end = min(first + size, count)
        _hash_all(_SHA512, _REDUCE, one, place, two, uniform, lists[0], lists[1], first, end, weights)

    starts = range(0, count, size)
    for _ in map(one_slice, starts) if workers is None else workers.map(one_slice, starts):
        pass
    return weights.tobytes()


def _octets(content: bytes) -> Octets:
    return np.frombuffer(content, np.uint8).copy()


def _called(arguments: int) -> Any:
    """An intrinsic that calls a C function at an address with so many pointer-sized arguments, and gives its int."""
    integer = kernels.numba.types.int64

    def generate(_context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        word, status = kernels.ir.IntType(64), kernels.ir.IntType(32)
        kind = kernels.ir.FunctionType(status, [word] * arguments).as_pointer()
        return builder.sext(builder.call(builder.inttoptr(values[0], kind), values[1:]), word)

    signature = integer(*[integer] * (arguments + 1))
    if arguments == 2:
        return kernels.extending.intrinsic(lambda _typing, _function, _a, _b: (signature, generate))
    return kernels.extending.intrinsic(lambda _typing, _function, _a, _b, _c: (signature, generate))


_call_2, _call_3 = _called(2), _called(3)


@kernels.compiled
def _multiply_all(function: int, scalar: int, elements: int, out: int, count: int) -> int:
    """Multiply all; -1, or the place of the first element of which libsodium says that it cannot."""
    for place in range(count):
        if _call_3(function, out + ELEMENT_BYTES * place, scalar, elements + ELEMENT_BYTES * place) != 0:
            return place
    return -1


@kernels.compiled
def _hash_all(
    sha512: int,
    reduce: int,
    message: Octets,
    place: int,
    second: Octets,
    uniform: Octets,
    inputs: Octets,
    outputs: Octets,
    first: int,
    end: int,
    weights: Octets,
) -> None:
    """HashToScalar for `first` to `end`; index and elements are put in `message` from `place` on."""
    for row in range(first, end):
        message[place], message[place + 1] = row >> 8, row & 255
        for byte in range(ELEMENT_BYTES):
            message[place + 4 + byte] = inputs[row, byte]
            message[place + 6 + ELEMENT_BYTES + byte] = outputs[row, byte]
        _call_3(sha512, second.ctypes.data, message.ctypes.data, message.size)
        _call_3(sha512, uniform.ctypes.data, second.ctypes.data, second.size)
        _call_2(reduce, weights[row].ctypes.data, uniform.ctypes.data)
