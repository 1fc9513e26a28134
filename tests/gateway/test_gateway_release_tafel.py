"""Figures for the Regionale Tafel: smaller counts, the privacy officer's approval, its members alone, and both seats
attacked from then on."""

import pytest

from connectors.contract.case_codes import Sector, Uitbuitingsvorm
from connectors.contract.codes import Route, TabelId, TokenDomein
from connectors.contract.releases import Aanvalsverslag, Publicatie, Publiek, ReleaseReden
from gateway.release.catalogue import SMALLEST
from gateway.release.published import everything_published
from gateway.release.seats import Seat, seats, seen
from tests.gateway.gateway_world import (
    NLA,
    PRIVACY_OFFICER,
    REGISSEUR,
    RIEC_BUREAU,
    World,
    codes_of,
    deliver,
    monitor_row,
    tokens,
)
from tests.gateway.releasing import approve, draft, drafted, fill_cells, publish, released, request

TABLE = TabelId.ROUTE_PER_VORM
AT_TABLE = {"publiek": Publiek.REGIONALE_TAFEL}
PEOPLE = {
    ("zorg_straf", "arbeid"): 61,
    ("ondermijning", "arbeid"): 43,
    ("zorg_straf", "seksueel"): 70,
    ("ondermijning", "seksueel"): 32,
    ("zorg_straf", "crimineel"): 51,
    ("ondermijning", "crimineel"): 24,
    ("zorg_straf", "bedelarij"): 36,
    ("ondermijning", "bedelarij"): 2,
    ("zorg_straf", "orgaan"): 27,
    ("ondermijning", "orgaan"): 25,
}


@pytest.fixture
def crossed(world: World) -> World:
    """People of PEOPLE."""
    fill_cells(world, PEOPLE)
    return world


def read(world: World, release_id: str, party: str = NLA) -> Publicatie:
    """The published document."""
    answer = world.party(party).get(f"/v1/releases/{release_id}")
    assert answer.status_code == 200, answer.text
    return Publicatie.model_validate_json(answer.content)


def withheld(publicatie: Publicatie) -> set[tuple[str, ...]]:
    """Codes of the cells that are not shown."""
    return {cel.codes for cel in publicatie.tabellen[0].cellen if cel.aantal is None and not cel.leeg}


def test_the_table_reads_smaller_counts_and_nobody_else_does(crossed: World) -> None:
    """k = 5 in the document; a member reads it, another party and the web page find nothing, not even its name."""
    released(crossed, request("t1", TABLE, **AT_TABLE))
    publicatie = read(crossed, "t1")
    assert (publicatie.kring, publicatie.tabellen[0].k) == (Publiek.REGIONALE_TAFEL, 5)
    for path in ("", "/seal", "/attack", "/exports/csv"):
        assert crossed.party(NLA).get(f"/v1/releases/t1{path}").status_code == 200
        assert crossed.party(RIEC_BUREAU).get(f"/v1/releases/t1{path}").status_code == 404
    assert crossed.http.get("/releases/t1").status_code == 404
    assert crossed.http.get("/releases/t1/download/csv").status_code == 404
    assert "t1" not in crossed.http.get("/").text


def test_it_is_not_sealed_without_the_privacy_officer(crossed: World) -> None:
    """The same approval as for the public, of the digest of these figures."""
    digest = drafted(crossed, request("t1", TABLE, **AT_TABLE))
    assert "GOEDKEURING_PRIVACY_OFFICER" in codes_of(publish(crossed, "t1", digest))
    assert crossed.party(NLA).get("/v1/releases/t1").status_code == 404
    assert approve(crossed, digest, PRIVACY_OFFICER).status_code == 200
    assert publish(crossed, "t1", digest).status_code == 200


def test_a_table_of_a_year_may_be_published_to_each_audience(crossed: World) -> None:
    """Once for the table and once for everybody; a revision has the audience of what it replaces."""
    released(crossed, request("t1", TABLE, **AT_TABLE))
    released(crossed, request("p1", TABLE))
    again = draft(crossed, request("t2", TABLE, **AT_TABLE))
    assert again.json()["code"] == "already_published"
    other = request("p2", TABLE, revisie=2, vervangt="t1", reden=ReleaseReden.TELFOUT)
    assert draft(crossed, other).json()["code"] == "unknown_release"


