"""What a person is like, in 128 bytes that can be compared inside one block only, and that alone say nothing.

Under a key that nobody else has, every byte of a sketch is uniformly random: each bit is a bit of a keyed hash, or the
sign of a sum of such bits taken as +1 and -1 (SimHash; Charikar, "Similarity estimation techniques from rounding
algorithms", STOC 2002, section 3), with a fair keyed coin where the sum is zero. So neither the number of ones nor
anything else of a lone sketch tells how long a name is or what is known. A Bloom filter tells both by its ones.
Of two sketches under one key the differing bits tell the angle between the two sets of bigrams, in how many bigrams
they differ, and for each code whether both know the trait and whether they agree on it.

    bytes    0-37   names: SimHash of the padded bigrams of all words (304 bits)
            38-62   marks: SimHash of the skeletons (200 bits)
            63-74   first word, 75-86 last word: SimHash of its bigrams (96 bits each)
            87-92   odd: parity sketch of the padded bigrams of all words (48 bits)
            93-100  name: byte t says that the whole name is rare to level t+1 (`pseudonymizer.rarity`)
           101-127  codes: `CODES`
    digest(tag, value) = BLAKE2b(digest_size=64, key=K_blk, person="schakel4-skt", data=tag ‖ 1F ‖ value)
    bit p of a digest is byte p>>3, mask 1<<(p&7); the digest of a bigram (tag n2) has its names, first and last parts
    at bytes 0-37, 38-49 and 50-61, and at 62-63 a little-endian number whose rest by 48 is its place in odd; that of a
    skeleton (tag sk) has its 25 bytes at 0-24; a code is the first bytes of its digest; tag c0 has the shared
    constants: `has` codes at 0-7, levels of name at 8-15, the coins of marks at 24-48 and the pad of odd at 49-54;
    tag c1 has the coins of names, first and last.

A parity sketch has a bit per place: whether an odd number of elements fell there, xor a keyed pad. Where two differ, so
do the sets: of sets that differ in few elements about as many bits differ (Mitzenmacher, Pagh and Pham, "Efficient
estimation for high similarities using odd sketches", WWW 2014, section 3). An angle cannot tell one typing error in a
short name from two in a long one; this can.

A level that is not reached is filled like a gap, so two sketches agree on a level only where both partners say that the
name is at least that rare: the commoner of two spellings counts, and the partner that has met more namesakes.

What a record does not know is filled with `filler` (fresh randomness), so that two gaps do not look like an agreement.
Replaces the Bloom filters of encoder 1 (design/cryptography.md, "Bytes" 12, and "test a fixed-popcount variant").
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pseudonymizer.identity import NormalisedIdentity
from pseudonymizer.linkage import skeletons
from pseudonymizer.rarity import UNKNOWN, Rarity

SKETCH_BYTES: Final = 128
NAMES, MARKS, FIRST, LAST = slice(0, 38), slice(38, 63), slice(63, 75), slice(75, 87)
ODD, RARE_NAME = slice(87, 93), slice(93, 101)
ODD_PLACES: Final = 48


class Code(NamedTuple):
    """Where a trait stands: `at` and `size` of its value, `has` the byte that agrees when both know it."""

    at: int
    size: int
    has: int


CODES: Final = {
    "y": Code(102, 2, 101),
    "ya": Code(104, 1, 101),
    "yb": Code(105, 1, 101),
    "yd": Code(106, 1, 101),
    "mo": Code(108, 1, 107),
    "da": Code(110, 1, 109),
    "dt": Code(111, 1, 109),
    "du": Code(112, 1, 109),
    "md": Code(113, 2, 109),
    "sx": Code(117, 1, 116),
    "na": Code(119, 1, 118),
    "ph": Code(121, 2, 120),
    "do": Code(124, 2, 123),
    "nw": Code(127, 1, 126),
}
"""Year; its run of four years and the run that starts two years later, of which one or both agree where two years are
one or two apart; its last digit; month, day, its two digits, {month, day} sorted; sex, nationality, phone, document,
number of words. A wrong agreement of one byte happens in one of 256 blocks, and every shared block is asked."""
LACKS_DAY: Final = 115
"""Agrees when neither knows the day."""

_HAS: Final = {101: 0, 107: 1, 109: 2, 116: 3, 118: 4, 120: 5, 123: 6, 126: 7}
_PERSON: Final = b"schakel4-skt"
_LEVELS, _COINS, _PAD = slice(8, 16), slice(24, 49), slice(49, 55)
_NAME_PARTS: Final = (
    (NAMES, slice(0, 38), slice(None)),
    (FIRST, slice(38, 50), slice(1)),
    (LAST, slice(50, 62), slice(-1, None)),
)
"""Where each SimHash of bigrams stands, its bytes of a digest, and the words that it is about."""
Bytes = NDArray[np.uint8]


def sketches(
    keys: Sequence[bytes], norm: NormalisedIdentity, filler: bytes, rare: Rarity = UNKNOWN
) -> tuple[bytes, ...]:
    """A sketch of 128 bytes per block key of 32 bytes, in order. `filler`: 32 fresh random bytes for this person;
    `rare`: what this partner claims of the name.

    Raises ValueError on a key or filler of another length. About 1 ms for thirty blocks.
    """
    if any(len(key) != 32 for key in (*keys, filler)):
        raise ValueError("a block key and the filler are 32 bytes")
    grams, marks = _grams(norm.words), [mark.encode() for mark in skeletons(norm)]
    codes = list(_codes(norm))
    inputs = [b"c0\x1f", b"c1\x1f", b"lacks\x1fda", *(data for _, data in codes)]
    inputs += [b"n2\x1f" + gram for gram in grams] + [b"sk\x1f" + mark for mark in marks]
    digests = _digests(keys, inputs)
    filled = hashlib.shake_256(filler).digest(SKETCH_BYTES * len(keys))
    found = np.frombuffer(filled, dtype=np.uint8).reshape(len(keys), SKETCH_BYTES).copy()
    common, coins = digests[:, 0], digests[:, 1]
    at = len(inputs) - len(grams) - len(marks)
    if grams:
        seen = digests[:, at : at + len(grams)]
        for place, part, words in _NAME_PARTS:
            chosen = set(_grams(norm.words[words]))
            member = [gram in chosen for gram in grams]
            found[:, place] = _majority(seen[:, member, part], coins[:, part])
        found[:, ODD] = _parities(seen[:, :, 62:]) ^ common[:, _PAD]
    if marks:
        found[:, MARKS] = _majority(digests[:, at + len(grams) :, :25], common[:, _COINS])
    found[:, RARE_NAME][:, : rare.name] = common[:, _LEVELS][:, : rare.name]
    for nth, (code, _) in enumerate(codes, start=3):
        found[:, code.at : code.at + code.size] = digests[:, nth, : code.size]
        found[:, code.has] = common[:, _HAS[code.has]]
    if norm.birth is None or norm.birth.day is None:
        found[:, LACKS_DAY] = digests[:, 2, 0]
    return tuple(row.tobytes() for row in found)


def _grams(words: Sequence[str]) -> list[bytes]:
    """Distinct padded bigrams, sorted."""
    return sorted({f"_{word}_"[at : at + 2].encode() for word in words for at in range(len(word) + 1)})


def _codes(norm: NormalisedIdentity) -> Iterator[tuple[Code, bytes]]:
    """What is known, as (place, input of the digest)."""
    values: dict[str, str | None] = {"sx": norm.sex, "na": norm.nationality, "ph": norm.phone, "do": norm.document}
    if norm.words:
        values["nw"] = str(len(norm.words))
    if (birth := norm.birth) is not None:
        year = f"{birth.year:04d}"
        values |= {"y": year, "ya": str(birth.year // 4), "yb": str((birth.year + 2) // 4), "yd": year[3]}
        month, day = (None if part is None else f"{part:02d}" for part in (birth.month, birth.day))
        values |= {"mo": month, "da": day}
        if day:
            values |= {"dt": day[0], "du": day[1]}
        if month and day:
            values["md"] = "-".join(sorted((month, day)))
    for tag, value in values.items():
        if value is not None:
            yield CODES[tag], f"{tag}\x1f{value}".encode()


def _digests(keys: Sequence[bytes], inputs: Sequence[bytes]) -> Bytes:
    """(keys, inputs, 64)."""
    total = bytearray()
    for key in keys:
        keyed = hashlib.blake2b(digest_size=64, key=key, person=_PERSON)
        for data in inputs:
            state = keyed.copy()
            state.update(data)
            total += state.digest()
    return np.frombuffer(bytes(total), dtype=np.uint8).reshape(len(keys), len(inputs), 64)


def _majority(digests: Bytes, coins: Bytes) -> Bytes:
    """Per bit, what most digests (keys, n, bytes) have, and the coin (keys, bytes) where they are equally many."""
    ones = np.unpackbits(digests, axis=2, bitorder="little").sum(axis=1, dtype=np.int16)
    heads = np.unpackbits(coins, axis=1, bitorder="little")
    return np.packbits(2 * ones + heads > digests.shape[1], axis=1, bitorder="little")


def _parities(places: Bytes) -> Bytes:
    """Per key, which of the `ODD_PLACES` an odd number of elements fell on; `places` (keys, n, 2), little-endian."""
    at = (places[:, :, 0].astype(np.int64) + 256 * places[:, :, 1].astype(np.int64)) % ODD_PLACES
    odd = np.zeros((len(at), ODD_PLACES), dtype=np.uint8)
    rows = np.broadcast_to(np.arange(len(at))[:, None], at.shape)
    np.bitwise_xor.at(odd, (rows, at), 1)
    return np.packbits(odd, axis=1, bitorder="little")
