"""A batch is read line by line: canonical, of one kind, each record once, as many as its header says."""

from collections.abc import Callable
from datetime import date

import pytest

from connectors.contract.batch import BatchHeader, BatchRefused, encode_line, read_rows
from connectors.contract.codes import (
    Categorie,
    Convenant,
    Doel,
    PartijDomein,
    Route,
    Status,
    TabelId,
    Thema,
    TokenDomein,
    WpgArtikel,
)
from connectors.contract.record import RiecRij, Telling

Lines = list[bytes]


def header(count: int) -> BatchHeader:
    return BatchHeader(
        batch_id="00000000-0000-4000-8000-000000000001",
        levering_id="00000000-0000-4000-8000-000000000002",
        bron_oin="0" * 20,
        bron_domein=PartijDomein.OPSPORING,
        convenant=Convenant.RIEC,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        domein=TokenDomein.RIEC,
        epoch="2026",
        federatie="A" * 43,
        inhoud="records",
        aantal=count,
    )


def line(number: int) -> bytes:
    row = RiecRij(
        record_id=f"00000000-0000-4000-9000-{number:012d}",
        tokens=(),
        bewijs="A" * 43,
        route=Route.ONDERMIJNING,
        status=Status.VERMOEDEN,
        categorie=Categorie.VERDACHTE_DADER,
        minderjarig=False,
        dubbelrol=False,
        bijzonder=False,
        noodzaak_bescherming=False,
        regio_raakvlak=False,
        opsporingsbelang=False,
        wpg_artikel=WpgArtikel.ART_8,
        embargo=False,
        bewaren_tot=date(2099, 5, 31),
    )
    return encode_line(row)


def test_rows_come_out_as_they_went_in() -> None:
    """In order, one a line."""
    found = [encode_line(row) for row in read_rows(header(3), iter([line(1), line(2), line(3)]))]
    assert found == [line(1), line(2), line(3)]


@pytest.mark.parametrize(
    ("spoil", "number", "said"),
    [
        (lambda lines: [lines[0], lines[1], lines[0]], 4, "record_id occurs twice"),
        (lambda lines: [*lines, line(4)], 5, "more rows than the header says"),
        (lambda lines: lines[:2], 3, "fewer rows than the header says"),
        (lambda lines: [lines[0], b" " + lines[1], lines[2]], 3, "not in canonical form"),
        (lambda lines: [lines[0], lines[1][:-1], lines[2]], 3, "cut off before its end"),
        (lambda lines: [lines[0], b"{\n", lines[2]], 3, "not JSON"),
        (
            lambda lines: [
                encode_line(Telling(tabel=TabelId.MELDINGEN_PER_JAAR, jaar=2026, aantal=5)),
                *lines[1:],
            ],
            2,
            "a row of another kind",
        ),
    ],
)
def test_a_line_that_is_not_what_it_should_be_is_named(spoil: Callable[[Lines], Lines], number: int, said: str) -> None:
    """Its number, counted with the header, and why."""
    with pytest.raises(BatchRefused, match=f"^line {number}: {said}"):
        list(read_rows(header(3), iter(spoil([line(1), line(2), line(3)]))))
