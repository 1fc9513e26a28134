"""kill -9 while a touching batch is taken in, with a real gateway process: it is caught, or was never here."""

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from connectors.contract.canaries import Kanaries, Meldingen
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import TokenDomein, TokenType
from connectors.contract.signing import read_secret_file
from deploy.demo.federation import Layout
from gateway.settings import read_settings
from gateway.store import migrate, open_store
from tests.attacks.keeper import KEEPER, OFFICER, appoint
from tests.faults.test_gateway_kill import client, free_port, lend, running
from tests.gateway.gateway_world import (
    POLITIE,
    MovableClock,
    Party,
    World,
    build_world,
    element,
    make_batch,
    make_layout,
    new_id,
    put_in_force,
    riec_row,
    tokens,
)

BATCHES = "gateway.intake.batches"


@pytest.fixture
def away(tmp_path: Path) -> tuple[Layout, str]:
    """A federation with a keeper on a free port; nobody runs yet."""
    url = f"http://127.0.0.1:{free_port()}"
    layout = appoint(make_layout(tmp_path / "federation", now=datetime.now(UTC), url=url))
    migrate(open_store(f"sqlite:///{layout.gateway}/gateway.sqlite"))
    put_in_force(layout, read_settings(layout.gateway / "gateway.toml", {}), MovableClock(datetime.now(UTC)))
    return layout, url


def keeper_of(layout: Layout, url: str) -> Party:
    """The keeper's side of the wire."""
    seed = read_secret_file(layout.partner(KEEPER) / "keys" / "party.key")
    http = httpx.Client(base_url=url, trust_env=False, timeout=30)
    return Party(KEEPER, seed, http, MovableClock(datetime.now(UTC)), url)  # type: ignore[arg-type]


def put_one_canary(keeper: Party, federatie: str) -> None:
    """One canary, named as the guess below."""
    body = Kanaries(
        kanarie_id=new_id(),
        domein=TokenDomein.RIEC,
        epoch="2026",
        federatie=federatie,
        type=TokenType.BSN,
        waarden=(element("bsn canary"),),
    )
    raw = canonical_bytes(body)
    headers = keeper.headers("PUT", "/v1/kanaries", raw, OFFICER) | {"Content-Type": "application/json"}
    assert keeper.http.put("/v1/kanaries", content=raw, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("moment", "committed"),
    [
        pytest.param(f"{BATCHES}:store_rows:after", False, marks=pytest.mark.full),
        pytest.param("commit:before", False, marks=pytest.mark.full),
        ("commit:after", True),
    ],
)
def test_a_killed_touch_is_caught_or_was_never_here(away: tuple[Layout, str], moment: str, committed: bool) -> None:
    """After the kill a resend ends in one receipt, one notice, and a batch that nothing joins."""
    layout, url = away
    world = World(layout, None, None, None, None, None)  # type: ignore[arg-type]
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn=name)) for name in ("honest", "canary")])
    with running(layout, url, "none"):
        keeper = keeper_of(layout, url)
        lend(keeper, world.share(KEEPER, "RIEC"))
        put_one_canary(keeper, layout.federatie.digest)
    with running(layout, url, moment) as process:
        lend(keeper_of(layout, url), world.share(KEEPER, "RIEC"))
        police = client(layout, url)
        lend(police, world.share(POLITIE, "RIEC"))
        with pytest.raises(httpx.HTTPError):
            police.put(f"/v1/batches/{batch_id}", raw)
        assert process.wait(30) == -9
    restarted = build_world(layout, MovableClock(datetime.now(UTC)))
    sides = {name: restarted.party(name) for name in (KEEPER, POLITIE)}
    for name, side in sides.items():
        side.url = url
        lend(side, world.share(name, "RIEC"))
    answers = [sides[POLITIE].put(f"/v1/batches/{batch_id}", raw).status_code for _ in range(2)]
    seen = Meldingen.model_validate_json(sides[KEEPER].get("/v1/kanaries/notices", OFFICER).content)
    joined = restarted.house.index.size("RIEC", "2026")
    restarted.close()
    assert answers == ([200, 200] if committed else [201, 200])
    assert [(notice.onderwerp, notice.geraakt) for notice in seen.meldingen] == [(batch_id, 1)]
    assert joined == 0
