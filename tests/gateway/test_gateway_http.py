"""The surface: headers, problem documents, OpenAPI, health, refusal without policy, settings that are refused."""

import json
import pickle
import shutil
from pathlib import Path

import pytest
from httpx import Response
from pydantic import JsonValue
from typer.testing import CliRunner

from connectors.contract.answers import Weigering
from connectors.contract.codes import Status
from connectors.contract.exits import Exit
from gateway.app import announce
from gateway.cli import app
from gateway.errors import BadSettings
from gateway.ledger.decisions import find_decision, stored_decisions
from gateway.ledger.verify import stored_leaves
from gateway.policy.answer import Answer
from gateway.policy.archive import bundle_archive
from gateway.policy.bundle import load_bundle
from gateway.policy.errors import EngineUnavailable
from gateway.policy.opening import golden_cases
from gateway.policy.room import PolicyRoom
from gateway.settings import read_settings
from gateway.store import reading
from gateway.vault.rows import count_rows
from tests.gateway.gateway_world import (
    POLITIE,
    World,
    deliver,
    lend,
    make_batch,
    make_layout,
    riec_row,
    tokens,
    withdraw,
)


class Silent:
    """An engine that never answers, as an OPA server that is down."""

    name = "silent"

    def decide(self, question: JsonValue) -> Answer:
        raise EngineUnavailable("no answer in time")


def silence(world: World) -> None:
    """From now on policy gives no answer."""
    room = world.house.policy
    silent = PolicyRoom(room.bundle, Silent(), room._lease, world.house.ids)
    object.__setattr__(world.house, "policy", silent)


def test_every_answer_says_its_version_and_is_not_cached(world: World) -> None:
    """NL API Design Rules: API-Version; no-store; a strict content policy."""
    for path in ("/livez", "/openapi.json", "/", "/v1/ledger/checkpoint", "/nowhere"):
        headers = world.http.get(path).headers
        assert headers["api-version"] == "1.0.0"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "status"), [("/nowhere", 404), ("/v1/ledger/checkpoint", 401), ("/v1/receipts/x", 422)]
)
def test_refusals_are_problem_documents(world: World, path: str, status: int) -> None:
    """RFC 9457, in the contract's own shape."""
    answer = world.http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert Weigering.model_validate_json(answer.content).status == status


def test_openapi_names_every_address_and_resolves(world: World) -> None:
    """The document at the root covers the interface and has no dangling reference."""
    document = world.http.get("/openapi.json").json()
    for path in (
        "/v1/tokens",
        "/v1/tickets",
        "/v1/batches/{batch_id}",
        "/v1/match-requests",
        "/v1/releases",
        "/readyz",
    ):
        assert path in document["paths"]
    schemas = document["components"]["schemas"]
    text = world.http.get("/openapi.json").text
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in schemas


def test_ready_when_schema_parties_and_policy_hold(world: World) -> None:
    """200 when all hold; 503 naming the check that does not."""
    assert world.http.get("/readyz").status_code == 200
    fewer = world.federatie.model_copy(update={"partijen": world.federatie.partijen[1:]})
    object.__setattr__(world.house, "federatie", fewer)
    answer = world.http.get("/readyz")
    assert answer.status_code == 503
    assert "parties" in answer.json()["detail"]


def test_metrics_count_answers_by_route(world: World) -> None:
    """Prometheus text, routes as templates."""
    world.http.get("/livez")
    assert 'schakel_gateway_answers_total{route="/livez",status="200"}' in world.http.get("/metrics").text


def test_without_an_answer_from_policy_nothing_is_allowed(world: World) -> None:
    """503, nothing stored; P3."""
    lend(world, POLITIE)
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="1"))])
    silence(world)
    refused = world.party(POLITIE).put(f"/v1/batches/{batch_id}", raw)
    assert (refused.status_code, refused.json()["code"]) == (503, "policy_unavailable")
    with reading(world.house.store) as transaction:
        assert count_rows(transaction) == 0
    assert world.http.get("/readyz").status_code == 503


