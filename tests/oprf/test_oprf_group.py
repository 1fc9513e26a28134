"""Checks on elements and scalars, and the arithmetic against plain rbcl."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
import rbcl
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.oprf.composite import sum_of_products
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.group import (
    FIELD_PRIME,
    GROUP_ORDER,
    checked_elements,
    checked_public_scalar,
    element_from_uniform,
    element_sum,
    multiples,
    products,
    random_scalar,
    reduced,
    scalar_difference,
    scalar_inverses,
    scalar_product,
)
from tests.oprf.published_vectors import BAD_ENCODINGS

uniform = st.binary(min_size=64, max_size=64)


def _elements(count: int) -> list[bytes]:
    return [element_from_uniform(secrets.token_bytes(64)) for _ in range(count)]


@pytest.mark.parametrize("encoding", BAD_ENCODINGS)
def test_a_bad_encoding_is_refused(encoding: str) -> None:
    """Every one of RFC 9496 A.2."""
    with pytest.raises(InvalidElement):
        checked_elements(bytes.fromhex(encoding))


@given(uniform, st.integers(0, 255))
def test_bit_255_is_refused(data: bytes, other_bit: int) -> None:
    """libsodium accepts it; we do not."""
    element = bytearray(element_from_uniform(data))
    element[31] |= 0x80
    with pytest.raises(InvalidElement):
        checked_elements(bytes(element))


def test_the_identity_is_refused() -> None:
    """libsodium calls 32 zero bytes a valid point; RFC 9497 2.1 refuses it."""
    assert rbcl.crypto_core_ristretto255_is_valid_point(bytes(32))
    with pytest.raises(InvalidElement):
        checked_elements(bytes(32))


@given(uniform)
def test_p_added_to_an_element_is_refused(data: bytes) -> None:
    """A second spelling of the same element, where it fits in 256 bits."""
    second = int.from_bytes(element_from_uniform(data), "little") + FIELD_PRIME
    with pytest.raises(InvalidElement):
        checked_elements(second.to_bytes(32, "little"))


@pytest.mark.parametrize("size", [0, 1, 31, 33, 63])
def test_a_broken_length_is_refused(size: int) -> None:
    """Whole elements, at least one."""
    with pytest.raises(InvalidElement):
        checked_elements(bytes(size))


def test_the_position_of_a_bad_element_is_told_and_its_bytes_are_not() -> None:
    """Zero-based."""
    bad = bytes.fromhex(BAD_ENCODINGS[8])
    with pytest.raises(InvalidElement, match="element 2") as caught:
        checked_elements(b"".join(_elements(2)) + bad)
    assert bad.hex() not in str(caught.value)


@given(st.integers(0, GROUP_ORDER - 1))
def test_a_scalar_plus_l_is_refused(scalar: int) -> None:
    """The same residue in another spelling."""
    assert checked_public_scalar(scalar.to_bytes(32, "little"))
    with pytest.raises(InvalidElement):
        checked_public_scalar((scalar + GROUP_ORDER).to_bytes(32, "little"))


@given(uniform, uniform)
def test_scalars_are_integers_modulo_l(left: bytes, right: bytes) -> None:
    """Reduction, product and difference against Python's integers (test values are no secrets)."""
    a, b = (int.from_bytes(value, "little") % GROUP_ORDER for value in (left, right))
    first, second = reduced(left), reduced(right)
    assert int.from_bytes(first, "little") == a
    assert int.from_bytes(scalar_product(first, second), "little") == a * b % GROUP_ORDER
    assert int.from_bytes(scalar_difference(first, second), "little") == (a - b) % GROUP_ORDER


@given(st.lists(uniform, min_size=1, max_size=9))
def test_inverses_are_inverses(data: list[bytes]) -> None:
    """All of a batch at once."""
    scalars = [reduced(item) for item in data if int.from_bytes(item, "little") % GROUP_ORDER]
    inverses = scalar_inverses(b"".join(scalars)) if scalars else b""
    one = (1).to_bytes(32, "little")
    assert [scalar_product(s, inverses[32 * i : 32 * i + 32]) for i, s in enumerate(scalars)] == [one] * len(scalars)


def test_zero_has_no_inverse() -> None:
    """Nor has a batch with a zero in it."""
    with pytest.raises(InvalidInput):
        scalar_inverses(random_scalar(secrets.token_bytes) + bytes(32))


def test_a_random_scalar_is_never_zero() -> None:
    """A source that starts with zeros is asked again."""
    draws = iter([bytes(64), bytes(64), b"\x05" + bytes(63)])
    assert random_scalar(lambda _: next(draws)) == b"\x05" + bytes(31)


def test_multiples_and_products_are_those_of_rbcl() -> None:
    """One scalar for all, and one scalar each."""
    elements, scalars = _elements(5), [random_scalar(secrets.token_bytes) for _ in range(5)]
    one = b"".join(rbcl.crypto_scalarmult_ristretto255(scalars[0], element) for element in elements)
    each = b"".join(map(rbcl.crypto_scalarmult_ristretto255, scalars, elements))
    assert multiples(scalars[0], b"".join(elements)) == one
    assert products(b"".join(scalars), b"".join(elements)) == each


def test_a_multiple_that_is_the_identity_raises() -> None:
    """libsodium would hand out zeros."""
    with pytest.raises(InvalidElement):
        multiples(bytes(32), _elements(1)[0])


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17, 64, 130])
def test_a_sum_of_products_is_the_sum(count: int) -> None:
    """Against term by term with rbcl, for sizes around every internal threshold."""
    elements, scalars = _elements(count), [random_scalar(secrets.token_bytes) for _ in range(count)]
    total = bytes(32)
    for scalar, element in zip(scalars, elements, strict=True):
        total = element_sum(total, rbcl.crypto_scalarmult_ristretto255(scalar, element))
    assert sum_of_products(b"".join(scalars), b"".join(elements)) == total


def test_a_sum_that_is_the_identity_raises() -> None:
    """s*E + (-s)*E."""
    element, scalar = _elements(1)[0], random_scalar(secrets.token_bytes)
    with pytest.raises(InvalidElement):
        sum_of_products(scalar + scalar_difference(bytes(32), scalar), element * 2)


def test_threads_change_nothing() -> None:
    """Order and bytes are those of one thread."""
    elements = b"".join(_elements(100))
    scalars = b"".join(random_scalar(secrets.token_bytes) for _ in range(100))
    with ThreadPoolExecutor(3) as workers:
        assert products(scalars, elements, workers) == products(scalars, elements)
        assert multiples(scalars[:32], elements, workers) == multiples(scalars[:32], elements)
        assert sum_of_products(scalars, elements, workers) == sum_of_products(scalars, elements)
