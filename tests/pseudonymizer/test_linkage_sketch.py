"""Sketches: what two of one block say, and that one alone says nothing."""

import hashlib

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from deploy.linkage.definition import defined
from gateway.matching import sketches as reader
from gateway.matching.sketches import TRAITS, Likeness, likeness, rows_of
from pseudonymizer import sketch as writer
from pseudonymizer.identity import RawIdentity
from pseudonymizer.normalise import normalise
from pseudonymizer.rarity import NAME_LEVELS, UNKNOWN, Rarity
from pseudonymizer.sketch import CODES, SKETCH_BYTES, sketches

ANA = {
    "voornaam": "Ana Maria",
    "achternaam": "Popescu",
    "geboortedatum": "1994-03-12",
    "geslacht": "v",
    "nationaliteit": "ROU",
    "telefoon": "0612345678",
    "document": "AB1234567",
}
_FILLERS = (b"1" * 32, b"2" * 32)
RARE = st.builds(Rarity, st.integers(0, len(NAME_LEVELS)))
_NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", min_size=3, max_size=30).filter(str.strip)


def _keys(count: int) -> list[bytes]:
    return [bytes([n % 256, n // 256]) * 16 for n in range(count)]


def _compared(
    one: dict[str, str], other: dict[str, str], blocks: int = 8, rare: tuple[Rarity, Rarity] = (UNKNOWN, UNKNOWN)
) -> Likeness:
    """Two people in so many shared blocks, each encoded by a partner of its own."""
    left, right = (
        rows_of(sketches(_keys(blocks), normalise(RawIdentity(**person)), filler, claimed))
        for person, filler, claimed in zip((one, other), _FILLERS, rare, strict=True)
    )
    return likeness(left, right, np.zeros(blocks, dtype=np.int64), 1)


def _traits(found: Likeness) -> dict[str, int]:
    return dict(zip(TRAITS, found.traits[0].tolist(), strict=True))


def test_writer_and_reader_have_one_layout() -> None:
    """The two houses cannot import each other; their places are the same all the same."""
    assert {tag: (code.at, code.at + code.size, code.has) for tag, code in CODES.items()} == {
        tag: (value.start, value.stop, both)
        for tag, value, both in zip(TRAITS, reader.VALUES, reader.KNOWN, strict=True)
    }
    assert reader.SIMHASHES == (writer.NAMES, writer.MARKS, writer.FIRST, writer.LAST)
    assert (reader.ODD, reader.RARITY) == (writer.ODD, writer.RARE_NAME)
    assert (reader.LACKS_DAY, reader.SKETCH_BYTES) == (writer.LACKS_DAY, SKETCH_BYTES)
    assert reader.RARITY.stop - reader.RARITY.start == len(NAME_LEVELS)
    assert 8 * (reader.ODD.stop - reader.ODD.start) == writer.ODD_PLACES


def test_no_two_fields_overlap() -> None:
    """Every byte of a sketch belongs to one thing, and none to nothing."""
    places = [writer.NAMES, writer.MARKS, writer.FIRST, writer.LAST, writer.ODD, writer.RARE_NAME]
    used = [at for place in places for at in range(place.start, place.stop)] + [writer.LACKS_DAY]
    used += [at for code in CODES.values() for at in range(code.at, code.at + code.size)]
    used += sorted({code.has for code in CODES.values()})
    assert sorted(used) == list(range(SKETCH_BYTES))


@settings(max_examples=20, deadline=None)
@given(_NAMES, st.sampled_from([ANA, {"geboortedatum": "1990"}, {"geslacht": "m", "nationaliteit": "POL"}, {}]), RARE)
def test_sketches_follow_their_definition(name: str, known: dict[str, str], rare: Rarity) -> None:
    """The batched encoder gives the bytes of the definition, whatever is known."""
    norm = normalise(RawIdentity(**{**known, "achternaam": name}))
    filler = hashlib.shake_256(b"f" * 32).digest(2 * SKETCH_BYTES)
    expected = tuple(
        defined(key, norm, filler[at * SKETCH_BYTES : (at + 1) * SKETCH_BYTES], rare) for at, key in enumerate(_keys(2))
    )
    assert sketches(_keys(2), norm, b"f" * 32, rare) == expected


def test_one_person_agrees_on_everything() -> None:
    """Every trait is known and the same, every cosine is one, no bigram is apart."""
    found = _compared(ANA, ANA)
    assert set(_traits(found).values()) == {1}
    assert found.apart.tolist() == [0.0]
    assert found.alike.tolist() == [[1.0] * 4]


@pytest.mark.parametrize(
    ("trait", "value", "codes"),
    [
        ("geslacht", "m", {"sx"}),
        ("nationaliteit", "BGR", {"na"}),
        ("telefoon", "0687654321", {"ph"}),
        ("document", "XY7654321", {"do"}),
        ("geboortedatum", "1995-03-12", {"y", "yd"}),
        ("geboortedatum", "1996-03-12", {"y", "ya", "yd"}),
        ("geboortedatum", "1984-03-12", {"y", "ya", "yb"}),
        ("geboortedatum", "1994-12-03", {"mo", "da", "dt", "du"}),
        ("geboortedatum", "1994-03-22", {"da", "dt", "md"}),
        ("geboortedatum", "1994-03-13", {"da", "du", "md"}),
    ],
)
def test_a_trait_that_differs_shows(trait: str, value: str, codes: set[str]) -> None:
    """Exactly the codes of that trait differ."""
    assert {tag for tag, state in _traits(_compared(ANA, {**ANA, trait: value})).items() if state < 0} == codes


@pytest.mark.parametrize("trait", ["telefoon", "document", "geslacht", "nationaliteit"])
def test_a_gap_is_no_agreement(trait: str) -> None:
    """One who does not know, or both: neither the same nor different."""
    code = {"telefoon": "ph", "document": "do", "geslacht": "sx", "nationaliteit": "na"}[trait]
    gap = {key: value for key, value in ANA.items() if key != trait}
    assert _traits(_compared(ANA, gap))[code] == 0
    assert _traits(_compared(gap, gap))[code] == 0


def test_two_vague_dates_are_known_to_be_vague() -> None:
    """Same year, and neither knows the day."""
    year = {**ANA, "geboortedatum": "1994"}
    assert _compared(year, year).lacks_day.tolist() == [True]
    assert _compared(year, ANA).lacks_day.tolist() == [False]
    assert _traits(_compared(year, year))["y"] == 1
    assert _traits(_compared(year, year))["da"] == 0


@given(_NAMES, _NAMES)
@settings(max_examples=30, deadline=None)
def test_the_angle_of_names_is_about_that_of_their_bigrams(one: str, other: str) -> None:
    """Near the plain cosine of the two sets (Charikar 2002, section 3; of signs instead of normal numbers only the more
    exact the more bigrams there are)."""
    words = [normalise(RawIdentity(voornaam=name)).words for name in (one, other)]
    grams = [{f"_{word}_"[at : at + 2] for word in each for at in range(len(word) + 1)} for each in words]
    assume(min(len(each) for each in grams) >= 5)
    plain = len(grams[0] & grams[1]) / np.sqrt(len(grams[0]) * len(grams[1]))
    angle = np.arccos(_compared({"voornaam": one}, {"voornaam": other}, 16).alike[0, 0]) / np.pi
    assert abs(angle - np.arccos(min(plain, 1.0)) / np.pi) < 0.08


@given(_NAMES, st.integers(0, 29), st.sampled_from("abcdefghijklmnopqrstuvwxyz "))
@settings(max_examples=30, deadline=None)
def test_the_number_of_bigrams_apart_is_about_right(name: str, at: int, letter: str) -> None:
    """A letter put for another: as many as the plain sets differ in (Mitzenmacher, Pagh and Pham 2014, section 3)."""
    other = name[: at % len(name)] + letter + name[at % len(name) + 1 :]
    words = [normalise(RawIdentity(voornaam=each)).words for each in (name, other)]
    assume(all(words))
    one, two = ({f"_{word}_"[at : at + 2] for word in each for at in range(len(word) + 1)} for each in words)
    found = float(_compared({"voornaam": name}, {"voornaam": other}, 24).apart[0])
    assert abs(found - len(one ^ two)) < 1.5


def test_names_that_have_nothing_in_common_are_far_apart() -> None:
    """So far that nothing can be told, and no error."""
    assert _compared({"voornaam": "Ana"}, {"telefoon": "0612345678"}, 24).apart[0] > 30


@given(RARE, RARE)
@settings(max_examples=30, deadline=None)
def test_both_have_to_claim_a_level(one: Rarity, other: Rarity) -> None:
    """The lower level shows, and nothing of the higher."""
    assert _compared(ANA, ANA, rare=(one, other)).rarity.tolist() == [min(one.name, other.name)]


@given(st.integers(1900, 2090), st.integers(-12, 12))
@settings(max_examples=30, deadline=None)
def test_years_one_or_two_apart_share_a_run(year: int, apart: int) -> None:
    """One or two apart always, three apart sometimes, more never."""
    one, other = ({**ANA, "geboortedatum": f"{each}-03-12"} for each in (year, year + apart))
    traits = _traits(_compared(one, other))
    assert (traits["ya"] > 0 or traits["yb"] > 0) in ({True} if abs(apart) <= 2 else {abs(apart) == 3, False})


@pytest.mark.parametrize(
    ("person", "rare"),
    [
        (ANA, Rarity(8)),
        (ANA, UNKNOWN),
        ({"voornaam": "Li", "achternaam": "Wu"}, Rarity(3)),
        ({"document": "AB1234567"}, UNKNOWN),
    ],
)
def test_a_lone_sketch_is_uniform(person: dict[str, str], rare: Rarity) -> None:
    """Under keys that nobody else has every bit is a fair coin, and any two bits are independent."""
    rows = np.unpackbits(rows_of(sketches(_keys(2000), normalise(RawIdentity(**person)), b"f" * 32, rare)), axis=1)
    assert np.abs(rows.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(2000)
    correlations = np.asarray(np.corrcoef(rows.T))
    assert np.abs(correlations[np.triu_indices(1024, 1)]).max() < 6.5 / np.sqrt(2000)


def test_sketches_of_two_blocks_are_unrelated() -> None:
    """Half of the bits differ, whoever stands in them."""
    one, other = rows_of(sketches(_keys(2), normalise(RawIdentity(**ANA)), b"f" * 32))
    assert abs(int(np.bitwise_count(one ^ other).sum()) - 512) < 5 * 16


def test_short_keys_are_refused() -> None:
    """A short key would make sketches that anybody can recompute."""
    for key, filler in ((b"short", bytes(32)), (bytes(32), b"short")):
        with pytest.raises(ValueError, match="32 bytes"):
            sketches([key], normalise(RawIdentity(**ANA)), filler)


def test_no_key_gives_no_sketch() -> None:
    """An empty answer, not an error."""
    assert sketches([], normalise(RawIdentity(**ANA)), bytes(32)) == ()
