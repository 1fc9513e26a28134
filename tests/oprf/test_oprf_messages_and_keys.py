"""Messages, tokens, key names and seeds: what the scheme allows and nothing else."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.oprf.blind import blind
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.hash import hash_to_group
from pseudonymizer.oprf.keys import checked_seed, derive_key_pair, key_info
from pseudonymizer.oprf.message import decode_token, encode_message, encode_token

kinds = st.sampled_from(["id.bsn", "id.doc", "cx.SF", "cx.FY"])
values = st.text(min_size=1, max_size=128).filter(lambda text: 0 < len(text.encode("utf-8", "ignore")) <= 512)


@given(kinds, values, kinds, values)
def test_different_inputs_have_different_messages(kind: str, value: str, other_kind: str, other: str) -> None:
    """The encoding is injective."""
    try:
        one, two = encode_message(kind, value), encode_message(other_kind, other)
    except InvalidInput:
        return
    assert (one == two) == ((kind, value) == (other_kind, other))


@pytest.mark.parametrize("value", ["", "x" * 513, "é" * 257, "\ud800"])
def test_a_value_outside_the_limits_is_refused_without_repeating_it(value: str) -> None:
    """1 to 512 bytes of UTF-8."""
    with pytest.raises(InvalidInput) as caught:
        encode_message("id.bsn", value)
    assert not value or value[:20] not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("kind", ["", "bsn", "id.", ".bsn", "id bsn", "id.bsn\n", "id.bsñ"])
def test_a_malformed_type_is_refused(kind: str) -> None:
    """Words of ASCII letters and digits joined by dots."""
    with pytest.raises(InvalidInput):
        encode_message(kind, "1")


@given(st.binary())
def test_a_token_has_one_spelling(data: bytes) -> None:
    """43 characters that decode back; any other last character is refused."""
    element = hash_to_group(data)
    token = encode_token(element)
    assert (len(token), decode_token(token)) == (43, element)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = token[:-1] + alphabet[alphabet.index(token[-1]) | 1]
    with pytest.raises(InvalidElement):
        decode_token(twin)


@pytest.mark.parametrize("token", ["", "A" * 43, "A" * 42, "A" * 44, "=" * 43, "é" * 43, "+" * 43])
def test_a_token_that_is_no_element_is_refused(token: str) -> None:
    """Wrong length, wrong alphabet, the identity."""
    with pytest.raises(InvalidElement):
        decode_token(token)


@pytest.mark.parametrize(
    "names",
    [
        (0, "RIEC", "2026", "bsn"),
        (3, "RIEC", "2026", "bsn"),
        (1, "riec", "2026", "bsn"),
        (1, "ZVH-", "2026", "bsn"),
        (1, "RIEC|2026", "2026", "bsn"),
        (1, "RIEC", "26", "bsn"),
        (1, "RIEC", "2026-B", "bsn"),
        (1, "RIEC", "2026\n", "bsn"),
        (1, "RIEC", "2026", "all"),
    ],
)
def test_a_key_name_outside_the_scheme_is_refused(names: tuple[int, str, str, str]) -> None:
    """Rule 3, so that no two places share an info string."""
    with pytest.raises(InvalidInput):
        key_info(*names)


@pytest.mark.parametrize(
    ("content", "mode"),
    [(bytes(range(31)), 0o600), (bytes(range(33)), 0o600), (bytes(range(32)), 0o644), (b"\x07" * 32, 0o600)],
)
def test_a_weak_seed_is_refused(content: bytes, mode: int) -> None:
    """Rule 4: length, mode, all bytes equal."""
    with pytest.raises(InvalidInput):
        checked_seed(content, mode)


def test_a_good_seed_passes() -> None:
    """32 bytes, mode 0600, not all equal."""
    assert checked_seed(bytes(range(32)), 0o600) == bytes(range(32))


def test_secrets_hide_themselves() -> None:
    """Neither repr nor pickle gives a key or a blind away."""
    key = derive_key_pair(bytes(range(32)), b"x")
    blinded = blind(hash_to_group(b"x"), lambda size: bytes(range(size)))
    assert key.scalar.hex() not in repr(key)
    assert repr(key.scalar) not in repr(key)
    assert repr(blinded.blinds) not in repr(blinded)
    for secret in (key, blinded):
        with pytest.raises(TypeError):
            pickle.dumps(secret)
