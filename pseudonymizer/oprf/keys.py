"""Key pairs of a custodian: DeriveKeyPair (RFC 9497 3.2.1) from a seed of 32 bytes and an info string.

One seed per (custodian, domain, epoch); the classes get their own keys from it. Destroying the seed destroys the keys.
"""

import re
from dataclasses import dataclass, field
from typing import Final, Never

from pseudonymizer.oprf.errors import InvalidInput
from pseudonymizer.oprf.group import SCALAR_BYTES, base_multiple
from pseudonymizer.oprf.hash import CONTEXT, hash_to_scalar

SEED_BYTES: Final = 32
MAX_INFO_BYTES: Final = 2**16 - 1
CLASSES: Final = ("bsn", "id", "cx")
_DERIVE_TAG: Final = b"DeriveKeyPair" + CONTEXT
_DOMAIN: Final = re.compile(r"[A-Z]+(-[A-Z]+)?")
_EPOCH: Final = re.compile(r"[0-9]{4}(-[a-z])?")


@dataclass(frozen=True)
class SecretKey:
    """A scalar k in [1, l-1] and K = k*G. Neither printed nor pickled; compare public keys instead."""

    scalar: bytes = field(repr=False, compare=False)
    public: bytes

    def __reduce__(self) -> Never:
        raise TypeError("a secret key is not serialised")


def checked_seed(content: bytes, mode: int) -> bytes:
    """Return a seed file's content when it can be a seed: 32 bytes, not all equal, mode 0600 (rule 4).

    `mode` is the file's permission bits (`st_mode & 0o777`). Raises InvalidInput saying which of the three fails.
    """
    if mode != 0o600:
        raise InvalidInput(f"the seed file has mode {mode:04o}; it must be 0600")
    if len(content) != SEED_BYTES:
        raise InvalidInput(f"the seed file has {len(content)} bytes; it must have {SEED_BYTES}")
    if len(set(content)) == 1:
        raise InvalidInput("all bytes of the seed file are equal; it is not a random seed")
    return content


def key_info(custodian: int, domain: str, epoch: str, key_class: str) -> bytes:
    """The info string "schakel1|c<i>|<domain>|<epoch>|<class>" (rules 3 and 4).

    Raises InvalidInput on any other name.
    """
    if custodian not in (1, 2):
        raise InvalidInput("a custodian is number 1 or 2")
    if not _DOMAIN.fullmatch(domain):
        raise InvalidInput("a domain is capitals, optionally with one dash (RIEC, ZVH-RR)")
    if not _EPOCH.fullmatch(epoch):
        raise InvalidInput("an epoch is a year, optionally with a letter (2026, 2026-b)")
    if key_class not in CLASSES:
        raise InvalidInput("a class is one of bsn, id, cx")
    return f"schakel1|c{custodian}|{domain}|{epoch}|{key_class}".encode("ascii")


def derive_key_pair(seed: bytes, info: bytes) -> SecretKey:
    """DeriveKeyPair of RFC 9497 3.2.1: k = HashToScalar(seed || u16 len(info) || info || u8 counter, DST =
    "DeriveKeyPair" || contextString) for the first counter from 0 to 255 that gives no zero; K = k*G.

    Raises InvalidInput on a seed of another length, an info string of more than 65,535 bytes, or no such counter (the
    RFC's DeriveKeyPairError).
    """
    if len(seed) != SEED_BYTES or len(info) > MAX_INFO_BYTES:
        raise InvalidInput(f"a seed has {SEED_BYTES} bytes and an info string at most {MAX_INFO_BYTES}")
    prefix = seed + len(info).to_bytes(2, "big") + info
    for counter in range(256):
        scalar = hash_to_scalar(prefix + counter.to_bytes(1, "big"), _DERIVE_TAG)
        if scalar != bytes(SCALAR_BYTES):
            return SecretKey(scalar, base_multiple(scalar))
    raise InvalidInput("no key can be derived from this seed")
