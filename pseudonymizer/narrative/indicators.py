"""Coded indicators of human trafficking, read from a text by rules.

The closed list follows the control methods of IOM's Human Trafficking Case Data Standard (HTCDS 2.0, `meansOfControl`)
and the Dutch signal card (Signalenkaart mensenhandel, CoMensha and Expertisecentrum Mensenhandel en Mensensmokkel).
Only a code and its status may leave a partner; no snippet, offset, length or hash of the text does.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from pseudonymizer.narrative.folding import fold
from pseudonymizer.narrative.means_of_control import MEANS_OF_CONTROL
from pseudonymizer.narrative.signal import Indicator, Trigger
from pseudonymizer.narrative.signal_card import SIGNAL_CARD
from pseudonymizer.narrative.signal_status import SignalStatus, is_negated, status_of

TRIGGERS: Mapping[Indicator, tuple[Trigger, ...]] = MappingProxyType({**MEANS_OF_CONTROL, **SIGNAL_CARD})
"""Every indicator with the rules that find it."""

_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_NUMBER_DOT = re.compile(r"(?<=[0-9])\.(?=[0-9])")
_ABBREVIATED = re.compile(r"\b(?:dhr|mw|mevr|dr|drs|mr|ca|geb|nr|tel|o\.a|bijv|evt|[a-z])\.$")
_WORD = re.compile(r"[^\W\d_]+")
_PREFIX = 4


@dataclass(frozen=True, slots=True, order=True)
class Signal:
    """One indicator found in a text, with the strongest status it was found with."""

    code: Indicator
    status: SignalStatus


def signals(text: str) -> tuple[Signal, ...]:
    """Return the indicators in a text, each once, in order of code; negated and asked-for ones are left out."""
    found: dict[Indicator, SignalStatus] = {}
    for sentence in _sentences(fold(text)):
        for code in _possible(sentence):
            status = _status_in(sentence, TRIGGERS[code])
            if status is not None and (code not in found or status.rank > found[code].rank):
                found[code] = status
    return tuple(Signal(code, found[code]) for code in sorted(found))


def _status_in(sentence: str, triggers: tuple[Trigger, ...]) -> SignalStatus | None:
    """Return how the sentence states the indicator, or None when it does not or denies it."""
    for trigger in triggers:
        if trigger.unless and _compiled(trigger.unless).search(sentence):
            continue
        for match in _compiled(trigger.pattern).finditer(sentence):
            if not is_negated(sentence, match.start(), match.end(), trigger.negative):
                return status_of(sentence)
    return None


def _sentences(folded: str) -> Iterator[str]:
    pending = ""
    for part in _SENTENCE.split(_NUMBER_DOT.sub("", folded)):
        pending = f"{pending} {part}" if pending else part
        if _ABBREVIATED.search(pending) is None:
            yield pending
            pending = ""
    if pending:
        yield pending


def _possible(sentence: str) -> list[Indicator]:
    """Return the indicators of which a word's first letters occur; it spares running every pattern on every text."""
    starts = _codes_by_start()
    return sorted({code for word in _WORD.findall(sentence) for code in starts.get(word[:_PREFIX], ())})


@lru_cache(maxsize=1)
def _codes_by_start() -> dict[str, tuple[Indicator, ...]]:
    index: dict[str, list[Indicator]] = {}
    for code, triggers in TRIGGERS.items():
        for start in {start[:_PREFIX] for trigger in triggers for start in trigger.starts}:
            index.setdefault(start, []).append(code)
    return {start: tuple(codes) for start, codes in index.items()}


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern)
