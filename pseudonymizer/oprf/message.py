"""Around the OPRF: the message m that goes in, and what is made of the output (rules 2 and 11)."""

import base64
import binascii
import hashlib
import re
from typing import Final

from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.group import ELEMENT_BYTES, checked_elements

MAX_VALUE_BYTES: Final = 512
NORM: Final = 1
_PREFIX: Final = b"schakel1" + NORM.to_bytes(1, "big")
_KIND: Final = re.compile(r"[A-Za-z0-9]+(\.[A-Za-z0-9]+)+")


def encode_message(kind: str, value: str) -> bytes:
    """m = "schakel1" || norm || u16 len(type) || type || u16 len(value) || value (rule 2).

    `kind` is the token type (`id.bsn`, `cx.SF`); `value` is normalised, the parts of a composite value joined by 1F
    (the normalisation lets no 1F through, so the joining is unambiguous).
    Raises InvalidInput on a malformed type or a value of 0 or more than 512 bytes; the message never repeats the value.
    """
    if not _KIND.fullmatch(kind):
        raise InvalidInput("a token type is words of ASCII letters and digits joined by dots")
    try:
        encoded = value.encode("utf-8")
    except UnicodeEncodeError:
        # From None: the codec's own error carries the value.
        raise InvalidInput(f"a value of type {kind} is not encodable as UTF-8") from None
    if not 1 <= len(encoded) <= MAX_VALUE_BYTES:
        raise InvalidInput(f"a value of type {kind} has {len(encoded)} bytes; 1 to {MAX_VALUE_BYTES} are allowed")
    name = kind.encode("ascii")
    return _PREFIX + len(name).to_bytes(2, "big") + name + len(encoded).to_bytes(2, "big") + encoded


def finalize(message: bytes, element: bytes) -> bytes:
    """F = SHA-512(u16 len(m) || m || u16 32 || Z || "Finalize"), 64 bytes: the hash of Finalize (RFC
    9497 3.3.2, rule 11) after verifying and unblinding, `element` being unblindedElement.

    Stays at the partner.
    """
    framed = len(message).to_bytes(2, "big") + message + ELEMENT_BYTES.to_bytes(2, "big") + element
    return hashlib.sha512(framed + b"Finalize").digest()


def block_id(finalized: bytes) -> bytes:
    """The 16 bytes that name a block of class cx on the wire."""
    return hashlib.sha256(b"schakel1 blk" + finalized).digest()[:16]


def block_key(finalized: bytes) -> bytes:
    """K_blk, 32 bytes: keys the sketches of one block; never leaves the partner and is never stored."""
    return hashlib.sha256(b"schakel1 key" + finalized).digest()


def encode_token(element: bytes) -> str:
    """P on the wire: 43 characters base64url of the 32 bytes of Z."""
    return base64.urlsafe_b64encode(element).rstrip(b"=").decode("ascii")


def decode_token(text: str) -> bytes:
    """The element of a token; re-encodes and compares, then checks the element.

    Raises InvalidElement on another spelling or an invalid element.
    """
    try:
        element = base64.b64decode(text.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise InvalidElement("a token is 43 characters base64url") from None
    if len(element) != ELEMENT_BYTES or encode_token(element) != text:
        raise InvalidElement("a token is 43 characters base64url in canonical spelling")
    return checked_elements(element)
