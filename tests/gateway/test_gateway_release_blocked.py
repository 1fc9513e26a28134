"""A blocked draft: the attack in words, what would help, and nothing that is kept."""

import pytest
from sqlalchemy import select

from connectors.contract.codes import TabelId, TokenDomein
from connectors.contract.releases import Achterhouden, Niveau, Publicatie
from gateway.release.tables import RELEASES
from tests.gateway.gateway_world import KMAR, NLA, POLITIE, REGISSEUR, World, deliver
from tests.gateway.releasing import draft, released, request, some_people

CARELESS = {"achterhouden": Achterhouden.ALLEEN_KLEIN}
TABLES = (TabelId.VORM_PER_GEMEENTE, TabelId.ROUTE_PER_VORM)


@pytest.fixture
def scattered(world: World) -> World:
    """Three partners and 150 people over four municipalities: many small cells."""
    towns = ["GM0599"] * 12 + ["GM0606"] * 5 + ["GM0505"] * 2 + ["onbekend"]
    people = [
        row.model_copy(update={"gemeente": towns[number % len(towns)]}) for number, row in enumerate(some_people(150))
    ]
    for party, rows in ((NLA, people[:60]), (POLITIE, people[60:110]), (KMAR, people[110:])):
        assert deliver(world, party, rows, TokenDomein.MONITOR).status_code == 201
    return world


def test_leaving_out_small_counts_alone_is_opened_and_told_in_words(scattered: World) -> None:
    """The answer names a cell and the published cells that give it, in both languages, and what would help."""
    blocked = draft(scattered, request("m1", *TABLES, **CARELESS))
    assert (blocked.status_code, blocked.json()["code"]) == (409, "release_blocked")
    for reden in blocked.json()["redenen"]:
        assert reden["code"] == "TABELLEN_GEVEN_CEL_PRIJS"
        assert " is te berekenen: " in reden["nl"]
        assert " min " in reden["nl"] or "gepubliceerde cellen samen" in reden["nl"]
        assert " can be computed: " in reden["en"]
        assert "achterhouden = volledig" in reden["handelingsperspectief"]
    assert "Wat helpt: " in blocked.json()["detail"]


def test_no_count_is_told(scattered: World) -> None:
    """Only how many cells were opened: the drafter may not know small counts either."""
    blocked = draft(scattered, request("m1", *TABLES, **CARELESS)).json()
    said = " ".join(reden["nl"] for reden in blocked["redenen"])
    numbers = {word for word in said.replace("(", " ").split() if word.isdigit()}
    cells_more = {part.split()[0] for part in said.split("en nog ")[1:]}
    together = {part.rsplit(" ", 1)[-1] for part in said.split(" gepubliceerde cellen samen")[:-1]}
    assert numbers <= cells_more | together


def test_nothing_of_a_blocked_draft_is_kept(scattered: World) -> None:
    """The row says that it was blocked; figures, measures and attack are gone."""
    assert draft(scattered, request("m1", *TABLES, **CARELESS)).status_code == 409
    with scattered.house.store.connect() as connection:
        row = connection.execute(select(RELEASES)).one()
    assert row.stap == "geblokkeerd"
    assert (row.concept, row.werkblad, row.aanval, row.sealed) == (None, None, None, None)
    assert scattered.party(REGISSEUR).get("/v1/releases/m1").status_code == 404


def test_the_fixed_draft_passes_under_the_same_id(scattered: World) -> None:
    """What the answer said would help, helps."""
    assert draft(scattered, request("m1", *TABLES, **CARELESS)).status_code == 409
    released(scattered, request("m1", *TABLES))


def test_a_coarser_table_shows_more(scattered: World) -> None:
    """By Veiligheidshuis and group of forms: those codes are the finest, and fewer cells are withheld."""
    released(scattered, request("m1", *TABLES, grover=(Niveau.VEILIGHEIDSHUIS, Niveau.MONITORGROEP)))
    published = Publicatie.model_validate_json(scattered.party(NLA).get("/v1/releases/m1").content)
    table = published.tabellen[1]
    assert {cel.codes[0] for cel in table.cellen} == {"totaal", "ZVH-RR", "ZVH-ZHZ", "onbekend"}
    assert "GM0599" not in scattered.party(NLA).get("/v1/releases/m1").text
    assert "Veiligheidshuis Rotterdam-Rijnmond" in scattered.http.get("/releases/m1").text


def test_figures_of_one_partner_alone_are_refused_with_that_reason(world: World) -> None:
    """The region's total is never withheld, so a release on one partner's rows is none."""
    assert deliver(world, NLA, some_people(8), TokenDomein.MONITOR).status_code == 201
    blocked = draft(world, request("m1", TabelId.ROUTE_PER_VORM)).json()
    assert {reden["code"] for reden in blocked["redenen"]} == {"TOTAAL_TE_KWETSBAAR"}
    assert "meer partners" in blocked["redenen"][0]["handelingsperspectief"]
