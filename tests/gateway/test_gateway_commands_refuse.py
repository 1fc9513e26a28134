"""Bad input to the gateway's commands: the place and what to do, never the value, the interface's exit codes, and no
traceback."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner, Result

from connectors.contract.exits import Exit
from gateway.app import start_checks
from gateway.cli import COMMANDS, RULES, app, bundle
from gateway.ledger.append import current_head
from gateway.operating import REMEDIES
from gateway.settings import read_settings
from gateway.store import reading
from tests.gateway.gateway_world import World, make_layout, open_casus, put_question, tokens
from tests.gateway.thinking import no_owner_stands

DECISION = "6f1d3f0e-7d43-4e2a-9c3b-1f0a5b1c2d3e"
READERS = (["verify-ledger"], ["replay", "--all"], ["explain", DECISION], ["release", "list"], ["retain"], ["check"])
SECRET = "s3cret-999990019"


def run(folder: Path, *words: str) -> Result:
    """A command with the settings of a folder."""
    return CliRunner().invoke(app, [*words, "--settings", str(folder / "gateway.toml")])


def refused(done: Result, code: Exit, *said: str) -> None:
    """It ended with this code, said so much, and nothing of a value or of our insides."""
    assert done.exit_code == code, done.output
    for words in said:
        assert words in done.output
    assert SECRET not in done.output
    assert "Traceback" not in done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)


def change(folder: Path, name: str, value: str) -> None:
    """Another value of one setting."""
    path = folder / "gateway.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith(f"{name} ")]
    path.write_text("\n".join([f"{name} = {value}", *lines]) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The gateway's folder of a fresh federation; there is no database yet."""
    return make_layout(tmp_path / "f").gateway


@pytest.mark.parametrize("words", READERS, ids=lambda words: words[0])
def test_a_database_that_was_never_migrated(folder: Path, words: list[str]) -> None:
    """The message names the command that helps."""
    refused(run(folder, *words), Exit.UNAVAILABLE, "schakel-gateway migrate")


@pytest.mark.parametrize(
    "url", [f"mysql://u:{SECRET}@h/d", f"postgresql+psycopg://u:{SECRET}@h:port/d", "nonsense", f"sqlite:{SECRET}"]
)
def test_an_address_that_is_no_database(folder: Path, url: str) -> None:
    """The key of the settings and the two forms there are; the address may hold a password."""
    change(folder, "database", f'"{url}"')
    refused(run(folder, "migrate"), Exit.BAD_INPUT, "database: write sqlite:///FILE or postgresql+psycopg://")


def test_a_folder_that_is_not_there(folder: Path) -> None:
    """Exit 5: nothing was lost."""
    change(folder, "database", '"sqlite:///away/gateway.sqlite"')
    refused(run(folder, "migrate"), Exit.UNAVAILABLE, "folder")
    refused(run(folder, "verify-ledger"), Exit.UNAVAILABLE, "database")


def test_a_server_that_is_away(folder: Path, tmp_path: Path) -> None:
    """PostgreSQL does not answer: exit 5, and no password."""
    change(folder, "database", f'"postgresql+psycopg://u:{SECRET}@/d?host={tmp_path}"')
    for words in (["migrate"], ["verify-ledger"]):
        refused(run(folder, *words), Exit.UNAVAILABLE, "try again")


def test_a_file_that_is_no_database(folder: Path) -> None:
    """A file of something else."""
    (folder / "gateway.sqlite").write_text(SECRET * 1000)
    refused(run(folder, "migrate"), Exit.UNAVAILABLE, "database")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe", "not TOML in UTF-8"),
        (b"owners = [", "not TOML in UTF-8"),
        (f'federation = "{SECRET}"'.encode(), "gateway.toml: owners"),
    ],
)
def test_settings_that_cannot_be_read(folder: Path, content: bytes, said: str) -> None:
    """The file and the key."""
    (folder / "gateway.toml").write_bytes(content)
    refused(run(folder, "check"), Exit.BAD_INPUT, said)


def test_no_settings_at_all(tmp_path: Path) -> None:
    """The file's name."""
    refused(run(tmp_path, "serve"), Exit.BAD_INPUT, "gateway.toml: cannot be read")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-10])


@pytest.mark.parametrize("spoil", [Path.unlink, _cut], ids=["gone", "cut"])
def test_a_federation_file_that_is_not_right(folder: Path, spoil: Callable[[Path], None]) -> None:
    """Named by file."""
    spoil(read_settings(folder / "gateway.toml", {}).federation)
    refused(run(folder, "check"), Exit.BAD_INPUT, "federation.json")


@pytest.mark.parametrize("words", [["replay"], ["replay", DECISION, "--all"]], ids=["neither", "both"])
def test_replay_wants_one_or_all(folder: Path, words: list[str]) -> None:
    """Said before anything is opened."""
    refused(run(folder, *words), Exit.BAD_INPUT, "--all")


