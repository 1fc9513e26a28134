"""Linkage keys for people without a number: composites find candidates, block-keyed Bloom filters (CLK) score them.

`composites` gives the inputs of key class `cx`. Each evaluated composite becomes a block id (wire) and a key `K_blk`
(stays here); `clks` encodes the person once under each of those keys, so filters can be compared inside one block only.
Byte layout: design/cryptography.md, "Bytes" 12; composites and bits per feature: "Composite tokens", "Scoring".
Pure: keys come in as arguments, nothing is stored.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pseudonymizer.identity import BirthDate, NormalisedIdentity, Reason
from pseudonymizer.skeleton import skeleton
from pseudonymizer.tokens import NoToken

ENCODER_VERSION: Final = 1
"""Version of composites, skeleton rules and CLK features together; files of two versions are not comparable."""

CLK_BITS: Final = 1024
CLK_BYTES: Final = CLK_BITS // 8
MAX_COMPOSITES: Final = 54
"""At most 64 tokens a record (design page), of which ten identifier types."""
_MAX_SKELETONS: Final = 5
_MAX_PAIRED: Final = 4
_PERSON: Final = b"schakel1-clk"
_DIGEST: Final = 64

COMPOSITE_TYPES: Final = ("cx.D", "cx.P", "cx.SF", "cx.PC", "cx.P2", "cx.SX", "cx.S4", "cx.SM", "cx.SY", "cx.SN")
"""In order of how few people share one; where a record has too many, the last ones are left out.

    D   document number                        SX  skeleton + year + {month, day} sorted
    P   phone                                  S4  first letter of a skeleton + full birth date
    SF  skeleton + full birth date             SY  skeleton + year + (first letter of another | nationality)
    PC  skeleton + year + postcode             SM  skeleton + month and day
    P2  phone + skeleton                       SN  skeleton + first three letters of another skeleton

