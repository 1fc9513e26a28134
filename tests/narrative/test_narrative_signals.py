"""Coded indicators: found, denied, and with the right status."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.narrative import indicators
from pseudonymizer.narrative.folding import fold
from pseudonymizer.narrative.indicators import TRIGGERS, signals
from pseudonymizer.narrative.signal import Indicator
from pseudonymizer.narrative.signal_status import SignalStatus

ROWS = [json.loads(row) for row in Path(__file__).with_name("signal_sentences.jsonl").read_text("utf-8").splitlines()]
SHOWING = [(row["code"], row["text"]) for row in ROWS if row["code"]]
CLEAN = [row["text"] for row in ROWS if not row["code"]]

# A general code that the text of a special one shows as well; that is no mistake.
IMPLIED = {
    "bedreiging",
    "bedreiging_familie",
    "dwang",
    "misleiding",
    "kwetsbare_positie",
    "gedwongen_prostitutie",
    "telefoon_afgenomen",
    "bewegingsvrijheid_beperkt",
}


def codes(text: str) -> set[str]:
    return {signal.code.value for signal in signals(text)}


def test_the_list_is_closed() -> None:
    """There are between 20 and 40 codes (narrative page), each with rules and with sentences that show it."""
    assert 20 <= len(Indicator) <= 40
    assert set(TRIGGERS) == set(Indicator)
    assert {code for code, _ in SHOWING} == {code.value for code in Indicator}


@pytest.mark.parametrize(("code", "text"), SHOWING)
def test_signal_is_found(code: str, text: str) -> None:
    """A sentence that shows a signal gives its code, and no code that it does not also imply."""
    found = codes(text)
    assert code in found
    assert found - {code} <= IMPLIED


@pytest.mark.parametrize("text", CLEAN)
def test_denied_or_absent_signal_is_not_found(text: str) -> None:
    """A denial, a question or an ordinary sentence gives no code at all."""
    assert codes(text) == set()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Zij zou bedreigd zijn door haar vriend.", SignalStatus.VERMOED),
        ("Het vermoeden bestaat dat haar paspoort is ingenomen.", SignalStatus.VERMOED),
        ("He may have been threatened.", SignalStatus.VERMOED),
        ("Zij verklaarde dat zij werd geslagen.", SignalStatus.VERKLAARD),
        ("She told us that he took her passport.", SignalStatus.VERKLAARD),
        ("De wijkagent zag dat de meisjes waren opgesloten.", SignalStatus.WAARGENOMEN),
        ("Er zijn blauwe plekken waargenomen.", SignalStatus.WAARGENOMEN),
        ("Zij werd bedreigd.", SignalStatus.VERKLAARD),
    ],
)
def test_status(text: str, status: SignalStatus) -> None:
    """Suspected, told and seen are told apart; a bare statement counts as told."""
    assert {signal.status for signal in signals(text)} == {status}


def test_strongest_status_wins() -> None:
    """A signal that is suspected in one sentence and seen in another was seen."""
    found = signals("Mogelijk is zij geslagen. De arts zag dat zij geslagen is.")
    assert [s.status for s in found] == [SignalStatus.WAARGENOMEN]


@pytest.mark.parametrize(
    "text",
    [
        "Zij is niet geslagen, maar wel bedreigd.",
        "Er is geen loon betaald en niet alleen haar paspoort is afgenomen.",
        "Zij heeft geen familie, wordt geslagen en heeft geen geld.",
    ],
)
def test_a_denial_ends(text: str) -> None:
    """What follows a denial is a signal again."""
    assert codes(text)


@pytest.mark.parametrize("text", [text for _, text in SHOWING] + CLEAN)
def test_shortcut_by_first_letters_changes_nothing(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Skipping rules whose first letters do not occur gives what running every rule gives."""
    quick = signals(text)
    monkeypatch.setattr(indicators, "_possible", lambda _: sorted(TRIGGERS))
    assert signals(text) == quick


@given(st.text(max_size=200))
def test_any_text_gives_codes_only(text: str) -> None:
    """Total: whatever the text, what comes out is a sorted set of closed codes."""
    found = signals(text)
    assert list(found) == sorted(set(found))


@given(st.sampled_from([text for _, text in SHOWING]))
def test_case_and_accents_do_not_matter(text: str) -> None:
    """Capitals, as in police telegram style, give the same codes."""
    assert codes(text.upper()) == codes(text) == codes(fold(text))
