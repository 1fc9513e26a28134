"""Releases: computed here, protected, attacked, judged with the privacy officer's approval, sealed, readable."""

import json
import random
from collections import Counter

import pytest

from connectors.contract.answers import Goedkeuring, Publicatie, ReleaseAanvraag
from connectors.contract.codes import (
    Actie,
    Geslacht,
    InspanningType,
    Leeftijdsband,
    Route,
    TabelId,
    TokenDomein,
    Uitbuitingsvorm,
)
from connectors.contract.record import Inspanning, MonitorRij, Telling
from gateway.matching.index import Known
from gateway.release.catalogue import CATALOGUE
from gateway.release.entities import SEVERAL, persons, registrations
from gateway.release.micro import Counted, micro_data
from tests.gateway.gateway_world import (
    BELEIDSREGISSEUR,
    COMENSHA,
    KMAR,
    NLA,
    OPVANG,
    POLITIE,
    PRIVACY_OFFICER,
    REGISSEUR,
    World,
    codes_of,
    deliver,
    monitor_row,
    new_id,
    tokens,
)


def some_people(count: int, first: int = 0) -> list[MonitorRij]:
    """People with one document each, spread over forms and routes."""
    dice = random.Random(7)
    forms = [Uitbuitingsvorm.ARBEID, Uitbuitingsvorm.SEKSUEEL, Uitbuitingsvorm.CRIMINEEL]
    routes = [Route.ZORG_STRAF, Route.ONDERMIJNING]
    return [
        monitor_row(
            tokens(doc=str(first + n)),
            uitbuitingsvorm=(dice.choices(forms, (40, 41, 19))[0],),
            geslacht=dice.choices([Geslacht.MAN, Geslacht.VROUW], (45, 55))[0],
            leeftijdsband=dice.choices(list(Leeftijdsband)[3:7], (30, 30, 25, 15))[0],
            route=dice.choices(routes, (70, 30))[0],
        )
        for n in range(count)
    ]


def again(rows: list[MonitorRij]) -> list[MonitorRij]:
    """The same people, registered elsewhere."""
    return [row.model_copy(update={"record_id": new_id()}) for row in rows]


def approve(world: World, release_id: str) -> None:
    body = Goedkeuring(
        goedkeuring_id=new_id(),
        actie=Actie.AGGREGAAT_VRIJGEVEN,
        onderwerp=release_id,
        aanvrager=BELEIDSREGISSEUR.sub,
    )
    assert world.party(REGISSEUR).post("/v1/approvals", body, PRIVACY_OFFICER).status_code == 200


def request(release_id: str, *tables: TabelId) -> ReleaseAanvraag:
    return ReleaseAanvraag(release_id=release_id, jaar=2026, tabellen=tuple(t.value for t in tables), epoch="2026")


@pytest.fixture
def filled(world: World) -> World:
    """Three partners, 360 people of whom 60 are known to two."""
    people = some_people(360)
    parts = {
        NLA: people[:140],
        POLITIE: people[140:260] + again(people[:30]),
        KMAR: people[260:] + again(people[140:170]),
    }
    for party, rows in parts.items():
        sent = deliver(world, party, rows, TokenDomein.MONITOR)
        assert sent.status_code == 201, sent.text
    return world


def test_a_release_is_published_once_approved(filled: World) -> None:
    """Without the privacy officer's approval refused; with it sealed, readable and unchanged afterwards."""
    regisseur, wanted = filled.party(REGISSEUR), request("monitor-2026-1", TabelId.ROUTE_PER_VORM)
    assert "GOEDKEURING_PRIVACY_OFFICER" in codes_of(regisseur.post("/v1/releases", wanted, BELEIDSREGISSEUR))
    assert regisseur.get("/v1/releases/monitor-2026-1").status_code == 404
    approve(filled, "monitor-2026-1")
    stand = regisseur.post("/v1/releases", wanted, BELEIDSREGISSEUR)
    assert stand.status_code == 200, stand.text
    assert regisseur.post("/v1/releases", wanted, BELEIDSREGISSEUR).json() == stand.json()
    read = filled.party(NLA).get("/v1/releases/monitor-2026-1")
    published = Publicatie.model_validate_json(read.content)
    table = published.tabellen[0]
    shown = {cel.codes: cel.aantal for cel in table.cellen}
    assert shown[("totaal", "totaal")] == 360  # people, not the 420 registrations
    assert all(count is None or count == 0 or count >= 10 for count in shown.values())


def test_only_the_regisseur_releases(filled: World) -> None:
    """Another role asks in vain."""
    refused = filled.party(POLITIE).post(
        "/v1/releases", request("monitor-2026-2", TabelId.ROUTE_PER_VORM), PRIVACY_OFFICER
    )
    assert refused.status_code == 403


def test_a_table_outside_the_catalogue_does_not_exist(world: World) -> None:
    """No ad-hoc table."""
    wanted = ReleaseAanvraag(release_id="x", jaar=2026, tabellen=("naam_per_adres",), epoch="2026")
    refused = world.party(REGISSEUR).post("/v1/releases", wanted, BELEIDSREGISSEUR)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_table")


