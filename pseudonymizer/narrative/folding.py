"""Text as a comparison sees it: without case, diacritics and the letters that carry a stroke instead of an accent."""

import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose (NFKD leaves them), so that đ, ł and dotless ı fold like accents do.
_STROKES = str.maketrans(
    {
        "đ": "d",
        "ð": "d",
        "ł": "l",
        "ı": "i",
        "ø": "o",
        "ħ": "h",
        "ŧ": "t",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ĳ": "ij",
        "ə": "e",
        "ŋ": "n",
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "`": "'",
    }
)


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return `text` in lower case without diacritics; one code point may become none or two."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_STROKES)


def compact(text: str) -> str:
    """Return the folded letters and digits of `text`, everything else dropped."""
    return "".join(c for c in fold(text) if c.isalnum())


def within_distance(left: str, right: str, limit: int) -> bool:
    """Tell whether two words are at most `limit` slips apart: insert, delete, replace, swap of neighbours.

    Optimal string alignment, the restricted form of Damerau (1964) and Levenshtein (1966): no part is edited twice.
    """
    if left == right:
        return True
    if abs(len(left) - len(right)) > limit or limit == 0:
        return False
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        two_back, before, row = before, row, [i]
        for j, b in enumerate(right, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, two_back[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return False
    return row[-1] <= limit
