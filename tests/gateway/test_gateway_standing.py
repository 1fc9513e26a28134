"""How the rules stand, on both engines: unsigned, withdrawn and changed rules refuse everything; rules that nobody
could verify for a day refuse everything but the activation of others."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy.pool import QueuePool
from structlog.testing import capture_logs

from gateway.errors import PolicyRefused, PolicyUnavailable
from gateway.permit.activation import activate, in_force
from gateway.policy.archive import bundle_archive
from gateway.policy.bundle import PolicyBundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import PolicyEngine
from gateway.policy.opa_address import opa_address
from gateway.policy.opa_server import OpaServerEngine
from gateway.policy.opening import stands
from gateway.policy.shelf import kept
from gateway.policy.standing import open_in_force
from gateway.store import writing
from tests.gateway.gateway_world import (
    POLITIE,
    START,
    MovableClock,
    World,
    build_world,
    codes_of,
    deliver,
    make_world,
    riec_row,
    tokens,
)
from tests.gateway.test_gateway_activation import FIRST, NARROWER, RULES, ground_of, put_in_force, signed, take_back
from tests.gateway.test_gateway_on_opa import TRIES, on_opa, patiently, serving

WORKERS = 40
"""Threads that serve requests (Starlette's default)."""
ENGINES = ["embedded", pytest.param("opa", marks=pytest.mark.opa)]


@dataclass
class Standing:
    """A gateway whose disk a test can take away."""

    world: World
    disk: bool = True

    def delivered(self) -> set[str]:
        """The codes with which a sound delivery is refused; empty when it is accepted."""
        answer = deliver(self.world, POLITIE, [riec_row(tokens(bsn="1"))])
        return set() if answer.status_code == 201 else codes_of(answer)

    def activation(self) -> set[str]:
        """The codes with which an activation by two owners is refused; empty when it is done."""
        world, ground = self.world, ground_of(self.world)
        world.clock.advance(minutes=1)
        try:
            activate(ground, world.house, NARROWER, signed(world.layout, NARROWER, world.clock()))
        except PolicyRefused as refused:
            return {reden.code for reden in refused.redenen}
        finally:
            ground.store.dispose()
        return set()


@pytest.fixture(params=ENGINES)
def standing(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Standing]:
    """On either engine, with time for a busy machine."""
    with ExitStack() as servers:
        world = make_world(tmp_path)
        ground, made = ground_of(world), Standing(world)
        url = servers.enter_context(serving(RULES)) if request.param == "opa" else ""

        def engine(rules: PolicyBundle) -> PolicyEngine:
            if request.param == "embedded":
                return EmbeddedEngine(rules)
            return OpaServerEngine(replace(opa_address(url), deadline=20.0), rules.revision)

        def read(digest: str) -> PolicyBundle:
            if not made.disk:
                raise OSError("the disk does not answer")
            return kept(digest, ground.shelf)

        room = open_in_force(lambda: in_force(ground), read, ground.owners, engine, world.clock, world.house.ids)
        object.__setattr__(world.house, "policy", room)
        yield made
        ground.store.dispose()
        world.close()


def test_rules_that_stand_decide(standing: Standing) -> None:
    """The control."""
    assert standing.delivered() == set()
    assert standing.activation() == set()


def test_stale_rules_answer_an_activation_and_nothing_else(standing: Standing) -> None:
    """Nobody could verify them for a day, but two owners signed them: others may still come in their place."""
    standing.disk = False
    standing.world.clock.advance(hours=25)
    assert standing.delivered() == {"BELEID_ONGELDIG"}
    assert not stands(standing.world.house.policy, standing.world.clock())
    assert standing.activation() == set()


def test_withdrawn_rules_answer_nothing(standing: Standing) -> None:
    """Not even an activation that two owners signed."""
    take_back(standing.world, RULES)
    assert standing.delivered() == {"BELEID_ONGELDIG"}
    assert standing.activation() == {"BELEID_ONGELDIG"}


def test_changed_rules_answer_nothing(standing: Standing) -> None:
    """What is on disk is not what the owners signed: at the next look everything stops."""
    place = standing.world.settings.bundles / f"{RULES.digest}.tar.gz"
    place.write_bytes(bundle_archive(NARROWER, {}, None))
    standing.world.clock.advance(hours=1)
    assert standing.delivered() == {"BELEID_ONGELDIG"}
    assert standing.activation() == {"BELEID_ONGELDIG"}


def test_signatures_of_an_owner_that_is_not_pinned_are_no_ones(tmp_path: Path) -> None:
    """The same rows in the database, read by a house that pins another owner: nothing is decided."""
    world = make_world(tmp_path)
    ground = ground_of(world)
    owners = tuple(owner for owner in ground.owners if owner.oin != FIRST)

    def read(digest: str) -> PolicyBundle:
        return kept(digest, ground.shelf)

    room = open_in_force(lambda: in_force(ground), read, owners, EmbeddedEngine, world.clock, world.house.ids)
    object.__setattr__(world.house, "policy", room)
    assert codes_of(deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])) == {"BELEID_ONGELDIG"}
    ground.store.dispose()
    world.close()


@pytest.mark.opa
def test_opa_must_serve_what_owners_put_in_force(tmp_path: Path) -> None:
    """OPA judges the activation; until it serves the new revision the gateway refuses everything and is not ready."""
    with serving(RULES) as url:
        world = build_world(on_opa(tmp_path, url), MovableClock(START))
        for _ in range(TRIES):
            try:
                put_in_force(world, NARROWER)
                break
            except PolicyUnavailable:
                continue  # a busy machine may be late, which is a refusal
        with capture_logs() as logged:
            refused = patiently(lambda: deliver(world, POLITIE, [riec_row(tokens(bsn="1"))]))
        assert codes_of(refused) == {"BELEID_ONGELDIG"}
        assert ("policy_engine_serves_other_rules", NARROWER.revision) in [
            (line["event"], line.get("expected")) for line in logged
        ]
        assert world.http.get("/readyz").json()["detail"] == "not ready: policy"
        world.close()
    with serving(NARROWER) as url:
        path = world.layout.gateway / "gateway.toml"
        lines = [line for line in path.read_text().splitlines() if not line.startswith("opa_url")]
        path.write_text("\n".join([f'opa_url = "{url}"', *lines]))
        again = build_world(world.layout, world.clock)
        assert again.house.policy.bundle.digest == NARROWER.digest
        assert patiently(lambda: deliver(again, POLITIE, [riec_row(tokens(bsn="1"))])).status_code == 201
        again.close()


def test_who_writes_can_look_while_every_other_thread_waits(tmp_path: Path) -> None:
    """Forty threads wait for the database, each with a connection; the one that writes still finds one to look with."""
    world = make_world(tmp_path)
    pool = world.house.store.pool
    assert isinstance(pool, QueuePool)

    def write() -> None:
        with writing(world.house.store):
            pass

    threads = [threading.Thread(target=write) for _ in range(WORKERS)]
    with writing(world.house.store):
        for thread in threads:
            thread.start()
        while pool.checkedout() <= WORKERS:
            time.sleep(0.01)
        assert world.house.policy.lease().signed
    for thread in threads:
        thread.join()
    world.close()
