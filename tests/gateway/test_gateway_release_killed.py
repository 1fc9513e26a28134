"""kill -9 at every step of a release, with a real gateway process: no half release, and the flow ends published."""

import json
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from connectors.contract.codes import TabelId, TokenDomein
from gateway.ledger.verify import verify
from gateway.release.steps import Stap
from gateway.settings import read_settings
from gateway.store import migrate, open_store, reading
from tests.faults.test_gateway_kill import free_port, running
from tests.gateway.gateway_world import (
    KMAR,
    NLA,
    POLITIE,
    REGISSEUR,
    MovableClock,
    Party,
    World,
    build_world,
    deliver,
    lend,
    make_layout,
    put_in_force,
)
from tests.gateway.releasing import approve, draft, publish, request, some_people

DRAFT, PUBLISH = "gateway.release.draft", "gateway.release.publish"
MOMENTS = {
    f"{DRAFT}:_attacked:before": Stap.BESCHERMD,
    f"{PUBLISH}:_published:before": Stap.VERZEGELD,
    f"{DRAFT}:gather:before": Stap.ONTWERP,
    f"{DRAFT}:_stored:before": Stap.ONTWERP,
    "gateway.release.shelf:update:before": Stap.ONTWERP,  # inside the transaction that stores the figures
    f"{DRAFT}:attack:after": Stap.BESCHERMD,
    f"{DRAFT}:_attacked:after": Stap.AANGEVALLEN,
    f"{PUBLISH}:require:after": Stap.AANGEVALLEN,
    f"{PUBLISH}:_sealed:before": Stap.GOEDGEKEURD,
    f"{PUBLISH}:seal:after": Stap.GOEDGEKEURD,
    f"{PUBLISH}:_last_look:after": Stap.VERZEGELD,
    f"{PUBLISH}:_published:after": Stap.GEPUBLICEERD,
}
WANTED = request("r1", TabelId.ROUTE_PER_VORM)
PARTIES = {NLA: slice(0, 40), POLITIE: slice(40, 80), KMAR: slice(80, 120)}


class Remote(World):
    """The parties' side of a gateway that is a process of its own, or was."""

    def party(self, party_id: str) -> Party:
        made = super().party(party_id)
        made.url = self.federatie.gateway.url
        return made


def flow(world: World) -> None:
    """Draft, approve, publish; whatever was done before is done again without harm."""
    answer = draft(world, WANTED)
    assert answer.status_code == 200, answer.text
    if answer.json()["stap"] == "gepubliceerd":
        return
    digest = answer.json()["digest"]
    assert approve(world, digest).status_code == 200
    assert publish(world, "r1", digest).status_code == 200


def entries(world: World) -> list[str]:
    """The steps that the ledger tells, which holds."""
    with reading(world.house.store) as transaction:
        verify(transaction)
        bodies = transaction.exec_driver_sql("SELECT record FROM ledger_bodies ORDER BY position").scalars().all()
    return [json.loads(body)["stap"] for body in bodies if b'"stap"' in bytes(body)]


@pytest.mark.parametrize(
    ("moment", "left"),
    [pytest.param(*item, marks=[] if n < 2 else pytest.mark.full) for n, item in enumerate(MOMENTS.items())],
    ids=str,
)
def test_a_killed_gateway_leaves_no_half_release(tmp_path: Path, moment: str, left: Stap) -> None:
    """After the kill the release is at one step, as the ledger says, unread unless published; the flow completes."""
    url = f"http://127.0.0.1:{free_port()}"
    now = datetime.now(UTC)
    layout = make_layout(tmp_path / "federation", now=now, url=url)
    store = open_store(f"sqlite:///{layout.gateway}/gateway.sqlite")
    migrate(store)
    put_in_force(layout, read_settings(layout.gateway / "gateway.toml", {}), MovableClock(now))
    with running(layout, url, moment) as process, httpx.Client(base_url=url, trust_env=False, timeout=120) as http:
        remote = Remote(layout, None, None, MovableClock(datetime.now(UTC)), http, None)  # type: ignore[arg-type]
        people = some_people(120)
        for party, part in PARTIES.items():
            assert deliver(remote, party, people[part], TokenDomein.MONITOR).status_code == 201
        with pytest.raises(httpx.HTTPError):
            flow(remote)
        assert process.wait(30) == -9
    restarted = build_world(layout, MovableClock(datetime.now(UTC)))
    again = Remote(layout, None, restarted.house, restarted.clock, restarted.http, None)  # type: ignore[arg-type]
    read = again.party(REGISSEUR).get("/v1/releases/r1").status_code
    assert (read, entries(restarted)[-1]) == (200 if left is Stap.GEPUBLICEERD else 404, left.value)
    for party in PARTIES:
        assert lend(again, party, TokenDomein.MONITOR).status_code == 200
    flow(again)
    assert again.party(REGISSEUR).get("/v1/releases/r1").status_code == 200
    assert entries(restarted)[-3:] == ["goedgekeurd", "verzegeld", "gepubliceerd"]
    assert entries(restarted).count("gepubliceerd") == 1
    restarted.close()
    store.dispose()
