"""Which engine sums the multiples of a proof: the compiled one only where it is installed, may run and is right."""

import mmap
import secrets
from collections.abc import Iterator

import pytest

from pseudonymizer.oprf import composite
from pseudonymizer.oprf.composite import MIN_MULTISCALAR, checked_batch, fast_engine, sum_of_products, term_by_term
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.group import checked_elements, elements_from_uniform, random_scalars
from tests.oprf.published_vectors import BAD_ENCODINGS


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


@pytest.fixture(scope="module")
def long_batch() -> bytes:
    return elements_from_uniform(secrets.token_bytes(64 * MIN_MULTISCALAR))


def test_a_long_batch_of_elements_passes_unchanged(long_batch: bytes) -> None:
    """Whichever engine decodes it."""
    assert checked_batch(long_batch) == long_batch


@pytest.mark.parametrize("encoding", [*BAD_ENCODINGS, "00" * 32])
def test_a_long_batch_is_refused_for_one_bad_element_as_a_short_one_is(long_batch: bytes, encoding: str) -> None:
    """Every encoding of RFC 9496 A.2 and the identity, with the same place and the same words from both engines."""
    spoiled = long_batch[: 32 * 300] + bytes.fromhex(encoding) + long_batch[32 * 301 :]
    with pytest.raises(InvalidElement, match="element 300 is not") as slow:
        checked_elements(spoiled)
    with pytest.raises(InvalidElement) as fast:
        checked_batch(spoiled)
    assert str(fast.value) == str(slow.value)


def test_an_engine_that_accepts_what_is_no_element_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sums may be right all the same."""
    multiscalar = pytest.importorskip("pseudonymizer.oprf.multiscalar")
    monkeypatch.setattr(multiscalar, "decoded", lambda packed, workers: packed)
    monkeypatch.setattr(multiscalar, "multiscalar_sum", term_by_term)
    assert fast_engine() is None


def test_an_engine_that_adds_up_wrongly_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bit of one known answer is enough."""
    multiscalar = pytest.importorskip("pseudonymizer.oprf.multiscalar")
    right = multiscalar.multiscalar_sum
    monkeypatch.setattr(multiscalar, "multiscalar_sum", lambda *given: right(*given)[:-1] + b"\x00")
    assert fast_engine() is None
