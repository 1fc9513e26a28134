"""One rule of normalisation at a time."""

import pytest

from pseudonymizer.identity import BirthDate, RawIdentity, Reason, Trait
from pseudonymizer.normalise import normalise
from pseudonymizer.tokens import RULES, identifiers, no_identifiers

US = "\x1f"


@pytest.mark.parametrize(
    ("raw", "kind", "value"),
    [
        (RawIdentity(bsn="95 00.00.012"), "id.bsn", "950000012"),
        (RawIdentity(bsn="10000008"), "id.bsn", "010000008"),
        (RawIdentity(vnummer="271 234 5678"), "id.vnr", "2712345678"),
        (RawIdentity(document="ab-12 345x", document_land="ro"), "id.doc", f"ROU{US}AB12345X"),
        (RawIdentity(document="AB12345X"), "id.doc", f"XXX{US}AB12345X"),
        (RawIdentity(document="C01X00T47", document_land="D"), "id.doc", f"DEU{US}C01X00T47"),
        (RawIdentity(telefoon="06 - 1234 5678"), "id.phone", "+31612345678"),
        (RawIdentity(telefoon="0040 21 123 4567"), "id.phone", "+40211234567"),
        (RawIdentity(iban="nl91 abna 0417 1643 00"), "id.iban", "NL91ABNA0417164300"),
        (RawIdentity(kenteken="xx-999-x"), "id.plate", f"NLD{US}XX999X"),
        (RawIdentity(kenteken="WA 12345", kenteken_land="PL"), "id.plate", f"POL{US}WA12345"),
        (RawIdentity(kvk="6959 9084"), "id.kvk", "69599084"),
        (RawIdentity(kvk="000037178598"), "id.kvk", "000037178598"),
        (RawIdentity(bag_id="0599010000123456", postcode="3011AD", huisnummer="1"), "id.addr", "0599010000123456"),
        (RawIdentity(postcode="3011 ad", huisnummer="040 b"), "id.addr", f"3011AD{US}40{US}B"),
        (RawIdentity(postcode="3011AD", huisnummer="40", toevoeging="b-2"), "id.addr", f"3011AD{US}40{US}B2"),
        (RawIdentity(adres="Coolsingel 40-b, 3011 AD Rotterdam"), "id.addr", f"3011AD{US}40{US}B"),
        (RawIdentity(adres="Coolsingel 40", postcode="3011AD", huisnummer="40"), "id.addr", f"3011AD{US}40{US}"),
        (RawIdentity(postcode="sw1a-1aa", huisnummer="10"), "id.addr", f"SW1A1AA{US}10{US}"),
        (RawIdentity(handle="ana", handle_platform="X"), "id.handle", f"x{US}ana"),
        (RawIdentity(email="  Ana.P@Example.ORG "), "id.email", "ana.p@example.org"),
        (RawIdentity(handle="@Ana_P", handle_platform="Insta-gram"), "id.handle", f"instagram{US}ana_p"),
        (
            RawIdentity(handle="https://www.tiktok.com/@ana.p/", handle_platform="tiktok"),
            "id.handle",
            f"tiktok{US}ana.p",
        ),
    ],
)
def test_a_usable_trait_gives_one_token_in_its_canonical_form(raw: RawIdentity, kind: str, value: str) -> None:
    """Spelling, spaces, dashes and case do not matter; the value is what cryptography.md says."""
    assert [(item.type, item.value) for item in identifiers(normalise(raw))] == [(kind, value)]