def test_a_withdrawal_does_not_wait_for_policy(world: World) -> None:
    """It is executed and promised all the same."""
    row = riec_row(tokens(bsn="1"))
    deliver(world, POLITIE, [row])
    silence(world)
    assert withdraw(world, POLITIE, record_ids=(row.record_id,)).status_code == 200
    with reading(world.house.store) as transaction:
        assert count_rows(transaction) == 0


def test_rules_that_are_gone_refuse_everything(world: World) -> None:
    """When the kept rules are gone at the hourly look, every question is refused with BELEID_ONGELDIG."""
    shutil.rmtree(world.settings.bundles)
    world.clock.advance(hours=1)
    refused = deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    assert refused.status_code == 403
    assert "BELEID_ONGELDIG" in {reason["code"] for reason in refused.json()["redenen"]}


def test_a_database_that_is_away_is_a_503(world: World) -> None:
    """Nothing is promised; the connector keeps what it has."""
    party = world.party(POLITIE)
    world.house.store.dispose()
    database = Path(world.settings.database.removeprefix("sqlite:///"))
    for path in database.parent.glob("gateway.sqlite*"):
        path.unlink()
    database.mkdir()
    assert party.sign_in().status_code == 503


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("policy_engine", '"opa"'), "opa_url"),
        (("policy_engine", '"none"'), "policy_engine"),
        (("owners", '["x"]'), "owners"),
        (("surprise", "1"), "surprise"),
        (("port", "0"), "port"),
    ],
)
def test_weak_or_wrong_settings_are_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    """The message names the key; the gateway does not start."""
    path = make_layout(tmp_path / "f").gateway / "gateway.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith(change[0])]
    path.write_text("\n".join([*lines, f"{change[0]} = {change[1]}"]))
    with pytest.raises(BadSettings, match=message):
        read_settings(path, {})


def test_production_refuses_the_embedded_engine(tmp_path: Path) -> None:
    """There a real OPA server decides."""
    path = make_layout(tmp_path / "f").gateway / "gateway.toml"
    with pytest.raises(BadSettings, match="production"):
        read_settings(path, {"SCHAKEL_ENV": "production"})


@pytest.mark.parametrize("name", ["gateway.key", "k_store.RIEC.2026.key", "k_join.MONITOR.2026.key"])
def test_a_readable_key_file_stops_the_start(tmp_path: Path, name: str) -> None:
    """Mode 0600 or nothing: exit 2 with the file's name and what to do."""
    layout = make_layout(tmp_path / "f")
    (layout.gateway / "keys" / name).chmod(0o644)
    done = CliRunner().invoke(app, ["check", "--settings", str(layout.gateway / "gateway.toml")])
    assert done.exit_code == Exit.BAD_INPUT
    assert name in done.output
    assert "0600" in done.output


def test_another_owner_than_pinned_stops_the_start(tmp_path: Path) -> None:
    """The federation file must be signed by two owners that the settings name."""
    layout = make_layout(tmp_path / "f")
    path = layout.gateway / "gateway.toml"
    path.write_text(path.read_text().replace(layout.owners[0], "A" * 42 + "A"))
    done = CliRunner().invoke(app, ["check", "--settings", str(path)])
    assert done.exit_code == Exit.BAD_INPUT
    assert "two pinned" in done.output


def test_secrets_stay_out_of_representations(world: World) -> None:
    """No key in a repr, so none in a log or a traceback; none in a pickle."""
    text = repr(world.house)
    for keys in world.house.epoch_keys.values():
        assert keys.k_store.hex() not in text
        assert str(keys.k_join) not in text
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(keys)


def evaluate(world: World, path: str, body: object) -> Response:
    """A signed AuthZEN call."""
    raw = json.dumps(body).encode()
    headers = world.party(POLITIE).headers("POST", path, raw) | {"Content-Type": "application/json"}
    answer: Response = world.http.post(path, content=raw, headers=headers)
    return answer


def test_authzen_answers_the_golden_cases(world: World) -> None:
    """The façade says what `decide` says, one by one and in a list; deny is 200 with false."""
    cases = golden_cases(world.house.policy.bundle)[:8]
    for case in cases:
        answer = evaluate(world, "/access/v1/evaluation", case.question)
        assert answer.status_code == 200
        assert answer.json()["decision"] is case.decision
    many = evaluate(world, "/access/v1/evaluations", {"evaluations": [case.question for case in cases]})
    assert [each["decision"] for each in many.json()["evaluations"]] == [case.decision for case in cases]


