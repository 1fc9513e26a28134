"""What a command reads it never writes over, by whatever path it is named; what cannot be a file is said at once."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from connectors.cli import app
from connectors.sources.opening import file_of
from tests.connectors.peer import Peer, settings_of
from tests.connectors.samples import row

LINE = json.dumps({"id": 1, "text": "Bel 0612345678."}) + "\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def same(path: Path) -> Path:
    return path


def through_a_parent(path: Path) -> Path:
    return path.parent / "." / ".." / path.parent.name / path.name


def through_a_symbolic_link(path: Path) -> Path:
    link = path.with_name("symbolic.out")
    link.symlink_to(path)
    return link


def through_a_hard_link(path: Path) -> Path:
    link = path.with_name("hard.out")
    os.link(path, link)
    return link


OTHER_NAMES = (same, through_a_parent, through_a_symbolic_link, through_a_hard_link)


def refused(done: Result, name: str, untouched: Path, before: bytes) -> None:
    assert done.exit_code == 2, done.output
    assert f"{name}: is read by this command" in done.output
    assert untouched.read_bytes() == before
    assert not list(untouched.parent.glob(".*.part"))


@pytest.mark.parametrize("named", OTHER_NAMES)
def test_scan_never_writes_over_its_texts(tmp_path: Path, named: Callable[[Path], Path]) -> None:
    """`scan X X`, whatever X is called the second time: exit 2, and the texts are still there."""
    texts = tmp_path / "in.jsonl"
    texts.write_text(LINE, encoding="utf-8")
    out = named(texts)
    refused(run("scan", texts, out), out.name, texts, LINE.encode())


def test_scan_never_writes_over_what_its_input_points_to(tmp_path: Path) -> None:
    """The input may be the link, too."""
    texts = tmp_path / "in.jsonl"
    texts.write_text(LINE, encoding="utf-8")
    refused(run("scan", through_a_symbolic_link(texts), texts), texts.name, texts, LINE.encode())


@pytest.mark.parametrize("named", OTHER_NAMES)
@pytest.mark.parametrize("which", ["source", "mapping", "seed"])
def test_pseudonymize_never_writes_over_an_input(
    source: Path, mapping: Path, tmp_path: Path, which: str, named: Callable[[Path], Path]
) -> None:
    """Not over the source, the mapping, nor a seed of the local custodians."""
    custodians = tmp_path / "custodians"
    call = ("--mapping", mapping, "--domain", "RIEC", "--local-custodians", custodians, "--workers", 1)
    assert run("pseudonymize", source, tmp_path / "first.parquet", *call).exit_code == 0
    read = {"source": source, "mapping": mapping, "seed": min(custodians.iterdir())}[which]
    before, out = read.read_bytes(), named(read)
    refused(run("pseudonymize", source, out, *call), out.name, read, before)


@pytest.mark.parametrize("which", ["source", "mapping", "settings", "outbox", "federation", "party.key"])
def test_preview_never_writes_its_receipt_over_the_house(peer: Peer, source: Path, mapping: Path, which: str) -> None:
    """Not over the source, the mapping, nor any file of the settings: an outbox would be lost."""
    house = settings_of(peer)
    settings = peer.layout.partner(house.party) / "connector.toml"
    assert run("status", "--settings", settings).exit_code == 0  # makes the outbox
    places = {"source": source, "mapping": mapping, "settings": settings, "outbox": house.outbox}
    places |= {"federation": house.federation, "party.key": house.keys / "party.key"}
    before = places[which].read_bytes()
    done = run("preview", source, "--mapping", mapping, "--out", places[which], "--settings", settings)
    refused(done, places[which].name, places[which], before)


def test_a_database_file_is_an_input_under_its_address_too(tmp_path: Path) -> None:
    """`sqlite:///path` names the file as the bare path does; an address on a server names none."""
    assert file_of(f"sqlite:///{tmp_path}/a.db?mode=ro") == tmp_path / "a.db"
    assert file_of(f"sqlite+pysqlite:///{tmp_path}/a.db") == tmp_path / "a.db"
    assert file_of(f"sqlite:///file:{tmp_path}/a.db?uri=true") == tmp_path / "a.db"
    assert file_of(str(tmp_path / "a.db")) == tmp_path / "a.db"
    assert file_of("postgresql://user@server/register") is None


@pytest.mark.parametrize(
    ("out", "said"),
    [
        (".", ".: is a folder; name the file"),
        ("..", "..: is a folder; name the file"),
        ("folder", "folder: is a folder; name the file"),
        ("none/out.jsonl", "out.jsonl: cannot be written: the folder it would stand in does not exist"),
        ("pipe", "pipe: exists and is no file"),
        ("x" * 300, "cannot be written (File name too long)"),
    ],
)
def test_what_cannot_be_a_file_is_said_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, said: str
) -> None:
    """A folder, a device or a place that does not exist: exit 2, in words of its own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.jsonl").write_text(LINE, encoding="utf-8")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    done = run("scan", "in.jsonl", out)
    assert done.exit_code == 2
    assert said in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "in.jsonl", "pipe"]


def test_a_result_is_written_again(tmp_path: Path) -> None:
    """An earlier result is no input: it is replaced."""
    (tmp_path / "in.jsonl").write_text(LINE, encoding="utf-8")
    (tmp_path / "out.jsonl").write_text("earlier")
    assert run("scan", tmp_path / "in.jsonl", tmp_path / "out.jsonl").exit_code == 0
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["id"] == 1


def test_a_refused_preview_says_no_value(peer: Peer, source: Path, mapping: Path) -> None:
    """The refusal names the file, never what stands in it."""
    settings = peer.layout.partner(settings_of(peer).party) / "connector.toml"
    done = run("preview", source, "--mapping", mapping, "--out", source, "--settings", settings)
    assert not any(cell in done.output for cell in row(1) if len(cell) > 4)
