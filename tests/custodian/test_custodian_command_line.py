"""`schakel-custodian`: seeds, public keys, check, destruction and log verification from the outside."""

import json
import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from pseudonymizer.custodian.app import create_app, open_custodian
from pseudonymizer.custodian.cli import app
from pseudonymizer.custodian.refusals import Refusal, StartRefused
from tests.custodian.doors import ask, open_door, points
from tests.custodian.small_federation import NOW, SmallFederation, small_federation

RUNNER = CliRunner()


@pytest.fixture
def federation(tmp_path: Path) -> SmallFederation:
    return small_federation(tmp_path)


def _run(*arguments: object):
    return RUNNER.invoke(app, [str(argument) for argument in arguments])


def test_a_new_seed_is_32_secret_bytes(tmp_path: Path) -> None:
    """Mode 0600, 32 bytes, different each time."""
    for name in "ab":
        assert _run("new-seed", "--domain", "ZVH-RR", "--epoch", "2026-b", tmp_path / name).exit_code == 0
    one, two = (next((tmp_path / name).iterdir()) for name in "ab")
    assert one.stat().st_mode & 0o777 == 0o600
    assert len(one.read_bytes()) == 32
    assert one.read_bytes() != two.read_bytes()


def test_a_seed_is_never_replaced(tmp_path: Path) -> None:
    """A second new-seed is exit 2 and changes nothing."""
    arguments = ("new-seed", "--domain", "RIEC", "--epoch", "2026", tmp_path)
    assert _run(*arguments).exit_code == 0
    before = next(tmp_path.iterdir()).read_bytes()
    assert _run(*arguments).exit_code == 2
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]


@pytest.mark.parametrize(("domain", "epoch"), [("riec", "2026"), ("RIEC", "26"), ("RIEC", "2026-B"), ("../X", "2026")])
def test_a_name_outside_the_scheme_makes_no_seed(tmp_path: Path, domain: str, epoch: str) -> None:
    """Exit 2, nothing written."""
    assert _run("new-seed", "--domain", domain, "--epoch", epoch, tmp_path / "d").exit_code == 2
    assert not (tmp_path / "d").exists()


def test_public_keys_lists_every_class_of_every_seed(federation: SmallFederation) -> None:
    """They are the keys that the federation file pins."""
    result = _run("public-keys", federation.folder / "custodian1" / "seeds", "--json")
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    pinned = {item.k for item in federation.federation.sleutels if item.custodian == 1}
    assert {row["k"] for row in rows} == pinned
    assert len(rows) == 6


def test_public_keys_of_an_empty_folder_is_wrong_use(tmp_path: Path) -> None:
    """Exit 2."""
    assert _run("public-keys", tmp_path).exit_code == 2


def test_the_seed_is_not_printed(federation: SmallFederation) -> None:
    """Neither raw nor as hex."""
    folder = federation.folder / "custodian1" / "seeds"
    printed = _run("public-keys", folder).output
    assert all(path.read_bytes().hex() not in printed for path in folder.iterdir())


def _refuses_to_start(federation: SmallFederation, match: str) -> None:
    with pytest.raises(StartRefused, match=match):
        open_custodian(federation.settings(1), secrets.token_bytes, NOW)


def _seed(federation: SmallFederation) -> Path:
    return federation.folder / "custodian1" / "seeds" / "c1-RIEC-2026.seed"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o400, 0o700])
def test_it_does_not_start_on_a_seed_with_another_mode(federation: SmallFederation, mode: int) -> None:
    """Exactly 0600."""
    _seed(federation).chmod(mode)
    _refuses_to_start(federation, "mode")


@pytest.mark.parametrize("content", [b"", bytes(31), bytes(33), bytes(32), b"\xaa" * 32])
def test_it_does_not_start_on_a_weak_seed(federation: SmallFederation, content: bytes) -> None:
    """Not 32 bytes, or all bytes equal."""
    _seed(federation).write_bytes(content)
    _refuses_to_start(federation, "seed")


def test_it_does_not_start_on_a_seed_that_is_not_the_pinned_one(federation: SmallFederation) -> None:
    """The public key decides."""
    _seed(federation).write_bytes(secrets.token_bytes(32))
    _refuses_to_start(federation, "pins")


def test_it_does_not_start_without_a_seed(federation: SmallFederation) -> None:
    """A missing seed that was never destroyed is a fault."""
    _seed(federation).unlink()
    _refuses_to_start(federation, "c1-RIEC-2026.seed")


