"""Column profiling at onboarding, and the counts of the privacy receipt."""

import random
from functools import lru_cache

import pytest

from pseudonymizer.narrative.columns import (
    ColumnKind,
    ColumnProfile,
    PiiInCodeColumn,
    profile_columns,
    refuse_pii_in_codes,
)
from pseudonymizer.narrative.scan import Scanner
from pseudonymizer.narrative.spans import Label
from tests.narrative.writer import FAMILY, GIVEN, VALUES, write

HEADER = [
    "voornaam",
    "achternaam",
    "bsn",
    "tel",
    "gebdatum",
    "mail",
    "type",
    "gemeente",
    "toelichting",
    "leeg",
    "kenteken",
]


@lru_cache(maxsize=1)
def scanner() -> Scanner:
    return Scanner()


@lru_cache(maxsize=1)
def profiles() -> dict[str, ColumnProfile]:
    rng = random.Random(3)
    rows = [
        [
            rng.choice(GIVEN),
            rng.choice(FAMILY),
            VALUES["BSN"](rng),
            VALUES["PHONE"](rng),
            VALUES["DOB"](rng),
            VALUES["EMAIL"](rng),
            rng.choice(["seks", "werk", "onbekend"]),
            rng.choice(["GM0599", "GM0606"]),
            f"{story.text} Zij verblijft elders bij een vriendin.",
            None,
            VALUES["KENTEKEN"](rng),
        ]
        for story in write(4, 150)
    ]
    return {p.column: p for p in profile_columns(scanner(), HEADER, [*rows, ["kort"]])}


@pytest.mark.parametrize(
    ("column", "kind", "label"),
    [
        ("voornaam", ColumnKind.IDENTIFYING, Label.PERSON),
        ("achternaam", ColumnKind.IDENTIFYING, Label.PERSON),
        ("bsn", ColumnKind.IDENTIFYING, Label.BSN),
        ("tel", ColumnKind.IDENTIFYING, Label.PHONE),
        ("mail", ColumnKind.IDENTIFYING, Label.EMAIL),
        ("kenteken", ColumnKind.IDENTIFYING, Label.KENTEKEN),
    ],
)
def test_identifying_columns(column: str, kind: ColumnKind, label: Label) -> None:
    """Each identifying column is recognised, with the label found most."""
    assert (profiles()[column].kind, profiles()[column].found[0][0]) == (kind, label)


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("type", ColumnKind.CODE),
        ("gemeente", ColumnKind.CODE),
        ("toelichting", ColumnKind.FREE_TEXT),
        ("leeg", ColumnKind.EMPTY),
        ("gebdatum", ColumnKind.IDENTIFYING),
    ],
)
def test_other_columns(column: str, kind: ColumnKind) -> None:
    """Codes, stories, empty columns and dates are told apart."""
    assert profiles()[column].kind is kind


def test_counts_add_up() -> None:
    """Cells count every row, filled only those with something in them; a short row has empty cells."""
    assert {p.cells for p in profiles().values()} == {151}
    assert (profiles()["leeg"].filled, profiles()["voornaam"].filled, profiles()["bsn"].filled) == (0, 151, 150)


@pytest.mark.parametrize("column", ["bsn", "toelichting", "achternaam"])
def test_pii_in_a_code_column_is_refused(column: str) -> None:
    """A column with identifiers or stories cannot be declared a code; the error names no value."""
    with pytest.raises(PiiInCodeColumn, match=f"column {column}: declared a code"):
        refuse_pii_in_codes(profiles().values(), [column])


def test_codes_are_accepted() -> None:
    """True codes pass."""
    refuse_pii_in_codes(profiles().values(), ["type", "gemeente", "leeg"])
