"""The bytes of the ledger (audit page): leaf data, leaf, head. Pure.

leaf data = u8 version(1) ‖ u8 event ‖ u32 day ‖ u8 retention class ‖ HMAC-SHA-256(salt, JCS(record)), 39 bytes
leaf      = SHA-256(0x00 ‖ leaf data)              RFC 6962 section 2.1
head_n    = SHA-256(0x02 ‖ head_(n-1) ‖ leaf_n)    head_0 = 32 zero bytes; 0x02 so that no leaf or node is ever a head
"""

import hashlib
import hmac
import struct
from typing import Final

VERSION: Final = 1
SALT_BYTES: Final = 32
EMPTY_HEAD: Final = bytes(32)
LEAF_DATA: Final = struct.Struct(">BBIB32s")


def leaf_data(event: int, day: int, retention: int, salt: bytes, record: bytes) -> bytes:
    """39 bytes. `record`: RFC 8785 bytes of the entry; raises ValueError when the salt is not exactly 32 bytes."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt is exactly 32 bytes")
    return LEAF_DATA.pack(VERSION, event, day, retention, hmac.digest(salt, record, "sha256"))


def leaf_hash(data: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def next_head(head: bytes, leaf: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(b"\x02" + head + leaf).digest()
