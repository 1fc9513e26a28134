"""Releases: computed here, protected, attacked, approved by digest, sealed, readable."""

import json
from collections import Counter

import pytest

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.case_codes import InspanningType, Sector
from connectors.contract.codes import Route, TabelId, TokenDomein
from connectors.contract.record import Inspanning, Telling
from connectors.contract.releases import SEAL_TYP, Aanvalsverslag, Concept, Publicatie, SignedSeal, Zegel
from connectors.contract.signing import verify_jws
from gateway.matching.index import Known
from gateway.release.catalogue import CATALOGUE
from gateway.release.codes import SEVERAL
from gateway.release.entities import persons, registrations
from gateway.release.micro import Counted, micro_data
from tests.gateway.gateway_world import (
    BELEIDSREGISSEUR,
    COMENSHA,
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
    person,
    tokens,
    withdraw,
)
from tests.gateway.releasing import approve, draft, drafted, fill, publish, released, request


@pytest.fixture
def filled(world: World) -> World:
    """Three partners, 360 people of whom 60 are known to two."""
    fill(world)
    return world


def read(world: World, release_id: str) -> Publicatie:
    """The published document, as any party reads it."""
    answer = world.party(NLA).get(f"/v1/releases/{release_id}")
    assert answer.status_code == 200, answer.text
    return Publicatie.model_validate_json(answer.content)


def shown(publicatie: Publicatie, number: int = 0) -> dict[tuple[str, ...], int | None]:
    """One table: codes → count."""
    return {cel.codes: cel.aantal for cel in publicatie.tabellen[number].cellen}


def test_a_release_is_published_once_its_figures_are_approved(filled: World) -> None:
    """Drafted; refused without the privacy officer; with him sealed, readable and unchanged afterwards."""
    digest = drafted(filled, request("monitor-2026-1", TabelId.ROUTE_PER_VORM))
    assert "GOEDKEURING_PRIVACY_OFFICER" in codes_of(publish(filled, "monitor-2026-1", digest))
    assert filled.party(REGISSEUR).get("/v1/releases/monitor-2026-1").status_code == 404
    assert approve(filled, digest).status_code == 200
    stand = publish(filled, "monitor-2026-1", digest)
    assert stand.status_code == 200, stand.text
    assert publish(filled, "monitor-2026-1", digest).json() == stand.json()
    counts = shown(read(filled, "monitor-2026-1"))
    assert counts[("totaal", "totaal")] == 360  # people, not the 420 registrations
    assert all(count is None or count == 0 or count >= 10 for count in counts.values())


def test_an_approval_does_not_slide_to_other_figures(filled: World) -> None:
    """Approved, then a new draft with other rows: its digest is another, and the approval is not for it."""
    wanted = request("r1", TabelId.ROUTE_PER_VORM)
    first = drafted(filled, wanted)
    assert approve(filled, first).status_code == 200
    rows = [monitor_row(tokens(doc=f"late {n}")) for n in range(12)]
    assert deliver(filled, NLA, rows, TokenDomein.MONITOR).status_code == 201
    second = drafted(filled, wanted)
    assert second != first
    assert publish(filled, "r1", first).json()["code"] == "other_figures"
    assert "GOEDKEURING_PRIVACY_OFFICER" in codes_of(publish(filled, "r1", second))


def test_nobody_approves_his_own_request(filled: World) -> None:
    """Not by the same person, and not by a second one who is no privacy officer."""
    digest = drafted(filled, request("r1", TabelId.ROUTE_PER_VORM))
    assert approve(filled, digest, BELEIDSREGISSEUR).json()["code"] == "same_person"
    assert approve(filled, digest, person("psn:reg2", BELEIDSREGISSEUR.rol)).status_code == 200
    assert "GOEDKEURING_PRIVACY_OFFICER" in codes_of(publish(filled, "r1", digest))


