"""How a text is written, word by word: its case, its words, which of them open a sentence, which are ordinary."""

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from pseudonymizer.narrative.folding import fold
from pseudonymizer.narrative.known import PARTICLES

_WORD = re.compile(r"(?<!\w)[^\W\d_][^\W_]*(?:['’\-][^\W_]+)*")
_STARTERS = re.compile(r"(?:^|[.!?:;]['\"”’)]*\s+|\n\s*|^[\s\-–•*>\"'“‘(]+|[\"“(]\s?)$")


_ENDINGS = ("s", "e", "en", "n", "t", "je", "tje", "jes", "te", "ten", "de", "den")
_HEADS = (
    "over",
    "ver",
    "be",
    "ont",
    "aan",
    "af",
    "uit",
    "op",
    "in",
    "mis",
    "on",
    "her",
    "voor",
    "mede",
    "bij",
    "door",
    "tegen",
    "na",
    "ge",
)
_LINKS = ("", "s", "en", "e")


class Case(Enum):
    """How the letters of a text are written."""

    MIXED = "mixed"
    CAPS = "caps"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place in code points; `opens` says that it is the first of a sentence, line or quotation."""

    start: int
    end: int
    text: str
    folded: str
    opens: bool

    @property
    def particle(self) -> bool:
        """True for a word like `van` or `de` inside a name; Vietnamese Lê is a name, French le is not."""
        return self.text.lower() in PARTICLES

    @property
    def capital(self) -> bool:
        """True when the first letter is a capital."""
        return self.text[0].isupper()


@lru_cache(maxsize=65_536)
def is_ordinary(folded: str, words: frozenset[str]) -> bool:
    """Tell whether a word is in the list, an inflection or derivation of one that is, or a compound of such words."""
    if folded in words:
        return True
    if any(
        len(folded) - len(tail) >= 4 and folded.endswith(tail) and folded[: -len(tail)] in words for tail in _ENDINGS
    ):
        return True
    if any(
        len(folded) - len(head) >= 5 and folded.startswith(head) and folded[len(head) :] in words for head in _HEADS
    ):
        return True
    return len(folded) >= 8 and any(
        folded[:cut] in words and any(_ends_well(folded[cut:], link, words) for link in _LINKS)
        for cut in range(4, len(folded) - 3)
    )


def _ends_well(rest: str, link: str, words: frozenset[str]) -> bool:
    if not rest.startswith(link):
        return False
    tail = rest[len(link) :]
    return tail in words or (len(tail) >= 8 and is_ordinary(tail, words))


def case_of(text: str) -> Case:
    """Return whether a text is written all in capitals (seven letters in ten), all in lower case, or mixed."""
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    if letters and capitals >= 0.7 * len(letters) and len(letters) > 8:
        return Case.CAPS
    return Case.LOWER if capitals == 0 else Case.MIXED


def words_of_text(text: str) -> list[Word]:
    """Return the words of a text in order; a hyphen or apostrophe inside a word belongs to it."""
    return [
        Word(
            m.start(),
            m.end(),
            m.group(),
            fold(m.group()),
            _STARTERS.search(text[max(0, m.start() - 12) : m.start()]) is not None if m.start() else True,
        )
        for m in _WORD.finditer(text)
    ]