def test_it_does_not_start_on_a_link_to_a_seed(federation: SmallFederation) -> None:
    """Mode and content are those of the file itself."""
    target = _seed(federation).rename(federation.folder / "elsewhere")
    _seed(federation).symlink_to(target)
    _refuses_to_start(federation, "c1-RIEC-2026.seed")


def test_it_does_not_start_on_an_unsigned_change_of_the_federation(federation: SmallFederation) -> None:
    """A raised caseload breaks both owners' signatures."""
    path = federation.folder / "federation.json"
    path.write_text(path.read_text().replace('"caseload": 1000', '"caseload": 9000'))
    _refuses_to_start(federation, "owners")


@pytest.mark.parametrize(
    ("find", "replace", "match"),
    [
        ("number = 1", "number = 3", "number"),
        ('host = "127.0.0.1"', 'host = "0.0.0.0"', "loopback"),
        ("owners = [", 'extra = 1\nowners = ["', "TOML"),
        ("number = 1", "number = 1\nextra = 1", "extra"),
        ("number = 1", 'number = 1\ntls_key = "k.pem"', "together"),
    ],
)
def test_settings_that_are_wrong_are_exit_2(federation: SmallFederation, find: str, replace: str, match: str) -> None:
    """The message names the field."""
    path = federation.settings_file(1)
    path.write_text(path.read_text().replace(find, replace))
    result = _run("check", "--settings", path)
    assert result.exit_code == 2
    assert match in result.stderr


def _by_the_real_clock(federation: SmallFederation, *, over: bool) -> SmallFederation:
    """The same federation with windows around the clock that the command line reads, or before it."""
    now = datetime.now(UTC)
    end = now + timedelta(days=-1 if over else 30)
    window = {"van": now - timedelta(days=9), "tot": end - timedelta(days=1), "overlap_tot": end}
    keys = tuple(item.model_copy(update=window) for item in federation.federation.sleutels)
    return federation.with_content(sleutels=keys)


def test_an_open_epoch_is_destroyed_in_an_emergency_only(federation: SmallFederation) -> None:
    """Exit 2 without --emergency, and the seed stays."""
    federation = _by_the_real_clock(federation, over=False)
    arguments = ("destroy-epoch", "--domain", "RIEC", "--epoch", "2026", "--settings", federation.settings_file(1))
    assert _run(*arguments).exit_code == 2
    assert _seed(federation).exists()
    assert _run(*arguments, "--emergency").exit_code == 0
    assert not _seed(federation).exists()


def test_an_epoch_that_is_over_is_destroyed_and_logged(federation: SmallFederation) -> None:
    """Both steps stand in a log that verifies; a second call is safe."""
    federation = _by_the_real_clock(federation, over=True)
    settings = federation.settings_file(1)
    for _ in range(2):
        assert _run("destroy-epoch", "--domain", "RIEC", "--epoch", "2026", "--settings", settings).exit_code == 0
    assert not _seed(federation).exists()
    head = json.loads(_run("verify-log", "--settings", settings, "--json").stdout)
    assert head["seq"] == 4


def test_a_seed_is_not_made_where_a_file_stands(tmp_path: Path) -> None:
    """Exit 2 that says so, and the file stays as it was."""
    (tmp_path / "seeds").write_text("kept")
    result = _run("new-seed", tmp_path / "seeds", "--domain", "RIEC", "--epoch", "2026")
    assert result.exit_code == 2
    assert "not a folder" in result.output
    assert (tmp_path / "seeds").read_text() == "kept"


@pytest.mark.parametrize(("domain", "epoch"), [("RIEC", "2027"), ("MONITOR", "2026"), ("riec", "2026"), ("RIEC", "26")])
def test_an_epoch_that_never_was_is_not_destroyed(federation: SmallFederation, domain: str, epoch: str) -> None:
    """A typing error is exit 2 and leaves no entry: an epoch in the log as destroyed could never be served."""
    settings = federation.settings_file(1)
    arguments = ("destroy-epoch", "--domain", domain, "--epoch", epoch, "--emergency", "--settings", settings)
    assert _run(*arguments).exit_code == 2
    assert json.loads(_run("verify-log", "--settings", settings, "--json").stdout)["seq"] == 0
    assert _seed(federation).exists()


def test_the_destruction_of_a_seed_that_was_lost_is_logged(federation: SmallFederation) -> None:
    """Its epoch is pinned in the federation file, so the custodian may say that its keys are gone and serve on."""
    _seed(federation).unlink()
    settings = federation.settings_file(1)
    arguments = ("destroy-epoch", "--domain", "RIEC", "--epoch", "2026", "--emergency", "--settings", settings)
    assert "was gone already" in _run(*arguments).stdout
    assert open_custodian(federation.settings(1), secrets.token_bytes, NOW).keys.places()


