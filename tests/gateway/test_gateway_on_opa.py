"""The gateway on a real OPA server, from its settings file on: it decides there, or nothing happens."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from httpx import Response
from typer.testing import CliRunner

from connectors.contract.codes import Status
from connectors.contract.exits import Exit
from deploy.demo.federation import Layout
from gateway.cli import app
from gateway.ledger.decisions import find_decision, stored_decisions
from gateway.policy.archive import read_system
from gateway.policy.bundle import PolicyBundle, load_bundle
from gateway.policy.opa_address import opa_address
from gateway.policy.opa_process import find_opa, opa_server
from gateway.store import reading
from gateway.vault.rows import count_rows
from tests.gateway.gateway_world import (
    POLITIE,
    ROOT,
    START,
    MovableClock,
    World,
    build_world,
    deliver,
    lend,
    make_batch,
    make_layout,
    riec_row,
    tokens,
)

pytestmark = pytest.mark.opa
OPA = ROOT / "deploy" / "opa"
RULES = load_bundle(ROOT / "policies" / "opa")
OTHER = RULES.with_parties(
    (ROOT / "policies" / "opa" / "bron" / "parties.json").read_text().replace('"bsn_recht": true', '"bsn_recht": false')
)
TRIES = 20
"""A busy machine may be late, which is a refusal: the sender tries again, as a connector does."""


@contextmanager
def serving(rules: PolicyBundle) -> Iterator[str]:
    """A hardened OPA with these rules, signed, by the settings of `deploy/opa`; its address."""
    binary = find_opa(ROOT / ".tools")
    if binary is None:
        if os.environ.get("CI"):
            pytest.fail("no opa: run `make opa`")
        pytest.skip("no opa: run `make opa`")
    with opa_server(binary, rules, read_system(OPA / "system"), OPA / "config.yaml") as url:
        yield url


def on_opa(root: Path, url: str) -> Layout:
    """The files of a gateway that asks the server at `url`."""
    layout = make_layout(root / "federation")
    path = layout.gateway / "gateway.toml"
    opa = f'policy_engine = "opa"\nopa_url = "{url}"'
    path.write_text(path.read_text().replace('policy_engine = "embedded"', opa))
    return layout


@contextmanager
def world_on(root: Path, url: str) -> Iterator[World]:
    """A running gateway on the server at `url`."""
    world = build_world(on_opa(root, url), MovableClock(START))
    try:
        yield world
    finally:
        world.close()


def patiently(act: Callable[[], Response]) -> Response:
    """The answer to an act, once the server was in time."""
    for _ in range(TRIES):
        answer = act()
        if answer.status_code != 503:
            break
    return answer


def test_opa_decides(tmp_path: Path) -> None:
    """What policy allows is done, what it refuses is not, and the ledger says that OPA answered both."""
    with serving(RULES) as url, world_on(tmp_path, url) as world:
        assert patiently(lambda: world.http.get("/readyz")).status_code == 200
        assert patiently(lambda: deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])).status_code == 201
        closed = [riec_row(tokens(bsn="2"), status=Status.AFGESLOTEN)]
        refused = patiently(lambda: deliver(world, POLITIE, closed))
        assert refused.status_code == 403
        assert "CASUS_GESLOTEN" in {reason["code"] for reason in refused.json()["redenen"]}
        with reading(world.house.store) as transaction:
            assert count_rows(transaction) == 1
            entries = [find_decision(transaction, besluit) for besluit, _ in stored_decisions(transaction)]
        assert [(entry["status"], entry["configuration"]) for entry in entries] == [
            ("allow", {"engine": "opa"}),
            ("refuse", {"engine": "opa"}),
        ]


def test_without_opa_nothing_happens(tmp_path: Path) -> None:
    """The server is gone in mid-day: the next act is refused, nothing is stored, the gateway is not ready."""
    with ExitStack() as server:
        url = server.enter_context(serving(RULES))
        with world_on(tmp_path, url) as world:
            assert patiently(lambda: deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])).status_code == 201
            server.close()
            batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="2"))])
            refused = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
            assert (refused.status_code, refused.json()["code"]) == (503, "policy_unavailable")
            assert world.http.get("/readyz").status_code == 503
            with reading(world.house.store) as transaction:
                assert count_rows(transaction) == 1
                assert len(list(stored_decisions(transaction))) == 1


def test_a_gateway_waits_less_than_a_second_for_opa() -> None:
    """The deadline of an exchange as the gateway sets it; no slow drip can stretch it (adapter tests)."""
    assert opa_address("http://127.0.0.1:8181").deadline < 1.0


def test_other_rules_than_ours_decide_nothing(tmp_path: Path) -> None:
    """A server with another bundle: the gateway is not ready, does not start, and refuses when it is asked."""
    with serving(OTHER) as url, world_on(tmp_path, url) as world:
        assert world.http.get("/readyz").status_code == 503
        lend(world, POLITIE)
        batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
        refused = patiently(lambda: world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw))
        assert refused.status_code == 403
        assert {reason["code"] for reason in refused.json()["redenen"]} == {"BELEID_ONGELDIG"}
        with reading(world.house.store) as transaction:
            assert count_rows(transaction) == 0
        checked = CliRunner().invoke(app, ["check", "--settings", str(world.layout.gateway / "gateway.toml")])
        assert checked.exit_code == Exit.BAD_INPUT
        assert "NO  policy" in checked.output
