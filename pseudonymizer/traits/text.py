"""The first step of every trait: one Unicode form, no invisible characters, and words that only say "unknown"."""

import re
import unicodedata
from typing import Final

from pseudonymizer.identity import Reason

MAX_RAW_LENGTH: Final = 512
"""Longer cells are not a trait but a text; the bound also keeps every function linear on hostile input."""

_FILLERS: Final = (
    "onbekend|unknown|onb|nvt|n.v.t.|n.v.t|geen|none|null|nil|nan|n/a|na|-|--|?|??|???|x|xx|xxx|niet_bekend|niet bekend"
    "|niet van toepassing|geen opgave|not known"
)
_UNKNOWN: Final = frozenset(_FILLERS.split("|"))
_SPACE: Final = re.compile(r"\s+")
_NOT_ALNUM: Final = re.compile(r"[^A-Z0-9]")


class UnusableValueError(ValueError):
    """A trait gives no token. Carries the reason only, never the value; it does not leave `pseudonymizer`."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def clean(value: str | None) -> str:
    """NFKC, without control and format characters, spaces single, stripped. Raises UnusableValueError when empty."""
    if not value:
        raise UnusableValueError(Reason.ABSENT)
    if len(value) > MAX_RAW_LENGTH:
        raise UnusableValueError(Reason.LENGTH)
    folded = unicodedata.normalize("NFKC", value)
    visible = "".join(" " if char.isspace() else char for char in folded if char.isspace() or char.isprintable())
    text = _SPACE.sub(" ", visible).strip()
    if not text:
        raise UnusableValueError(Reason.ABSENT)
    return text


def known(value: str | None) -> str:
    """As `clean`, and refuses fillers that only say that nobody knows."""
    text = clean(value)
    if text.lower() in _UNKNOWN:
        raise UnusableValueError(Reason.UNKNOWN)
    return text


def alphanumeric(value: str | None) -> str:
    """Upper-case `[A-Z0-9]` only: separators go, letters of other scripts are not transliterated but refused."""
    text = known(value).upper()
    if any(char.isalnum() and not char.isascii() for char in text):
        raise UnusableValueError(Reason.MALFORMED)
    compact = _NOT_ALNUM.sub("", text)
    if not compact:
        raise UnusableValueError(Reason.MALFORMED)
    return compact