def test_a_running_custodian_stops_at_destruction(federation: SmallFederation) -> None:
    """Keys in memory are of no use once the log says that the epoch is being destroyed."""
    custodian = open_custodian(federation.settings(1), secrets.token_bytes, NOW)
    door = TestClient(create_app(custodian, lambda: NOW))
    assert ask(door, federation, points()).status_code == 200
    settings = federation.settings_file(1)
    _run("destroy-epoch", "--domain", "RIEC", "--epoch", "2026", "--emergency", "--settings", settings)
    assert ask(door, federation, points(label="new")).json()["code"] == Refusal.EPOCH
    assert custodian.keys.key("RIEC", "2026", "id") is None
    assert custodian.keys.key("ZVH-RR", "2026", "id") is not None


def test_it_starts_without_a_seed_that_was_destroyed(federation: SmallFederation) -> None:
    """The other domain is served on."""
    settings = federation.settings_file(1)
    _run("destroy-epoch", "--domain", "RIEC", "--epoch", "2026", "--emergency", "--settings", settings)
    custodian = open_custodian(federation.settings(1), secrets.token_bytes, NOW)
    assert {place[0] for place in custodian.keys.places()} == {"ZVH-RR"}


def test_verify_log_finds_a_truncated_log_by_a_kept_head(federation: SmallFederation) -> None:
    """Exit 6 when the hash that was kept is not met."""
    door = open_door(federation)
    assert ask(door, federation, points()).status_code == 200
    settings = federation.settings_file(1)
    head = json.loads(_run("verify-log", "--settings", settings, "--json").stdout)
    assert _run("verify-log", "--settings", settings, "--head", f"{head['seq']}:{head['hash']}").exit_code == 0
    assert _run("verify-log", "--settings", settings, "--head", f"2:{head['hash']}").exit_code == 6
    assert _run("verify-log", "--settings", settings, "--head", f"1:{'0' * 64}").exit_code == 6


def test_verify_log_drops_none_of_the_heads_that_were_kept(federation: SmallFederation) -> None:
    """A wrong head beside the right one of the same entry, and a wrong head of the empty log, are exit 6."""
    assert ask(open_door(federation), federation, points()).status_code == 200
    settings = federation.settings_file(1)
    right = json.loads(_run("verify-log", "--settings", settings, "--json").stdout)["hash"]
    for wrong in (("--head", f"1:{'f' * 64}", "--head", f"1:{right}"), ("--head", f"0:{'f' * 64}")):
        assert _run("verify-log", "--settings", settings, *wrong).exit_code == 6
    kept = ("--head", f"0:{'0' * 64}", "--head", f"1:{right}", "--head", f"1:{right}")
    assert _run("verify-log", "--settings", settings, *kept).exit_code == 0


@pytest.mark.parametrize("head", ["1", "x:" + "0" * 64, "1:" + "0" * 63, "1:" + "g" * 64, "-1:" + "0" * 64])
def test_a_head_of_another_form_is_wrong_use(federation: SmallFederation, head: str) -> None:
    """Exit 2, and the log is not judged by it."""
    assert ask(open_door(federation), federation, points()).status_code == 200
    assert _run("verify-log", "--settings", federation.settings_file(1), "--head", head).exit_code == 2


def test_verify_log_says_what_was_debited_and_not_answered(federation: SmallFederation) -> None:
    """Whoever cuts the tail off and nobody kept its head leaves debits without an answer."""
    door, settings = open_door(federation), federation.settings_file(1)
    for label in "ab":
        assert ask(door, federation, points(16, label)).status_code == 200
    assert "not answered" not in _run("verify-log", "--settings", settings).stdout
    database = sqlite3.connect(federation.settings(1).store)
    database.executescript(
        "DROP TRIGGER log_no_delete; DELETE FROM log WHERE seq = 2; UPDATE debits SET seq = NULL WHERE seq = 2"
    )
    database.close()
    assert "16 elements were debited and not answered" in _run("verify-log", "--settings", settings).stdout


def test_check_says_what_would_be_served(federation: SmallFederation) -> None:
    """Exit 0 with the federation's digest; exit 6 with the reason when it would not start."""
    federation = _by_the_real_clock(federation, over=False)
    settings = federation.settings_file(1)
    assert federation.federation.digest in _run("check", "--settings", settings).stdout
    _seed(federation).chmod(0o644)
    result = _run("check", "--settings", settings)
    assert result.exit_code == 6
    assert "mode 0644" in result.stderr
