"""Normalisation, tokens and composites are total: any text gives an answer and every missing token a reason."""

import itertools
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.identity import RawIdentity, Reason, Trait
from pseudonymizer.linkage import COMPOSITE_TYPES, ENTRIES, SLOTS, composites, no_composites
from pseudonymizer.normalise import normalise
from pseudonymizer.oprf.message import encode_message
from pseudonymizer.skeleton import skeleton
from pseudonymizer.sketch import sketches
from pseudonymizer.tokens import RULES, identifiers, no_identifiers

_TEXT = st.one_of(
    st.none(),
    st.text(max_size=60),
    st.text(alphabet="0123456789-/. +AaBbJjYy@'", max_size=30),
    st.sampled_from(
        ["950000012", "1990-07-22", "+31612345678", "3011 AD", "NLD", "m", "Anna-Maria", "12 b", "\ud800", "İ"]
    ),
    st.builds(
        lambda part, times: part * times, st.sampled_from(["x", "xa", "ﷺ", "ß", "京", "a ", "😀"]), st.integers(1, 512)
    ),
    st.builds(
        lambda part, times: f"{part * times}@{part * times}a.{'b' * times}",
        st.sampled_from(["a", "😀", "ê"]),
        st.integers(1, 64),
    ),
)
_IDENTITIES = st.builds(RawIdentity, **{item.name: _TEXT for item in fields(RawIdentity)})


@given(_IDENTITIES)
def test_every_type_gives_a_token_or_one_reason(raw: RawIdentity) -> None:
    """Types with a token and types with a reason split the wire's types in two."""
    norm = normalise(raw)
    made, missing = [item.type for item in identifiers(norm)], [item.type for item in no_identifiers(norm)]
    assert sorted(made + missing) == sorted(RULES)
    blocks, without = {item.type for item in composites(norm)}, [item.type for item in no_composites(norm)]
    assert sorted([*blocks, *without]) == sorted(COMPOSITE_TYPES)


@given(_IDENTITIES)
def test_values_fit_the_encoding(raw: RawIdentity) -> None:
    """1..512 bytes of UTF-8 each, at most 64 together, none twice, and no separator inside a part."""
    norm = normalise(raw)
    values = [(item.type, item.value) for item in identifiers(norm)]
    values += [(item.type, item.value) for item in composites(norm)]
    assert all(1 <= len(value.encode()) <= 512 for _, value in values)
    assert len(values) <= 64
    assert len(set(values)) == len(values)
    assert all(part or place == 2 for _, value in values for place, part in enumerate(value.split("\x1f")))


@given(_IDENTITIES)
def test_every_value_can_be_encoded(raw: RawIdentity) -> None:
    """What normalisation lets through is a message: one odd cell never stops a whole file."""
    norm = normalise(raw)
    assert all(encode_message(item.type, item.value) for item in identifiers(norm))
    assert all(encode_message(item.type, item.value) for item in composites(norm))


@pytest.mark.parametrize("letter", ["x", "a", "京"])
def test_a_name_of_one_endless_word_is_refused_with_a_reason(letter: str) -> None:
    """A name column with a text in it: no token, counted as too long; the other name stands."""
    norm = normalise(RawIdentity(voornaam=letter * 300, achternaam="Berg", geboortedatum="1990-07-22"))
    assert norm.words == ("berg",)
    assert norm.reason(Trait.VOORNAAM) is Reason.LENGTH


def test_an_address_longer_than_mail_can_carry_is_refused_with_a_reason() -> None:
    """254 bytes in UTF-8, however few characters those are."""
    kept, refused = f"{'a' * 64}@{'b' * 185}.nl", f"{'é' * 64}@{'b' * 185}.nl"
    assert normalise(RawIdentity(email=kept)).email is not None
    assert normalise(RawIdentity(email=refused)).reason(Trait.EMAIL) is Reason.LENGTH


@given(_IDENTITIES)
def test_normalising_twice_changes_nothing(raw: RawIdentity) -> None:
    """The same row gives the same tokens, today and tomorrow."""
    assert normalise(raw) == normalise(raw)


@given(st.lists(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12), min_size=1, max_size=4))
def test_the_order_of_names_does_not_matter(words: list[str]) -> None:
    """Given and family name are swapped in half of the world's forms."""
    one = normalise(RawIdentity(voornaam=words[0], achternaam=" ".join(words[1:]) or None, geboortedatum="1990-07-22"))
    other = normalise(
        RawIdentity(achternaam=words[0], voornaam=" ".join(words[1:]) or None, geboortedatum="1990-07-22")
    )
    assert composites(one) == composites(other)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=30))
def test_a_skeleton_has_one_vowel_at_most_and_no_repeats(word: str) -> None:
    """Properties that follow from the rules, for any word."""
    found = skeleton(word)
    if found is not None:
        assert len(found) >= 2
        assert found.count("V") <= 1
        assert not set(found) & set("aeiouhwyjqxc")
        assert all(left != right for left, right in itertools.pairwise(found))


@given(_IDENTITIES)
def test_a_record_never_carries_more_than_its_limit(raw: RawIdentity) -> None:
    """Never more of a type than its slots, and a sketch for each."""
    norm = normalise(raw)
    found = composites(norm)
    assert all([item.type for item in found].count(kind) <= most for kind, most in SLOTS.items())
    assert len(found) <= ENTRIES
    assert len(sketches([bytes([at]) * 32 for at in range(len(found))], norm, bytes(32))) == len(found)
