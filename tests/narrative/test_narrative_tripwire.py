"""The tripwire: planted identifiers in every field stop a batch, clean batches pass."""

import base64
import random
import uuid
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pseudonymizer.narrative.known import KnownValues
from pseudonymizer.narrative.tripwire import Json, Tripwire, TripwireHit, fields_of
from tests.narrative.writer import FAMILY, GIVEN, VALUES, digits

CODES = (
    "riec zvh monitor zorg zorg_straf ondermijning signaal vermoeden weging casus slachtoffer verdach"
    "te_dader facilitator 8 9 geen "
    "seksueel arbeid crimineel horeca bouw hotel overig onbekend man vrouw anders 0-11 12-14 15-17 18"
    "-22 23-29 30-39 40-49 50+ "
    "NL EU_overig Azie Latijns-Amerika_Cariben politie_melding mma school id.bsn id.phone cx.SY wettelijke_plicht"
).split()
EMPTY = KnownValues.of(())
TRIPWIRE = Tripwire(CODES)
FIELDS = (
    "route status categorie wpg_artikel bewaren_tot bewijs_ref professional_ref consult_ref sector gemeente jaar"
).split()
TYPES = [*"BSN VNR PHONE IBAN KENTEKEN KVK DOC CASE POSTCODE ADDRESS EMAIL DOB HANDLE".split()]


def b64u(rng: random.Random, n: int) -> str:
    return base64.urlsafe_b64encode(rng.randbytes(n)).rstrip(b"=").decode()


def row(rng: random.Random) -> dict[str, Json]:
    """A wire row with every field that any kind of row has."""
    return {
        "soort": rng.choice(["riec", "zvh", "monitor"]),
        "record_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "tokens": [{"type": "id.bsn", "waarde": b64u(rng, 32)}, {"type": "id.phone", "waarde": b64u(rng, 32)}],
        "blokken": [{"type": "cx.SY", "blok": b64u(rng, 16), "schets": b64u(rng, 128)}],
        "bewijs": b64u(rng, 32),
        "route": rng.choice(["zorg", "zorg_straf", "ondermijning"]),
        "status": rng.choice(["signaal", "vermoeden", "weging", "casus"]),
        "categorie": rng.choice(["slachtoffer", "verdachte_dader", "facilitator"]),
        "minderjarig": rng.random() < 0.1,
        "embargo": False,
        "wpg_artikel": rng.choice(["8", "9", "geen"]),
        "bewaren_tot": rng.choice(["2027-01-31", "2028-02-29", "2030-09-30", "2031-12-31"]),
        "bewijs_ref": rng.choice([b64u(rng, 16), b64u(rng, 32), str(uuid.UUID(int=rng.getrandbits(128), version=4))]),
        "professional_ref": b64u(rng, 16),
        "consult_ref": rng.randbytes(16).hex(),
        "jaar": rng.randint(2020, 2026),
        "aantal": rng.randint(0, 99_999),
        "gemeente": f"GM{digits(rng, 4)}",
        "uitbuitingsvorm": rng.sample(["seksueel", "arbeid", "crimineel"], 2),
        "sector": rng.choice(["horeca", "bouw", "hotel"]),
        "leeftijdsband": rng.choice(["0-11", "18-22", "50+"]),
        "herkomstregio": rng.choice(["NL", "EU_overig", "Latijns-Amerika_Cariben"]),
        "kwartaal": f"{rng.randint(2020, 2026)}-Q{rng.randint(1, 4)}",
        "epoch": rng.choice(["2026", "2026-b"]),
        "bron_oin": digits(rng, 20),
    }


def own_values(rng: random.Random) -> KnownValues:
    return KnownValues.of(
        [
            f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}",
            VALUES["PHONE"](rng),
            digits(rng, 9),
            "1996-04-23",
            "vrouw",
            "NLD",
        ]
    )


def rule_for(fields: dict[str, Json], known: KnownValues = EMPTY) -> str | None:
    try:
        TRIPWIRE.check(fields_of(fields), known)
    except TripwireHit as hit:
        return hit.rule
    return None


@pytest.mark.parametrize("label", TYPES)
def test_planted_identifiers(label: str) -> None:
    """Of 200 variants of a type (as it is, mistyped, spaced, OCR) in any field, not one leaves."""
    rng = random.Random(label)
    passed = 0
    for _ in range(200):
        passed += rule_for({**row(rng), rng.choice(FIELDS): VALUES[label](rng)}) is None
    assert passed == 0


