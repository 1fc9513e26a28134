"""Join keys: what the in-memory index joins on instead of tokens (cryptography page, scheme point 8). Pure.

join key = HMAC-SHA-256(k_join[domain, epoch], "schakel1 join" ‖ u8 len(type) ‖ type ‖ token bytes)[:16]
"""

import base64
import hmac
from typing import Final

_PREFIX: Final = b"schakel1 join"
_FIELD: Final = 2**255 - 19


class NotAnElement(ValueError):
    """32 bytes that cannot be a ristretto255 element."""


BLOCK: Final = "cx"
"""What stands for the type of any block: of which composite a block is, no row says."""


def join_key(k_join: bytes, type_: str, value: bytes) -> bytes:
    """16 bytes. `value`: a token (32 bytes) or a block id (16 bytes)."""
    name = type_.encode("ascii")
    return hmac.digest(k_join, _PREFIX + bytes((len(name),)) + name + value, "sha256")[:16]


def token_bytes(waarde: str) -> bytes:
    """The 32 bytes of a token whose spelling the wire has already checked to be canonical.

    Raises NotAnElement unless it passes the byte checks of the cryptography page, bytes 8 (RFC 9496 section 4.3.1,
    steps 1 and 2): not zero, even, below 2^255-19. The gateway has no group library and makes no more than these.
    """
    raw = base64.urlsafe_b64decode(waarde + "=")
    number = int.from_bytes(raw, "little")
    if not 0 < number < _FIELD or number & 1:
        raise NotAnElement("a token is not a ristretto255 encoding")
    return raw


def block_bytes(blok: str) -> bytes:
    """The 16 bytes of a block id whose spelling the wire has already checked."""
    return base64.urlsafe_b64decode(blok + "==")


def sketch_bytes(schets: str) -> bytes:
    """The 128 bytes of a sketch whose spelling the wire has already checked."""
    return base64.urlsafe_b64decode(schets + "=")
