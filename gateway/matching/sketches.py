"""What two sketches of one block say of each other: how alike the names are, and which traits both know and share.

The layout is that of `pseudonymizer.sketch` (the two houses cannot import each other; a test keeps them equal). Alone a
sketch is uniformly random, so nothing here looks at one: only differing bits count. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

SKETCH_BYTES: Final = 128
SIMHASHES: Final = (slice(0, 38), slice(38, 63), slice(63, 75), slice(75, 87))
"""Names, marks, first word, last word."""
ODD: Final = slice(87, 93)
"""Parity sketch of the bigrams of all words."""
RARITY: Final = slice(93, 101)
"""A byte per level of the whole name; it agrees where both partners claim the level."""
TRAITS: Final = ("y", "ya", "yb", "yd", "mo", "da", "dt", "du", "md", "sx", "na", "ph", "do", "nw")
VALUES: Final = (
    slice(102, 104),
    slice(104, 105),
    slice(105, 106),
    slice(106, 107),
    slice(108, 109),
    slice(110, 111),
    slice(111, 112),
    slice(112, 113),
    slice(113, 115),
    slice(117, 118),
    slice(119, 120),
    slice(121, 123),
    slice(124, 126),
    slice(127, 128),
)
KNOWN: Final = (101, 101, 101, 101, 107, 109, 109, 109, 109, 116, 118, 120, 123, 126)
"""Of each trait the bytes that agree when the values do, and the byte that agrees when both sides know one."""
LACKS_DAY: Final = 115
_CHUNK: Final = 100_000


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of n pairs of people, over all blocks that they share."""

    alike: Floats  # (n, 4): cosine of the sets of bigrams of all words, of skeletons, of the first and of the last word
    apart: Floats  # (n,): in how many bigrams the names differ, estimated, at most 54
    rarity: Ints  # (n,): levels that both claim of the whole name, 0 to 8
    traits: Ints  # (n, 14): +1 both know it and agree, -1 both know it and differ, 0 one or both do not know
    lacks_day: NDArray[np.bool_]  # neither knows the day of birth


def likeness(left: Bytes, right: Bytes, pair: Ints, size: int) -> Likeness:
    """Compare entries (m, 128) with entries (m, 128); entry i belongs to pair `pair[i]` of `size`, each at least once.

    A cosine is that of the mean angle; a code counts as equal when it is in every shared block.
    """
    times = np.bincount(pair, minlength=size).astype(float)
    bits = np.zeros((size, len(SIMHASHES)))
    odd = np.zeros(size)
    levels = np.zeros((size, RARITY.stop - RARITY.start))
    equal = np.zeros((size, len(TRAITS)))
    known = np.zeros((size, len(TRAITS)))
    lacking = np.zeros(size)
    for start in range(0, len(pair), _CHUNK):
        rows = slice(start, start + _CHUNK)
        differ, at = left[rows] ^ right[rows], pair[rows]
        ones = np.bitwise_count(differ)
        same = differ == 0
        for column, place in enumerate(SIMHASHES):
            bits[:, column] += np.bincount(at, ones[:, place].sum(axis=1, dtype=np.int64), size)
        odd += np.bincount(at, ones[:, ODD].sum(axis=1, dtype=np.int64), size)
        for column in range(levels.shape[1]):
            levels[:, column] += np.bincount(at, same[:, RARITY.start + column], size)
        for column, (value, both) in enumerate(zip(VALUES, KNOWN, strict=True)):
            equal[:, column] += np.bincount(at, same[:, value].all(axis=1), size)
            known[:, column] += np.bincount(at, same[:, both], size)
        lacking += np.bincount(at, same[:, LACKS_DAY], size)
    widths = np.array([8.0 * (place.stop - place.start) for place in SIMHASHES])
    angle = np.minimum(bits / (np.maximum(times, 1.0)[:, None] * widths), 0.5)
    both_known, both_same = known == times[:, None], equal == times[:, None]
    return Likeness(
        alike=np.cos(np.pi * angle),
        apart=_apart(odd / np.maximum(times, 1.0)),
        rarity=_reached(levels == times[:, None]),
        traits=np.where(both_known, np.where(both_same, 1, -1), 0).astype(np.int64),
        lacks_day=lacking == times,
    )


def _apart(ones: Floats) -> Floats:
    """How many elements two sets differ in, from the mean number of differing bits of their parity sketches.

    Of n places that d elements fall on, n/2 (1 - (1 - 2/n)^d) hold an odd number on average (Mitzenmacher, Pagh and
    Pham, WWW 2014, section 3.1). Near n/2 nothing can be told: 0.45 n stands for that and for more.
    """
    places = 8.0 * (ODD.stop - ODD.start)
    return np.asarray(np.log1p(-2 * np.minimum(ones / places, 0.45)) / np.log1p(-2 / places))


def _reached(agree: NDArray[np.bool_]) -> Ints:
    """(n,) from (n, levels): how many levels agree before the first that does not."""
    return np.asarray(np.logical_and.accumulate(agree, axis=1).sum(axis=1), dtype=np.int64)


def rows_of(sketches: Sequence[bytes]) -> Bytes:
    """(n, 128) from as many sketches of 128 bytes."""
    return np.frombuffer(b"".join(sketches), dtype=np.uint8).reshape(-1, SKETCH_BYTES)
