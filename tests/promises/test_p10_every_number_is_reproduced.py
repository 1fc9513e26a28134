"""P10: every number can be reproduced. A decision is put again to the rules on disk, a release is made again from the
same rows, an estimate from the same lists; each must come out the same, to the byte."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from aggregator.cli import app as aggregator
from aggregator.protect import SafeRelease, protect
from connectors.contract.canonical import b64u
from connectors.contract.codes import Doel, TabelId, TokenDomein
from connectors.contract.releases import ReleaseVrijgave
from connectors.errors import NotPermitted
from gateway.ledger.entries import Event
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.opening import consulted_rules
from gateway.policy.room import PolicyRoom
from gateway.policy.shelf import kept
from gateway.release.tables import RELEASES
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import KMAR, NLA, POLITIE, PRIVACY_OFFICER, REGISSEUR, World, deliver, make_world
from tests.gateway.releasing import released, request, some_people
from tests.promises.test_p6_no_release_we_can_break import CELLS, SPEC, micro
from tests.world import ANALYST_PARTY, Federation, put_question


@pytest.fixture
def again(delivered: Federation) -> PolicyRoom:
    """The rules opened afresh from disk, in an engine of their own."""
    house, settings = delivered.gateway.house, delivered.gateway.settings
    rules = kept(house.policy.bundle.digest, settings.bundles)
    return consulted_rules(rules, EmbeddedEngine(rules), delivered.clock, house.ids)


def test_every_decision_replays_to_the_same_answer(delivered: Federation, again: PolicyRoom) -> None:
    """Allow or refuse: the question in the ledger, put again, gives the answer in the ledger, whole."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
        with pytest.raises(NotPermitted):
            put_question(bureau, bsn(1), Doel.HANDHAVINGSKNELPUNTEN)
    entries = [body for _, body in delivered.entries(Event.DECISION)]
    assert {body["status"] for body in entries} == {"allow", "refuse"}
    for body in entries:
        assert body["policies"]["digest"] == again.bundle.digest
        assert again.answer(body["request"]).as_authzen(again.bundle.digest) == body["response"]


def test_a_changed_question_does_not_replay(delivered: Federation, again: PolicyRoom) -> None:
    """The instrument itself: another purpose in the same entry gives another answer."""
    with delivered.connector(ANALYST_PARTY) as bureau:
        put_question(bureau, bsn(1))
    body = [body for _, body in delivered.entries(Event.DECISION) if body["event_name"] == "match_aanvragen"][-1]
    changed = json.loads(json.dumps(body["request"]).replace("aanpak_georganiseerde_criminaliteit", "zvh_casus"))
    assert again.answer(changed).as_authzen(again.bundle.digest) != body["response"]


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, World]]:
    """Two gateways that got the same rows, delivered in another order."""
    people = some_people(150)
    parts = [(NLA, people[:60]), (POLITIE, people[60:110]), (KMAR, people[110:])]
    worlds = make_world(tmp_path_factory.mktemp("one")), make_world(tmp_path_factory.mktemp("two"))
    for world, order in zip(worlds, (parts, parts[::-1]), strict=True):
        for party, rows in order:
            assert deliver(world, party, rows, TokenDomein.MONITOR).status_code == 201
    yield worlds
    for world in worlds:
        world.close()


def publish(world: World) -> bytes:
    """Publish one table; the sealed bytes."""
    released(world, request("monitor-2026-1", TabelId.ROUTE_PER_VORM))
    with world.house.store.connect() as connection:
        return bytes(connection.execute(select(RELEASES.c.sealed)).scalar_one())


def test_a_release_from_the_same_rows_has_the_same_bytes(twins: tuple[World, World]) -> None:
    """Counts, pattern, digest: all of it, whatever the order of delivery."""
    first, second = (publish(world) for world in twins)
    assert first == second


def test_a_published_release_is_made_again_to_the_byte(twins: tuple[World, World]) -> None:
    """By the gateway itself, from its rows, on the privacy officer's word: nothing differs."""
    body = ReleaseVrijgave(digest=b64u(bytes(32)))  # a request needs a signed body; this one's content is not read
    answer = twins[0].party(REGISSEUR).post("/v1/releases/monitor-2026-1/reproduction", body, PRIVACY_OFFICER)
    assert answer.json() == {
        "release_id": "monitor-2026-1",
        "verschillen": [],
        "andere_code": False,
        "andere_regels": False,
    }


def test_the_ledger_names_the_digest_of_what_was_published(twins: tuple[World, World]) -> None:
    """So that the tables that people read can be held against it."""
    world = twins[0]
    read = world.party(NLA).get("/v1/releases/monitor-2026-1")
    with world.house.store.connect() as connection:
        records = [bytes(row[0]) for row in connection.exec_driver_sql("SELECT record FROM ledger_bodies")]
    digests = {json.loads(raw).get("digest") for raw in records if b'"gepubliceerd"' in raw}
    assert digests == {b64u(hashlib.sha256(read.content).digest())}


def test_protection_is_deterministic() -> None:
    """The same micro-data gives the same pattern, also when its rows come in another order."""
    frame = micro(CELLS)
    first, second = protect(frame, SPEC), protect(frame.iloc[::-1].reset_index(drop=True), SPEC)
    assert isinstance(first, SafeRelease)
    assert isinstance(second, SafeRelease)
    assert (first.pattern, first.tables) == (second.pattern, second.tables)


def test_an_estimate_with_the_same_seed_is_the_same_estimate(tmp_path: Path) -> None:
    """Interval and all; the bootstrap has no randomness but its seed."""
    path = tmp_path / "overlap.csv"
    lists = [(1, 0, 0, 90), (0, 1, 0, 75), (0, 0, 1, 60), (1, 1, 0, 20), (1, 0, 1, 15), (0, 1, 1, 12), (1, 1, 1, 6)]
    pd.DataFrame(lists, columns=["a", "b", "c", "count"]).to_csv(path, index=False)
    command = ["estimate", str(path), "--method", "main", "--bootstrap", "100", "--seed", "7"]
    answers = [CliRunner().invoke(aggregator, command) for _ in range(2)]
    assert [answer.exit_code for answer in answers] == [0, 0]
    assert answers[0].stdout == answers[1].stdout
