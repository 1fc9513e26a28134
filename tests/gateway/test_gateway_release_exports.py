"""Exports of sealed tables: every number of every file is extracted again, and that set is attacked."""

import csv
import io
import random
import re
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from aggregator.history import PublishedRelease, attack_releases
from aggregator.tables import SafeTable
from connectors.contract.case_codes import Geslacht, Herkomstregio, Leeftijdsband, Sector
from connectors.contract.codes import TabelId, TokenDomein
from connectors.contract.releases import Publicatie
from gateway.release.catalogue import PUBLIC_K
from gateway.release.codes import SECTOREN, TOTAL
from gateway.release.exports.files import Formaat, export
from gateway.release.exports.tables import HEAD, harmless
from gateway.release.hierarchies import from_the_wire, tree
from gateway.release.naming import code_names
from gateway.release.published import Published, find_published
from tests.gateway.gateway_world import KMAR, NLA, POLITIE, World, deliver, make_world
from tests.gateway.releasing import released, request, some_people

TABLES = (TabelId.VORM_PER_GEMEENTE, TabelId.SECTOR_PER_VORM, TabelId.HERKOMST_PER_VORM, TabelId.ROUTE_PER_VORM)
Cells = dict[tuple[str, tuple[tuple[str, str], ...]], str]
"""(table, its dimensions with their codes, totals left out) → the cell as the file shows it."""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A published release of four tables of 300 people and the size estimate."""
    world = make_world(tmp_path_factory.mktemp("exports"))
    _fill(world)
    released(world, request("m1", *TABLES, TabelId.GESCHATTE_OMVANG))
    published = find_published(world.house.store, world.house.signing.public, "m1", at_table=False)
    PAGE.append(world.http.get("/releases/m1").text)
    NAMES.update(code_names(world.house.policy.bundle, world.federatie))
    world.close()
    return published


NAMES: dict[str, str] = {}
PAGE: list[str] = []


def _fill(world: World) -> None:
    dice = random.Random(3)
    rows = []
    for row in some_people(300):
        sectors = sorted(SECTOREN[row.uitbuitingsvorm[0].value])[:3]
        about = {
            "gemeente": dice.choices(("GM0599", "GM0606", "GM0505", "onbekend"), (60, 20, 15, 5))[0],
            "sector": Sector(dice.choice(sectors)),
            "geslacht": dice.choice([Geslacht.MAN, Geslacht.VROUW]),
            "leeftijdsband": Leeftijdsband.J23_29,
            "herkomstregio": dice.choice([Herkomstregio.NL, Herkomstregio.EU_OVERIG, Herkomstregio.AZIE]),
        }
        rows.append(row.model_copy(update=about))
    for party, part in ((NLA, rows[:110]), (POLITIE, rows[110:220]), (KMAR, rows[220:])):
        assert deliver(world, party, part, TokenDomein.MONITOR).status_code == 201


def lines(found: Published, formaat: Formaat) -> list[dict[str, str]]:
    """A CSV export, read by its header."""
    text = export(found, formaat, NAMES).content.decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def cell(table: str, named: dict[str, str], shown: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], str]:
    """A cell's key and what is shown."""
    return (table, tuple(sorted((d, c) for d, c in named.items() if c != TOTAL))), shown


def from_csv(found: Published) -> Cells:
    """Numbers of the long table."""
    cells = {}
    for line in lines(found, Formaat.CSV):
        if line["tabel"] != "geschatte_omvang":
            named = {line[f"dimensie_{n}"]: line[f"code_{n}"] for n in (1, 2, 3) if line[f"dimensie_{n}"]}
            key, shown = cell(line["tabel"], named, line["aantal"])
            cells[key] = shown
    return cells


def from_json(found: Published) -> Cells:
    """Numbers of the sealed document."""
    publicatie = Publicatie.model_validate_json(export(found, Formaat.JSON, NAMES).content)
    cells = {}
    for table in publicatie.tabellen:
        for cel in table.cellen:
            shown = "" if cel.leeg else "." if cel.aantal is None else str(cel.aantal)
            key, text = cell(table.tabel.value, dict(zip(table.dimensies, cel.codes, strict=True)), shown)
            cells[key] = text
    return cells


