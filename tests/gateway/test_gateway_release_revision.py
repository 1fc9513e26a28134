"""Revisions: corrected figures are a new release, attacked together with the one that they replace."""

import pytest

from connectors.contract.codes import TabelId, TokenDomein
from connectors.contract.releases import Publicatie, ReleaseReden
from tests.gateway.gateway_world import NLA, REGISSEUR, World, deliver, monitor_row, tokens
from tests.gateway.releasing import approve, draft, drafted, fill, publish, released, request

TABLE = TabelId.ROUTE_PER_VORM
REVISION = {"revisie": 2, "vervangt": "r1", "reden": ReleaseReden.NAGEKOMEN_MELDINGEN}


@pytest.fixture
def published(world: World) -> World:
    """360 people, and their routes published as r1."""
    fill(world)
    released(world, request("r1", TABLE))
    return world


def late(world: World, count: int) -> None:
    """So many people more, registered late."""
    rows = [monitor_row(tokens(doc=f"late {n}")) for n in range(count)]
    assert deliver(world, NLA, rows, TokenDomein.MONITOR).status_code == 201


def test_a_table_of_a_year_is_published_once(published: World) -> None:
    """Another release of it must say which one it replaces."""
    refused = draft(published, request("r2", TABLE))
    assert (refused.status_code, refused.json()["code"]) == (409, "already_published")


def test_a_revision_replaces_and_the_earlier_one_stays_readable(published: World) -> None:
    """Marked on page and in the answer's Link header; its bytes and seal are as they were."""
    party = published.party(NLA)
    before = party.get("/v1/releases/r1").content
    late(published, 12)
    released(published, request("r2", TABLE, **REVISION))
    answer = party.get("/v1/releases/r1")
    assert answer.content == before
    assert answer.headers["link"] == '</v1/releases/r2>; rel="successor-version"'
    assert party.get("/v1/releases/r1/seal").status_code == 200
    assert 'vervangen door\n<a href="/releases/r2">' in published.http.get("/releases/r1").text
    revision = Publicatie.model_validate_json(party.get("/v1/releases/r2").content)
    assert (revision.revisie, revision.vervangt, revision.reden) == (2, "r1", "nagekomen_meldingen")
    assert "nagekomen meldingen" in published.http.get("/releases/r2").text


def test_one_case_more_is_a_disclosure_and_blocks(published: World) -> None:
    """The answer names the subtraction, not its outcome, and says what would help; nothing is kept."""
    late(published, 1)
    blocked = draft(published, request("r2", TABLE, **REVISION))
    assert (blocked.status_code, blocked.json()["code"]) == (409, "release_blocked")
    (reden,) = blocked.json()["redenen"]
    assert reden["code"] == "VERSCHIL_MET_EERDERE_PUBLICATIE"
    assert reden["nl"] == (
        "de wijziging van het totaal is te berekenen: r2 min r1 = het totaal: er kwamen of gingen minder dan 10 "
        "gevallen"
    )
    assert "wacht tot er 10 of meer gevallen" in reden["handelingsperspectief"]
    assert published.party(REGISSEUR).get("/v1/releases/r2").status_code == 404


def test_equal_figures_may_be_published_again(published: World) -> None:
    """A revision without any change gives nothing away."""
    released(published, request("r2", TABLE, **REVISION))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"revisie": 3}, "other_revision"),
        ({"vervangt": "r0"}, "unknown_release"),
        ({"jaar": 2025}, "other_tables"),
        ({"tabellen": (TABLE.value, TabelId.HERKOMST_PER_VORM.value)}, "other_tables"),
    ],
)
def test_a_revision_is_declared_as_it_is(published: World, changed: dict[str, object], code: str) -> None:
    """The next number, of a release that stands, for the same year and tables."""
    refused = draft(published, request("r2", TABLE, **{**REVISION, **changed}))
    assert refused.json()["code"] == code


def test_a_number_without_a_reason_is_no_request(published: World) -> None:
    """Revision, replaced release and reason come together or not at all."""
    with pytest.raises(ValueError, match="revision"):
        request("r2", TABLE, revisie=2)


def test_what_was_replaced_is_not_replaced_again(published: World) -> None:
    """r3 must replace r2."""
    released(published, request("r2", TABLE, **REVISION))
    refused = draft(published, request("r3", TABLE, **{**REVISION, "revisie": 3}))
    assert refused.json()["code"] == "unknown_release"


def test_two_drafts_of_one_revision_cannot_both_be_published(published: World) -> None:
    """The second finds its predecessor replaced."""
    digests = {name: drafted(published, request(name, TABLE, **REVISION)) for name in ("r2", "r2b")}
    for digest in digests.values():
        assert approve(published, digest).status_code == 200
    assert publish(published, "r2", digests["r2"]).status_code == 200
    refused = publish(published, "r2b", digests["r2b"])
    assert (refused.status_code, refused.json()["code"]) == (404, "unknown_release")
