"""How common a name is among the people of one partner, in levels that two partners can compare.

Agreement on a rare value weighs more than on a common one: of two records with the same name, the chance that they are
two people is the share of people who bear it (Fellegi and Sunter, "A theory for record linkage", JASA 1969, section
3.3.1; Winkler, "Frequency-based matching in Fellegi-Sunter model", 1989). The share of a name is estimated from the
words that it is made of, as if they were independent, from the partner's own rows and from nothing else:

    share of a word = (rows that have it + 1) / (rows counted + 2)      rarity = -log2 of it, in bits

The smoothing makes a file too small to know claim little: a word seen once in 100 rows is at most 5.7 bits rare. Pure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

NAME_LEVELS: Final = (10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 23.0, 27.0)
"""Bounds in bits of the sum over a name's distinct words: about its tenths in a file of 20,000 people."""
WORD_LEVELS: Final = (6.0, 7.5, 9.0, 11.0)
"""Bounds in bits of the commonest of its words."""


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many bounds the whole name (0 to 8) and its commonest word (0 to 4) reach."""

    name: int
    word: int


UNKNOWN: Final = Rarity(0, 0)
"""Nothing is claimed: no name, or nobody to compare with."""


def rarity(times: Sequence[int], rows: int) -> Rarity:
    """Levels of a name whose distinct words stand in `times` rows of `rows`. Raises ValueError on a negative count."""
    if rows < 0 or any(each < 0 for each in times):
        raise ValueError("a count is negative")
    if not times:
        return UNKNOWN
    bits = [max(0.0, math.log2((rows + 2) / (each + 1))) for each in times]
    return Rarity(_reached(sum(bits), NAME_LEVELS), _reached(min(bits), WORD_LEVELS))


def _reached(bits: float, bounds: Sequence[float]) -> int:
    return sum(bits >= bound for bound in bounds)
