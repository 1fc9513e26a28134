"""A command loads what it needs: which modules stand in memory afterwards, never how long it took."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from connectors.cli import COMMANDS
from tests.connectors.peer import Peer, settings_of

RECOGNISERS = {"presidio_analyzer", "spacy"}
SOURCES = {"sqlalchemy", "openpyxl"}
IDENTITIES = {"numpy", "pyarrow", "rbcl", "phonenumbers", "stdnum", "anyascii"}
ROOT = Path(__file__).resolve().parents[2]
_RUN = """
import json, sys
from connectors.cli import app
for arguments in json.loads(sys.argv[1]):
    try:
        app(arguments, standalone_mode=False)
    except SystemExit as end:
        assert end.code in (0, None), end.code
print()
print(json.dumps(sorted(sys.modules)))
"""


def loaded(*calls: list[str]) -> set[str]:
    """The modules in memory after these calls of the command line, one process for all of them."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, json.dumps(calls)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_it_says_itself(name: str) -> None:
    """What `--help` says of a command is the first sentence of what the command says of itself."""
    place, about = COMMANDS[name]
    work = getattr(import_module(f"connectors.commands.{place}"), name.replace("-", "_"))
    assert about.rstrip(".") == work.__doc__.split(". ")[0].rstrip(".")


def test_the_list_of_commands_loads_no_command() -> None:
    """`--help` names the commands and loads neither wire, nor HTTP, nor cryptography."""
    found = loaded(["--help"])
    assert not found & (RECOGNISERS | SOURCES | IDENTITIES | {"pydantic", "httpx", "cryptography"})


def test_no_help_loads_the_recognisers_or_a_kind_of_source() -> None:
    """`--help` of whatever command waits for no Presidio, no workbook reader and no database."""
    assert not loaded(*([name, "--help"] for name in COMMANDS)) & (RECOGNISERS | SOURCES | {"pandas"})


def test_what_only_talks_to_the_gateway_loads_no_identities() -> None:
    """Commands without a source or a subject load nothing that reads, normalises or encodes one."""
    names = ("init", "check", "status", "lease", "verify", "withdraw", "leave")
    names += ("casus", "authorise", "approve-question", "validate", "hits", "scan", "profile")
    assert not loaded(*([name, "--help"] for name in names)) & IDENTITIES


def test_status_at_work_loads_no_identities(peer: Peer) -> None:
    """Reading the outbox needs SQLite and the party's keys, no more."""
    settings = str(peer.layout.partner(settings_of(peer).party) / "connector.toml")
    assert not loaded(["status", "--settings", settings]) & (RECOGNISERS | SOURCES | IDENTITIES)


def test_pseudonymize_at_work_loads_no_recognisers(source: Path, mapping: Path, tmp_path: Path) -> None:
    """Encoding a CSV file looks at no narrative, no workbook and no database."""
    call = ["pseudonymize", str(source), str(tmp_path / "o.parquet"), "--mapping", str(mapping), "--domain", "RIEC"]
    found = loaded([*call, "--local-custodians", str(tmp_path / "custodians"), "--workers", "1"])
    assert (tmp_path / "o.parquet").is_file()
    assert not found & (RECOGNISERS | SOURCES)


@pytest.mark.parametrize("text", ["", '{"id": 1, "text": "Bel 0612345678."}\n'])
def test_scan_at_work_loads_no_source(tmp_path: Path, text: str) -> None:
    """Texts come a line at a time from a file: no workbook, no database, no encoder."""
    (tmp_path / "in.jsonl").write_text(text, encoding="utf-8")
    found = loaded(["scan", str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl")])
    assert not found & (SOURCES | {"pandas", "pyarrow", "rbcl", "connectors.mapping"})
