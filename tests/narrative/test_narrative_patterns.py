"""The patterns themselves: bounded, without a global flag, and never silently skipped."""

import re
from collections.abc import Iterator

import pytest
import regex  # type: ignore[import-untyped]  # ships no type information

from pseudonymizer.narrative.engine import LANGUAGES, analyzer, structured_recognizers
from pseudonymizer.narrative.indicators import TRIGGERS
from pseudonymizer.narrative.recognisers.addresses import postcode_recognizer
from pseudonymizer.narrative.recognisers.pattern import Rule, RuleRecognizer, ScanTimeout
from pseudonymizer.narrative.scan import NarrativeLine, Scanner
from pseudonymizer.narrative.spans import Label


def unbounded(pattern: str) -> Iterator[str]:
    """Yield every quantifier without an upper bound, outside character classes."""
    place, in_class = 0, False
    while place < len(pattern):
        char = pattern[place]
        if char == "\\":
            place += 2
            continue
        if in_class:
            in_class = char != "]"
        elif char == "[":
            in_class = True
            place += pattern[place + 1 : place + 2] == "^"
        elif char in "*+" or re.match(r"\{[0-9]*,\}", pattern[place:]):
            yield pattern[max(0, place - 10) : place + 1]
        place += 1


PATTERNS = [(rule.name, rule.regex) for r in structured_recognizers("nl") for rule in r.rules]
TRIGGER_PATTERNS = [(code.value, trigger.pattern) for code, triggers in TRIGGERS.items() for trigger in triggers]


@pytest.mark.parametrize(("name", "pattern"), PATTERNS + TRIGGER_PATTERNS)
def test_quantifiers_are_bounded(name: str, pattern: str) -> None:
    """No pattern can run away on a long text."""
    assert list(unbounded(pattern)) == []


def test_no_pattern_ignores_case_globally() -> None:
    """Upstream's global IGNORECASE flag is off in every recogniser; a pattern says where case does not matter."""
    assert all(r.global_regex_flags == 0 for language in LANGUAGES for r in structured_recognizers(language))


def test_year_and_verb_are_no_postcode() -> None:
    """`2024 is`, a postcode under a global IGNORECASE flag, is left alone."""
    assert postcode_recognizer("nl").analyze("Het jaar 2024 is voorbij en 1500 er bij.", []) == []


def hanging() -> RuleRecognizer:
    recognizer = RuleRecognizer(Label.CASE, [Rule("hangs", r"(?:a|aa){1,60}b", 0.5)], gate="a")
    recognizer.timeout_seconds = 0.05
    return recognizer


def test_time_out_is_raised() -> None:
    """A pattern that takes too long raises; upstream would log it and report a clean text."""
    with pytest.raises(ScanTimeout):
        hanging().analyze("a" * 5_000, [])


def test_time_out_reaches_the_caller_through_presidio() -> None:
    """The engine hands the time-out on, so that the text counts as blocked."""
    engine = analyzer([hanging()], ("nl",))
    with pytest.raises(ScanTimeout):
        engine.analyze(text="a" * 5_000, language="nl")


def test_both_languages_have_every_recogniser() -> None:
    """Dutch and English hold the same fifteen labels."""
    labels = [sorted(r.supported_entities[0] for r in structured_recognizers(language)) for language in LANGUAGES]
    assert labels[0] == labels[1]
    assert len(labels[0]) == 15


def test_findings_do_not_depend_on_the_order_of_recognisers() -> None:
    """Two scanners agree, whatever order Presidio's sets gave them."""
    text = "Van der Helststraat 3, 1073 AE Amsterdam; NL91ABNA0417164300; 12-03-1999; 06-12345678"
    first = Scanner().scan_one(NarrativeLine("x", text))
    assert all(Scanner().scan_one(NarrativeLine("x", text)) == first for _ in range(3))


def test_regex_library_enforces_the_time_limit() -> None:
    """The guard rests on the regex library's own time-out, which this shows to work."""
    with pytest.raises(TimeoutError):
        regex.compile(r"(?:a|aa){1,60}b").search("a" * 5_000, timeout=0.05)
