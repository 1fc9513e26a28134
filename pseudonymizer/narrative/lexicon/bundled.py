"""The word lists that ship with the project, read once and handed to whoever needs them.

Where they come from stands at the head of each file. No list of people's names is among them: names are what is left
when ordinary words are taken away.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from pseudonymizer.narrative.folding import fold, within_distance

_COMMON_RANK = 1_000
_MISREAD = str.maketrans("015", "ols")


@dataclass(frozen=True, slots=True, repr=False)
class Lexicon:
    """Folded words.

    `ordinary` are Dutch and English dictionary words, `common` the most frequent of them, `not_names` words with a
    capital that name nobody, `places` towns (words joined by single spaces).
    """

    ordinary: frozenset[str]
    common: frozenset[str]
    not_names: frozenset[str]
    places: frozenset[str]
    longest_place: Mapping[str, int]
    """For the first word of a place, the largest number of words of a place that starts so."""
    towns_by_shape: Mapping[tuple[str, int], tuple[str, ...]]
    """Places of one word by first letter and length."""

    @classmethod
    def of(
        cls, ordinary: frozenset[str], common: frozenset[str], not_names: frozenset[str], places: frozenset[str]
    ) -> "Lexicon":
        """Return a lexicon of these folded words, with its indexes."""
        longest: dict[str, int] = {}
        shapes: dict[tuple[str, int], list[str]] = {}
        for place in sorted(places):
            words = place.split()
            longest[words[0]] = max(longest.get(words[0], 0), len(words))
            if len(words) == 1:
                shapes.setdefault((place[0], len(place)), []).append(place)
        return cls(ordinary, common, not_names, places, longest, {shape: tuple(t) for shape, t in shapes.items()})

    def is_misread_town(self, word: str) -> bool:
        """Tell whether a folded word of six letters or more is a town misread by OCR (rn for m) or one slip away."""
        reread = word.replace("rn", "m").translate(_MISREAD)
        if reread != word and reread in self.places:
            return True
        if word in self.ordinary:
            return False
        lengths = (len(word) - 1, len(word), len(word) + 1)
        near = (town for n in lengths for town in self.towns_by_shape.get((word[0], n), ()))
        return any(within_distance(town, word, 1) for town in near)


@lru_cache(maxsize=1)
def bundled_lexicon() -> Lexicon:
    """Return the lists that ship with this package."""
    dutch = [fold(word) for line in _lines("words_nl.txt") for word in line.split()]
    english = [fold(word) for line in _lines("words_en.txt") for word in line.split()]
    return Lexicon.of(
        ordinary=frozenset(dutch) | frozenset(english),
        common=frozenset(dutch[:_COMMON_RANK]) | frozenset(english[:_COMMON_RANK]),
        not_names=frozenset(fold(word) for line in _lines("not_names.txt") for word in line.split()),
        places=frozenset(place_key(line) for line in _lines("places.txt")),
    )


def place_key(name: str) -> str:
    """Return the form in which a place is looked up: folded words joined by single spaces."""
    return " ".join(fold(name).replace("-", " ").replace("'", " ").split())


def _lines(name: str) -> list[str]:
    text = files("pseudonymizer.narrative.lexicon").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
