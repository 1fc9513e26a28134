"""The record's own values, looked for in a text: token by token, forgiving of slips, accents and missing spaces.

A name word matches exactly up to four letters, with one slip at five or six, with two from seven on (narrative page,
"Known-values matcher"). Initials and tussenvoegsels count only beside a hit. Numbers match on their letters and digits.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pseudonymizer.narrative.folding import compact, fold, within_distance

PARTICLES = frozenset(
    "van de der den het ten ter te la le du des el al von zu da dos di bin ibn ben abu op in t s vd vdr vande".split()
)
"""Words inside a name that are not a name by themselves."""

_WORD = re.compile(r"[^\W_]+")
_MIN_CODE = 5


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: code points and folded form."""

    start: int
    end: int
    folded: str
    capital: bool
    particle: bool


@dataclass(frozen=True, slots=True)
class KnownHit:
    """Where a known value stands: code points, and whether it is a name or a number."""

    start: int
    end: int
    is_name: bool


@dataclass(frozen=True, slots=True, repr=False)
class KnownValues:
    """A record's own values, ready to be looked for. `repr` shows nothing of them."""

    names: frozenset[str]
    initials: frozenset[str]
    codes: frozenset[str]

    @classmethod
    def of(cls, values: Iterable[str]) -> "KnownValues":
        """Take the values apart: name words, their initials, and codes (anything with a digit or an @)."""
        names: set[str] = set()
        initials: set[str] = set()
        codes: set[str] = set()
        for value in values:
            if any(c.isdigit() or c == "@" for c in value):
                squeezed = compact(value)
                if len(squeezed) >= _MIN_CODE:
                    codes.add(squeezed)
                    codes.update(_date_forms(value))
                continue
            words = words_of(value)
            names.update(word.folded for word in words if len(word.folded) > 1 and not word.particle)
            initials.update(word.folded[0] for word in words)
        return cls(frozenset(names), frozenset(initials), frozenset(codes))

    def __bool__(self) -> bool:
        return bool(self.names or self.codes)


def words_of(text: str) -> list[Word]:
    """Return the words of `text` (letters and digits, no underscore) with places and folded forms."""
    return [
        Word(
            m.start(),
            m.end(),
            fold(m.group()),
            m.group()[0].isupper() or m.group()[0].isdigit(),
            m.group().lower() in PARTICLES,
        )
        for m in _WORD.finditer(text)
    ]


def slips_allowed(name: str) -> int:
    """Return how many slips a name word of this length forgives: 0 up to four letters, 1 at five and six, else 2."""
    return 0 if len(name) < 5 else 1 if len(name) < 7 else 2


@lru_cache(maxsize=262_144)
def same_name(name: str, word: str) -> bool:
    """Tell whether a folded word is the folded name within the slips that its length allows."""
    if name == word:
        return True
    limit = slips_allowed(name)
    if limit == 0 or abs(len(name) - len(word)) > limit or len(word) < 4:
        return False
    if len(set(name) ^ set(word)) > 2 * limit:
        return False
    return within_distance(name, word, limit)


def known_hits(text: str, known: KnownValues, ordinary: frozenset[str] = frozenset()) -> list[KnownHit]:
    """Return where known values stand in `text`.

    `ordinary` are folded dictionary words: such a word is a hit only when it equals the name and is written with a
    capital (Storm, De Groot), never as somebody's misspelling.
    """
    words = words_of(text)
    hits = [
        KnownHit(words[i].start, _with_dot(text, words[j]), True) for i, j in _name_runs(text, words, known, ordinary)
    ]
    hits.extend(KnownHit(a, b, False) for a, b in _code_runs(words, known.codes))
    return hits


def _with_dot(text: str, word: Word) -> int:
    """Return the end of a word; the full stop behind an initial belongs to it."""
    initial = word.end - word.start == 1 and text[word.end : word.end + 1] == "."
    return word.end + initial