def test_a_draft_is_shown_to_those_who_approve_it_and_to_nobody_else(filled: World) -> None:
    """The officer sees the figures that he approves; another party and another role find nothing."""
    digest = drafted(filled, request("r1", TabelId.ROUTE_PER_VORM))
    seen = filled.party(REGISSEUR).get("/v1/releases/r1/draft", PRIVACY_OFFICER)
    assert sha256(canonical_bytes(Concept.model_validate_json(seen.content))) == digest
    assert filled.party(POLITIE).get("/v1/releases/r1/draft", PRIVACY_OFFICER).status_code == 404
    assert filled.party(REGISSEUR).get("/v1/releases/r1/draft").status_code == 404
    for path in ("", "/seal", "/attack", "/exports/csv"):
        assert filled.party(REGISSEUR).get(f"/v1/releases/r1{path}", PRIVACY_OFFICER).status_code == 404


def test_a_record_withdrawn_since_the_draft_is_not_published(filled: World) -> None:
    """The approved figures would count it: they are out of date, and a new draft is asked."""
    digest = drafted(filled, request("r1", TabelId.ROUTE_PER_VORM))
    assert approve(filled, digest).status_code == 200
    assert withdraw(filled, POLITIE, TokenDomein.MONITOR, alles=True).status_code == 200
    refused = publish(filled, "r1", digest)
    assert (refused.status_code, refused.json()["code"]) == (409, "out_of_date")


def test_the_seal_names_what_the_figures_came_from(filled: World) -> None:
    """Signed by the gateway, over the digests of document, figures, attack and request."""
    wanted = request("r1", TabelId.ROUTE_PER_VORM)
    stand = released(filled, wanted)
    party = filled.party(NLA)
    signed = SignedSeal.model_validate_json(party.get("/v1/releases/r1/seal").content)
    zegel = verify_jws(signed.zegel, (filled.federatie.gateway.sleutel,), SEAL_TYP, Zegel)
    assert zegel.publicatie == stand.digest == sha256(party.get("/v1/releases/r1").content)
    attack = party.get("/v1/releases/r1/attack")
    assert zegel.aanval == sha256(attack.content)
    assert zegel.aanvraag == sha256(canonical_bytes(wanted))
    assert zegel.cijfers == Aanvalsverslag.model_validate_json(attack.content).cijfers
    assert zegel.besluiten == stand.besluiten


def test_the_attack_record_treats_withheld_cells_alike(filled: World) -> None:
    """As many attacked cells as withheld ones, each with an interval of at least k."""
    released(filled, request("r1", TabelId.ROUTE_PER_VORM))
    attack = Aanvalsverslag.model_validate_json(filled.party(NLA).get("/v1/releases/r1/attack").content)
    (group,) = attack.groepen
    assert group.blikken == 1 + 3 + 3  # an outsider, three partners, three pairs
    assert all(cel.hoog is None or cel.hoog - cel.laag >= 10 for cel in group.cellen)


def test_only_the_regisseur_drafts(filled: World) -> None:
    """Another role asks in vain, and so does the role at another party."""
    wanted = request("monitor-2026-2", TabelId.ROUTE_PER_VORM)
    for party, act in ((POLITIE, PRIVACY_OFFICER), (POLITIE, BELEIDSREGISSEUR), (REGISSEUR, PRIVACY_OFFICER)):
        assert filled.party(party).post("/v1/releases", wanted, act).status_code == 403


def test_a_table_outside_the_catalogue_does_not_exist(world: World) -> None:
    """No ad-hoc table."""
    refused = draft(world, request("x", tabellen=("naam_per_adres",)))
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_table")


def test_counts_of_care_join_the_registrations(filled: World) -> None:
    """meldingen_per_jaar counts rows and tellingen."""
    for party, number in ((OPVANG, 40), (COMENSHA, 55)):
        rows = [Telling(tabel=TabelId.MELDINGEN_PER_JAAR, jaar=2026, aantal=number, route=Route.ZORG)]
        sent = deliver(filled, party, rows, TokenDomein.MONITOR, inhoud="tellingen", profielen=())
        assert sent.status_code == 201, sent.text
    released(filled, request("m2", TabelId.MELDINGEN_PER_JAAR))
    assert shown(read(filled, "m2"))[("totaal", "totaal")] == 420 + 95