@pytest.mark.parametrize("words", [["replay", SECRET], ["explain", SECRET]], ids=lambda words: words[0])
def test_a_decision_that_is_not_there(world: World, words: list[str]) -> None:
    """What was typed is not repeated."""
    refused(run(world.layout.gateway, *words), Exit.BAD_INPUT, "no decision by that id")


def test_rules_that_are_not_there(world: World, tmp_path: Path) -> None:
    """`whatif` names the folder."""
    refused(run(world.layout.gateway, "whatif", str(tmp_path / "none")), Exit.BAD_INPUT, "none")


def test_an_invitation_for_nobody(folder: Path) -> None:
    """What an OIN and an epoch are."""
    words = ["invite", "--oin", SECRET, "--domein", "zorg", "--token-domein", "RIEC", "--epoch", "2026"]
    refused(run(folder, *words), Exit.BAD_INPUT, "20 digits")


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"cases": [1]}', b"\xff", b'{"cases": ' + b"[" * 100_000],
    ids=["cut", "list", "number", "utf-16", "deep"],
)
def test_cases_that_are_none(tmp_path: Path, content: bytes) -> None:
    """`decide` names the file; it never allows."""
    path = tmp_path / "cases.json"
    path.write_bytes(content)
    done = CliRunner().invoke(app, ["decide", str(path)])
    refused(done, Exit.BAD_INPUT, "cases.json")
    assert '"decision": true' not in done.output


def test_an_unknown_command() -> None:
    """Exit 2."""
    assert CliRunner().invoke(app, ["serve-all"]).exit_code == 2


@pytest.mark.parametrize(("group", "table"), [("house", COMMANDS), ("rules", RULES)])
def test_help_says_what_there_is(group: str, table: Mapping[str, tuple[str, str]]) -> None:
    """Every command of the table is in its module, and its line in `--help` names what it does."""
    made: Any = typer.main.get_command({"house": app, "rules": bundle}[group])
    listed = CliRunner().invoke(app, ["--help"] if group == "house" else ["bundle", "--help"])
    assert listed.exit_code == 0
    for name, (_, about) in table.items():
        assert name in listed.output
        assert about.split()[0] in listed.output
        assert made.get_command(None, name) is not None


def test_help_loads_no_house() -> None:
    """Nobody waits for the database's library, the engines and the web to read what there is."""
    heavy = "{'sqlalchemy', 'fastapi', 'duckdb', 'pandas', 'scipy', 'requests', 'regorus'}"
    script = (
        f"import sys, gateway.cli as c; c.app(['--help'], standalone_mode=False); print({heavy} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("set()")


@pytest.mark.parametrize(
    ("module", "not_needed"),
    [
        ("gateway.commands", {"fastapi", "duckdb", "pandas", "scipy", "requests", "regorus", "uvicorn"}),
        ("gateway.decisions", {"fastapi", "duckdb", "pandas", "scipy", "requests", "uvicorn"}),
        ("gateway.matching.commands", {"fastapi", "sqlalchemy", "requests", "regorus", "uvicorn"}),
        ("gateway.policy.commands", {"fastapi", "sqlalchemy", "duckdb", "pandas", "scipy", "uvicorn", "requests"}),
    ],
)
def test_a_command_loads_what_it_needs(module: str, not_needed: set[str]) -> None:
    """Only the commands of the operator load the whole house."""
    script = f"import sys, {module}; print(sorted({not_needed!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_check_says_what_to_do(world: World) -> None:
    """An operator who reads `NO` reads the remedy beside it."""
    assert start_checks(world.house).keys() == REMEDIES.keys()


def test_a_check_that_fails_names_its_remedy(world: World) -> None:
    """No owner stands behind the rules: `check` says so and what helps, and so does a start that is refused."""
    no_owner_stands(world)
    folder = world.layout.gateway
    refused(run(folder, "check"), Exit.BAD_INPUT, "ok  schema", "NO  owners: fewer than two", "bundle activate")
    refused(run(folder, "serve"), Exit.BAD_INPUT, "owners: fewer than two", "bundle activate")


def test_a_folder_of_limits_that_is_gone_is_named(world: World) -> None:
    """By `check` and by a start that is refused."""
    open_casus(world)
    assert put_question(world, tokens(bsn="a")).status_code == 200
    shutil.rmtree(world.settings.limits)
    for command in ("check", "serve"):
        refused(run(world.layout.gateway, command), Exit.BAD_INPUT, "limits: the folder")


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", None), ("192.0.2.1", 8400)], ids=["taken", "not ours"])
def test_an_address_that_cannot_be_listened_on(world: World, host: str, port: int | None) -> None:
    """Another process has the port, or the machine has no such address (RFC 5737): exit 2, and no start is entered."""
    folder = world.layout.gateway
    with reading(world.house.store) as transaction:
        before = current_head(transaction)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        change(folder, "host", f'"{host}"')
        change(folder, "port", str(port or taken.getsockname()[1]))
        refused(run(folder, "serve"), Exit.BAD_INPUT, "host, port: cannot be listened on")
    with reading(world.house.store) as transaction:
        assert current_head(transaction) == before