def _is_name(word: Word, known: KnownValues, ordinary: frozenset[str]) -> bool:
    if word.folded in known.names:
        return word.capital or word.folded not in ordinary
    if word.folded in ordinary:
        return False
    return any(same_name(name, word.folded) for name in known.names)


def _name_runs(
    text: str, words: Sequence[Word], known: KnownValues, ordinary: frozenset[str]
) -> Iterable[tuple[int, int]]:
    """Yield runs (first word, last word) of name hits, with particles and initials beside them."""
    place = 0
    while place < len(words):
        last = place if _is_name(words[place], known, ordinary) else _split_name(words, place, known, ordinary)
        if last is None:
            place += 1
            continue
        first = _grow_left(text, words, place, known)
        last = _grow_right(text, words, last, known, ordinary)
        yield first, last
        place = last + 1


def _split_name(words: Sequence[Word], place: int, known: KnownValues, ordinary: frozenset[str]) -> int | None:
    """Return the second word's index when two words together are a name of six letters or more (`Mun teanu`)."""
    if place + 1 >= len(words) or words[place + 1].start - words[place].end != 1:
        return None
    if words[place].folded in ordinary and words[place + 1].folded in ordinary:
        return None
    joined = words[place].folded + words[place + 1].folded
    near = any(len(name) >= 6 and within_distance(name, joined, 1) for name in known.names)
    return place + 1 if near else None


def _beside(word: Word, known: KnownValues) -> bool:
    return word.particle or (len(word.folded) == 1 and word.folded in known.initials)


def _grow_left(text: str, words: Sequence[Word], place: int, known: KnownValues) -> int:
    first = place
    while first > 0 and _joined(text, words[first - 1], words[first]) and _beside(words[first - 1], known):
        first -= 1
    while first < place and words[first].particle and not words[first].capital:
        if first > 0 or len(words[first].folded) <= 2:
            first += 1
            continue
        break
    return first


def _grow_right(text: str, words: Sequence[Word], last: int, known: KnownValues, ordinary: frozenset[str]) -> int:
    reach = last
    while reach + 1 < len(words) and _joined(text, words[reach], words[reach + 1]):
        following = words[reach + 1]
        if _is_name(following, known, ordinary):
            last = reach = reach + 1
        elif _beside(following, known):
            reach += 1
            if len(following.folded) == 1 and following.capital:
                last = reach
        else:
            break
    return last


def _joined(text: str, left: Word, right: Word) -> bool:
    between = text[left.end : right.start]
    return len(between) <= 3 and between.strip(" .,-'’\u00a0") == ""


def _code_runs(words: Sequence[Word], codes: frozenset[str]) -> Iterable[tuple[int, int]]:
    """Yield places where consecutive words, squeezed together, are a known number (one slip from eight on).

    What is exactly the number goes before what is nearly so, so that no neighbouring letter is taken along.
    """
    taken: set[int] = set()
    for same in (str.__eq__, _nearly_same):
        for first in range(len(words) if codes else 0):
            squeezed = ""
            for last in range(first, min(first + 8, len(words))):
                squeezed += words[last].folded
                run = range(first, last + 1)
                if taken.isdisjoint(run) and any(same(code, squeezed) for code in codes):
                    taken.update(run)
                    yield words[first].start, words[last].end
                    break


def _nearly_same(code: str, squeezed: str) -> bool:
    return len(code) >= 8 and len(squeezed) >= 7 and within_distance(code, squeezed, 1)


def _date_forms(value: str) -> set[str]:
    """Return the compact spellings of a full date: 19960423, 23041996, 230496."""
    iso = re.fullmatch(r"(\d{4})-?(\d{2})-?(\d{2})", value.strip())
    dmy = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", value.strip())
    if iso:
        year, month, day = iso.groups()
    elif dmy:
        day, month, year = dmy.groups()
    else:
        return set()
    day2, month2 = day.zfill(2), month.zfill(2)
    return {year + month2 + day2, day2 + month2 + year, day2 + month2 + year[2:], f"{int(day)}{int(month)}{year}"}
