"""What tests of releases do over and over: people, drafts, approvals, publications."""

import random
from collections.abc import Mapping

from httpx import Response

from connectors.contract.answers import Goedkeuring
from connectors.contract.case_codes import Geslacht, Leeftijdsband, Sector, Uitbuitingsvorm
from connectors.contract.codes import Actie, Route, TabelId, TokenDomein
from connectors.contract.record import MonitorRij
from connectors.contract.releases import ReleaseAanvraag, ReleaseStand, ReleaseVrijgave
from connectors.contract.ticket import Handelende
from tests.gateway.gateway_world import (
    BELEIDSREGISSEUR,
    KMAR,
    NLA,
    POLITIE,
    PRIVACY_OFFICER,
    REGISSEUR,
    World,
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


def fill(world: World) -> None:
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


def fill_cells(world: World, cells: Mapping[tuple[str, str], int]) -> None:
    """So many people of each (route, form); three partners each know a third of every cell."""
    shares: dict[str, list[MonitorRij]] = {party: [] for party in (NLA, POLITIE, KMAR)}
    for (route, form), count in cells.items():
        for number in range(count):
            about = {"route": Route(route), "uitbuitingsvorm": (Uitbuitingsvorm(form),), "sector": Sector.ONBEKEND}
            row = monitor_row(tokens(doc=f"{route} {form} {number}"), **about)
            shares[(NLA, POLITIE, KMAR)[number % 3]].append(row)
    for party, rows in shares.items():
        assert deliver(world, party, rows, TokenDomein.MONITOR).status_code == 201


def request(release_id: str, *tables: TabelId, **changed: object) -> ReleaseAanvraag:
    """A request for tables of 2026."""
    values = {"release_id": release_id, "jaar": 2026, "tabellen": tuple(t.value for t in tables), "epoch": "2026"}
    return ReleaseAanvraag.model_validate({**values, **changed})


def draft(world: World, wanted: ReleaseAanvraag, act: Handelende = BELEIDSREGISSEUR) -> Response:
    """Draft as the regional director."""
    return world.party(REGISSEUR).post("/v1/releases", wanted, act)


def drafted(world: World, wanted: ReleaseAanvraag) -> str:
    """Draft; the digest of the figures."""
    answer = draft(world, wanted)
    assert answer.status_code == 200, answer.text
    return ReleaseStand.model_validate_json(answer.content).digest


def approve(world: World, digest: str, act: Handelende = PRIVACY_OFFICER) -> Response:
    """A second person approves the figures of this digest."""
    body = Goedkeuring(
        goedkeuring_id=new_id(), actie=Actie.AGGREGAAT_VRIJGEVEN, onderwerp=digest, aanvrager=BELEIDSREGISSEUR.sub
    )
    return world.party(REGISSEUR).post("/v1/approvals", body, act)


def publish(world: World, release_id: str, digest: str, act: Handelende = BELEIDSREGISSEUR) -> Response:
    """Ask for publication of exactly these figures."""
    path = f"/v1/releases/{release_id}/publication"
    return world.party(REGISSEUR).post(path, ReleaseVrijgave(digest=digest), act)


def released(world: World, wanted: ReleaseAanvraag) -> ReleaseStand:
    """Draft, approve, publish."""
    digest = drafted(world, wanted)
    assert approve(world, digest).status_code == 200
    answer = publish(world, wanted.release_id, digest)
    assert answer.status_code == 200, answer.text
    return ReleaseStand.model_validate_json(answer.content)
