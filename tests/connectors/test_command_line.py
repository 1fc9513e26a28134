"""The commands as scripts call them: exit codes, JSON, and errors that name places and never values."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.cli import COMMANDS, app
from connectors.contract.invite import Aanmelding, Uitnodiging
from connectors.keyring import Keyring
from connectors.settings import read_settings
from tests.connectors.peer import POLICE, Peer, settings_of
from tests.connectors.samples import MAPPING, row, write_mapping, write_source

INVITATION = {
    "oin": "0" * 20,
    "domein": "zorg",
    "eigenaren": ["A" * 43, "B" * 42 + "A"],
    "domeinen": ["ZVH-RR"],
    "epoch": "2026",
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def settings_path(peer: Peer) -> Path:
    return peer.layout.partner(settings_of(peer).party) / "connector.toml"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    """Every command explains itself."""
    done = run(name, "--help")
    assert done.exit_code == 0
    assert "Usage" in done.output


def test_an_unknown_command_is_wrong_use() -> None:
    """A typing error is exit 2."""
    assert run("sned").exit_code == 2


def test_missing_settings_are_bad_input(tmp_path: Path) -> None:
    """Without settings there is nothing to open, and the message says what to do."""
    done = run("status", "--settings", tmp_path / "none.toml")
    assert done.exit_code == 2
    assert "init" in done.output


def test_preview_prints_the_receipt_as_json(peer: Peer, source: Path, mapping: Path, tmp_path: Path) -> None:
    """One object: counts that add up to all cells, and no value of the source."""
    out = tmp_path / "receipt.json"
    arguments = ("preview", source, "--mapping", mapping, "--out", out, "--json", "--settings", settings_path(peer))
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    receipt = json.loads(done.stdout)
    assert all(column["gevuld"] + column["leeg"] == receipt["rijen"] == 6 for column in receipt["kolommen"])
    assert receipt["verhalen"]["verzonden_bytes"] == 0
    assert receipt["verhalen"]["aantal"] == 6
    assert not any(cell in done.stdout + out.read_text() for cell in row(1)[:9] if len(cell) > 4)


def test_send_without_approval_is_refused(peer: Peer, source: Path, mapping: Path) -> None:
    """No approval, no send: exit 3."""
    done = run("send", source, "--mapping", mapping, "--settings", settings_path(peer))
    assert done.exit_code == 3
    assert "no approval, no send" in done.output


def test_send_with_the_gateway_away_is_exit_5(peer: Peer, source: Path, mapping: Path, tmp_path: Path) -> None:
    """An approved source and nobody there: exit 5, and a repeat is safe."""
    settings, out = settings_path(peer), tmp_path / "receipt.json"
    assert run("preview", source, "--mapping", mapping, "--out", out, "--settings", settings).exit_code == 0
    assert run("approve", out, "--name", "Invented Officer", "--settings", settings).exit_code == 0
    assert run("send", source, "--mapping", mapping, "--settings", settings).exit_code == 5


def test_a_changed_receipt_is_exit_6(peer: Peer, source: Path, mapping: Path, tmp_path: Path) -> None:
    """A receipt file that was edited does not verify."""
    settings, out = settings_path(peer), tmp_path / "receipt.json"
    run("preview", source, "--mapping", mapping, "--out", out, "--settings", settings)
    out.write_text(out.read_text().replace('"vertrekt": 6', '"vertrekt": 5'))
    assert run("approve", out, "--settings", settings).exit_code == 6


def test_a_key_file_that_others_can_read_is_exit_6(peer: Peer) -> None:
    """Rather not start than run weak."""
    (settings_of(peer).keys / "party.key").chmod(0o644)
    done = run("status", "--settings", settings_path(peer))
    assert done.exit_code == 6
    assert "0600" in done.output


def test_another_federation_file_is_exit_6(peer: Peer) -> None:
    """A federation file that the pinned owners did not sign is not believed."""
    raw = peer.layout.federation_file.read_text()
    peer.layout.federation_file.write_text(raw.replace('"volgnummer":1', '"volgnummer":2'))
    assert run("status", "--settings", settings_path(peer)).exit_code == 6


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (("bewaren_tot = 2099-05-14\n", ""), "bewaren_tot"),
        (('case_ref = "nr"\n', ""), "nr"),
        (("facilitator = ", "helper = "), "soort"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_named(
    peer: Peer, source: Path, mapping: Path, change: tuple[str, str], column: str
) -> None:
    """A field, a column or a code that is missing: exit 2 with its name."""
    write_mapping(mapping, MAPPING.replace(*change))
    done = run("preview", source, "--mapping", mapping, "--settings", settings_path(peer))
    assert done.exit_code == 2
    assert column in done.output


def test_the_tripwire_is_exit_4(peer: Peer, tmp_path: Path, mapping: Path) -> None:
    """A reference column that holds a telephone number: the preview stops, naming row and field."""
    text = MAPPING.replace('"RIEC"', '"ZVH-RR"').replace('"ondermijning"', '"zorg_straf"')
    text = text.replace('case_ref = "nr"', 'bewijs_ref = "nr"')
    text += 'beroepsgeheim = false\ndoorbrekingsgrond = "geen"\n'
    write_mapping(mapping, text)
    number = row(1)[7].rjust(22, "0")
    source = write_source(tmp_path / "a.csv", [[number, *row(1)[1:]]])
    done = run("preview", source, "--mapping", mapping, "--settings", settings_path(peer))
    assert done.exit_code == 4, done.output
    assert "bewijs_ref" in done.output
    assert number not in done.output


def test_init_makes_keys_and_settings(tmp_path: Path) -> None:
    """An invitation gives settings that can be read, keys with mode 0600, and public keys to hand in."""
    invitation = Uitnodiging.model_validate_json(json.dumps(INVITATION))
    invite = tmp_path / "invite.json"
    invite.write_text(invitation.model_dump_json(), encoding="utf-8")
    done = run("init", invite, "--dir", tmp_path / "house", "--json")
    assert done.exit_code == 0, done.output
    settings = read_settings(tmp_path / "house" / "connector.toml")
    answer = Aanmelding.model_validate_json(done.stdout)
    assert settings.party == "0" * 20 + "/zorg"
    assert answer.sleutel == Keyring(settings.keys).signing_key().public
    assert all(path.stat().st_mode & 0o077 == 0 for path in settings.keys.iterdir())


def test_init_never_replaces_a_house(tmp_path: Path) -> None:
    """A second init on the same folder is refused and changes nothing."""
    (tmp_path / "connector.toml").write_text("kept")
    invite = tmp_path / "invite.json"
    invite.write_text(json.dumps(INVITATION))
    assert run("init", invite, "--dir", tmp_path).exit_code == 2
    assert (tmp_path / "connector.toml").read_text() == "kept"


def test_scan_keeps_lines_and_order(tmp_path: Path) -> None:
    """One line out per line in; spans hold places and labels, never the text."""
    texts = [{"id": f"t{n}", "text": f"Bel 06{12_345_670 + n}.", "known": []} for n in range(3)]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    done = run("scan", tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert done.exit_code == 0, done.output
    found = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in found] == ["t0", "t1", "t2"]
    assert all(line["spans"][0]["label"] == "PHONE" for line in found)


def test_scan_of_a_broken_line_leaves_no_output(tmp_path: Path) -> None:
    """A line that is not an object names its number, and nothing is written."""
    (tmp_path / "in.jsonl").write_text('{"id": "a", "text": "x"}\nCanarina\n', encoding="utf-8")
    done = run("scan", tmp_path / "in.jsonl", tmp_path / "out.jsonl")
    assert done.exit_code == 2
    assert "line 2" in done.output
    assert "Canarina" not in done.output
    assert not (tmp_path / "out.jsonl").exists()


def test_profile_says_what_columns_hold(source: Path) -> None:
    """Each column with its kind; no value."""
    done = run("profile", source, "--json")
    assert done.exit_code == 0, done.output
    kinds = {line["column"]: line["kind"] for line in map(json.loads, done.stdout.splitlines())}
    assert kinds["tel"] == "identifying"
    assert row(1)[7] not in done.output


def test_withdraw_needs_a_record_or_all(peer: Peer) -> None:
    """Neither or both is wrong use."""
    settings = settings_path(peer)
    assert run("withdraw", "--settings", settings).exit_code == 2
    assert run("withdraw", "x", "--all", "--settings", settings).exit_code == 2


def test_status_counts_what_is_there(peer: Peer) -> None:
    """A fresh outbox is empty, and says so in JSON."""
    done = run("status", "--json", "--settings", settings_path(peer))
    assert json.loads(done.stdout) | {"party": POLICE, "records": 0, "left": False} == json.loads(done.stdout)


def test_a_subject_without_traits_is_refused(peer: Peer, tmp_path: Path) -> None:
    """A question about nobody is bad input, and nothing is asked."""
    subject = tmp_path / "s.toml"
    subject.write_text(
        'categorie = "verdachte_dader"\nminderjarig = false\ndubbelrol = false\nbijzonder = false\n'
        "noodzaak_bescherming = false\n"
    )
    doel = "aanpak_georganiseerde_criminaliteit"
    arguments = ("ask", subject, "--casus", "C-1", "--doel", doel, "--as", "psn:a", "--settings", settings_path(peer))
    assert run(*arguments).exit_code == 2


def test_ask_takes_the_arguments_of_the_interface_page(peer: Peer, tmp_path: Path) -> None:
    """`ask SUBJECT.toml --casus C --doel D` and no more: it gets as far as the gateway, which is away here."""
    subject = tmp_path / "s.toml"
    subject.write_text(
        'categorie = "verdachte_dader"\nminderjarig = false\ndubbelrol = false\nbijzonder = false\n'
        'noodzaak_bescherming = false\n[traits]\ntelefoon = "0612345678"\n'
    )
    doel = "aanpak_georganiseerde_criminaliteit"
    done = run("ask", subject, "--casus", "C-1", "--doel", doel, "--settings", settings_path(peer))
    assert done.exit_code == 5, done.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_prints_json_when_asked(name: str) -> None:
    """`--json` is there for scripts, whatever the command."""
    assert "--json" in run(name, "--help").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("spot-draw", "2026-Q5"), "a quarter is written YYYY-Qn"),
        (("hits", "../ledger/checkpoint"), "a question's id is not one"),
        (("validate", "x", "bevestigd", "--as", "psn:a"), "a question's id is not one"),
    ],
)
def test_what_is_no_id_never_reaches_the_gateway(peer: Peer, arguments: tuple[str, ...], said: str) -> None:
    """Wrong use is exit 2, also when the gateway is away: a part of an address is never made of what is no id."""
    done = run(*arguments, "--settings", settings_path(peer))
    assert done.exit_code == 2, done.output
    assert said in done.output


def test_an_empty_name_is_not_the_accounts(peer: Peer, source: Path, mapping: Path, tmp_path: Path) -> None:
    """`--name ""` names nobody; the account's name is for who gives none."""
    settings, out = settings_path(peer), tmp_path / "receipt.json"
    assert run("preview", source, "--mapping", mapping, "--out", out, "--settings", settings).exit_code == 0
    assert run("approve", out, "--name", "", "--settings", settings).exit_code == 2


def test_init_in_what_is_no_folder_is_bad_input(tmp_path: Path) -> None:
    """A file where the house would stand: exit 2, and no key is made."""
    (tmp_path / "house").write_text("kept")
    (tmp_path / "invite.json").write_text(json.dumps(INVITATION))
    done = run("init", tmp_path / "invite.json", "--dir", tmp_path / "house")
    assert done.exit_code == 2
    assert "house: the folder cannot be made" in done.output
