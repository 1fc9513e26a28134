"""kill -9 while others' counts are registered, with a real gateway process: registered whole or not at all."""

from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest

from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.codes import TabelId
from connectors.contract.releases import ExterneCel, ExternePublicatie
from gateway.release.registering import in_force
from gateway.settings import read_settings
from gateway.store import migrate, open_store
from tests.faults.test_gateway_kill import free_port, running
from tests.gateway.gateway_world import (
    BELEIDSREGISSEUR,
    REGISSEUR,
    MovableClock,
    World,
    build_world,
    make_layout,
    put_in_force,
)
from tests.gateway.releasing import approve
from tests.gateway.test_gateway_release_external import entries
from tests.gateway.test_gateway_release_killed import Remote

ROOM = "gateway.release.registering"
MOMENTS = {
    f"{ROOM}:insert:before": 1,  # inside the transaction, after the ledger's entry
    f"{ROOM}:update:before": 1,
    f"{ROOM}:_written:after": 2,
}
CELLS = (ExterneCel(codes=("totaal",), aantal=360),)


def counts(extern_id: str, vervangt: str | None = None) -> ExternePublicatie:
    """The region's total, as a source prints it."""
    return ExternePublicatie(
        extern_id=extern_id,
        bron="CoMensha",
        datum=date(2026, 11, 1),
        jaar=2026,
        tabel=TabelId.ROUTE_PER_VORM,
        vervangt=vervangt,
        dimensies=("route",),
        cellen=CELLS,
    )


def register(world: World, wanted: ExternePublicatie) -> httpx.Response:
    """Approved by the officer, registered by the director."""
    assert approve(world, sha256(canonical_bytes(wanted))).status_code == 200
    return world.party(REGISSEUR).post("/v1/external-publications", wanted, BELEIDSREGISSEUR)


@pytest.mark.parametrize(
    ("moment", "entered"),
    [pytest.param(*item, marks=[] if n == 1 else pytest.mark.full) for n, item in enumerate(MOMENTS.items())],
    ids=str,
)
def test_a_killed_gateway_leaves_no_half_registration(tmp_path: Path, moment: str, entered: int) -> None:
    """A correction stands with its entry and what it corrects, or none of it; sent again it stands once."""
    url = f"http://127.0.0.1:{free_port()}"
    now = datetime.now(UTC)
    layout = make_layout(tmp_path / "federation", now=now, url=url)
    migrate(open_store(f"sqlite:///{layout.gateway}/gateway.sqlite"))
    put_in_force(layout, read_settings(layout.gateway / "gateway.toml", {}), MovableClock(now))
    first = build_world(layout, MovableClock(datetime.now(UTC)))
    local = Remote(layout, None, first.house, first.clock, first.http, None)  # type: ignore[arg-type]
    assert register(local, counts("a")).status_code == 200
    first.close()
    correction = counts("b", vervangt="a")
    with running(layout, url, moment) as process, httpx.Client(base_url=url, trust_env=False, timeout=60) as http:
        remote = Remote(layout, None, None, MovableClock(datetime.now(UTC)), http, None)  # type: ignore[arg-type]
        with pytest.raises(httpx.HTTPError):
            register(remote, correction)
        assert process.wait(30) == -9
    after = build_world(layout, MovableClock(datetime.now(UTC)))
    again = Remote(layout, None, after.house, after.clock, after.http, None)  # type: ignore[arg-type]
    standing = [each.publicatie.extern_id for each in in_force(after.house)]
    assert (len(entries(after)), standing) == (entered, ["b"] if entered == 2 else ["a"])
    assert register(again, correction).status_code == 200
    assert [each.publicatie.extern_id for each in in_force(after.house)] == ["b"]
    assert len(entries(after)) == 2
    after.close()
