"""What a scan finds: labelled stretches of a text, in code points.

The labels are the closed list of the scan command (design page "Interfaces", section schakel-connector). A span carries
places and a rule name, never the text that stood there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """The kinds of identifying text that a scan tells apart."""

    PERSON = "PERSON"
    PLACE = "PLACE"
    ADDRESS = "ADDRESS"
    POSTCODE = "POSTCODE"
    ORG = "ORG"
    DOB = "DOB"
    DATE = "DATE"
    PHONE = "PHONE"
    BSN = "BSN"
    VNR = "VNR"
    IBAN = "IBAN"
    KENTEKEN = "KENTEKEN"
    KVK = "KVK"
    DOC = "DOC"
    CASE = "CASE"
    EMAIL = "EMAIL"
    URL = "URL"
    HANDLE = "HANDLE"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """One finding: zero-based code points, `end` exclusive; `score` in 0..1; `rule` names what fired."""

    start: int
    end: int
    label: Label
    score: float
    rule: str


def without_overlap(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Keep the surest span wherever several overlap, in text order.

    Surest is the higher score, then the longer, then the earlier one, then the label's name, so that the outcome
    never depends on the order in which recognisers ran.
    """
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (-s.score, s.start - s.end, s.start, s.label.value, s.rule)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return tuple(sorted(kept))
