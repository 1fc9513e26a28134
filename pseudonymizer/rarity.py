"""How common a name is among the people of one partner, in levels that two partners can compare.

Agreement on a rare value weighs more than on a common one: of two records with the same name, the chance that they are
two people is the share of people who bear it (Fellegi and Sunter, "A theory for record linkage", JASA 1969, section
3.3.1; Winkler, "Frequency-based matching in Fellegi-Sunter model of record linkage", 1989). The share of a name is
estimated from the partner's own rows and from nothing else, as if its words were independent among people of one
nationality and borne by no others:

    share of x    = (rows that have x + usual share of x * 1000) / (rows counted + 1000)
    share of name = product of the shares of its n distinct words / (share of the nationality, where known) ^ (n - 1),
                    or the share of rows with just these words where two or more have them and that is more
    rarity        = -log2(share), in bits

The usual share is 1/1000 of a word and 1/20 of a nationality (medians of invented files of 20,000 people), as if a
thousand people more had been counted: a partner with few rows claims what is usual of a name with so many words, and
the lower claim of a partner that has counted more prevails. Pure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NAME_LEVELS: Final = (10.0, 12.5, 14.5, 16.0, 17.5, 19.0, 21.0, 25.0)
"""Bounds in bits of the whole name: about the eighths of a file of 20,000 people of many origins."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many of `NAME_LEVELS` a whole name reaches, 0 to 8."""

    name: int


@dataclass(frozen=True, slots=True)
class Times:
    """Rows of a partner that have something in common with a person: each distinct word, just these words, the
    nationality (None where it is not known), and all rows that have a name."""

    words: Sequence[int]
    name: int
    nation: int | None
    rows: int


UNKNOWN: Final = Rarity(0)
"""Nothing is claimed: there is no name."""
_BEFORE, _WORD, _NATION = 1000, 1, 50
"""Rows that count as seen before any other, and how many of them have the word, and the nationality, in question."""


def rarity(times: Times) -> Rarity:
    """Levels of a name; counts that are too high never make it rarer but for that of the nationality. Raises ValueError
    on a negative count."""
    if min(times.rows, times.name, times.nation or 0, *times.words) < 0:
        raise ValueError("a count is negative")
    if not times.words:
        return UNKNOWN
    words = [_bits(each + _WORD, times.rows) for each in times.words]
    nation = 0.0 if times.nation is None else _bits(times.nation + _NATION, times.rows)
    name = max(sum(words) - (len(words) - 1) * nation, *words)
    if times.name > 1:
        name = min(name, _bits(times.name + _WORD, times.rows))
    return Rarity(sum(name >= bound for bound in NAME_LEVELS))


def usual(words: int, *, nation: bool) -> Rarity:
    """What a partner that has counted nobody claims of a name of so many words, the nationality known or not."""
    return rarity(Times([0] * words, 0, 0 if nation else None, 0))


def _bits(times: int, rows: int) -> float:
    return max(0.0, math.log2((rows + _BEFORE) / times))
