"""Counts that others published: registered by two, known to every later attack, never silently dropped."""

import json
from datetime import date

import pytest
from httpx import Response
from sqlalchemy import delete, update

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import TabelId
from connectors.contract.releases import (
    Aanvalsverslag,
    Achterhouden,
    ExterneCel,
    ExternePublicatie,
    Publicatie,
    ReleaseReden,
    ReleaseVrijgave,
)
from connectors.contract.ticket import Handelende
from gateway.ledger.chain import LEAF_DATA
from gateway.ledger.entries import Event
from gateway.ledger.verify import stored_leaves, verify
from gateway.release.published import read_published
from gateway.release.tables import EXTERNALS
from gateway.store import reading, writing
from tests.gateway.gateway_world import (
    BELEIDSREGISSEUR,
    NLA,
    POLITIE,
    PRIVACY_OFFICER,
    REGISSEUR,
    World,
    codes_of,
)
from tests.gateway.releasing import approve, draft, drafted, fill, fill_cells, publish, released, request

TABLE = TabelId.ROUTE_PER_VORM
PEOPLE = {
    ("zorg_straf", "arbeid"): 60,
    ("ondermijning", "arbeid"): 40,
    ("zorg_straf", "seksueel"): 70,
    ("ondermijning", "seksueel"): 30,
    ("zorg_straf", "crimineel"): 50,
    ("ondermijning", "crimineel"): 4,
}


@pytest.fixture
def filled(world: World) -> World:
    """360 people."""
    fill(world)
    return world


def counts(**changed: object) -> ExternePublicatie:
    """What a source printed: by default the region's total, which is right."""
    values: dict[str, object] = {
        "extern_id": "comensha-2026",
        "bron": "CoMensha",
        "datum": date(2026, 11, 1),
        "jaar": 2026,
        "tabel": TABLE,
        "dimensies": ("route",),
        "cellen": (ExterneCel(codes=("totaal",), aantal=360),),
        **changed,
    }
    return ExternePublicatie.model_validate(values)


def cells(**numbers: int) -> tuple[ExterneCel, ...]:
    """Cells of one dimension."""
    return tuple(ExterneCel(codes=(code,), aantal=number) for code, number in numbers.items())


def send(world: World, wanted: ExternePublicatie, act: Handelende = BELEIDSREGISSEUR) -> Response:
    """Register as the regional director."""
    return world.party(REGISSEUR).post("/v1/external-publications", wanted, act)


def registered(world: World, wanted: ExternePublicatie) -> Response:
    """Approved by the privacy officer, and registered."""
    assert approve(world, sha256(canonical_bytes(wanted))).status_code == 200
    return send(world, wanted)


def entries(world: World) -> list[dict[str, object]]:
    """The ledger's entries of registrations; the ledger holds."""
    with reading(world.house.store) as transaction:
        verify(transaction)
        return [
            json.loads(leaf.record)
            for leaf in stored_leaves(transaction)
            if leaf.record is not None and LEAF_DATA.unpack(leaf.leaf_data)[1] == Event.EXTERNAL
        ]


def test_a_registration_needs_the_privacy_officer(filled: World) -> None:
    """Refused with the code; approved by its digest it stands, and the same again gets the same answer."""
    wanted = counts()
    assert "GOEDKEURING_PRIVACY_OFFICER" in codes_of(send(filled, wanted))
    done = registered(filled, wanted)
    assert done.status_code == 200, done.text
    assert send(filled, wanted).json() == done.json()
    (entry,) = entries(filled)
    assert (entry["extern_id"], entry["digest"]) == ("comensha-2026", sha256(canonical_bytes(wanted)))


def test_only_the_regisseur_registers(filled: World) -> None:
    """Another role and another party ask in vain."""
    assert send(filled, counts(), PRIVACY_OFFICER).status_code == 403
    assert filled.party(POLITIE).post("/v1/external-publications", counts(), BELEIDSREGISSEUR).status_code == 403


def test_an_id_is_used_once(filled: World) -> None:
    """Other counts by the same id are refused."""
    assert registered(filled, counts()).status_code == 200
    refused = registered(filled, counts(datum=date(2026, 11, 2)))
    assert (refused.status_code, refused.json()["code"]) == (409, "id_taken")


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"cellen": cells(totaal=360, elders=3)}, "wrong_cell", "row 2, column 'route'"),
        ({"cellen": (*cells(totaal=360), *cells(totaal=360))}, "wrong_cell", "row 2, column 'codes'"),
        ({"cellen": (ExterneCel(codes=("totaal", "x"), aantal=1),)}, "wrong_cell", "row 1, column 'codes'"),
        ({"dimensies": ("kwartaal",)}, "unknown_dimension", "dimensies"),
        ({"tabel": TabelId.GESCHATTE_OMVANG}, "unknown_table", "tabel"),
    ],
)
def test_a_wrong_registration_names_the_place(filled: World, changed: dict[str, object], code: str, words: str) -> None:
    """Row and column, and nothing is stored."""
    refused = registered(filled, counts(**changed))
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert words in refused.json()["detail"]
    assert entries(filled) == []


