"""A record's own values in a text: slips, accents, split words, initials."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.narrative.folding import fold, within_distance
from pseudonymizer.narrative.known import KnownValues, known_hits, same_name
from tests.narrative.writer import FAMILY

WORD = st.text("abcdefghijklmnoprstuvwxyz", min_size=1, max_size=12)


def hits(text: str, *known: str, ordinary: frozenset[str] = frozenset()) -> list[str]:
    return [text[h.start : h.end] for h in known_hits(text, KnownValues.of(known), ordinary)]


@pytest.mark.parametrize(
    ("text", "known", "expected"),
    [
        ("slo E.Munteanu naar opvang", "Elena Munteanu", ["E.Munteanu"]),
        ("Naam: Mun teanu, E1ena geb.", "Elena Munteanu", ["Mun teanu, E1ena"]),
        ("a/h vd De Groot R., 0530u", "R. de Groot", ["De Groot R."]),
        ("met Dang Thi Mai gesproken", "Đặng Thị Mai", ["Dang Thi Mai"]),
        ("LEWANDOWSKA K. + 4 anderen", "Katarzyna Lewandowska", ["LEWANDOWSKA K."]),
        ("Horvath Erzsebel te", "Erzsébet Horváth", ["Horvath Erzsebel"]),
        ("Yilmaz en Wisniewski", "Yılmaz Wiśniewski", ["Yilmaz", "Wisniewski"]),
    ],
)
def test_ways_to_write_a_name(text: str, known: str, expected: list[str]) -> None:
    """Order, initials, missing accents, OCR and a stray space do not hide a known name."""
    assert hits(text, known) == expected


@given(st.sampled_from([f for f in FAMILY if len(f) >= 7]), st.data())
def test_two_slips_in_a_long_name(name: str, data: st.DataObject) -> None:
    """A name of seven letters or more is found with any one letter replaced or dropped."""
    folded = fold(name)
    place = data.draw(st.integers(0, len(folded) - 1))
    slip = folded[:place] + data.draw(st.sampled_from(["", "x", "q"])) + folded[place + 1 :]
    assert same_name(folded, slip)


@given(WORD, WORD)
def test_distance_is_symmetric(left: str, right: str) -> None:
    """Which of two words is called the misspelling makes no difference."""
    assert within_distance(left, right, 2) == within_distance(right, left, 2)


@given(WORD, st.data())
def test_swapped_neighbours_are_one_slip(word: str, data: st.DataObject) -> None:
    """Damerau's swap counts once, where Levenshtein's two replacements would be two."""
    if len(word) < 2:
        return
    place = data.draw(st.integers(0, len(word) - 2))
    swapped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    assert within_distance(word, swapped, 1)


def test_short_names_match_exactly() -> None:
    """Up to four letters a slip makes another name."""
    assert hits("met Mei en Lam", "Mai Lan") == []


def test_ordinary_word_needs_its_capital() -> None:
    """`groot` in a sentence is not Mr De Groot; `De Groot` is."""
    words = frozenset({"groot", "huis"})
    assert hits("een groot huis van De Groot", "R. de Groot", ordinary=words) == ["De Groot"]


@pytest.mark.parametrize("written", ["23-04-1996", "23041996", "23.04.96", "1996-04-23"])
def test_birth_date_in_any_spelling(written: str) -> None:
    """A known date is known however it is written."""
    assert hits(f"d.d. {written} ok", "1996-04-23") == [written]


def test_repr_shows_nothing() -> None:
    """Known values do not end up in a log by way of repr."""
    assert "munteanu" not in repr(KnownValues.of(["Elena Munteanu"])).lower()


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=80))
def test_any_values_and_any_text(values: list[str], text: str) -> None:
    """Total: no value and no text raises, and hits lie inside the text."""
    for hit in known_hits(text, KnownValues.of(values)):
        assert 0 <= hit.start < hit.end <= len(text)
