"""The compiled multi-scalar engine agrees with libsodium, term by term, on every input."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pseudonymizer.oprf.composite import fast_engine, term_by_term
from pseudonymizer.oprf.errors import InvalidElement
from pseudonymizer.oprf.group import GROUP_ORDER, element_from_uniform, reduced

pytest.importorskip("numba", reason="the compiled engine is optional; libsodium alone is tested elsewhere")
multiscalar = pytest.importorskip("pseudonymizer.oprf.multiscalar")

terms = st.lists(st.tuples(st.binary(min_size=64, max_size=64), st.binary(min_size=64, max_size=64)), min_size=1)
EDGES = [1, 2, 2**251, 2**252, GROUP_ORDER - 1, GROUP_ORDER - 2, 2**252 - 1, (2**253 - 1) // 3 % GROUP_ORDER]


def _scalars(values: list[int]) -> bytes:
    return b"".join(value.to_bytes(32, "little") for value in values)


def _elements(count: int) -> bytes:
    return b"".join(element_from_uniform(secrets.token_bytes(64)) for _ in range(count))


@settings(max_examples=60, deadline=None)
@given(terms)
def test_sums_agree(drawn: list[tuple[bytes, bytes]]) -> None:
    """Any number of terms, repetitions included."""
    scalars = b"".join(reduced(left) for left, right in drawn if any(left) and any(right))
    elements = b"".join(element_from_uniform(right) for left, right in drawn if any(left) and any(right))
    if scalars:
        assert multiscalar.multiscalar_sum(scalars, elements) == term_by_term(scalars, elements)


@pytest.mark.parametrize("count", [1, 2, 31, 100, 513])
def test_sums_agree_for_every_window_width(count: int) -> None:
    """The width grows with the number of terms."""
    scalars, elements = b"".join(reduced(secrets.token_bytes(64)) for _ in range(count)), _elements(count)
    assert multiscalar.multiscalar_sum(scalars, elements) == term_by_term(scalars, elements)


@pytest.mark.parametrize("scalar", EDGES)
def test_extreme_scalars_agree(scalar: int) -> None:
    """All digits at their limits, carries to the top window."""
    scalars, elements = _scalars([scalar] * 40), _elements(40)
    assert multiscalar.multiscalar_sum(scalars, elements) == term_by_term(scalars, elements)


def test_a_zero_scalar_is_a_zero_term() -> None:
    """It adds nothing."""
    scalars, elements = _scalars([5, 0, 7]), _elements(3)
    without = term_by_term(scalars[:32] + scalars[64:], elements[:32] + elements[64:])
    assert multiscalar.multiscalar_sum(scalars, elements) == without


def test_a_sum_of_nothing_is_the_identity() -> None:
    """s*E + (l-s)*E encodes as 32 zero bytes."""
    assert multiscalar.multiscalar_sum(_scalars([9, GROUP_ORDER - 9]), _elements(1) * 2) == bytes(32)


def test_an_element_that_does_not_decode_raises() -> None:
    """RFC 9496 A.2, a non-square, at its place."""
    bad = bytes.fromhex("26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371")
    with pytest.raises(InvalidElement, match="element 2"):
        multiscalar.multiscalar_sum(_scalars([1, 2, 3]), _elements(2) + bad)


def test_threads_change_nothing() -> None:
    """Windows and slices are independent."""
    scalars, elements = b"".join(reduced(secrets.token_bytes(64)) for _ in range(300)), _elements(300)
    with ThreadPoolExecutor(3) as workers:
        multiscalar.decoded.cache_clear()
        assert multiscalar.multiscalar_sum(scalars, elements, workers) == term_by_term(scalars, elements)


def test_the_engine_is_taken_where_numba_is() -> None:
    """Its known-answer test holds."""
    assert fast_engine() is not None