def test_a_source_that_contradicts_itself_is_refused(filled: World) -> None:
    """Parts that are more than their total."""
    refused = registered(filled, counts(cellen=cells(totaal=10, zorg=4, ondermijning=9)))
    assert (refused.status_code, refused.json()["code"]) == (409, "contradicting")
    assert "CoMensha 2026 contradicts itself about route" in refused.json()["detail"]


def test_sources_that_contradict_each_other_are_refused_by_name(filled: World) -> None:
    """The second is refused with both names and the cell; with the margin that it counts by it stands."""
    assert registered(filled, counts()).status_code == 200
    other = counts(extern_id="cbs", bron="CBS", cellen=cells(totaal=350))
    refused = registered(filled, other)
    assert (refused.status_code, refused.json()["code"]) == (409, "contradicting")
    assert "CBS 2026 contradicts CoMensha 2026 about the total" in refused.json()["detail"]
    assert registered(filled, other.model_copy(update={"marge": 10})).status_code == 200


def test_a_draft_names_what_it_was_protected_against(filled: World) -> None:
    """In the figures that the officer approves, in the attack record, on the page; made again it is the same."""
    assert registered(filled, counts()).status_code == 200
    released(filled, request("r1", TABLE))
    read = Publicatie.model_validate_json(filled.party(NLA).get("/v1/releases/r1").content)
    assert read.extern is not None
    assert [each.extern_id for each in read.extern] == ["comensha-2026"]
    attack = Aanvalsverslag.model_validate_json(filled.party(NLA).get("/v1/releases/r1/attack").content)
    assert [group.extern for group in attack.groepen] == [("comensha-2026",)]
    assert "CoMensha 2026" in filled.http.get("/releases/r1").text


def test_a_number_that_the_rows_deny_blocks_by_source_and_cell(filled: World) -> None:
    """Never dropped: the draft is refused, in words, without any count."""
    assert registered(filled, counts(cellen=cells(totaal=361))).status_code == 200
    blocked = draft(filled, request("r1", TABLE))
    assert (blocked.status_code, blocked.json()["code"]) == (409, "release_blocked")
    (reden,) = blocked.json()["redenen"]
    assert reden["code"] == "EXTERNE_BRON_SPREEKT_TEGEN"
    assert reden["nl"] == "CoMensha 2026 spreekt de aangeleverde rijen tegen over het totaal"
    assert "marge" in reden["handelingsperspectief"]
    assert not set("0123456789") & set(reden["nl"].replace("2026", ""))


def test_a_corrected_registration_replaces_the_wrong_one(filled: World) -> None:
    """`vervangt` names it; the release then passes, and the ledger has both."""
    assert registered(filled, counts(cellen=cells(totaal=361))).status_code == 200
    assert registered(filled, counts(extern_id="comensha-2026-b", vervangt="comensha-2026")).status_code == 200
    released(filled, request("r1", TABLE))
    assert [entry.get("vervangt") for entry in entries(filled)] == [None, "comensha-2026"]
    gone = registered(filled, counts(extern_id="c", vervangt="comensha-2026"))
    assert (gone.status_code, gone.json()["code"]) == (404, "unknown_external")


def test_a_release_that_is_safe_by_itself_is_blocked_by_what_others_published(world: World) -> None:
    """Approved figures; then a source prints a cell that they withhold: the answer names source, release and cell."""
    fill_cells(world, PEOPLE)
    digest = drafted(world, request("r1", TABLE))
    assert approve(world, digest).status_code == 200
    seen = world.party(REGISSEUR).get("/v1/releases/r1/draft", PRIVACY_OFFICER).json()["tabellen"][0]["cellen"]
    hidden = {tuple(cel["codes"]) for cel in seen if "aantal" not in cel}
    assert ("ondermijning", "crimineel") in hidden  # four people
    route, form = min(cell for cell, count in PEOPLE.items() if cell in hidden and count >= 10)
    told = (ExterneCel(codes=(route, form), aantal=PEOPLE[route, form]),)
    answer = registered(world, counts(dimensies=("route", "uitbuitingsvorm"), cellen=told))
    assert answer.status_code == 200, answer.text
    blocked = publish(world, "r1", digest)
    assert (blocked.status_code, blocked.json()["code"]) == (409, "release_blocked"), blocked.text
    assert {reden["code"] for reden in blocked.json()["redenen"]} == {"EXTERNE_PUBLICATIE_GEEFT_CEL_PRIJS"}
    assert "CoMensha 2026" in blocked.json()["detail"]
    assert world.http.get("/releases/r1").status_code == 404
    assert draft(world, request("r1", TABLE)).status_code in (200, 409)


