"""How surely canaries catch guessing, and how often they catch a typing error: exact figures and the real join.

The space is the nine-digit numbers that pass the BSN check: 90,909,091, of which a keeper turned a million that were
never issued into canaries (cryptography page, "Rogue partner, rogue analyst").
"""

import random
import secrets
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import hypergeom

from gateway.canaries.index import CanaryIndex
from gateway.matching.joinkeys import join_key
from pseudonymizer.oprf.group import multiples
from pseudonymizer.oprf.hash import hash_all_to_group
from pseudonymizer.oprf.keys import derive_key_pair
from pseudonymizer.oprf.message import encode_message

NUMBERS = 90_909_091
CANARIES = 1_000_000
WEIGHTS = np.array([9, 8, 7, 6, 5, 4, 3, 2, -1])
K_JOIN = bytes(range(32))
FIRST, SECOND = (derive_key_pair(bytes(range(n, 32 + n)), b"schakel1|c1|RIEC|2026|bsn") for n in (1, 2))


def passing(count: int) -> Iterator[str]:
    """Nine-digit numbers that pass the check, from 900,000,000 on."""
    candidate = 900_000_000
    while count:
        if sum(int(digit) * weight for digit, weight in zip(str(candidate), WEIGHTS, strict=True)) % 11 == 0:
            yield str(candidate)
            count -= 1
        candidate += 1


def caught(guesses: int, canaries: int, numbers: int) -> float:
    """Exact chance that at least one of so many different guesses is a canary."""
    return float(1 - hypergeom.pmf(0, numbers, canaries, guesses))


@pytest.mark.parametrize(("guesses", "page"), [(200, 0.89), (500, 0.996)])
def test_a_million_canaries_catch_guesses(guesses: int, page: float, capsys: pytest.CaptureFixture[str]) -> None:
    """200 different guesses are caught with 89 %, 500 with 99.6 %."""
    chance = caught(guesses, CANARIES, NUMBERS)
    with capsys.disabled():
        print(f"\n{guesses} guesses against {CANARIES:,} canaries: caught with {chance:.2%}")
    assert chance == pytest.approx(page, abs=0.005)


@pytest.fixture(scope="module")
def keys() -> list[bytes]:
    """Join keys of 4,000 numbers under real tokens of two custodians."""
    messages = [encode_message("id.bsn", number) for number in passing(4_000)]
    packed = multiples(SECOND.scalar, multiples(FIRST.scalar, hash_all_to_group(messages)))
    return [join_key(K_JOIN, "id.bsn", packed[at : at + 32]) for at in range(0, len(packed), 32)]


@pytest.mark.parametrize("guesses", [200, 500])
def test_the_real_join_catches_as_often_as_counted(
    keys: list[bytes], guesses: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """A thousand attackers guess among 4,000 real tokens with the same share of canaries (1.1 %)."""
    drawing, index, trials = random.Random(guesses), CanaryIndex(), 1_000
    canaries = drawing.sample(keys, 44)
    index.add("RIEC", "2026", "keeper", canaries)
    hits = sum(bool(index.touched("RIEC", "2026", drawing.sample(keys, guesses))) for _ in range(trials))
    exact = caught(guesses, len(canaries), len(keys))
    with capsys.disabled():
        print(f"\n{guesses} guesses, real tokens, 44 of 4,000: caught {hits / trials:.1%} (exact {exact:.1%})")
    assert abs(hits / trials - exact) < 4 * (exact * (1 - exact) / trials) ** 0.5 + 1e-9


def test_the_index_finds_exactly_the_canaries(keys: list[bytes]) -> None:
    """No canary is missed, nothing else is found, whatever the order and however the sets came in."""
    index = CanaryIndex()
    for start in range(0, 300, 100):
        index.add("RIEC", "2026", "keeper", keys[start : start + 100])
    index.add("RIEC", "2026", "other keeper", keys[250:400])
    assert index.touched("RIEC", "2026", keys[::-1]) == frozenset(keys[:400])
    assert index.touched("RIEC", "2027", keys) == index.touched("RIEC", "2026", []) == frozenset()
    index.drop("RIEC", "2026", "keeper")
    assert index.touched("RIEC", "2026", keys) == frozenset(keys[250:400])


@given(
    sets=st.lists(st.lists(st.binary(min_size=16, max_size=16), max_size=20), max_size=4),
    asked=st.lists(st.binary(min_size=16, max_size=16), max_size=20),
    picked=st.lists(st.integers(0, 79), max_size=10),
)
def test_touched_is_the_intersection(sets: list[list[bytes]], asked: list[bytes], picked: list[int]) -> None:
    """Whatever sets came in, from whichever keepers, the answer is the plain intersection."""
    index, held = CanaryIndex(), [key for one in sets for key in one]
    for number, one in enumerate(sets):
        index.add("RIEC", "2026", f"keeper {number % 2}", one)
    keys = asked + [held[place % len(held)] for place in picked if held]
    assert index.touched("RIEC", "2026", keys) == set(keys) & set(held)


def test_keys_that_agree_in_half_are_told_apart() -> None:
    """The look-up goes by the first eight bytes, the answer by all sixteen."""
    index, head = CanaryIndex(), secrets.token_bytes(8)
    held = [head + bytes((n,)) * 8 for n in range(5)]
    index.add("RIEC", "2026", "keeper", held)
    assert index.touched("RIEC", "2026", [head + b"\xff" * 8, held[3]]) == frozenset({held[3]})


def test_typing_errors_touch_by_chance_once_in_a_hundred_thousand_rows(capsys: pytest.CaptureFixture[str]) -> None:
    """The check stops every single wrong digit and lets one in eleven double errors through; a canary is one in 91 of
    what passes. With a double error in 1 % of the rows that is 0.1 touch in 10,000 rows."""
    source = np.random.default_rng(11)
    right = np.array([[int(digit) for digit in number] for number in passing(2_000)])
    rows = right[source.integers(0, len(right), 1_000_000)]
    single, double = rows.copy(), rows.copy()
    places = np.array([source.choice(9, 2, replace=False) for _ in range(1_000)])[source.integers(0, 1_000, len(rows))]
    shifts = source.integers(1, 10, places.shape)
    every = np.arange(len(rows))
    single[every, places[:, 0]] = (single[every, places[:, 0]] + shifts[:, 0]) % 10
    for side in (0, 1):
        double[every, places[:, side]] = (double[every, places[:, side]] + shifts[:, side]) % 10
    assert not ((single @ WEIGHTS) % 11 == 0).any()
    through = ((double @ WEIGHTS) % 11 == 0).mean()
    touches = 10_000 * 0.01 * through * CANARIES / NUMBERS
    with capsys.disabled():
        print(f"\ndouble typing errors that pass the check: {through:.1%}; touches in 10,000 rows: {touches:.2f}")
    assert touches == pytest.approx(0.1, abs=0.02)