def test_counts_of_care_join_the_registrations(filled: World) -> None:
    """meldingen_per_jaar counts rows and tellingen."""
    for party, number in ((OPVANG, 40), (COMENSHA, 55)):
        rows = [Telling(tabel=TabelId.MELDINGEN_PER_JAAR, jaar=2026, aantal=number, route=Route.ZORG)]
        sent = deliver(filled, party, rows, TokenDomein.MONITOR, inhoud="tellingen", profielen=())
        assert sent.status_code == 201, sent.text
    approve(filled, "m2")
    stand = filled.party(REGISSEUR).post("/v1/releases", request("m2", TabelId.MELDINGEN_PER_JAAR), BELEIDSREGISSEUR)
    assert stand.status_code == 200, stand.text
    published = Publicatie.model_validate_json(filled.party(NLA).get("/v1/releases/m2").content)
    (table,) = published.tabellen
    assert next(c.aantal for c in table.cellen if set(c.codes) == {"totaal"}) == 420 + 95


def test_two_parties_that_only_count_fill_the_efforts(world: World) -> None:
    """Two counts-only parties are enough for inspanningen_per_kwartaal, though together they know every number."""
    kinds = (InspanningType.NOODBED, InspanningType.OPVANG_REGULIER)
    for party, extra in ((OPVANG, 0), (COMENSHA, 7)):
        rows = [
            Inspanning(type=kind, kwartaal=f"2026-Q{quarter}", aantal=40 + 3 * quarter + extra)
            for kind in kinds
            for quarter in (1, 2, 3)
        ]
        sent = deliver(world, party, rows, TokenDomein.MONITOR, inhoud="tellingen", profielen=())
        assert sent.status_code == 201, sent.text
    approve(world, "i1")
    wanted = request("i1", TabelId.INSPANNINGEN_PER_KWARTAAL)
    stand = world.party(REGISSEUR).post("/v1/releases", wanted, BELEIDSREGISSEUR)
    assert stand.status_code == 200, stand.text
    (table,) = Publicatie.model_validate_json(world.party(REGISSEUR).get("/v1/releases/i1").content).tabellen
    shown = {cel.codes: cel.aantal for cel in table.cellen}
    assert shown[("totaal", "totaal")] == 2 * (6 * 40 + 2 * 18) + 6 * 7


def test_efforts_count_in_their_quarter() -> None:
    """Efforts of another year stay out; each type and quarter keeps its partner."""
    counted = [
        Counted("a", Inspanning(type=InspanningType.NOODBED, kwartaal="2026-Q1", aantal=4)),
        Counted("b", Inspanning(type=InspanningType.NOODBED, kwartaal="2025-Q4", aantal=9)),
    ]
    frame = micro_data([CATALOGUE[TabelId.INSPANNINGEN_PER_KWARTAAL]], 2026, (), (), counted)
    assert frame.to_dict("records") == [{"kwartaal": "2026-Q1", "type": "noodbed", "partner": "a", "count": 4}]


def test_the_pages_show_what_was_published(filled: World) -> None:
    """Withheld cells are a dot; the front page links to the release."""
    approve(filled, "m3")
    wanted = request("m3", TabelId.VORM_GESLACHT_LEEFTIJD, TabelId.ROUTE_PER_VORM)
    stand = filled.party(REGISSEUR).post("/v1/releases", wanted, BELEIDSREGISSEUR)
    assert stand.status_code == 200, stand.text
    assert "/releases/m3" in filled.http.get("/").text
    page = filled.http.get("/releases/m3")
    assert page.status_code == 200
    assert "Route per vorm van uitbuiting" in page.text


def test_persons_count_once_with_their_first_year() -> None:
    """Registrations are not victims; several forms are one code; the strictest route counts."""
    first = Known("a", new_id(), _codes(2026, ["arbeid"], "zorg_straf", "onbekend"))
    second = Known("b", new_id(), _codes(2025, ["seksueel"], "ondermijning", "man"))
    (person,) = persons([(first, second)])
    assert (person.jaar, person.parties) == (2025, ("a", "b"))
    assert person.codes["uitbuitingsvorm"] == SEVERAL
    assert (person.codes["route"], person.codes["geslacht"]) == ("ondermijning", "man")
    assert Counter(case.jaar for case in registrations([first, second])) == {2026: 1, 2025: 1}


def _codes(jaar: int, forms: list[str], route: str, geslacht: str) -> str:
    row = monitor_row(())
    kept = {"gemeente", "sector", "leeftijdsband", "herkomstregio", "bron_signaal"}
    fields = row.model_dump(mode="json", include=kept)
    return json.dumps({**fields, "jaar": jaar, "uitbuitingsvorm": forms, "route": route, "geslacht": geslacht})


def test_a_later_release_is_attacked_together_with_the_earlier(filled: World) -> None:
    """The same cases published again stand; one case more is a difference below k, and blocks with words."""
    wanted = [request(f"r{n}", TabelId.ROUTE_PER_VORM) for n in range(3)]
    regisseur = filled.party(REGISSEUR)
    for n in (0, 1):
        approve(filled, f"r{n}")
        answer = regisseur.post("/v1/releases", wanted[n], BELEIDSREGISSEUR)
        assert answer.status_code == 200, answer.text
    assert deliver(filled, NLA, [monitor_row(tokens(doc="new"))], TokenDomein.MONITOR).status_code == 201
    approve(filled, "r2")
    blocked = regisseur.post("/v1/releases", wanted[2], BELEIDSREGISSEUR)
    assert (blocked.status_code, blocked.json()["code"]) == (409, "release_blocked")
    assert blocked.json()["detail"]
    assert regisseur.get("/v1/releases/r2").status_code == 404
