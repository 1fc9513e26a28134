"""The steps of a release: a table, a diagram that cannot drift, and entries in the ledger in that order."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.codes import TabelId, TokenDomein
from connectors.contract.releases import ReleaseReden
from gateway.errors import Conflict
from gateway.ledger.chain import LEAF_DATA
from gateway.ledger.entries import Event
from gateway.ledger.verify import stored_leaves, verify
from gateway.release.steps import AWAITING, FOLLOWS, PUBLIC, Stap, diagram, require
from gateway.store import reading
from tests.gateway.gateway_world import KMAR, NLA, POLITIE, World, codes_of, lend
from tests.gateway.releasing import approve, drafted, fill, publish, released, request

DECISIONS = Path(__file__).resolve().parents[2] / "gateway" / "release" / "DECISIONS.md"


def steps(world: World, release_id: str) -> list[str]:
    """The steps of a release that the ledger tells, in its order; the ledger itself holds."""
    with reading(world.house.store) as transaction:
        verify(transaction)
        bodies = [
            json.loads(leaf.record)
            for leaf in stored_leaves(transaction)
            if leaf.record is not None and LEAF_DATA.unpack(leaf.leaf_data)[1] == Event.RELEASE
        ]
    return [body["stap"] for body in bodies if body["release_id"] == release_id]


def test_the_diagram_in_decisions_is_the_table() -> None:
    """Documentation that is compared cannot drift."""
    assert diagram() in DECISIONS.read_text(encoding="utf-8")


@given(st.lists(st.sampled_from(list(Stap)), max_size=40))
def test_nothing_is_public_that_was_not_attacked_approved_and_sealed(tries: list[Stap]) -> None:
    """Whatever is tried, in whatever order, figures become public in one way only."""
    walked = [Stap.ONTWERP]
    for naar in tries:
        try:
            require(walked[-1], naar)
        except Conflict:
            continue
        walked.append(naar)
    if walked[-1] in PUBLIC:
        public = walked.index(Stap.GEPUBLICEERD)
        assert walked[public - 2 : public] == [Stap.GOEDGEKEURD, Stap.VERZEGELD]
        since = max(n for n, stap in enumerate(walked) if stap is Stap.ONTWERP)
        assert Stap.AANGEVALLEN in walked[since:public]
        assert Stap.GEBLOKKEERD not in walked[since:public]


def test_what_is_public_never_goes_back() -> None:
    """A published release can only be replaced."""
    assert [each.naar for each in FOLLOWS[Stap.GEPUBLICEERD]] == [Stap.VERVANGEN]
    assert FOLLOWS[Stap.VERVANGEN] == ()
    assert not PUBLIC & AWAITING


@pytest.fixture
def filled(world: World) -> World:
    """Three partners, 360 people."""
    fill(world)
    return world


def test_the_ledger_tells_every_step(filled: World) -> None:
    """One entry a step, in their order."""
    released(filled, request("r1", TabelId.ROUTE_PER_VORM))
    assert steps(filled, "r1") == ["ontwerp", "beschermd", "aangevallen", "goedgekeurd", "verzegeld", "gepubliceerd"]


def test_the_failing_step_leaves_the_release_where_it_was(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealing fails: approved and unread; asked again, it is judged again, sealed and published."""
    digest = drafted(filled, request("r1", TabelId.ROUTE_PER_VORM))
    assert approve(filled, digest).status_code == 200

    def broken(*_: object) -> str:
        raise OSError("the key is away")

    with monkeypatch.context() as patched:
        patched.setattr("gateway.release.publish.seal", broken)
        assert publish(filled, "r1", digest).status_code == 500
    assert filled.http.get("/releases/r1").status_code == 404
    assert publish(filled, "r1", digest).status_code == 200
    assert steps(filled, "r1")[3:] == ["goedgekeurd", "goedgekeurd", "verzegeld", "gepubliceerd"]


def test_a_resumed_publication_needs_an_approval_that_still_holds(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day later the approval ran out: sealed or not, it is refused."""
    digest = drafted(filled, request("r1", TabelId.ROUTE_PER_VORM))
    assert approve(filled, digest).status_code == 200
    with monkeypatch.context() as patched:
        patched.setattr("gateway.release.publish._published", lambda *_: 1 / 0)
        assert publish(filled, "r1", digest).status_code == 500
    assert steps(filled, "r1")[-1] == "verzegeld"
    filled.clock.advance(hours=25)
    for party in (NLA, POLITIE, KMAR):
        assert lend(filled, party, TokenDomein.MONITOR).status_code == 200
    assert "VIER_OGEN_ZELFDE_PERSOON" in codes_of(publish(filled, "r1", digest))
    assert filled.http.get("/releases/r1").status_code == 404


def test_both_databases_keep_the_steps(any_world: World) -> None:
    """Drafted twice, published, replaced: on SQLite and on PostgreSQL alike."""
    fill(any_world)
    drafted(any_world, request("r1", TabelId.ROUTE_PER_VORM))
    released(any_world, request("r1", TabelId.ROUTE_PER_VORM))
    about = {"revisie": 2, "vervangt": "r1", "reden": ReleaseReden.TELFOUT}
    released(any_world, request("r2", TabelId.ROUTE_PER_VORM, **about))
    assert steps(any_world, "r1")[-4:] == ["goedgekeurd", "verzegeld", "gepubliceerd", "vervangen"]
    assert steps(any_world, "r2")[-1] == "gepubliceerd"