def test_two_parties_whose_counts_name_their_units_fill_the_efforts(world: World) -> None:
    """Two counts-only parties in two municipalities each are enough for inspanningen_per_kwartaal."""
    _hand_in_efforts(world, {OPVANG: 0, COMENSHA: 7})
    released(world, request("i1", TabelId.INSPANNINGEN_PER_KWARTAAL))
    assert shown(read(world, "i1"))[("totaal", "totaal")] == 4 * (6 * 40 + 2 * 18) + 12 * 7


def test_an_effort_that_one_partner_dominates_is_withheld(world: World) -> None:
    """Above 80 % of one partner a cell is not shown (disclosure page, step 2)."""
    _hand_in_efforts(world, {OPVANG: 0, COMENSHA: 7})
    rows = [Inspanning(type=InspanningType.CAMPAGNE, kwartaal="2026-Q1", aantal=200)]
    rows.append(Inspanning(type=InspanningType.CAMPAGNE, kwartaal="2026-Q2", aantal=90))
    assert deliver(world, OPVANG, rows, TokenDomein.MONITOR, inhoud="tellingen", profielen=()).status_code == 201
    released(world, request("i1", TabelId.INSPANNINGEN_PER_KWARTAAL))
    counts = shown(read(world, "i1"))
    assert counts[("campagne", "2026-Q1")] is None
    assert counts[("campagne", "totaal")] is None


def _hand_in_efforts(world: World, extra: dict[str, int]) -> None:
    kinds = (InspanningType.NOODBED, InspanningType.OPVANG_REGULIER)
    for party, more in extra.items():
        rows = [
            Inspanning(type=kind, kwartaal=f"2026-Q{quarter}", aantal=40 + 3 * quarter + more, gemeente=town)
            for kind in kinds
            for quarter in (1, 2, 3)
            for town in ("GM0599", "GM0606")
        ]
        sent = deliver(world, party, rows, TokenDomein.MONITOR, inhoud="tellingen", profielen=())
        assert sent.status_code == 201, sent.text


def test_efforts_count_in_their_quarter() -> None:
    """Efforts of another year stay out; each type and quarter keeps its partner."""
    counted = [
        Counted("a", Inspanning(type=InspanningType.NOODBED, kwartaal="2026-Q1", aantal=4, gemeente="GM0599")),
        Counted("b", Inspanning(type=InspanningType.NOODBED, kwartaal="2025-Q4", aantal=9)),
    ]
    frame = micro_data([CATALOGUE[TabelId.INSPANNINGEN_PER_KWARTAAL]], 2026, (), (), counted)
    (row,) = frame.to_dict("records")
    assert row == {"kwartaal": "2026-Q1", "type": "noodbed", "partner": "a", "eenheid": "GM0599", "count": 4}


def test_persons_count_once_with_their_first_year() -> None:
    """Registrations are not victims; several forms are one code; the strictest route counts."""
    first = Known("a", new_id(), _codes(2026, ["arbeid"], "zorg_straf", "onbekend"))
    second = Known("b", new_id(), _codes(2025, ["seksueel"], "ondermijning", "man"))
    (someone,) = persons([(first, second)])
    assert (someone.jaar, someone.parties) == (2025, ("a", "b"))
    assert someone.codes["uitbuitingsvorm"] == SEVERAL
    assert (someone.codes["route"], someone.codes["geslacht"]) == ("ondermijning", "man")
    assert Counter(case.jaar for case in registrations([first, second])) == {2026: 1, 2025: 1}


def test_a_sector_that_the_form_cannot_have_counts_as_unknown() -> None:
    """Else a cell that cannot exist would hold somebody."""
    (someone,) = registrations([Known("a", new_id(), _codes(2026, ["seksueel"], "zorg_straf", "man", Sector.HORECA))])
    assert someone.codes["sector"] == "onbekend"


def _codes(jaar: int, forms: list[str], route: str, geslacht: str, sector: Sector = Sector.ONBEKEND) -> str:
    row = monitor_row(())
    fields = row.model_dump(mode="json", include={"gemeente", "leeftijdsband", "herkomstregio", "bron_signaal"})
    about = {"jaar": jaar, "uitbuitingsvorm": forms, "route": route, "geslacht": geslacht, "sector": sector.value}
    return json.dumps({**fields, **about})