@pytest.mark.parametrize(
    ("raw", "kind", "reason"),
    [
        (RawIdentity(), "id.bsn", Reason.ABSENT),
        (RawIdentity(bsn="onbekend"), "id.bsn", Reason.UNKNOWN),
        (RawIdentity(bsn="950000013"), "id.bsn", Reason.CHECK_DIGIT),
        (RawIdentity(bsn="000000000"), "id.bsn", Reason.PLACEHOLDER),
        (RawIdentity(bsn="12345"), "id.bsn", Reason.LENGTH),
        (RawIdentity(bsn="95000001a"), "id.bsn", Reason.MALFORMED),
        (RawIdentity(vnummer="27123456789"), "id.vnr", Reason.LENGTH),
        (RawIdentity(document="PASPOORT"), "id.doc", Reason.MALFORMED),
        (RawIdentity(document="ЖК123456"), "id.doc", Reason.MALFORMED),
        (RawIdentity(document="A1"), "id.doc", Reason.LENGTH),
        (RawIdentity(telefoon="0600000000"), "id.phone", Reason.PLACEHOLDER),
        (RawIdentity(telefoon="123"), "id.phone", Reason.LENGTH),
        (RawIdentity(telefoon="bel maandag"), "id.phone", Reason.MALFORMED),
        (RawIdentity(iban="NL91ABNA0417164301"), "id.iban", Reason.CHECK_DIGIT),
        (RawIdentity(kenteken="ABC"), "id.plate", Reason.LENGTH),
        (RawIdentity(kvk="1234567"), "id.kvk", Reason.LENGTH),
        (RawIdentity(postcode="3011AD"), "id.addr", Reason.PART_MISSING),
        (RawIdentity(adres="Coolsingel"), "id.addr", Reason.MALFORMED),
        (RawIdentity(email="ana at example"), "id.email", Reason.MALFORMED),
        (RawIdentity(handle="ana"), "id.handle", Reason.PART_MISSING),
        (RawIdentity(bsn="9" * 5000), "id.bsn", Reason.LENGTH),
    ],
)
def test_an_unusable_trait_gives_no_token_and_one_reason(raw: RawIdentity, kind: str, reason: Reason) -> None:
    """The partner's report can count why, and never sees the value."""
    norm = normalise(raw)
    assert kind not in {item.type for item in identifiers(norm)}
    assert [item.reason for item in no_identifiers(norm) if item.type == kind] == [reason]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1990-07-22", BirthDate(1990, 7, 22)),
        ("22-07-1990", BirthDate(1990, 7, 22)),
        ("2/7/1990", BirthDate(1990, 7, 2)),
        ("19900722", BirthDate(1990, 7, 22)),
        ("1990-07-22T00:00:00", BirthDate(1990, 7, 22)),
        ("1990-07", BirthDate(1990, 7)),
        ("1990-07-00", BirthDate(1990, 7)),
        ("1990-00-00", BirthDate(1990)),
        ("1990-01-01", BirthDate(1990)),
        ("01-01-1990", BirthDate(1990)),
        ("1990", BirthDate(1990)),
    ],
)
def test_birth_dates_are_read_in_every_form_and_defaults_read_as_unknown(text: str, date: BirthDate) -> None:
    """01-01 and 00 are what registers write when they do not know."""
    assert normalise(RawIdentity(geboortedatum=text)).birth == date


@pytest.mark.parametrize("text", ["31-02-1990", "1990-13-01", "1889-05-05", "22-07-90", "gisteren", "1900-01-01"])
def test_a_date_that_cannot_be_is_no_date(text: str) -> None:
    """A wrong date would find the wrong person; none finds nobody."""
    norm = normalise(RawIdentity(geboortedatum=text))
    assert norm.birth is None
    assert norm.reason(Trait.GEBOORTEDATUM) in (Reason.MALFORMED, Reason.PLACEHOLDER)


@pytest.mark.parametrize(
    ("given", "family", "words"),
    [
        ("José María", "Núñez-O'Neill", ("jose", "maria", "nunez", "oneill")),
        ("Наталья", "Шевченко", ("natal", "shevchenko")),
        ("Jan", "van der Berg", ("jan", "berg")),
        ("Thi", "Van", ("thi", "van")),
        ("  ANNA  ", None, ("anna",)),
        ("onbekend", "Silva", ("silva",)),
    ],
)
def test_names_become_words(given: str, family: str | None, words: tuple[str, ...]) -> None:
    """Transliterated, lower case, without tussenvoegsels before another word."""
    found = normalise(RawIdentity(voornaam=given, achternaam=family)).words
    assert [word[:5] for word in found] == [word[:5] for word in words]


@pytest.mark.parametrize(
    ("text", "sex"), [("M", "m"), ("f", "v"), ("Vrouw", "v"), ("X", "x"), ("anders", "x"), ("?", None)]
)
def test_sex_is_read_from_letters_and_words(text: str, sex: str | None) -> None:
    """F and V are one value on the wire."""
    assert normalise(RawIdentity(geslacht=text)).sex == sex


def test_statelessness_names_no_country() -> None:
    """XXA would tie strangers together."""
    assert normalise(RawIdentity(nationaliteit="XXA")).nationality is None


def test_repr_shows_traits_and_never_values() -> None:
    """A traceback or log line cannot leak."""
    raw = RawIdentity(bsn="950000012", voornaam="Natan")
    shown = f"{raw!r} {normalise(raw)!r} {identifiers(normalise(raw))!r}"
    assert "950000012" not in shown
    assert "atan" not in shown


def test_rules_cover_the_wire() -> None:
    """Ten identifier types, each with one strength."""
    assert len(RULES) == 10
