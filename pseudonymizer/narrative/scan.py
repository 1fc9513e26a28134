"""The door of the scan command: texts in, findings and coded indicators out, in the same order.

Pure: no file, socket or clock. The connector reads and writes the lines; nothing found here ever leaves its house.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pseudonymizer.narrative.engine import LANGUAGES, all_recognizers, analyzer, found_spans
from pseudonymizer.narrative.indicators import Signal, signals
from pseudonymizer.narrative.known import KnownValues
from pseudonymizer.narrative.lexicon.bundled import Lexicon, bundled_lexicon
from pseudonymizer.narrative.presidio import AnalyzerEngine
from pseudonymizer.narrative.recognisers.known_values import KnownValuesRecognizer
from pseudonymizer.narrative.spans import Span, with_joined_people, without_overlap

MAX_TEXT = 200_000
"""Longest text in code points that a scan takes; a longer one is bad input, not a reason to skip it."""


class BadLine(ValueError):
    """A line that is not `{id, text, known?}`; the message names the line and what is wrong, never the text."""


@dataclass(frozen=True, slots=True)
class NarrativeLine:
    """One text to scan. `known` are values that the record holds about its people (names, numbers)."""

    id: str | int
    text: str
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What was found in the line with the same id."""

    id: str | int
    spans: tuple[Span, ...]
    indicators: tuple[Signal, ...]


class Scanner:
    """Holds one Presidio engine with its word lists; making one takes some tenths of a second, so make it once."""

    def __init__(self, lexicon: Lexicon | None = None) -> None:
        self._lexicon = lexicon if lexicon is not None else bundled_lexicon()
        recognizers = [r for language in LANGUAGES for r in all_recognizers(self._lexicon, language)]
        self._engine: AnalyzerEngine = analyzer(recognizers)

    def scan(self, lines: Iterable[NarrativeLine]) -> Iterator[ScanResult]:
        """Yield one result per line, in order. Raises `ScanTimeout` when a text cannot be scanned in time."""
        for line in lines:
            yield self.scan_one(line)

    def scan_one(self, line: NarrativeLine) -> ScanResult:
        """Scan one line. Raises `ScanTimeout`; the text then counts as blocked, not as empty."""
        known = KnownValues.of(line.known)
        own = [KnownValuesRecognizer(known, self._lexicon.ordinary)] if known else []
        spans = with_joined_people(found_spans(self._engine, line.text, own))
        return ScanResult(line.id, without_overlap(spans), signals(line.text))


def parse_line(number: int, raw: str) -> NarrativeLine:
    """Read one JSON line; `number` counts from 1 and is named in the error. Raises `BadLine`."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadLine(f"line {number}: not JSON; write one object a line") from None
    if not isinstance(document, dict):
        raise BadLine(f"line {number}: not a JSON object; write {{id, text, known?}}")
    if not isinstance(document.get("id"), str | int) or isinstance(document["id"], bool):
        raise BadLine(f"line {number}: id is missing, or neither a string nor a whole number")
    if isinstance(document["id"], str) and any("\ud800" <= char <= "\udfff" for char in document["id"]):
        raise BadLine(f"line {number}: id holds half a character (a lone surrogate), which UTF-8 cannot write")
    if not isinstance(document.get("text"), str):
        raise BadLine(f"line {number}: text is missing or not a string")
    if len(document["text"]) > MAX_TEXT:
        raise BadLine(f"line {number}: text is longer than {MAX_TEXT} characters; split it")
    known = document.get("known", [])
    if known is None:
        known = []
    if not isinstance(known, list) or not all(isinstance(value, str) for value in known):
        raise BadLine(f"line {number}: known is not a list of strings")
    return NarrativeLine(document["id"], document["text"], tuple(known))


def result_line(result: ScanResult) -> str:
    """Write one result as a JSON line (without the line end), keys in the order of the interface page."""
    spans = [
        {"start": s.start, "end": s.end, "label": s.label.value, "score": s.score, "rule": s.rule} for s in result.spans
    ]
    found = [{"code": s.code.value, "status": s.status.value} for s in result.indicators]
    return json.dumps({"id": result.id, "spans": spans, "indicators": found}, ensure_ascii=False)
