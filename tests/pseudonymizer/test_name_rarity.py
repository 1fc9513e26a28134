"""How rare a name is: from counts of its words, never rarer than the rows can tell."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.rarity import NAME_LEVELS, UNKNOWN, WORD_LEVELS, Rarity, rarity

_COUNTS = st.lists(st.integers(0, 10**6), max_size=12)


def test_levels_follow_their_definition() -> None:
    """A word of one row and one of 99 rows among 20,000: 13.3 and 7.6 bits."""
    bits = [math.log2(20_002 / (times + 1)) for times in (1, 99)]
    assert [round(each, 1) for each in bits] == [13.3, 7.6]
    assert rarity([1, 99], 20_000) == Rarity(6, 2)


def test_a_small_file_claims_little() -> None:
    """Among ten rows one word reaches no level, whatever it is."""
    assert rarity([1], 10) == UNKNOWN
    assert rarity([0], 0) == UNKNOWN


def test_no_name_is_not_rare() -> None:
    """Nothing is claimed where nothing is known."""
    assert rarity([], 20_000) == UNKNOWN


@given(_COUNTS, st.integers(0, 10**6))
def test_levels_stay_within_the_bounds(times: list[int], rows: int) -> None:
    """Whatever the counts, even counts above the rows."""
    found = rarity(times, rows)
    assert 0 <= found.name <= len(NAME_LEVELS)
    assert 0 <= found.word <= len(WORD_LEVELS)


@given(_COUNTS.filter(bool), st.integers(0, 10**6), st.data())
def test_a_commoner_word_never_makes_a_name_rarer(times: list[int], rows: int, data: st.DataObject) -> None:
    """Counting too many errs on the side that claims less."""
    at = data.draw(st.integers(0, len(times) - 1))
    more = [*times[:at], times[at] + data.draw(st.integers(0, 1000)), *times[at + 1 :]]
    one, other = rarity(times, rows), rarity(more, rows)
    assert other.name <= one.name
    assert other.word <= one.word


@pytest.mark.parametrize(("times", "rows"), [([-1], 5), ([1], -1)])
def test_negative_counts_are_refused(times: list[int], rows: int) -> None:
    """They would be a fault of the counter, not a rare name."""
    with pytest.raises(ValueError, match="negative"):
        rarity(times, rows)
