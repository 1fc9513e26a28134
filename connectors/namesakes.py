"""How often names stand in this partner's own rows, so that a sketch can say how rare a name is.

`FileCounts` counts one file in bounded memory; the outbox keeps counts over deliveries. Words leave neither.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from connectors.tokenise import Prepared
from pseudonymizer.identity import NormalisedIdentity
from pseudonymizer.rarity import Rarity, Times, rarity

_WIDTH: Final = 1 << 20
_ROWS: Final = "rows"
Tally = Callable[[Mapping[bytes, int]], Mapping[bytes, int]]
"""Adds to the counts under these marks and answers what they are now."""


@dataclass(frozen=True, slots=True, repr=False)
class _Facts:
    """What is counted of one row, each under a name of its own."""

    words: tuple[str, ...]
    name: str
    nation: str | None

    @classmethod
    def of(cls, norm: NormalisedIdentity) -> Self:
        words = tuple(sorted(set(norm.words)))
        nation = None if norm.nationality is None else f"nation|{norm.nationality}"
        return cls(tuple(f"word|{word}" for word in words), f"name|{' '.join(words)}", nation)

    @property
    def all(self) -> tuple[str, ...]:
        """Empty for who has no name: such a row does not count."""
        nation = () if self.nation is None else (self.nation,)
        return (*self.words, self.name, *nation, _ROWS) if self.words else ()

    def rarity(self, times: Callable[[str], int]) -> Rarity:
        nation = None if self.nation is None else times(self.nation)
        return rarity(Times([times(word) for word in self.words], times(self.name), nation, times(_ROWS)))


class FileCounts:
    """Rows of one file by word, name and nationality: a count-min sketch (Cormode and Muthukrishnan, "An improved data
    stream summary", J. Algorithms 2005) of two rows of 2^20 counters, 8 MB whatever the file. It never counts too few.
    """

    def __init__(self) -> None:
        self._times = np.zeros((2, _WIDTH), dtype=np.uint32)

    def add(self, norm: NormalisedIdentity) -> None:
        """Count one row; one without a name does not count."""
        for fact in _Facts.of(norm).all:
            one, other = _places(fact)
            self._times[0, one] += 1
            self._times[1, other] += 1

    def rarity(self, norm: NormalisedIdentity) -> Rarity:
        """The levels of a name in this file."""
        return _Facts.of(norm).rarity(self._of)

    def _of(self, fact: str) -> int:
        one, other = _places(fact)
        return int(min(self._times[0, one], self._times[1, other]))


def _places(fact: str) -> tuple[int, int]:
    digest = hashlib.blake2b(fact.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4]) % _WIDTH, int.from_bytes(digest[4:]) % _WIDTH


def weighed(people: Sequence[Prepared], key: bytes, tally: Tally, *, own: bool) -> list[Prepared]:
    """The same people, with how rare their names are among all rows that `tally` has counted.

    Everything is counted under HMACs with `key`, which is not where the counts are. `own`: these are rows of this
    partner and count themselves; the subject of a question does not. Who gets no blocks is left as he is.
    """
    facts = [_Facts.of(person.norm) for person in people]
    times = Counter(fact for person, each in zip(people, facts, strict=True) if person.composed for fact in each.all)
    marks = {fact: hmac.digest(key, b"namesakes|" + fact.encode(), "sha256")[:16] for fact in times}
    known = tally({mark: times[fact] if own else 0 for fact, mark in marks.items()})
    return [
        replace(person, rare=each.rarity(lambda fact: known[marks[fact]])) if person.composed and each.words else person
        for person, each in zip(people, facts, strict=True)
    ]
