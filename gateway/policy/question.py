"""A question on its way to an engine: can it be judged, what is its one text, what is its digest. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from gateway.policy.errors import EngineFault

# A double ends below 1.8e308: 309 digits in a row are beyond it.
_BEYOND_DOUBLE: Final = re.compile("[0-9]{309}")
SECTIONS: Final = ("subject", "action", "resource", "context")


def answerable(question: JsonValue) -> bool:
    """The four sections are there; otherwise there is nothing to judge (HTTP 400)."""
    return isinstance(question, dict) and all(section in question for section in SECTIONS)


def question_text(question: JsonValue) -> str:
    """The question as JSON, one text for every engine; raises EngineFault when it cannot be JSON (NaN, infinity, or a
    number beyond a double, on which engines differ: RFC 8259, section 6).

    A lone surrogate is legal in Python and nowhere else: it becomes "?", which no code, enum or name in the
    vocabulary holds, so that both engines see the same unknown value.
    """
    try:
        text = json.dumps(question, ensure_ascii=False, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise EngineFault("the question cannot be written as JSON") from None
    if _BEYOND_DOUBLE.search(text):
        raise EngineFault("the question holds a number that engines compare differently")
    return text.encode("utf-8", "replace").decode("utf-8")


def question_digest(question: Mapping[str, JsonValue]) -> str:
    """SHA-256 (hex) over the question's canonical JSON, to bind a decision to what was asked."""
    canonical = json.dumps(question, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
