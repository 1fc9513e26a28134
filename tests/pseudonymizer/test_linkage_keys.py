"""Skeletons, composites and slots against the design page and its vectors."""

import json
from pathlib import Path

import pytest

from pseudonymizer.identity import RawIdentity, Reason
from pseudonymizer.linkage import COMPOSITE_TYPES, ENTRIES, SLOTS, composites, no_composites
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


def test_composites_of_one_person_are_those_of_encoder_4() -> None:
    """All fifteen types, each with the parts that `SLOTS` lists."""
    found = {(item.type, item.value.replace("\x1f", "|")) for item in composites(normalise(PERSON))}
    assert {kind for kind, _ in found} == set(COMPOSITE_TYPES)
    assert found >= {
        ("cx.D", "AB12345"),
        ("cx.P", "+31612345678"),
        ("cx.P2", "+31612345678|mVrd"),
        ("cx.SF", "mVrd|1969-07-22"),
        ("cx.BD", "1969-07-22|mV|m|POL"),
        ("cx.BD", "1969-07-22|nV|m|POL"),
        ("cx.FN", "mVrd|nVtn"),
        ("cx.FY", "mVrd|nVtn|1969|m|POL"),
        ("cx.FM", "mVrd|nVtn|07-22"),
        ("cx.SM", "mVrd|07-22|m"),
        ("cx.SG", "mVrd|1969|POL|m"),
        ("cx.SY", "mVrd|n|1969"),
        ("cx.SN", "mVrd|nVt"),
        ("cx.WS", "natan|1969|m"),
        ("cx.WY", "natan|m|1969"),
        ("cx.PC", "mVrd|1969|3011AD"),
    }
    assert len(found) == 25


def test_no_composite_is_of_few_values() -> None:
    """Birth date, year, sex, nationality and postcode together make none: each has a name, a phone or a document."""
    few = RawIdentity(geboortedatum="1969-07-22", geslacht="m", nationaliteit="POL", postcode="3011AD")
    assert composites(normalise(few)) == ()


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
    """SM holds {month, day} sorted."""
    one = composites(normalise(RawIdentity(voornaam="Natan", geboortedatum="1990-05-06")))
    other = composites(normalise(RawIdentity(voornaam="Natan", geboortedatum="1990-06-05")))
    assert {item.value for item in one if item.type == "cx.SM"} == {
        item.value for item in other if item.type == "cx.SM"
    }


def test_a_vague_date_makes_no_full_date_block() -> None:
    """01-01 would make a block of thousands."""
    found = {item.type for item in composites(normalise(RawIdentity(voornaam="Natan", geboortedatum="1990-01-01")))}
    assert found.isdisjoint({"cx.SF", "cx.BD", "cx.FM", "cx.SM"})


def test_a_missing_composite_says_whether_something_was_there() -> None:
    """PARTS are missing when the name is known and the date is not."""
    reasons = {item.type: item.reason for item in no_composites(normalise(RawIdentity(voornaam="Natan")))}
    assert reasons["cx.SF"] is Reason.PART_MISSING
    assert reasons["cx.D"] is Reason.ABSENT


def test_many_names_stay_within_the_slots() -> None:
    """A person with ten names fills every slot and no more, with the longest skeletons."""
    names = "alberto bernardo claudio domingo eduardo federico gustavo humberto ignacio leonardo"
    raw = RawIdentity(
        voornaam=names, geboortedatum="1990-05-06", nationaliteit="BRA", telefoon="0612345678", postcode="3011AD"
    )
    found = [item.type for item in composites(normalise(raw))]
    assert all(found.count(kind) <= most for kind, most in SLOTS.items())
    assert {kind: found.count(kind) for kind in ("cx.SF", "cx.SN", "cx.PC", "cx.P2")} == {
        kind: SLOTS[kind] for kind in ("cx.SF", "cx.SN", "cx.PC", "cx.P2")
    }


def test_a_record_stays_within_the_limit_of_the_wire() -> None:
    """Entries and ten identifiers are at most 64 (design page)."""
    assert ENTRIES + 10 <= 64