def from_xlsx(found: Published) -> Cells:
    """Numbers of the workbook's sheets."""
    book = load_workbook(io.BytesIO(export(found, Formaat.XLSX, NAMES).content))
    cells = {}
    for name in book.sheetnames[1:]:
        head, *body = book[name].iter_rows(values_only=True)
        if name == "geschatte_omvang":
            continue
        dims = [str(d) for d in head[: head.index("aantal")]]
        for row in body:
            value = row[len(dims)]
            key, text = cell(name, dict(zip(dims, map(str, row), strict=False)), "" if value is None else str(value))
            cells[key] = text
    return cells


def from_htcds(found: Published) -> Cells:
    """Numbers of the mapped rows, by the source's codes that stand beside the mapping."""
    ours = ("uitbuitingsvorm", "geslacht", "leeftijdsband", "herkomstregio", "sector")
    return dict(
        cell(line["table"], {name: line[name] for name in ours}, line["count"]) for line in lines(found, Formaat.HTCDS)
    )


def from_comensha(found: Published) -> Cells:
    """Numbers of the regional rows: margins, whichever table they came from."""
    traits = {"vorm van uitbuiting": "uitbuitingsvorm", "herkomst": "herkomstregio"}
    cells = {}
    for line in lines(found, Formaat.COMENSHA):
        named = {} if line["kenmerk"] == "totaal" else {traits.get(line["kenmerk"], line["kenmerk"]): line["code"]}
        key, shown = cell("", named, line["aantal"])
        cells[key] = shown
    return cells


READERS: dict[Formaat, Callable[[Published], Cells]] = {
    Formaat.CSV: from_csv,
    Formaat.JSON: from_json,
    Formaat.XLSX: from_xlsx,
    Formaat.HTCDS: from_htcds,
    Formaat.COMENSHA: from_comensha,
}


def as_release(found: Published, cells: Cells) -> PublishedRelease:
    """What a reader of the file has, for the attacker: tables by the dimensions that they cross."""
    parents = from_the_wire(found.publicatie.hierarchieen)
    dims = {table.tabel.value: table.dimensies for table in found.publicatie.tabellen}
    seen: dict[str, set[str]] = {}
    by_table: dict[str, dict[tuple[str, ...], int | None]] = {}
    for (table, named), shown in cells.items():
        crossed = dims.get(table) or tuple(name for name, _ in named) or ("uitbuitingsvorm",)
        codes = tuple(dict(named).get(name, TOTAL) for name in crossed)
        for name, code in zip(crossed, codes, strict=True):
            seen.setdefault(name, set()).add(code)
        count = None if shown == "." else int(shown or 0)
        by_table.setdefault(table or " ".join(crossed), {})[codes] = count
        dims.setdefault(table or " ".join(crossed), crossed)
    tables = tuple(SafeTable(name, dims[name], tuple(held), tuple(held.values())) for name, held in by_table.items())
    trees = {name: tree(name, codes, parents) for name, codes in seen.items()}
    return PublishedRelease("file", PUBLIC_K, "p", trees, tables)


@pytest.mark.parametrize("formaat", list(Formaat))
def test_the_numbers_of_every_file_withstand_the_attacker(found: Published, formaat: Formaat) -> None:
    """Extracted again from the file's bytes, alone."""
    cells = READERS[formaat](found)
    assert any(shown == "." for shown in cells.values())
    assert attack_releases([as_release(found, cells)]).broken == ()


def test_the_numbers_of_all_files_together_withstand_the_attacker(found: Published) -> None:
    """One population, five files: no file has what another hides."""
    releases = [as_release(found, reader(found)) for reader in READERS.values()]
    assert attack_releases(releases).broken == ()


