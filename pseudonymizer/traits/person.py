"""What describes a person without numbering him or her: name words, birth date, sex."""

import datetime
import itertools
import re
from typing import Final

from anyascii import anyascii

from pseudonymizer.identity import BirthDate, Reason
from pseudonymizer.traits.text import UnusableValueError, clean, known

MAX_WORDS: Final = 12
MAX_WORD_LETTERS: Final = 40
"""A longer "word" is a text without spaces, not a name (names of 35 letters exist). Five skeletons of such words, each
twice as long where all is x, still fit the 512 bytes of a value (design/cryptography.md, "Bytes" 2)."""
_SHORT_WORD: Final = 3
_APOSTROPHE: Final = re.compile(r"['`´‘’ʼʹʻ]")
_NOT_LETTER: Final = re.compile(r"[^a-z]+")
_PREFIXES: Final = "aan bij de den der het in onder op over s t te ten ter tot uit van vd von voor"
_TUSSENVOEGSELS: Final = frozenset(_PREFIXES.split())
"""Dutch prefixes of the BRP (Landelijke tabel 36), single words. Romance and Arabic ones (la, le, da, el, al) stay:
they are whole names elsewhere, and dropping them would hide people of those origins more often."""
_NO_NAME: Final = frozenset({"onbekend", "unknown", "nn", "nnb", "anoniem", "anonymous", "geen"})

_ISO: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?")
_DUTCH: Final = re.compile(r"([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH: Final = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})")
_YEAR: Final = re.compile(r"([0-9]{4})")
_YEARS: Final = range(1890, 2100)
_FILLERS: Final = frozenset({(1900, 1, 1), (1901, 1, 1), (1899, 12, 31), (1899, 12, 30)})
"""Dates that spreadsheets and registers write for "unknown" (day zero of the 1900 date systems)."""

_SEX: Final = {
    **dict.fromkeys(("m", "man", "male", "mannelijk"), "m"),
    **dict.fromkeys(("f", "v", "vrouw", "female", "vrouwelijk", "w"), "v"),
    **dict.fromkeys(("x", "anders", "other"), "x"),
}


def name_words(value: str | None) -> tuple[str, ...]:
    """Words of [a-z] in the order written, transliterated by `anyascii`, without tussenvoegsels.

    A tussenvoegsel is dropped only where another word of the same field follows it, so that a name which happens to
    look like one (Van, Ten, Op) keeps its word. Raises UnusableValueError when no word of up to `MAX_WORD_LETTERS` is
    left.
    """
    ascii_text = _APOSTROPHE.sub("", anyascii(_APOSTROPHE.sub("", clean(value)))).lower()
    written = [word for word in _NOT_LETTER.sub(" ", ascii_text).split() if word not in _NO_NAME]
    words = [word for word in written if len(word) <= MAX_WORD_LETTERS][:MAX_WORDS]
    if written and not words:
        raise UnusableValueError(Reason.LENGTH)
    kept = tuple(word for place, word in enumerate(words, 1) if place == len(words) or word not in _TUSSENVOEGSELS)
    if not kept:
        raise UnusableValueError(Reason.UNKNOWN if ascii_text.strip() else Reason.MALFORMED)
    return kept


def joined_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Neighbouring words of one field written as one, where either has at most three letters.

    Syllables and articles are written apart or together by taste (Gui Xiang, Guixiang; Al Sayed, Alsayed); long words
    are not, and joining those too would only cost tokens. Chosen by measurement, deploy/linkage/validation.md.
    """
    pairs = itertools.pairwise(words)
    return tuple(left + right for left, right in pairs if min(len(left), len(right)) <= _SHORT_WORD)


def birth_date(value: str | None) -> BirthDate:
    """ISO, dd-mm-yyyy, yyyymmdd, yyyy-mm or yyyy. `01-01`, a month 00 and a day 00 read as unknown.

    Raises UnusableValueError: malformed (no such form, no such day, year outside 1890..2099) or placeholder.
    """
    year, month, day = _date_parts(known(value))
    if (year, month, day) in _FILLERS:
        raise UnusableValueError(Reason.PLACEHOLDER)
    if year not in _YEARS:
        raise UnusableValueError(Reason.MALFORMED)
    if month == 0 or (month, day) == (1, 1):
        return BirthDate(year)
    if month > 12:
        raise UnusableValueError(Reason.MALFORMED)
    if day == 0:
        return BirthDate(year, month)
    try:
        datetime.date(year, month, day)
    except ValueError:
        raise UnusableValueError(Reason.MALFORMED) from None
    return BirthDate(year, month, day)


def _date_parts(text: str) -> tuple[int, int, int]:
    if not text.isascii():
        raise UnusableValueError(Reason.MALFORMED)
    if found := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DUTCH.fullmatch(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _MONTH.fullmatch(text):
        return int(found[1]), int(found[2]), 0
    if found := _YEAR.fullmatch(text):
        return int(found[1]), 0, 0
    raise UnusableValueError(Reason.MALFORMED)


def sex(value: str | None) -> str:
    """`m`, `v` or `x`; takes m/f/v/x and man/vrouw/anders (also in English)."""
    text = clean(value).lower()
    if text in _SEX:
        return _SEX[text]
    known(value)
    raise UnusableValueError(Reason.MALFORMED)
