"""Invented sources and mappings. Canary values stand in every column, so that a leak has a name."""

import csv
from collections.abc import Sequence
from pathlib import Path

COLUMNS = ("nr", "voornaam", "achternaam", "geboren", "sexe", "land", "bsn", "tel", "document", "soort", "verhaal")
ROWS = 6
MAPPING = """
[source]
format = "csv"
[traits]
voornaam = "voornaam"
achternaam = "achternaam"
geboortedatum = "geboren"
geslacht = "sexe"
nationaliteit = "land"
bsn = "bsn"
telefoon = "tel"
document = "document"
[fields]
categorie = { column = "soort", codes = { verdachte = "verdachte_dader", facilitator = "facilitator" } }
minderjarig = { column = "geboren", derive = "minderjarig" }
case_ref = "nr"
[narrative]
columns = ["verhaal"]
[constants]
domein = "RIEC"
route = "ondermijning"
status = "vermoeden"
dubbelrol = false
bijzonder = false
noodzaak_bescherming = false
regio_raakvlak = false
opsporingsbelang = false
embargo = false
wpg_artikel = "8"
bewaren_tot = 2099-05-14
"""


def bsn(number: int) -> str:
    """The number-th BSN from 900000000 that passes the eleven-check; invented."""
    found, candidate = -1, 899_999_999
    while found < number:
        candidate += 1
        digits = [int(digit) for digit in str(candidate)]
        weighted = sum(digit * weight for digit, weight in zip(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
        found += weighted % 11 == 0
    return str(candidate)


def row(number: int) -> list[str]:
    """One invented person."""
    return [
        f"PL-{number:06d}",
        f"Canarina{number}x",
        f"Vogelaarsma{number}y",
        f"19{50 + number % 40}-0{1 + number % 9}-1{number % 10}",
        "MV"[number % 2],
        ("ROU", "POL", "NLD")[number % 3],
        bsn(number) if number % 2 else "",
        f"06{10_000_000 + 7919 * number}",
        f"CA{7_000_000 + number}",
        "verdachte" if number % 5 else "facilitator",
        f"Canarina{number}x belde met 06{10_000_000 + 7919 * number}.",
    ]


def write_source(path: Path, rows: Sequence[Sequence[str]] | int = ROWS) -> Path:
    """A UTF-8 CSV; an int makes so many invented people."""
    content = [row(number) for number in range(rows)] if isinstance(rows, int) else rows
    with path.open("w", encoding="utf-8", newline="") as handle:
        out = csv.writer(handle)
        out.writerow(COLUMNS)
        out.writerows(content)
    return path


def write_mapping(path: Path, text: str = MAPPING) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
