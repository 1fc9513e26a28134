"""What others published can be looked up by those who answer for it: a list, and each registration to the number."""

from datetime import date

import pytest
from sqlalchemy import update

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import Rol, TabelId
from connectors.contract.releases import ExterneCel, ExterneLijst, ExternePublicatie, ExterneRegistratie, ExterneStand
from connectors.contract.ticket import Handelende
from gateway.release.tables import EXTERNALS
from gateway.store import writing
from tests.gateway.gateway_world import BELEIDSREGISSEUR, POLITIE, PRIVACY_OFFICER, REGISSEUR, World
from tests.gateway.releasing import approve

LIST = "/v1/external-publications"
READERS = [BELEIDSREGISSEUR, PRIVACY_OFFICER]
TOTAL_OF_ROUTES = ExternePublicatie(
    extern_id="comensha-2026",
    bron="CoMensha",
    datum=date(2026, 11, 1),
    jaar=2026,
    tabel=TabelId.ROUTE_PER_VORM,
    dimensies=("route",),
    cellen=(ExterneCel(codes=("totaal",), aantal=360), ExterneCel(codes=("ondermijning",), aantal=120)),
)
CORRECTED = TOTAL_OF_ROUTES.model_copy(
    update={
        "extern_id": "comensha-2026-b",
        "marge": 5,
        "vervangt": "comensha-2026",
        "cellen": TOTAL_OF_ROUTES.cellen[:1],
    }
)


def register(world: World, publicatie: ExternePublicatie) -> ExterneStand:
    """Approved, and registered."""
    assert approve(world, sha256(canonical_bytes(publicatie))).status_code == 200
    answer = world.party(REGISSEUR).post(LIST, publicatie, BELEIDSREGISSEUR)
    assert answer.status_code == 200, answer.text
    return ExterneStand.model_validate_json(answer.content)


@pytest.fixture
def stands(world: World) -> dict[str, ExterneStand]:
    """Two registrations, the second correcting the first, by their ids."""
    return {each.extern_id: register(world, each) for each in (TOTAL_OF_ROUTES, CORRECTED)}


@pytest.mark.parametrize("act", READERS)
def test_both_who_answer_for_it_read_the_list(world: World, stands: dict[str, ExterneStand], act: Handelende) -> None:
    """Oldest first, with digest and decision of the registration; the corrected one names its correction."""
    answer = world.party(REGISSEUR).get(LIST, act)
    assert answer.status_code == 200, answer.text
    first, second = ExterneLijst.model_validate_json(answer.content).registraties
    assert [first.extern_id, second.extern_id] == list(stands)
    assert [(each.digest, each.besluit) for each in (first, second)] == [
        (stand.digest, stand.besluit) for stand in stands.values()
    ]
    assert (first.vervangen_door, first.cellen, first.marge) == ("comensha-2026-b", 2, 0)
    assert (second.vervangt, second.vervangen_door, second.cellen, second.marge) == ("comensha-2026", None, 1, 5)
    assert first.geregistreerd == second.geregistreerd == world.house.clock()


@pytest.mark.parametrize("act", READERS)
def test_a_registration_is_read_to_the_number(world: World, stands: dict[str, ExterneStand], act: Handelende) -> None:
    """The very document of the digest that was approved."""
    answer = world.party(REGISSEUR).get(f"{LIST}/comensha-2026", act)
    found = ExterneRegistratie.model_validate_json(answer.content)
    assert found.publicatie == TOTAL_OF_ROUTES
    assert found.stand.digest == stands["comensha-2026"].digest == sha256(canonical_bytes(found.publicatie))


@pytest.mark.parametrize("path", [LIST, f"{LIST}/comensha-2026", f"{LIST}/no-such"])
def test_nobody_else_reads_it(world: World, stands: dict[str, ExterneStand], path: str) -> None:
    """Another party in the same role, and another role of the bureau, alike for what is there and what is not."""
    assert stands
    analyst = BELEIDSREGISSEUR.model_copy(update={"rol": Rol.RIEC_ANALIST})
    asked = [world.party(POLITIE).get(path, BELEIDSREGISSEUR), world.party(REGISSEUR).get(path, analyst)]
    assert [(answer.status_code, answer.json()["code"]) for answer in asked] == [(403, "not_the_regisseur")] * 2


def test_an_unknown_id_is_not_found(world: World, stands: dict[str, ExterneStand]) -> None:
    """Nothing was registered by it."""
    assert stands
    answer = world.party(REGISSEUR).get(f"{LIST}/no-such", PRIVACY_OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_external")


def test_a_list_without_registrations_is_empty(world: World) -> None:
    """An answer, not an error."""
    assert world.party(REGISSEUR).get(LIST, PRIVACY_OFFICER).json() == {"registraties": []}


@pytest.mark.parametrize("path", [LIST, f"{LIST}/comensha-2026-b"])
def test_a_changed_registration_is_not_listed(world: World, stands: dict[str, ExterneStand], path: str) -> None:
    """What is stored must be what was registered, whichever of them is asked for; a list without it would mislead."""
    assert stands
    with writing(world.house.store) as transaction:
        changed = canonical_bytes(TOTAL_OF_ROUTES.model_copy(update={"marge": 9}))
        where = EXTERNALS.c.extern_id == "comensha-2026"
        transaction.execute(update(EXTERNALS).where(where).values(publicatie=changed))
    answer = world.party(REGISSEUR).get(path, PRIVACY_OFFICER)
    assert (answer.status_code, answer.json()["code"]) == (503, "broken_seal")
