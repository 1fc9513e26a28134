"""Structured identifiers in text that was written by a generator, not by the authors of the rules' examples."""

import json
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest

from pseudonymizer.narrative.scan import NarrativeLine, Scanner
from tests.narrative.writer import Gold, Story, write

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
STRUCTURED = (
    "BSN VNR PHONE IBAN KENTEKEN KVK DOC CASE POSTCODE ADDRESS EMAIL URL HANDLE DOB DATE".split()
)  # design page "Narrative text", Goals
CASEBOOK = Path(__file__).with_name("casebook.jsonl")


@lru_cache(maxsize=1)
def scanner() -> Scanner:
    return Scanner()


def missed(stories: list[Story]) -> tuple[Counter[str], Counter[str]]:
    """Return per label how many gold spans there are and how many are not found with exactly their bounds."""
    total: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for story in stories:
        spans = scanner().scan_one(NarrativeLine("x", story.text, story.known)).spans
        found = {(s.start, s.end, s.label.value) for s in spans}
        for gold in story.gold:
            total[gold.label] += 1
            lost[gold.label] += (gold.start, gold.end, gold.label) not in found
    return total, lost


@lru_cache(maxsize=1)
def generated() -> tuple[Counter[str], Counter[str]]:
    return missed(list(write(20_261, 1_500)))


@pytest.mark.parametrize("label", STRUCTURED)
def test_generated_text_recall(label: str) -> None:
    """At least 98 % of the spans of each structured type are found with exactly their bounds."""
    total, lost = generated()
    assert total[label] > 60
    assert lost[label] <= 0.02 * total[label]


def test_generated_text_people() -> None:
    """At least 95 % of the people in generated text are found, half of them without known values."""
    total, lost = generated()
    assert lost["PERSON"] <= 0.05 * total["PERSON"]


def test_development_sample() -> None:
    """All gold spans of the shared development sample are found exactly, and nothing in its clean texts."""
    lines = (SHARED / "data" / "narratives" / "narratives_nl_dev.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    stories = [
        Story(r["text"], tuple(Gold(s["start"], s["end"], s["label"]) for s in r["spans"]), tuple(r["known"]))
        for r in rows
    ]
    assert sum(missed(stories)[1].values()) == 0
    clean = [story for story in stories if not story.gold]
    assert all(not scanner().scan_one(NarrativeLine("x", story.text)).spans for story in clean)


@pytest.mark.parametrize(
    "row", [json.loads(r) for r in CASEBOOK.read_text("utf-8").splitlines()], ids=lambda r: r["id"]
)
def test_casebook(row: dict[str, object]) -> None:
    """Hand-written police and care notes (capitals, lower case, telegram style, OCR) give exactly the listed spans."""
    text = str(row["text"])
    spans = scanner().scan_one(NarrativeLine("x", text)).spans
    assert [[text[s.start : s.end], s.label.value] for s in spans] == row["spans"]


@pytest.mark.parametrize(
    "text",
    [
        "In 2024 is er een nieuwe regeling, zie artikel 273f.",
        "Hij betaalde 2000 euro en in 2022 nog 1500.",
        "Om 14:30 uur stond er een auto met draaiende motor.",
        "Kamer 12, tweede verdieping, 4 bedden per kamer.",
        "Zij werkt 12 uur per dag voor 3,50 euro per uur.",
        "Het gesprek duurde 45 minuten en is om 10.15 uur afgesloten.",
        "SINDS 2023 IS ER GEEN CONTACT MEER GEWEEST.",
    ],
)
def test_clean_text(text: str) -> None:
    """Years, amounts, times and room numbers are no identifiers."""
    assert scanner().scan_one(NarrativeLine("x", text)).spans == ()


def test_offsets_are_code_points() -> None:
    """An emoji before a name counts as one code point, not as two UTF-16 units or four bytes."""
    text = "😀😀 bel 06-12345678"
    (span,) = scanner().scan_one(NarrativeLine("x", text)).spans
    assert text[span.start : span.end] == "06-12345678"


def test_spans_never_overlap() -> None:
    """Whatever overlaps was resolved to the surest reading, in text order."""
    for story in write(7, 200):
        spans = scanner().scan_one(NarrativeLine("x", story.text)).spans
        assert all(a.end <= b.start for a, b in pairwise(spans))