@pytest.mark.parametrize("formaat", [Formaat.CSV, Formaat.XLSX, Formaat.JSON])
def test_every_file_has_every_cell(found: Published, formaat: Formaat) -> None:
    """The same cells and the same texts as the long table."""
    assert READERS[formaat](found) == from_csv(found)
    assert len(from_csv(found)) == sum(len(table.cellen) for table in found.publicatie.tabellen)


def test_a_mapped_number_is_a_sealed_number(found: Published) -> None:
    """HTCDS and CoMensha rows are cells of the long table; nothing is added up."""
    sealed = from_csv(found)
    mapped = from_htcds(found)
    assert mapped.items() <= sealed.items()
    margins = {named: shown for (_, named), shown in sealed.items() if len(named) <= 1}
    assert {named: shown for (_, named), shown in from_comensha(found).items()}.items() <= margins.items()


def test_withheld_is_a_dot_impossible_blank_and_every_status_free(found: Published) -> None:
    """SDMX: Q for a dot, M or L for a blank, A for a number; CONF_STATUS F for all alike."""
    kinds = {
        (line["aantal"] if line["aantal"] in ("", ".") else "n", line["OBS_STATUS"])
        for line in lines(found, Formaat.CSV)
    }
    assert kinds == {("", "M"), ("", "L"), (".", "Q"), ("n", "A")}
    assert {line["CONF_STATUS"] for line in lines(found, Formaat.CSV)} == {"F"}
    impossible = {
        line["code_2"] for line in lines(found, Formaat.CSV) if line["code_1"] == "bouw" and line["aantal"] == ""
    }
    assert impossible >= {"seksueel"}


def test_an_impossible_cell_never_hides_another(found: Published) -> None:
    """Blank cells are blank whatever the search did: none of them is withheld."""
    table = next(t for t in found.publicatie.tabellen if t.tabel is TabelId.SECTOR_PER_VORM)
    for cel in table.cellen:
        sector, vorm = cel.codes
        if vorm in SECTOREN and sector != TOTAL and sector not in SECTOREN[vorm]:
            assert cel.onmogelijk


def test_the_same_release_gives_the_same_bytes(found: Published) -> None:
    """Workbooks too, whose library stamps them with the time of writing."""
    for formaat in Formaat:
        assert export(found, formaat, NAMES).content == export(found, formaat, NAMES).content


def test_the_header_is_the_documented_one(found: Published) -> None:
    """Columns of the long table."""
    assert export(found, Formaat.CSV, NAMES).content.decode().splitlines()[0] == ",".join(HEAD)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(text: str) -> None:
    """A spreadsheet shows it as text."""
    assert harmless(text) == f"'{text}"


def test_the_estimate_leaves_as_an_interval_or_a_reason(found: Published) -> None:
    """Observed, two ends; never an overlap."""
    ends = {line["code_1"]: line["aantal"] for line in lines(found, Formaat.CSV) if line["tabel"] == "geschatte_omvang"}
    assert set(ends) == {"waargenomen", "onder", "boven"}
    assert ends["waargenomen"] == "300"
    assert (ends["onder"] == ".") == bool(found.publicatie.schatting and found.publicatie.schatting.redenen)


def test_the_page_shows_the_sealed_cells_and_no_other_number(found: Published) -> None:
    """Every table cell of the page, in order, is the document's; the estimate stands beside its observed count."""
    shown = re.findall(r'<td class="n(?: withheld)?">(.*?)</td>', PAGE[0])
    words = {"niet getoond": ".", "kan niet bestaan": "", "telt hier niet mee": ""}
    texts = [next((text for said, text in words.items() if said in cell), cell.strip()) for cell in shown]
    sealed = [
        "" if c.leeg else "." if c.aantal is None else str(c.aantal)
        for t in found.publicatie.tabellen
        for c in t.cellen
    ]
    assert texts == sealed
    figures = re.findall(r'<dd class="figure">(.*?)</dd>', PAGE[0])
    assert figures[0] == "300"
