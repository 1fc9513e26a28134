"""Check digits raise a score and never gate."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.narrative.recognisers.numbers import (
    bsn_check,
    bsn_recognizer,
    fold_digits,
    iban_check,
    iban_recognizer,
    kvk_recognizer,
)
from pseudonymizer.narrative.recognisers.pattern import RuleRecognizer
from tests.narrative.writer import bsn, iban, typo


def found(recognizer: RuleRecognizer, text: str) -> list[tuple[str, float]]:
    return [(text[r.start : r.end], r.score) for r in recognizer.analyze(text, [])]


def surest(recognizer: RuleRecognizer, text: str) -> tuple[str, float]:
    return max(found(recognizer, text), key=lambda hit: hit[1])


@pytest.mark.parametrize("number", ["111222333", "123456782"])
def test_published_bsn(number: str) -> None:
    """Test numbers of the Rijksdienst voor Identiteitsgegevens pass the 11-check."""
    assert bsn_check(number)


@pytest.mark.parametrize(
    "account", ["NL91ABNA0417164300", "DE89370400440532013000", "GB82WEST12345698765432", "RO49AAAA1B31007593840000"]
)
def test_published_iban(account: str) -> None:
    """Examples of the ISO 13616 registry pass mod 97 and are found whole."""
    assert iban_check(account)
    assert surest(iban_recognizer("nl"), f"naar {account}.")[0] == account


@given(st.integers(0, 2**32))
def test_mistyped_bsn_is_found_with_a_lower_score(seed: int) -> None:
    """One wrong digit breaks the 11-check; the number is found all the same, less sure."""
    rng = random.Random(seed)
    number = bsn(rng)
    slip = typo(rng, number)
    recognizer = bsn_recognizer("nl")
    good, bad = surest(recognizer, f"nummer {number} staat"), surest(recognizer, f"nummer {slip} staat")
    assert (good[0], bad[0]) == (number, slip)
    assert good[1] > bad[1]


@given(st.integers(0, 2**32))
def test_iban_stops_at_its_country_length(seed: int) -> None:
    """Digits and capitals behind an account are not taken along."""
    account = iban(random.Random(seed))
    assert surest(iban_recognizer("nl"), f"{account} OP NAAM")[0] == account


@given(st.text("0123456789OoIl|SBZ", max_size=20))
def test_folding_reads_only_digits(text: str) -> None:
    """What OCR may have misread comes back as digits, one for one."""
    assert fold_digits(text).isdigit() or text == ""
    assert len(fold_digits(text)) == len(text)


def test_named_number_beats_its_bare_reading() -> None:
    """Eight digits are a KvK number when they are called so, whatever they look like."""
    assert surest(kvk_recognizer("nl"), "KvK 20240101")[1] > 0.9
