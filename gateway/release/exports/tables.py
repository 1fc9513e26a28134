"""Text of tables: comma-separated, quoted where needed, and never a formula when a spreadsheet opens it. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence

from connectors.contract.releases import Publicatie, Publiek
from gateway.release.codes import TOTAL
from gateway.release.exports.rows import FREE, rows
from gateway.release.size import REFUSAL

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that starts so is computed by a spreadsheet (OWASP, CSV injection)."""
HEAD = (
    *("release_id", "revisie", "jaar", "tabel", "telregel", "k"),
    *("dimensie_1", "code_1", "dimensie_2", "code_2", "dimensie_3", "code_3"),
    *("aantal", "OBS_STATUS", "CONF_STATUS"),
)


def csv_bytes(head: Sequence[str], lines: Iterable[Sequence[str]]) -> bytes:
    """UTF-8, comma, CRLF (RFC 4180), a header row."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([harmless(field) for field in line] for line in lines)
    return text.getvalue().encode("utf-8")


def harmless(field: str) -> str:
    """The field, with an apostrophe before what a spreadsheet would compute."""
    return f"'{field}" if field.startswith(_FORMULA) else field


def long_table(publicatie: Publicatie) -> bytes:
    """All cells of all tables as CSV, one a line, the size estimate as the last line's two ends.

    Columns: HEAD. The estimate's lines have the table `geschatte_omvang` and `waargenomen`, `onder` or `boven` as
    code; without a justified estimate both ends are `.`.
    """
    about = (publicatie.release_id, str(publicatie.revisie), str(publicatie.jaar))
    lines = []
    for row in rows(publicatie):
        crossed = [text for pair in zip(row.tabel.dimensies, row.codes, strict=True) for text in pair]
        crossed += [""] * (6 - len(crossed))
        table = (row.tabel.tabel.value, row.tabel.telregel, str(row.tabel.k))
        lines.append((*about, *table, *crossed, row.shown, row.status.value, FREE))
    return csv_bytes(HEAD, [*lines, *_estimate(publicatie, about)])


def _estimate(publicatie: Publicatie, about: tuple[str, str, str]) -> list[tuple[str, ...]]:
    schatting = publicatie.schatting
    if schatting is None:
        return []
    table = ("geschatte_omvang", "uniek_slachtoffer", "")
    ends = (("waargenomen", schatting.waargenomen), ("onder", schatting.onder), ("boven", schatting.boven))
    return [
        (
            *(*about, *table, "grootheid", name, "regio", TOTAL, "", ""),
            *(("." if value is None else str(value)), "Q" if value is None else "A", FREE),
        )
        for name, value in ends
    ]


def explanation(publicatie: Publicatie) -> list[tuple[str, str]]:
    """What a reader must know: period, rules, protection; label and text."""
    schatting = publicatie.schatting
    lines = [
        ("Publicatie", publicatie.release_id),
        ("Revisie", str(publicatie.revisie)),
        ("Vervangt", publicatie.vervangt or ""),
        ("Reden van revisie", "" if publicatie.reden is None else publicatie.reden.value.replace("_", " ")),
        ("Periode", str(publicatie.jaar)),
        ("Gepubliceerd", publicatie.gepubliceerd.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("Partners die aanleverden", str(publicatie.partners)),
        ("Digest van de cijfers (SHA-256)", publicatie.cijfers),
        ("Bestemd voor", _audience(publicatie)),
        ("Bekend bij de aanval", ", ".join(f"{each.bron} {each.jaar}" for each in publicatie.extern or ())),
        (
            "Bescherming",
            "Aantallen onder de k van de tabel, en aantallen waaruit die te berekenen zijn, zijn achtergehouden (.) en "
            "daarna aangevallen, ook met de kennis van elke partner en elk paar partners. Van inspanningen is ook "
            "achtergehouden wat één aanleveraar overheerst. Leeg: kan niet bestaan (M), of telt in deze tabel niet mee "
            "(L), zoals de zorgroute in tabellen van personen. 0: een echte nul.",
        ),
    ]
    if schatting is not None and schatting.onder is None:
        lines.append(("Geschatte omvang", REFUSAL[0]))
    return lines


def _audience(publicatie: Publicatie) -> str:
    if publicatie.kring is Publiek.REGIONALE_TAFEL:
        return "de Regionale Tafel; niet verder verspreiden"
    return "iedereen"
