"""Skeletons, composites and Bloom filters against the design page and its vectors."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.identity import RawIdentity, Reason
from pseudonymizer.linkage import Feature, clk, clks, composites, features, no_composites, positions
from pseudonymizer.normalise import normalise
from pseudonymizer.skeleton import skeleton

VECTORS = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "oprf_vectors.json"
PERSON = RawIdentity(
    voornaam="Natan",
    achternaam="Merda",
    geboortedatum="1969-07-22",
    geslacht="m",
    nationaliteit="POL",
    telefoon="0612345678",
    document="AB12345",
    postcode="3011AD",
)


def _cx_item() -> dict[str, object]:
    groups = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
    item: dict[str, object] = next(item for group in groups for item in group["items"] if item["type"] == "cx.SF")
    return item


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("natan", "nVtn"),
        ("schwarz", "svVrs"),
        ("tschechow", "sVsv"),
        ("khaled", "Vld"),
        ("philip", "fVlp"),
        ("zhang", "zVng"),
        ("zang", "sVng"),
        ("jansen", "Vnsn"),
        ("youssef", "Vsf"),
        ("anna", "Vn"),
        ("xena", "ksVn"),
        ("bb", None),
        ("a", None),
        ("", None),
    ],
)
def test_skeleton_follows_the_rules(word: str, expected: str | None) -> None:
    """Longest match first, outputs not read again, one vowel, repeats collapsed."""
    assert skeleton(word) == expected


def test_the_published_composite_is_made() -> None:
    """The cx item of the vectors is a composite of this person."""
    assert _cx_item()["value"] in {item.value for item in composites(normalise(PERSON)) if item.type == "cx.SF"}


def test_the_published_feature_sets_the_published_bits() -> None:
    """Digest, positions and byte order of `Bytes` 12."""
    item = _cx_item()
    published = item["clk_feature"]
    assert isinstance(published, dict)
    tag, value = bytes.fromhex(published["feature_hex"]).decode().split("\x1f")
    found = positions(bytes.fromhex(str(item["K_blk"])), Feature(tag, value, published["k"]))
    assert list(found) == published["positions"]
    filled = bytearray(128)
    for place in found:
        filled[place >> 3] |= 1 << (place & 7)
    assert filled.hex() == published["clk_128_bytes"]


def test_a_filter_is_the_union_of_its_features() -> None:
    """The batched encoder sets exactly the positions of each feature."""
    norm, key = normalise(PERSON), bytes(range(32))
    filled = bytearray(128)
    for feature in features(norm):
        for place in positions(key, feature):
            filled[place >> 3] |= 1 << (place & 7)
    assert clk(key, norm) == bytes(filled)


def test_two_block_keys_give_unrelated_filters() -> None:
    """Filters can be compared inside one block only: about as many common bits as chance."""
    one, other = clks([b"a" * 32, b"b" * 32], normalise(PERSON))
    common = (int.from_bytes(one, "big") & int.from_bytes(other, "big")).bit_count()
    expected = int.from_bytes(one, "big").bit_count() * int.from_bytes(other, "big").bit_count() / 1024
    assert abs(common - expected) < 60


def test_composites_of_one_person_are_those_of_encoder_1() -> None:
    """All ten types, each with the parts that `COMPOSITE_TYPES` lists."""
    found = {(item.type, item.value.replace("\x1f", "|")) for item in composites(normalise(PERSON))}
    assert found >= {
        ("cx.D", "AB12345"),
        ("cx.P", "+31612345678"),
        ("cx.P2", "+31612345678|mVrd"),
        ("cx.SF", "mVrd|1969-07-22"),
        ("cx.SX", "mVrd|1969|07-22"),
        ("cx.S4", "m|1969-07-22"),
        ("cx.SM", "mVrd|07-22"),
        ("cx.SY", "mVrd|n|1969"),
        ("cx.SY", "mVrd|1969|POL"),
        ("cx.SN", "mVrd|nVt"),
        ("cx.PC", "mVrd|1969|3011AD"),
    }
    assert len(found) == 20


def test_a_partner_without_the_issuer_still_meets_one_with_it() -> None:
    """The block of a document is its number; the token of it has the issuer."""
    with_issuer = composites(normalise(RawIdentity(document="AB12345", document_land="POL")))
    assert with_issuer == composites(normalise(RawIdentity(document="AB12345")))


def test_syllables_apart_or_together_meet() -> None:
    """Gui Xiang and Guixiang share a block."""
    apart = composites(normalise(RawIdentity(voornaam="Gui Xiang", achternaam="Wang", geboortedatum="1990-05-06")))
    together = composites(normalise(RawIdentity(voornaam="Guixiang", achternaam="Wang", geboortedatum="1990-05-06")))
    assert {item.value for item in together if item.type == "cx.SF"} <= {item.value for item in apart}


def test_swapped_day_and_month_meet() -> None:
    """SX holds {month, day} sorted."""
    one = composites(normalise(RawIdentity(voornaam="Natan", geboortedatum="1990-05-06")))
    other = composites(normalise(RawIdentity(voornaam="Natan", geboortedatum="1990-06-05")))
    assert {item.value for item in one if item.type == "cx.SX"} == {
        item.value for item in other if item.type == "cx.SX"
    }


def test_a_vague_date_makes_no_full_date_block() -> None:
    """01-01 would make a block of thousands."""
    found = {item.type for item in composites(normalise(RawIdentity(voornaam="Natan", geboortedatum="1990-01-01")))}
    assert found.isdisjoint({"cx.SF", "cx.SX", "cx.S4", "cx.SM"})


def test_a_missing_composite_says_whether_something_was_there() -> None:
    """PARTS are missing when the name is known and the date is not."""
    reasons = {item.type: item.reason for item in no_composites(normalise(RawIdentity(voornaam="Natan")))}
    assert reasons["cx.SF"] is Reason.PART_MISSING
    assert reasons["cx.D"] is Reason.ABSENT


def test_many_names_stay_within_the_limit_and_are_counted() -> None:
    """A person with ten names keeps the most telling composites; what falls off is LIMIT."""
    names = "alberto bernardo claudio domingo eduardo federico gustavo humberto ignacio leonardo"
    raw = RawIdentity(
        voornaam=names, geboortedatum="1990-05-06", nationaliteit="BRA", telefoon="0612345678", postcode="3011AD"
    )
    found = composites(normalise(raw))
    assert len(found) == 54
    assert {item.type for item in found} >= {"cx.SF", "cx.PC", "cx.SX"}


def test_a_wrong_key_is_refused() -> None:
    """A short key would make filters that anybody can recompute."""
    with pytest.raises(ValueError, match="32 bytes"):
        clk(b"short", normalise(PERSON))


@given(st.binary(min_size=32, max_size=32))
def test_an_empty_person_has_an_empty_filter(key: bytes) -> None:
    """Nothing known, nothing set."""
    assert clk(key, normalise(RawIdentity())) == bytes(128)
