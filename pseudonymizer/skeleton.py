"""The skeleton of a name word: what is left when spelling, transliteration and vowels are taken out (`norm=1`).

Rules: design/cryptography.md, "Composite tokens". One pass from left to right, the longest match first, outputs not
read again; then h goes, the first vowel becomes V, other vowels go, repeats collapse. Shorter than two is no skeleton.
"""

import re
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_RULES: Final = MappingProxyType(
    {
        **dict.fromkeys(("tsch", "sch", "sh", "ch", "ts", "tz", "cz", "sz"), "s"),
        "zh": "z",
        "dz": "z",
        "kh": "h",
        "gh": "g",
        "ph": "f",
        "th": "t",
        "dh": "d",
        "ck": "k",
        "ou": "u",
        "oo": "u",
        "x": "ks",
        "q": "k",
        "w": "v",
        "j": "i",
        "y": "i",
        "c": "k",
        "z": "s",
    }
)
_PATTERN: Final = re.compile("|".join(sorted(_RULES, key=len, reverse=True)))
_VOWELS: Final = re.compile("[aeiou]")
_REPEATS: Final = re.compile(r"(.)\1+")


@lru_cache(maxsize=65536)
def skeleton(word: str) -> str | None:
    """Skeleton of one word of [a-z], or None when it would be shorter than two letters."""
    letters = _PATTERN.sub(lambda found: _RULES[found[0]], word).replace("h", "")
    marked = _VOWELS.sub("V", letters, count=1)
    result = _REPEATS.sub(r"\1", _VOWELS.sub("", marked))
    return result if len(result) >= 2 else None
