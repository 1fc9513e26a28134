"""What a counting rule leaves out is blank, never a zero: the care route in tables of persons."""

import csv
import io

import pandas as pd
import pytest
from pydantic import ValidationError

from connectors.contract.codes import TabelId
from connectors.contract.releases import Publicatie, PubliekeCel, PubliekeTabel
from gateway.release.catalogue import CATALOGUE, Telregel, left_out
from gateway.release.codes import TOTAL
from gateway.release.earlier import NOWHERE, as_read, impossible
from gateway.release.hierarchies import tree
from tests.gateway.gateway_world import NLA, World
from tests.gateway.releasing import fill, released, request

ROUTES = ("ondermijning", "zorg_straf", "zorg")


@pytest.fixture
def published(world: World) -> World:
    """Persons by route, and registrations by year and route."""
    fill(world)
    released(world, request("m1", TabelId.ROUTE_PER_VORM, TabelId.MELDINGEN_PER_JAAR))
    return world


def document(world: World) -> Publicatie:
    """The sealed document."""
    return Publicatie.model_validate_json(world.party(NLA).get("/v1/releases/m1").content)


def table(publicatie: Publicatie, tabel: TabelId) -> PubliekeTabel:
    """One table of it."""
    return next(each for each in publicatie.tabellen if each.tabel is tabel)


def lines(world: World) -> list[dict[str, str]]:
    """The long table as CSV."""
    text = world.http.get("/releases/m1/download/csv").content.decode("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_care_route_is_blank_in_a_table_of_persons(published: World) -> None:
    """Every cell of its row is not counted, and no other cell is."""
    cells = table(document(published), TabelId.ROUTE_PER_VORM).cellen
    blank = {cel.codes for cel in cells if cel.niet_geteld}
    assert blank == {cel.codes for cel in cells if cel.codes[0] == "zorg"}
    assert all(cel.aantal is None for cel in cells if cel.niet_geteld)


def test_the_care_route_is_a_number_where_counts_are_taken_in(published: World) -> None:
    """Registrations are counted whoever hands them in, so a zero there is a true one."""
    cells = table(document(published), TabelId.MELDINGEN_PER_JAAR).cellen
    assert not any(cel.niet_geteld for cel in cells)
    assert {cel.aantal for cel in cells if cel.codes[1] == "zorg"} == {0}


def test_its_status_in_the_csv_is_data_not_collected(published: World) -> None:
    """SDMX code list CL_OBS_STATUS: L, missing value; data exist but were not collected."""
    cells = {(line["aantal"], line["OBS_STATUS"]) for line in lines(published) if _second(line) == ("route", "zorg")}
    assert cells == {("", "L"), ("0", "A")}


def _second(line: dict[str, str]) -> tuple[str, str]:
    place = "1" if line["dimensie_1"] == "route" else "2"
    return line[f"dimensie_{place}"], line[f"code_{place}"]


def test_the_page_says_why_the_row_is_blank(published: World) -> None:
    """One note, at the table of persons, and no 0 in the row."""
    page = published.http.get("/releases/m1").text
    assert page.count("geen nul") == 1
    assert page.count("telt hier niet mee") == sum(
        cel.niet_geteld is True for cel in table(document(published), TabelId.ROUTE_PER_VORM).cellen
    )


def test_attackers_read_a_blank_as_the_zero_that_it_is(published: World) -> None:
    """Nobody's doubt may rest on a cell of which everybody knows that no case of the table is in it."""
    read = as_read(document(published), "uniek_slachtoffer 2026")
    assert read is not None
    (counts,) = [dict(zip(each.codes, each.counts, strict=True)) for each in read.tables]
    assert counts["zorg", TOTAL] == counts["zorg", "arbeid"] == 0


def test_what_is_left_out_never_serves_to_hide() -> None:
    """It stands among the facts that everybody knows, with the sub-totals."""
    trees = {"route": tree("route", ROUTES, {}), "uitbuitingsvorm": tree("uitbuitingsvorm", ["arbeid", "seksueel"], {})}
    some = pd.DataFrame([{"route": "ondermijning", "uitbuitingsvorm": "arbeid", "count": 20}])
    (known,) = impossible([CATALOGUE[TabelId.ROUTE_PER_VORM]], some, trees, "uniek_slachtoffer 2026")
    assert known.name == NOWHERE
    (zeros,) = known.tables
    assert {codes[0] for codes in zeros.codes} == {"zorg"}
    assert {codes[1] for codes in zeros.codes} == {TOTAL, "arbeid", "seksueel"}
    assert set(zeros.counts) == {0}


def test_only_the_rule_for_persons_leaves_anything_out() -> None:
    """Registrations and efforts take in what partners only counted."""
    assert [rule for rule in Telregel if left_out(rule, ("route",), ("zorg",))] == [Telregel.UNIEK_SLACHTOFFER]
    assert not left_out(Telregel.UNIEK_SLACHTOFFER, ("route",), ("zorg_straf",))
    assert not left_out(Telregel.UNIEK_SLACHTOFFER, ("route",), (TOTAL,))


@pytest.mark.parametrize("beside", [{"aantal": 0}, {"onmogelijk": True}])
def test_a_cell_that_is_left_out_has_nothing_beside_it(beside: dict[str, object]) -> None:
    """Neither a count nor another reason to be blank."""
    with pytest.raises(ValidationError):
        PubliekeCel.model_validate({"codes": ("zorg",), "niet_geteld": True, **beside})
