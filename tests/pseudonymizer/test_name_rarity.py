"""How rare a name is: from counts of its words, never rarer than the rows can tell."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.rarity import NAME_LEVELS, UNKNOWN, Rarity, Times, rarity

COUNTS = st.integers(0, 10**6)
TIMES = st.builds(Times, st.lists(COUNTS, max_size=12), COUNTS, st.none() | COUNTS, COUNTS)


def test_levels_follow_their_definition() -> None:
    """A word of one row and one of 99 rows among 20,000: 13.4 and 7.7 bits, together 21.1."""
    bits = [math.log2(21_000 / (times + 1)) for times in (1, 99)]
    assert [round(each, 1) for each in bits] == [13.4, 7.7]
    assert rarity(Times([1, 99], 1, None, 20_000)) == Rarity(7)


def test_words_of_one_nationality_are_not_independent() -> None:
    """What they have in common counts once: 4.3 bits of a nationality that one in twenty has."""
    assert rarity(Times([1, 99], 1, 999, 20_000)) == Rarity(4)


def test_a_nationality_takes_no_more_than_a_name_is_worth() -> None:
    """A name is at least as rare as the rarest of its words."""
    assert rarity(Times([1, 99], 1, 0, 20_000)) == Rarity(2)


def test_namesakes_are_believed() -> None:
    """Where seven rows have just these words, the name is no rarer than that."""
    assert rarity(Times([9, 9], 7, None, 20_000)) == Rarity(1)


def test_who_has_counted_nobody_claims_what_is_usual() -> None:
    """Ten bits a word, less the 4.3 that a nationality is usually worth."""
    assert rarity(Times([0], 0, None, 0)) == Rarity(0)
    assert rarity(Times([0, 0], 0, None, 0)) == Rarity(6)
    assert rarity(Times([0, 0], 0, 0, 0)) == Rarity(3)


@given(st.integers(1, 100))
def test_few_rows_change_little(rows: int) -> None:
    """A partner of a hundred people cannot tell a rare name from another."""
    assert rarity(Times([1, 1], 1, None, rows)).name in {5, 6}


def test_no_name_is_not_rare() -> None:
    """Nothing is claimed where nothing is known."""
    assert rarity(Times([], 0, None, 20_000)) == UNKNOWN


@given(TIMES)
def test_levels_stay_within_the_bounds(times: Times) -> None:
    """Whatever the counts, even counts above the rows."""
    found = rarity(times)
    assert 0 <= found.name <= len(NAME_LEVELS)


@given(TIMES.filter(lambda times: len(times.words) > 0), st.data())
def test_a_commoner_word_never_makes_a_name_rarer(times: Times, data: st.DataObject) -> None:
    """Counting too many errs on the side that claims less."""
    at, more = data.draw(st.integers(0, len(times.words) - 1)), data.draw(st.integers(0, 1000))
    words = [each + more * (place == at) for place, each in enumerate(times.words)]
    one, other = rarity(times), rarity(replace(times, words=words))
    assert other.name <= one.name


@pytest.mark.parametrize(
    "times",
    [Times([-1], 1, None, 5), Times([1], -1, None, 5), Times([1], 1, -1, 5), Times([1], 1, None, -1)],
)
def test_negative_counts_are_refused(times: Times) -> None:
    """They would be a fault of the counter, not a rare name."""
    with pytest.raises(ValueError, match="negative"):
        rarity(times)
