"""Which engine sums the multiples of a proof: the compiled one only where it is installed, may run and is right."""

import mmap
import secrets
from collections.abc import Iterator

import pytest

from pseudonymizer.oprf import composite
from pseudonymizer.oprf.composite import MIN_MULTISCALAR, fast_engine, sum_of_products, term_by_term
from pseudonymizer.oprf.errors import InvalidInput
from pseudonymizer.oprf.group import elements_from_uniform, random_scalars


@pytest.fixture(autouse=True)
def _decided_anew() -> Iterator[None]:
    fast_engine.cache_clear()
    yield
    fast_engine.cache_clear()


def test_where_memory_may_not_be_run_libsodium_does_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hardened service loses speed, not function."""

    def denied(*_arguments: object, **_named: object) -> None:
        raise PermissionError

    monkeypatch.setattr(mmap, "mmap", denied)
    assert fast_engine() is None


def test_long_and_short_sums_agree_with_libsodium() -> None:
    """Whichever engine this machine has."""
    for count in (MIN_MULTISCALAR - 1, MIN_MULTISCALAR):
        scalars = random_scalars(count, secrets.token_bytes)
        elements = elements_from_uniform(secrets.token_bytes(64 * count))
        assert sum_of_products(scalars, elements) == term_by_term(scalars, elements)


def test_short_sums_never_start_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process with one small batch does not pay for loading it."""

    def started() -> None:
        raise AssertionError("the engine was loaded")

    monkeypatch.setattr(composite, "fast_engine", started)
    sum_of_products(random_scalars(16, secrets.token_bytes), elements_from_uniform(secrets.token_bytes(64 * 16)))


def test_unequal_lists_have_no_sum() -> None:
    """As many scalars as elements."""
    with pytest.raises(InvalidInput):
        sum_of_products(bytes(32), bytes(64))