def test_what_a_source_opens_in_figures_that_are_out_is_told(world: World) -> None:
    """It cannot be taken back: the answer to the registration names source, release and cell, and no count."""
    fill_cells(world, PEOPLE)
    released(world, request("r1", TABLE))
    table = Publicatie.model_validate_json(world.party(NLA).get("/v1/releases/r1").content).tabellen[0]
    hidden = {cel.codes for cel in table.cellen if cel.aantal is None}
    route, form = min(cell for cell, count in PEOPLE.items() if cell in hidden and count >= 10)
    told = (ExterneCel(codes=(route, form), aantal=PEOPLE[route, form]),)
    answer = registered(world, counts(dimensies=("route", "uitbuitingsvorm"), cellen=told))
    said = [reden["nl"] for reden in answer.json()["opent"]]
    assert any("CoMensha 2026" in each and "r1" in each for each in said), said


def test_an_external_count_that_opens_nothing_asks_a_new_draft(filled: World) -> None:
    """What two approved was made without it in view."""
    digest = drafted(filled, request("r1", TABLE))
    assert approve(filled, digest).status_code == 200
    assert registered(filled, counts()).status_code == 200
    late = publish(filled, "r1", digest)
    assert (late.status_code, late.json()["code"]) == (409, "out_of_date")
    released(filled, request("r1", TABLE))


def test_the_trial_names_the_source(world: World) -> None:
    """Small cells alone left out, and the total of a form known from elsewhere: the subtraction is told in words."""
    fill_cells(world, PEOPLE)
    told = (ExterneCel(codes=("crimineel",), aantal=54),)
    assert registered(world, counts(dimensies=("uitbuitingsvorm",), cellen=told)).status_code == 200
    blocked = draft(world, request("r1", TabelId.SECTOR_PER_VORM, TABLE, achterhouden=Achterhouden.ALLEEN_KLEIN))
    assert blocked.status_code == 409, blocked.text
    said = [reden["nl"] for reden in blocked.json()["redenen"]]
    assert any(" is te berekenen: " in each for each in said)


def test_both_databases_keep_registrations(any_world: World) -> None:
    """Registered, corrected and known to a release: on SQLite and on PostgreSQL alike."""
    fill(any_world)
    assert registered(any_world, counts(cellen=cells(totaal=361))).status_code == 200
    assert registered(any_world, counts(extern_id="b", vervangt="comensha-2026")).status_code == 200
    released(any_world, request("r1", TABLE))
    assert [entry.get("vervangt") for entry in entries(any_world)] == [None, "comensha-2026"]


def test_figures_are_made_again_with_what_others_published_then(filled: World) -> None:
    """To the byte, also when the source was corrected since; without the registration that they were made with, not."""
    assert registered(filled, counts()).status_code == 200
    released(filled, request("r1", TABLE))
    assert reproduced(filled, "r1").json()["verschillen"] == []
    correction = counts(extern_id="comensha-2026-b", vervangt="comensha-2026", cellen=cells(totaal=360, zorg=0))
    assert registered(filled, correction).status_code == 200
    assert reproduced(filled, "r1").json()["verschillen"] == []
    with writing(filled.house.store) as transaction:
        transaction.execute(delete(EXTERNALS).where(EXTERNALS.c.extern_id == "comensha-2026"))
    assert reproduced(filled, "r1").status_code == 503


def test_the_input_digest_covers_what_others_published(filled: World) -> None:
    """The same rows with and without it are another input; figures and seal say which."""
    released(filled, request("r1", TABLE))
    assert registered(filled, counts(tabel=TabelId.ROUTE_PER_VORM)).status_code == 200
    released(filled, request("r2", TABLE, revisie=2, vervangt="r1", reden=ReleaseReden.GECORRIGEERDE_BRON))
    first, second = (read_published(filled.house.store, filled.house.signing.public, name) for name in ("r1", "r2"))
    assert first.zegel.invoer != second.zegel.invoer
    assert first.publicatie.tabellen == second.publicatie.tabellen


def reproduced(world: World, release_id: str) -> Response:
    """Made again on the privacy officer's word."""
    body = ReleaseVrijgave(digest=sha256(b""))
    return world.party(REGISSEUR).post(f"/v1/releases/{release_id}/reproduction", body, PRIVACY_OFFICER)


def test_a_registration_that_was_changed_in_the_store_is_noticed(filled: World) -> None:
    """No draft is made against counts that are not those that two people registered."""
    assert registered(filled, counts()).status_code == 200
    with writing(filled.house.store) as transaction:
        forged = canonical_bytes(counts(cellen=cells(totaal=359)))
        transaction.execute(update(EXTERNALS).values(publicatie=forged))
    assert draft(filled, request("r1", TABLE)).status_code == 503
