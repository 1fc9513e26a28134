"""The journey of a partner's IT officer, typed as he types it: invitation, keys, federation file, check, preview,
approval, send, status, verify; the gateway and both custodians are real processes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.contract.canonical import canonical_bytes
from connectors.contract.federation import sign_federation
from connectors.contract.invite import Aanmelding
from connectors.contract.signing import read_key_file
from deploy.demo.commands import Connector
from deploy.demo.federation import OWNERS, Layout, lay_out
from deploy.demo.processes import Running, free_ports, running
from tests.connectors.samples import write_mapping, write_source
from tests.gateway.gateway_world import POLITIE

POLICY = Path(__file__).resolve().parents[2] / "policies" / "opa"
BIN = Path(sys.executable).parent


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    gateway, *custodians = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    return lay_out(
        tmp_path / "federation",
        POLICY / "bron" / "parties.json",
        gateway,
        (custodians[0], custodians[1]),
        datetime.now(UTC),
        policy_dir=POLICY,
    )


@pytest.fixture
def federation(layout: Layout, tmp_path: Path) -> Iterator[Running]:
    with running(layout, tmp_path / "logs") as made:
        yield made


def invited(layout: Layout, folder: Path) -> Aanmelding:
    """The owners' invitation, and the public keys with which the partner answers."""
    oin, domein = POLITIE.split("/")
    options = ["--oin", oin, "--domein", domein, "--token-domein", "RIEC", "--epoch", "2026"]
    command = [str(BIN / "schakel-gateway"), "invite", *options, "--settings", str(layout.gateway / "gateway.toml")]
    invitation = subprocess.run(command, capture_output=True, check=True)
    folder.mkdir()
    (folder / "invite.json").write_bytes(invitation.stdout.strip())
    init = [str(BIN / "schakel-connector"), "init", str(folder / "invite.json"), "--dir", str(folder), "--json"]
    answer = subprocess.run(init, capture_output=True, check=True)
    return Aanmelding.model_validate_json(answer.stdout)


def admit(layout: Layout, keys: Aanmelding) -> bytes:
    """The owners put the keys in a new federation file, sign it, and every house gets it."""
    parties = tuple(
        party.model_copy(update={"sleutel": keys.sleutel, "hpke": keys.hpke}) if party.id == POLITIE else party
        for party in layout.federatie.partijen
    )
    content = layout.federatie.model_copy(update={"partijen": parties, "volgnummer": 2})
    owners = tuple(read_key_file(layout.root / "owners" / f"{oin}.key") for oin in OWNERS)
    signed = canonical_bytes(sign_federation(content, owners))
    layout.federation_file.write_bytes(signed)
    return signed


def test_a_partner_joins_and_delivers(federation: Running, layout: Layout, tmp_path: Path) -> None:
    """From an invitation to an acknowledged delivery that the partner verified himself."""
    folder = tmp_path / "new-partner"
    connector = Connector(folder)
    keys = invited(layout, folder)
    connector.run("status", expect=2)  # no federation file yet: it says so
    (folder / "federation.json").write_bytes(admit(layout, keys))
    for nr in (1, 2):
        federation.start_custodian(nr)
    federation.start_gateway()
    checked = connector.run("check").result
    assert {name: state for name, state in checked.items() if state != "ok"}.keys() <= {"policy"}
    source, mapping = write_source(tmp_path / "registraties.csv", 3), write_mapping(tmp_path / "registraties.toml")
    connector.run("send", source, "--mapping", mapping, expect=3)  # nobody approved
    sent = connector.deliver(source, mapping, "psn:functionaris").result
    assert sent["rows_acknowledged"] == 3
    status = connector.run("status").result
    assert (status["queued_batches"], status["acknowledged_rows"], status["approved"]) == (0, 3, 1)
    connector.run("verify")
    assert json.dumps(status).count("Canarina") == 0
