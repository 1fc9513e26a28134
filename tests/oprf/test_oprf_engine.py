"""Which engine sums the multiples of a proof: the compiled one only where it is installed, may run and is right."""

import mmap
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pseudonymizer.oprf import composite
from pseudonymizer.oprf.composite import (
    MIN_MULTISCALAR,
    checked_batch,
    fast_engine,
    multiplied_batch,
    sum_of_products,
    term_by_term,
    transcript_scalars,
)
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.group import checked_elements, elements_from_uniform, multiples, random_scalar, random_scalars
from pseudonymizer.oprf.hash import hash_to_scalar
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


@pytest.mark.parametrize("threads", [0, 3])
def test_multiples_of_a_long_batch_are_those_of_its_elements(long_batch: bytes, threads: int) -> None:
    """In loops and one by one, whatever the number of threads."""
    scalar = random_scalar(secrets.token_bytes)
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        assert multiplied_batch(scalar, long_batch, pool if threads else None) == multiples(scalar, long_batch)


@pytest.mark.parametrize("spoiled", [bytes(32), bytes.fromhex(BAD_ENCODINGS[8])])
def test_a_multiple_that_is_none_stops_a_long_batch(long_batch: bytes, spoiled: bytes) -> None:
    """An identity or an encoding that does not decode: libsodium says so, and its zeros are never used."""
    with pytest.raises(InvalidElement, match="does not decode"):
        multiplied_batch(random_scalar(secrets.token_bytes), long_batch[32:] + spoiled)


@pytest.mark.parametrize("count", [1, MIN_MULTISCALAR, MIN_MULTISCALAR + 77])
@pytest.mark.parametrize("threads", [0, 3])
def test_weights_are_the_hashes_of_their_transcripts(count: int, threads: int) -> None:
    """Spelled out as in RFC 9497 2.2.1, for any two lists, short and long."""
    head, inputs, outputs = secrets.token_bytes(66), secrets.token_bytes(32 * count), secrets.token_bytes(32 * count)
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        found = transcript_scalars(head, inputs, outputs, pool if threads else None)
    for place in {0, count // 2, count - 1}:
        part = slice(32 * place, 32 * place + 32)
        transcript = head + place.to_bytes(2, "big") + b"\0\x20" + inputs[part] + b"\0\x20" + outputs[part]
        assert found[part] == hash_to_scalar(transcript + b"Composite")
    assert len(found) == 32 * count


def test_an_engine_that_multiplies_wrongly_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong multiple is enough; so is one wrong weight."""
    loops = pytest.importorskip("pseudonymizer.oprf.loops")
    for name in ("multiplied", "hashed_weights"):
        right = getattr(loops, name)
        with monkeypatch.context() as changed:
            changed.setattr(loops, name, lambda *given, right=right: right(*given)[:-1] + b"\xff")
            fast_engine.cache_clear()
            assert fast_engine() is None


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