@pytest.mark.parametrize("body", [{}, [], {"subject": {}, "action": {}, "resource": {}}])
def test_authzen_without_its_sections_is_a_bad_request(world: World, body: object) -> None:
    """Only a question without subject, action, resource or context is HTTP 400."""
    assert evaluate(world, "/access/v1/evaluation", body).status_code == 400


def test_a_decision_can_be_read_back_for_replay(world: World) -> None:
    """The ledger keeps the whole question and answer; the same rules answer the same."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    with reading(world.house.store) as transaction:
        (found,) = list(stored_decisions(transaction))
        entry = find_decision(transaction, found[0])
    assert entry["status"] == "allow"
    assert world.house.policy.answer(entry["request"]).decision is True
    rules = world.house.policy.bundle
    assert entry["policies"] == {"revisie": rules.release, "digest": rules.digest}


def test_the_start_is_an_entry(world: World) -> None:
    """Which federation file and which rules the gateway started with."""
    announce(world.house)
    with reading(world.house.store) as transaction:
        (leaf,) = list(stored_leaves(transaction))
    assert leaf.record is not None
    assert json.loads(leaf.record)["federatie"] == world.federatie.digest


def test_officers_replay_explain_and_try_changes(world: World, tmp_path: Path) -> None:
    """Replay agrees; a refusal is explained with its article; other rules show which decisions they would flip."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    refused = deliver(world, POLITIE, [riec_row(tokens(bsn="2"), status=Status.AFGESLOTEN)]).json()["besluit"]
    settings_file = ["--settings", str(world.layout.gateway / "gateway.toml")]
    replayed = CliRunner().invoke(app, ["replay", "--all", "--json", *settings_file])
    assert (replayed.exit_code, json.loads(replayed.output)) == (Exit.DONE, {"replayed": 2, "differing": []})
    explained = CliRunner().invoke(app, ["explain", refused, *settings_file])
    assert explained.exit_code == Exit.DONE
    assert "CASUS_GESLOTEN" in explained.output
    assert "grondslag" in explained.output
    other = tmp_path / "rules"
    shutil.copytree(world.settings.policy_dir, other)
    table = other / "schakel" / "tables" / "rows" / "data.json"
    table.write_text(table.read_text().replace('"politie"', '"om"'))
    tried = CliRunner().invoke(app, ["whatif", str(other), "--json", *settings_file])
    assert tried.exit_code == Exit.DONE, tried.output
    assert [flip["nu"] for flip in json.loads(tried.output)["flips"]] == [False]
    unknown = CliRunner().invoke(app, ["explain", refused[:-4] + "ffff", *settings_file])
    assert unknown.exit_code == Exit.BAD_INPUT


def test_a_decision_is_replayed_by_the_rules_that_made_it(world: World, tmp_path: Path) -> None:
    """The rules on disk moved on: replay finds the kept ones by digest, and says so when they are gone or changed."""
    deliver(world, POLITIE, [riec_row(tokens(bsn="1"))])
    other = tmp_path / "rules"
    shutil.copytree(world.settings.policy_dir, other)
    table = other / "schakel" / "tables" / "rows" / "data.json"
    table.write_text(table.read_text().replace('"politie"', '"om"'))
    path = world.layout.gateway / "gateway.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("policy_dir")]
    path.write_text("\n".join([f'policy_dir = "{other}"', *lines]))
    command = ["replay", "--all", "--json", "--settings", str(path)]
    replayed = CliRunner().invoke(app, command)
    assert (replayed.exit_code, json.loads(replayed.output)) == (Exit.DONE, {"replayed": 1, "differing": []})
    kept = world.settings.bundles / f"{world.house.policy.bundle.digest}.tar.gz"
    kept.write_bytes(bundle_archive(load_bundle(other), {}, None))
    assert CliRunner().invoke(app, command).exit_code == Exit.BAD_INPUT
    kept.unlink()
    assert CliRunner().invoke(app, command).exit_code == Exit.BAD_INPUT
