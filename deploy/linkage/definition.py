"""A sketch by its definition, bit by bit in plain Python: oracle of `pseudonymizer.sketch`, and its peer in speed.

Written from the docstring of that module; it shares constants with it, no code.
"""

import hashlib
from collections.abc import Iterable

from pseudonymizer.identity import NormalisedIdentity
from pseudonymizer.linkage import skeletons
from pseudonymizer.rarity import UNKNOWN, Rarity
from pseudonymizer.sketch import CODES, FIRST, LACKS_DAY, LAST, MARKS, NAMES, ODD, RARE_NAME

HAS_ORDER = (101, 107, 109, 116, 118, 120, 123, 126)


def defined(key: bytes, norm: NormalisedIdentity, filler: bytes, rare: Rarity = UNKNOWN) -> bytes:
    """One sketch of 128 bytes; `filler`: its 128 bytes of randomness."""

    def digest(tag: str, value: str) -> bytes:
        data = tag.encode() + b"\x1f" + value.encode()
        return hashlib.blake2b(data, digest_size=64, key=key, person=b"schakel4-skt").digest()

    sketch, constants, coins = bytearray(filler), digest("c0", ""), digest("c1", "")
    parts = ((NAMES, 0, norm.words), (FIRST, 38, norm.words[:1]), (LAST, 50, norm.words[-1:]))
    for place, start, words in parts:
        if grams := _bigrams(words):
            size = place.stop - place.start
            columns = [digest("n2", gram)[start : start + size] for gram in grams]
            sketch[place] = _majority(columns, coins[start : start + size])
    if grams := _bigrams(norm.words):
        sketch[ODD] = constants[49:55]
        for gram in grams:
            at = int.from_bytes(digest("n2", gram)[62:], "little") % 48
            sketch[ODD.start + (at >> 3)] ^= 1 << (at & 7)
    if marks := skeletons(norm):
        sketch[MARKS] = _majority([digest("sk", mark)[:25] for mark in marks], constants[24:49])
    for level in range(rare.name):
        sketch[RARE_NAME.start + level] = constants[8 + level]
    for tag, value in _known(norm).items():
        code = CODES[tag]
        sketch[code.at : code.at + code.size] = digest(tag, value)[: code.size]
        sketch[code.has] = constants[HAS_ORDER.index(code.has)]
    if norm.birth is None or norm.birth.day is None:
        sketch[LACKS_DAY] = digest("lacks", "da")[0]
    return bytes(sketch)


def _bigrams(words: Iterable[str]) -> set[str]:
    return {f"_{word}_"[at : at + 2] for word in words for at in range(len(word) + 1)}


def _majority(columns: list[bytes], coin: bytes) -> bytes:
    result = bytearray(len(coin))
    for place in range(8 * len(coin)):
        at, mask = place >> 3, 1 << (place & 7)
        ones = sum(bool(column[at] & mask) for column in columns)
        if 2 * ones > len(columns) or (2 * ones == len(columns) and coin[at] & mask):
            result[at] |= mask
    return bytes(result)


def _known(norm: NormalisedIdentity) -> dict[str, str]:
    found = {"sx": norm.sex, "na": norm.nationality, "ph": norm.phone, "do": norm.document}
    if norm.words:
        found["nw"] = str(len(norm.words))
    if norm.birth is not None:
        year = f"{norm.birth.year:04d}"
        month, day = (None if part is None else f"{part:02d}" for part in (norm.birth.month, norm.birth.day))
        found |= {
            "y": year,
            "ya": str(norm.birth.year // 4),
            "yb": str((norm.birth.year + 2) // 4),
            "yd": year[3],
            "mo": month,
            "da": day,
        }
        found |= {"dt": day[0], "du": day[1]} if day else {}
        if month and day:
            found["md"] = "-".join(sorted((month, day)))
    return {tag: value for tag, value in found.items() if value is not None}