Encoder 1 differs from the design page's first draft in S4, SY, SM and SN. Measured on data that nothing was fitted on
(deploy/linkage/validation.md): pair completeness 0.957 -> 0.993 on the development files, 0.922 -> 0.963 on FEBRL4.
"""


@dataclass(frozen=True, slots=True, repr=False)
class Composite:
    """Input of key class `cx`; parts of `value` are joined by 1F."""

    type: str
    value: str

    def __repr__(self) -> str:
        return f"Composite(type={self.type!r})"


@dataclass(frozen=True, slots=True, repr=False)
class Feature:
    """One thing that a CLK says about a person, set at `bits` positions."""

    tag: str
    value: str
    bits: int

    def __repr__(self) -> str:
        return f"Feature(tag={self.tag!r}, bits={self.bits})"


def skeletons(norm: NormalisedIdentity) -> tuple[str, ...]:
    """Distinct skeletons of all name words, bytewise sorted; of more than five, the five longest."""
    found = {mark for word in (*norm.words, *norm.joined) if (mark := skeleton(word)) is not None}
    return _longest(found, _MAX_SKELETONS)


def _longest(marks: Iterable[str], most: int) -> tuple[str, ...]:
    """The longest marks say most about a person; ties go bytewise, so every connector chooses alike."""
    return tuple(sorted(sorted(marks, key=lambda mark: (-len(mark), mark))[:most]))


def composites(norm: NormalisedIdentity) -> tuple[Composite, ...]:
    """At most 54 distinct composites, in the order of `COMPOSITE_TYPES`, then by value."""
    return _all_composites(norm)[:MAX_COMPOSITES]


def no_composites(norm: NormalisedIdentity) -> tuple[NoToken, ...]:
    """The composite types that `composites` leaves out, each with one reason; together they cover all types."""
    wanted = {item.type for item in _all_composites(norm)}
    given = {item.type for item in composites(norm)}
    return tuple(
        NoToken(kind, Reason.LIMIT if kind in wanted else _missing(kind, norm))
        for kind in COMPOSITE_TYPES
        if kind not in given
    )


def _missing(kind: str, norm: NormalisedIdentity) -> Reason:
    """ABSENT when nothing of what the composite needs is there, else PART_MISSING."""
    needs: dict[str, tuple[object, ...]] = {
        "cx.D": (norm.document,),
        "cx.P": (norm.phone,),
        "cx.P2": (norm.phone, norm.words),
        "cx.PC": (norm.postcode, norm.words, norm.birth),
        "cx.SN": (norm.words,),
    }
    return Reason.PART_MISSING if any(needs.get(kind, (norm.words, norm.birth))) else Reason.ABSENT


def _all_composites(norm: NormalisedIdentity) -> tuple[Composite, ...]:
    values = {kind: set[str]() for kind in COMPOSITE_TYPES}
    for kind, parts in _parts(norm):
        values[kind].add("\x1f".join(parts))
    return tuple(Composite(kind, value) for kind in COMPOSITE_TYPES for value in sorted(values[kind]))


def _parts(norm: NormalisedIdentity) -> Iterator[tuple[str, tuple[str, ...]]]:
    marks = skeletons(norm)
    pairs = list(itertools.permutations(_longest(marks, _MAX_PAIRED), 2))
    if norm.document:
        yield "cx.D", (norm.document,)
    if norm.phone:
        yield "cx.P", (norm.phone,)
        yield from (("cx.P2", (norm.phone, mark)) for mark in marks)
    yield from (("cx.SN", (mark, other[:3])) for mark, other in pairs)
    if norm.birth:
        yield from _dated(norm, norm.birth, marks, pairs)


def _dated(
    norm: NormalisedIdentity, birth: BirthDate, marks: Sequence[str], pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    year = f"{birth.year:04d}"
    yield from (("cx.SY", (mark, other[:1], year)) for mark, other in pairs)
    if norm.nationality:
        yield from (("cx.SY", (mark, year, norm.nationality)) for mark in marks)
    if norm.postcode:
        yield from (("cx.PC", (mark, year, norm.postcode)) for mark in marks)
    full = birth.full
    if full is None:
        return
    month_day = full[5:]
    either = "-".join(sorted(month_day.split("-")))
    yield from (("cx.SM", (mark, month_day)) for mark in marks)
    yield from (("cx.SX", (mark, year, either)) for mark in marks)
    yield from (("cx.SF", (mark, full)) for mark in marks)
    yield from (("cx.S4", (mark[:1], full)) for mark in marks)


def features(norm: NormalisedIdentity) -> tuple[Feature, ...]:
    """What a CLK of this person holds, each feature once, in a fixed order."""
    grams = {f"_{word}_"[at : at + 2] for word in norm.words for at in range(len(word) + 1)}
    marks = skeletons(norm)
    found = [*(Feature("n2", gram, 12) for gram in sorted(grams)), *(Feature("sk", mark, 20) for mark in marks)]
    if norm.birth:
        found += _birth_features(norm.birth)
    for tag, value, bits in (
        ("sx", norm.sex, 20),
        ("na", norm.nationality, 20),
        ("ph", norm.phone, 24),
        ("do", norm.document, 32),
    ):
        if value:
            found.append(Feature(tag, value, bits))
    return tuple(found)


def _birth_features(birth: BirthDate) -> Iterator[Feature]:
    year = f"{birth.year:04d}"
    yield Feature("y", year, 30)
    yield Feature("yp", year[:3], 14)
    yield from (Feature(f"yd{at}", digit, 10) for at, digit in enumerate(year))
    if birth.month is not None:
        yield Feature("mo", f"{birth.month:02d}", 18)
    if birth.day is not None:
        yield Feature("da", f"{birth.day:02d}", 18)
    if birth.month is not None and birth.day is not None:
        yield Feature("md", "-".join(sorted((f"{birth.month:02d}", f"{birth.day:02d}"))), 12)


def positions(k_blk: bytes, feature: Feature) -> tuple[int, ...]:
    """The bit positions of one feature under one block key, in digest order ("Bytes" 12); they may repeat."""
    digest = hashlib.blake2b(_data(feature), digest_size=_DIGEST, key=k_blk, person=_PERSON).digest()
    return tuple(int.from_bytes(digest[2 * at : 2 * at + 2], "little") % CLK_BITS for at in range(feature.bits))


def clk(k_blk: bytes, norm: NormalisedIdentity) -> bytes:
    """The Bloom filter (128 bytes; bit p is byte p>>3, mask 1<<(p&7)) of one person under one block key of 32 bytes."""
    return clks([k_blk], norm)[0]


def clks(keys: Sequence[bytes], norm: NormalisedIdentity) -> tuple[bytes, ...]:
    """As `clk`, for all blocks of one person at once (0.2 ms for fifteen blocks). Raises ValueError on a bad key."""
    if any(len(key) != 32 for key in keys):
        raise ValueError("a block key is 32 bytes")
    found = features(norm)
    if not found or not keys:
        return (bytes(CLK_BYTES),) * len(keys)
    data = [_data(feature) for feature in found]
    digests = bytearray()
    for key in keys:
        keyed = hashlib.blake2b(digest_size=_DIGEST, key=key, person=_PERSON)
        for item in data:
            state = keyed.copy()
            state.update(item)
            digests += state.digest()
    words = np.frombuffer(digests, dtype="<u2").reshape(len(keys), len(found), _DIGEST // 2) % CLK_BITS
    used = np.arange(_DIGEST // 2) < np.array([feature.bits for feature in found])[:, None]
    bits = np.zeros((len(keys), CLK_BITS), dtype=np.uint8)
    chosen = words[:, used]
    bits[np.arange(len(keys))[:, None], chosen] = 1
    packed = np.packbits(bits, axis=1, bitorder="little")
    return tuple(row.tobytes() for row in packed)


def _data(feature: Feature) -> bytes:
    return f"{feature.tag}\x1f{feature.value}".encode()