@pytest.mark.parametrize("label", TYPES)
def test_recognisers_alone_know_planted_identifiers(label: str) -> None:
    """Without refusing all else, the recognisers would still name the kind of at least 80 % of bare values."""
    rng = random.Random(label + "bare")
    rules = Counter(rule_for({"route": VALUES[label](rng)}) for _ in range(200))
    assert rules["not-a-wire-value"] <= 40


def test_planted_names() -> None:
    """The record's own name stops the batch in any spelling, also inside a reference."""
    rng = random.Random(5)
    for _ in range(200):
        given_name, family = rng.choice(GIVEN), rng.choice([f for f in FAMILY if len(f) > 5])
        known = KnownValues.of([f"{given_name} {family}"])
        for value in (
            family,
            f"{family}-{given_name}".lower(),
            f"{given_name[0]}.{family}",
            family[:-1] + "x",
            f"ref_{family}_2026",
        ):
            assert rule_for({**row(rng), rng.choice(["bewijs_ref", "route"]): value}, known) is not None


def clean_batches(n: int, rows: int) -> int:
    rng = random.Random(n)
    blocked = 0
    for _ in range(n):
        blocked += any(rule_for(row(rng), own_values(rng)) is not None for _ in range(rows))
    return blocked


def test_clean_batches_pass() -> None:
    """None of 300 clean batches of five rows is blocked."""
    assert clean_batches(300, 5) == 0


@pytest.mark.full
def test_ten_thousand_clean_batches_pass() -> None:
    """At most one of 10,000 clean batches is blocked (narrative page, Goals)."""
    assert clean_batches(10_000, 5) <= 1


def test_hit_names_field_and_rule_but_not_the_value() -> None:
    """The message helps to find the leak and does not repeat it."""
    with pytest.raises(TripwireHit) as caught:
        TRIPWIRE.check(fields_of({"tokens": [], "bewijs_ref": ["x", "123456782"]}), EMPTY)
    assert (caught.value.field, caught.value.rule) in {
        ("bewijs_ref[0]", "not-a-wire-value"),
        ("bewijs_ref[1]", "bsn-plain"),
    }
    assert "123456782" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("bewaren_tot", "1996-04-30", "date-iso"),
        ("bewaren_tot", "2028-03-30", "date-iso"),
        ("jaar", 1996, "not-a-wire-value"),
        ("aantal", 123456782, "bsn-plain"),
        ("aantal", -1, "not-a-wire-value"),
        ("aantal", 1.5, "not-a-wire-value"),
        ("route", "GM0599", "not-a-wire-value"),
        ("route", "zorg ", "not-a-wire-value"),
        ("sector", "KvK 71930264", "kvk-named"),
        ("Elena Munteanu", "zorg", "field-name"),
    ],
)
def test_fields_take_only_their_own_shape(field: str, value: Json, rule: str) -> None:
    """An exact date, a large number, a foreign code or a strange field name is no value of the wire."""
    assert rule_for({field: value}) == rule


@given(st.text(min_size=1, max_size=40))
def test_no_free_text_passes(text: str) -> None:
    """Whatever is no code of the wire is stopped in a code field."""
    if text not in CODES:
        assert rule_for({"route": text}) is not None


@pytest.mark.parametrize("planted", ["0612345678", "NL91ABNA0417164300", "ioana@post.example"])
def test_token_fields_are_not_looked_into(planted: str) -> None:
    """Token fields are skipped by name; the contract fixes their bytes."""
    assert rule_for({"tokens": [{"type": "id.bsn", "waarde": planted}]}) is None


def test_a_scan_that_takes_too_long_is_a_hit(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time blocks the send."""
    slow: Callable[[str], Tripwire] = lambda code: Tripwire([code])  # noqa: E731
    tripwire = slow("zorg")
    for recognizer in tripwire._engine.registry.recognizers:
        monkeypatch.setattr(recognizer, "timeout_seconds", 1e-9)
    with pytest.raises(TripwireHit, match="time-out"):
        tripwire.check([("route", "1 2 3 @ http://a.b " * 2_000)], EMPTY)
