"""Looks for values in bytes in every dress that somebody could undress: other case, no punctuation, hex, base64, plain
hashes of it, and the same inside base64 inside JSON inside base64."""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache

_LAYERS = 4
_TEXT = re.compile(rb"[A-Za-z0-9_+/-]{8,}")
_HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256")
SHORTEST = 6
"""Characters; anything shorter occurs in random base64 by chance and is looked for between quotes only."""


def undressed(raw: bytes) -> bytes:
    """`raw` and everything that its base64 and hex texts stand for, layer by layer."""
    found, layer = [raw], raw
    for _ in range(_LAYERS):
        decoded = [part for text in _TEXT.findall(layer) for part in _decoded(text)]
        if not decoded:
            break
        layer = b"\n".join(decoded)
        found.append(layer)
    return b"\n".join(found)


def _decoded(text: bytes) -> Iterable[bytes]:
    plain = text.replace(b"+", b"-").replace(b"/", b"_")
    if len(plain) % 4 != 1:
        yield base64.urlsafe_b64decode(plain + b"=" * (-len(plain) % 4))
    if len(text) % 2 == 0 and re.fullmatch(rb"[0-9a-fA-F]+", text):
        yield bytes.fromhex(text.decode("ascii"))


@cache
def dresses(value: str) -> tuple[bytes, ...]:
    """The spellings of a value, and plain hashes of each: what a dictionary of all values would undo in no time."""
    bare = re.sub(r"[^A-Za-z0-9]", "", value)
    spellings = {value, value.lower(), value.upper(), bare, bare.lower(), bare.upper()}
    if value.isdigit() or value.lstrip("+").isdigit():
        spellings |= {value.lstrip("0+"), "31" + value.lstrip("0")}
    found: set[bytes] = set()
    for spelling in spellings:
        for encoding in ("utf-8", "utf-16-le"):
            raw = spelling.encode(encoding)
            if len(spelling) >= SHORTEST:
                found.add(raw)
            found.update(hashlib.new(name, raw).digest() for name in _HASHES)
    if len(value) < SHORTEST:
        found.add(f'"{value}"'.encode())
    return tuple(found)


def hidden_in(raw: bytes, values: Iterable[str]) -> list[str]:
    """Those of `values` that can be read from `raw`."""
    seen = undressed(raw)
    return [value for value in values if any(dress in seen for dress in dresses(value))]


def elements_in(raw: bytes, elements: Iterable[bytes]) -> int:
    """How many of these byte strings occur in `raw` or in what it stands for."""
    seen = undressed(raw)
    return sum(element in seen or element.hex().encode() in seen for element in elements)
