"""What a scan finds: labelled stretches of a text, in code points.

The labels are the closed list of the scan command (design page "Interfaces", section schakel-connector). A span carries
places and a rule name, never the text that stood there.
"""

from collections.abc import Iterable, Sequence
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


def with_joined_people(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Join overlapping PERSON spans into one: a known first name and the unknown surname beside it are one person."""
    people = sorted(s for s in spans if s.label is Label.PERSON)
    joined: list[Span] = []
    for span in people:
        if joined and span.start < joined[-1].end:
            surest = max(joined[-1], span, key=lambda s: (s.score, s.rule))
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end), Label.PERSON, surest.score, surest.rule)
        else:
            joined.append(span)
    return (*(s for s in spans if s.label is not Label.PERSON), *joined)
