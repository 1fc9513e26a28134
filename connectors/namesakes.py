"""How often the words of names stand in this partner's own rows, so that a sketch can say how rare a name is.

`FileCounts` counts one file in bounded memory; the outbox keeps counts over deliveries. Words leave neither.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from connectors.tokenise import Prepared
from pseudonymizer.identity import NormalisedIdentity
from pseudonymizer.rarity import UNKNOWN, Rarity, rarity

_WIDTH: Final = 1 << 20
_ROWS: Final = hashlib.sha256(b"rows").digest()[:16]
Tally = Callable[[Mapping[bytes, int]], Mapping[bytes, int]]
"""Adds to the counts under these marks and answers what they are now."""


class FileCounts:
    """Rows by word of one file: a count-min sketch (Cormode and Muthukrishnan, "An improved data stream summary", J.
    Algorithms 2005) of two rows of 2^20 counters, 8 MB whatever the file. It never counts too few, so a name is never
    taken for rarer than it is.
    """

    def __init__(self) -> None:
        self._times = np.zeros((2, _WIDTH), dtype=np.uint32)
        self._rows = 0

    def add(self, norm: NormalisedIdentity) -> None:
        """Count one row; one without a name does not count."""
        if norm.words:
            self._rows += 1
            for word in set(norm.words):
                one, other = _places(word)
                self._times[0, one] += 1
                self._times[1, other] += 1

    def rarity(self, norm: NormalisedIdentity) -> Rarity:
        """The levels of a name in this file."""
        return rarity([self._of(word) for word in set(norm.words)], self._rows)

    def _of(self, word: str) -> int:
        one, other = _places(word)
        return int(min(self._times[0, one], self._times[1, other]))


def _places(word: str) -> tuple[int, int]:
    digest = hashlib.blake2b(word.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4]) % _WIDTH, int.from_bytes(digest[4:]) % _WIDTH


def weighed(people: Sequence[Prepared], key: bytes, tally: Tally, *, own: bool) -> list[Prepared]:
    """The same people, with how rare their names are among all rows that `tally` has counted.

    Words are counted under HMACs with `key`, which is not where the counts are. `own`: these are rows of this partner
    and count themselves; the subject of a question does not.
    """
    marks = [{_mark(key, word) for word in person.norm.words} if person.blocks else set() for person in people]
    times = Counter(mark for each in marks for mark in each) + Counter({_ROWS: sum(map(bool, marks))})
    known = tally(times if own else dict.fromkeys([*times, _ROWS], 0))
    return [
        replace(person, rare=rarity([known[mark] for mark in each], known[_ROWS]) if each else UNKNOWN)
        for person, each in zip(people, marks, strict=True)
    ]


def _mark(key: bytes, word: str) -> bytes:
    return hmac.digest(key, b"word|" + word.encode(), "sha256")[:16]