def test_public_figures_are_attacked_from_both_seats(crossed: World) -> None:
    """After a release of the table the public record says so, names only what the public sees, and the public figures
    withhold what the table's withhold."""
    released(crossed, request("t1", TABLE, **AT_TABLE))
    released(crossed, request("p1", TABLE))
    attacked = Aanvalsverslag.model_validate_json(crossed.party(RIEC_BUREAU).get("/v1/releases/p1/attack").content)
    (group,) = attacked.groepen
    assert (group.ook_aan_tafel, group.eerdere) == (True, ())
    assert withheld(read(crossed, "t1")) <= withheld(read(crossed, "p1"))
    assert "Regionale Tafel" in crossed.http.get("/releases/p1").text


def test_the_table_may_follow_the_public(crossed: World) -> None:
    """What the public may not see for its larger k can be shown at the table."""
    released(crossed, request("p1", TABLE))
    released(crossed, request("t1", TABLE, **AT_TABLE))
    assert withheld(read(crossed, "t1")) <= withheld(read(crossed, "p1"))
    assert all(
        cel.aantal is None or cel.aantal == 0 or cel.aantal >= 5 for cel in read(crossed, "t1").tabellen[0].cellen
    )


def test_what_opens_a_cell_for_the_table_alone_is_found_from_its_seat(crossed: World) -> None:
    """Public figures that show a cell which the table's withhold: the public finds nothing in them, the members do."""
    released(crossed, request("t1", TABLE, **AT_TABLE))
    digest = drafted(crossed, request("p1", TABLE))
    concept = crossed.party(REGISSEUR).get("/v1/releases/p1/draft", PRIVACY_OFFICER)
    assert concept.status_code == 200
    assert digest
    earlier = [each.publicatie for each in everything_published(crossed.house)]
    views = seats(Publiek.OPENBAAR, earlier)
    assert [view.publiek for view in views] == [Publiek.OPENBAAR, Publiek.REGIONALE_TAFEL]
    assert [len(seen(view, "uniek_slachtoffer 2026")) for view in views] == [0, 1]
    assert [view.k for view in views] == [SMALLEST[view.publiek] for view in views] == [10, 5]


def test_the_seat_of_the_table_sees_everything(crossed: World) -> None:
    """Figures for the table are attacked by those who see the public's too."""
    released(crossed, request("p1", TABLE))
    earlier = [each.publicatie for each in everything_published(crossed.house)]
    assert seats(Publiek.REGIONALE_TAFEL, earlier) == (Seat(Publiek.REGIONALE_TAFEL, tuple(earlier)),)


OTHER = TabelId.VORM_GESLACHT_LEEFTIJD


def test_the_table_may_follow_the_public_with_other_tables_too(crossed: World) -> None:
    """What the public may not see of the same people holds up no table whose cells it did not ask about."""
    released(crossed, request("p1", TABLE))
    released(crossed, request("t1", OTHER, **AT_TABLE))
    assert read(crossed, "t1").tabellen[0].k == 5


def late(world: World, number: int) -> None:
    """So many people more, after the public figures."""
    rows = [
        monitor_row(
            tokens(doc=f"late {each}"),
            route=Route.ZORG_STRAF,
            uitbuitingsvorm=(Uitbuitingsvorm.ARBEID,),
            sector=Sector.ONBEKEND,
        )
        for each in range(number)
    ]
    assert deliver(world, NLA, rows, TokenDomein.MONITOR).status_code == 201


@pytest.mark.parametrize("table", [TABLE, OTHER])
def test_a_table_of_a_few_people_more_than_the_public_waits_and_is_told_so(crossed: World, table: TabelId) -> None:
    """Two came in since: the members would read them off. The answer names the public release and what helps."""
    released(crossed, request("p1", TABLE))
    late(crossed, 2)
    refused = draft(crossed, request("t1", table, **AT_TABLE))
    assert refused.status_code == 409
    (reden, *_) = refused.json()["redenen"]
    assert reden["code"] == "VERSCHIL_MET_EERDERE_PUBLICATIE"
    assert "min p1" in reden["nl"]
    assert "wacht tot er 5 of meer gevallen zijn bijgekomen of gewijzigd" in reden["handelingsperspectief"]


def test_it_follows_once_enough_people_came(crossed: World) -> None:
    """Twelve more, all in one cell: the change may be known at the table, and at the public's revision."""
    released(crossed, request("p1", TABLE))
    late(crossed, 12)
    released(crossed, request("t1", TABLE, **AT_TABLE))
    assert max(cel.aantal or 0 for cel in read(crossed, "t1").tabellen[0].cellen) == sum(PEOPLE.values()) + 12
