"""A published release is made again by the serving gateway, on the operator's command, from the rows that it came from:
the same bytes, or what differs is named and the exit code is 6. The other commands over releases too."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import update
from typer.testing import CliRunner, Result

from connectors.contract.codes import TabelId, TokenDomein
from connectors.contract.releases import Reproductie
from gateway.cli import app
from gateway.clock import system_clock
from gateway.release.exports.files import Formaat
from gateway.release.tables import RELEASES
from gateway.store import writing
from gateway.web.own import OWN_HEADER, own_headers
from tests.gateway.gateway_world import (
    NLA,
    POLITIE,
    REGISSEUR,
    MovableClock,
    World,
    build_world,
    deliver,
    make_layout,
    monitor_row,
    new_id,
    tokens,
    withdraw,
)
from tests.gateway.on_a_port import on_a_port
from tests.gateway.releasing import fill, released, request

TABLES = (TabelId.ROUTE_PER_VORM, TabelId.HERKOMST_PER_VORM, TabelId.GESCHATTE_OMVANG)


@dataclass(frozen=True)
class Served:
    """A gateway on a port, with r1 published."""

    world: World
    settings: Path

    def command(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["release", *words, "--settings", str(self.settings), "--json"])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """Time stands still at the moment of now, so that the command's own proof is fresh."""
    world = build_world(make_layout(tmp_path / "federation", now=system_clock()), MovableClock(system_clock()))
    fill(world)
    released(world, request("r1", *TABLES))
    settings = world.layout.gateway / "gateway.toml"
    with on_a_port(world.house, settings):
        yield Served(world, settings)
    world.close()


def test_the_same_rows_give_the_same_bytes(served: Served) -> None:
    """Tables, pattern, estimate: nothing differs, exit 0, and the ledger says that it was checked."""
    done = served.command("reproduce", "r1")
    assert done.exit_code == 0, done.output
    outcome = Reproductie.model_validate_json(done.output)
    assert (outcome.verschillen, outcome.andere_code, outcome.andere_regels) == ((), False, False)


def test_rows_that_changed_are_named(served: Served) -> None:
    """One registration more: the input differs, and so do the figures; exit 6."""
    assert deliver(served.world, NLA, [monitor_row(tokens(doc="new"))], TokenDomein.MONITOR).status_code == 201
    done = served.command("reproduce", "r1")
    assert done.exit_code == 6, done.output
    assert {"invoer", "cijfers"} <= set(json.loads(done.output)["verschillen"])


def test_a_share_that_is_away_is_no_verdict(served: Served) -> None:
    """Rows of a party that withdrew its share cannot be opened: exit 5, try again."""
    served.world.clock.advance(seconds=-1)
    served.world.house.leases.end(next(place for place in served.world.house.leases._held if place.party == POLITIE))
    assert served.command("reproduce", "r1").exit_code == 5


def test_a_changed_document_is_not_verified(served: Served) -> None:
    """What is stored is not what was sealed: exit 6, for export as for reproduction."""
    with writing(served.world.house.store) as transaction:
        transaction.execute(update(RELEASES).values(digest=bytes(32)))
    assert served.command("reproduce", "r1").exit_code == 6
    out = served.settings.parent / "out.csv"
    assert served.command("export", "r1", str(out)).exit_code == 6
    assert not out.exists()


def test_a_release_that_is_none_is_wrong_use(served: Served) -> None:
    """Exit 2, for both commands."""
    assert served.command("reproduce", "r9").exit_code == 2
    assert served.command("export", "r9", str(served.settings.parent / "out.csv")).exit_code == 2


def test_a_gateway_that_does_not_run_is_away(served: Served) -> None:
    """Exit 5: nothing lost, retry is safe."""
    lines = served.settings.read_text().splitlines()
    served.settings.write_text("\n".join(["port = 9", *(line for line in lines if not line.startswith("port"))]) + "\n")
    assert served.command("reproduce", "r1").exit_code == 5


def test_the_command_writes_what_the_page_offers(served: Served) -> None:
    """The same bytes from the command, the page and the machine interface, in every format."""
    for formaat in Formaat:
        out = served.settings.parent / f"out.{formaat.value}"
        assert served.command("export", "r1", str(out), "--format", formaat.value).exit_code == 0
        assert out.read_bytes() == served.world.http.get(f"/releases/r1/download/{formaat.value}").content
        assert out.read_bytes() == served.world.party(NLA).get(f"/v1/releases/r1/exports/{formaat.value}").content


def test_the_list_names_what_was_published(served: Served) -> None:
    """One JSON object a line."""
    (line,) = served.command("list").output.splitlines()
    assert (json.loads(line)["release_id"], json.loads(line)["revisie"]) == ("r1", 1)


def test_an_operators_proof_is_accepted_once_and_for_its_path(served: Served) -> None:
    """Replayed, for another path, or by another key: refused."""
    house, path = served.world.house, "/v1/releases/r1/reproduction"
    good = own_headers(house.signing, "POST", path, new_id(), house.clock())
    assert served.world.http.post(path, headers=good).status_code == 200
    assert served.world.http.post(path, headers=good).status_code == 401
    other = own_headers(house.signing, "POST", path.replace("r1", "r2"), new_id(), house.clock())
    assert served.world.http.post(path, headers=other).status_code == 401
    forged = own_headers(served.world.party(NLA).key, "POST", path, new_id(), house.clock())
    assert served.world.http.post(path, headers=forged).status_code == 401
    stale = own_headers(house.signing, "POST", path, new_id(), house.clock().replace(year=2001))
    assert served.world.http.post(path, headers=stale).status_code == 401
    assert served.world.http.post(path, headers={OWN_HEADER: "x.y.z"}).status_code == 401


def test_withdrawn_rows_end_what_can_be_made_again(served: Served) -> None:
    """A release outlives the rows it came from; the command says so instead of guessing."""
    assert withdraw(served.world, POLITIE, TokenDomein.MONITOR, alles=True).status_code == 200
    done = served.command("reproduce", "r1")
    assert done.exit_code == 6
    assert "invoer" in json.loads(done.output)["verschillen"]
    assert served.world.party(REGISSEUR).get("/v1/releases/r1").status_code == 200
