"""The libsodium functions that `rbcl` bundles, called on memory addresses instead of bytes objects.

rbcl's own wrappers cost 1 to 7 microseconds a call and hold one element at a time. The same shared library is called
here through ctypes prototypes of our own, on packed buffers of n elements of 32 bytes. The slow functions
(multiplication, the one-way map, additions, point checks) release Python's global lock while they run, so that threads
use all cores and no key has to be copied into a second process.

rbcl 1.1.2 unpacks its library into the directory for temporary files at each import and leaves the file there (2.7 MB a
process); once it is loaded the file is no longer needed and is removed here.
"""

import contextlib
import ctypes
import os
from collections.abc import Callable
from typing import Any, Final

import rbcl

_LIBRARY: Final[Any] = rbcl._sodium
with contextlib.suppress(OSError):  # read-only or Windows: the file stays, nothing else changes
    os.unlink(_LIBRARY._name)

_ADDRESS = ctypes.c_void_p
_STATUS_1 = ctypes.CFUNCTYPE(ctypes.c_int, _ADDRESS)
_STATUS_2 = ctypes.CFUNCTYPE(ctypes.c_int, _ADDRESS, _ADDRESS)
_STATUS_3 = ctypes.CFUNCTYPE(ctypes.c_int, _ADDRESS, _ADDRESS, _ADDRESS)
# A scalar function takes a fraction of a microsecond: giving up the global lock would cost more than the call.
_QUICK_2 = ctypes.PYFUNCTYPE(None, _ADDRESS, _ADDRESS)
_QUICK_3 = ctypes.PYFUNCTYPE(None, _ADDRESS, _ADDRESS, _ADDRESS)

Address = int | bytes | ctypes.Array[ctypes.c_char]
"""What a C pointer may be here: an address, an immutable input, or a buffer."""
Buffer = ctypes.Array[ctypes.c_char]

is_valid_point: Final[Callable[[Address], int]] = _STATUS_1(("crypto_core_ristretto255_is_valid_point", _LIBRARY))
multiply: Final[Callable[[Address, Address, Address], int]] = _STATUS_3(("crypto_scalarmult_ristretto255", _LIBRARY))
multiply_base: Final[Callable[[Address, Address], int]] = _STATUS_2(("crypto_scalarmult_ristretto255_base", _LIBRARY))
add: Final[Callable[[Address, Address, Address], int]] = _STATUS_3(("crypto_core_ristretto255_add", _LIBRARY))
from_hash: Final[Callable[[Address, Address], int]] = _STATUS_2(("crypto_core_ristretto255_from_hash", _LIBRARY))
sha512: Final[Callable[[Address, Address, int], int]] = ctypes.CFUNCTYPE(
    ctypes.c_int, _ADDRESS, _ADDRESS, ctypes.c_ulonglong
)(("crypto_hash_sha512", _LIBRARY))
scalar_reduce: Final[Callable[[Address, Address], None]] = _QUICK_2(
    ("crypto_core_ristretto255_scalar_reduce", _LIBRARY)
)
scalar_multiply: Final[Callable[[Address, Address, Address], None]] = _QUICK_3(
    ("crypto_core_ristretto255_scalar_mul", _LIBRARY)
)
scalar_subtract: Final[Callable[[Address, Address, Address], None]] = _QUICK_3(
    ("crypto_core_ristretto255_scalar_sub", _LIBRARY)
)
scalar_invert: Final[Callable[[Address, Address], int]] = _STATUS_2(
    ("crypto_core_ristretto255_scalar_invert", _LIBRARY)
)


def buffer_of(data: bytes) -> Buffer:
    """A writable copy of `data`, without a terminating zero."""
    return ctypes.create_string_buffer(data, len(data))


def empty_buffer(size: int) -> Buffer:
    """`size` zero bytes to write results into."""
    return ctypes.create_string_buffer(size)


address_of: Final = ctypes.addressof
copy: Final = ctypes.memmove
