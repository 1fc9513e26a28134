"""`schakel-gateway link` on real link files: formats, exit codes, and quality on people nobody fitted on."""

import csv
import json
import os
import resource
import secrets
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from connectors.contract.linkfile import LinkFileHeader, arrow_schema
from connectors.link_rows import record_batch
from connectors.tokenise import prepare, tokenise
from deploy.linkage.generate import LIGHT, two_files
from deploy.linkage.standin import HEADER, evaluate, write_link_file
from gateway.cli import app
from pseudonymizer.identity import RawIdentity

ANA = RawIdentity(
    voornaam="Ana", achternaam="Popescu", geboortedatum="1994-03-12", nationaliteit="ROU", telefoon="0612345678"
)
BEA = RawIdentity(voornaam="Beatriz", achternaam="Moraes", geboortedatum="1990-11-02", nationaliteit="BRA")
BARE = RawIdentity(bsn="950000012")


def _rows_of(people: list[RawIdentity], random: Callable[[int], bytes] = secrets.token_bytes) -> pa.RecordBatch:
    prepared = [prepare(person, bsn=True, composite=True) for person in people]
    return record_batch(0, tokenise(prepared, evaluate, random))


def _write(
    path: Path,
    people: list[RawIdentity],
    header: LinkFileHeader = HEADER,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    with pq.ParquetWriter(path, arrow_schema(header)) as writer:
        writer.write_batch(_rows_of(people, random))
    return str(path)


def _zones_of(folder: Path, one: RawIdentity, other: RawIdentity) -> list[str]:
    """Zones of two people. Their fillers are drawn from a fixed seed: one in 256 happens to look like a trait."""
    draw = Random(8).randbytes
    left, right = (_write(folder / f"{name}.parquet", [raw], random=draw) for name, raw in (("l", one), ("r", other)))
    assert _link(left, right, str(folder / "out.csv"))[0] == 0
    return [row["zone"] for row in _rows(folder / "out.csv")]


def _link(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["link", *arguments])
    return result.exit_code, result.output


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_two_files_give_scored_pairs(tmp_path: Path) -> None:
    """Header, zero-based rows and zone, as interface.md says; the typing error does not matter."""
    left = _write(tmp_path / "l.parquet", [BEA, ANA])
    right = _write(
        tmp_path / "r.parquet", [replace(ANA, achternaam="Popesku"), RawIdentity(voornaam="Wei", achternaam="Li")]
    )
    code, _ = _link(left, right, str(tmp_path / "out.csv"))
    found = _rows(tmp_path / "out.csv")
    assert code == 0
    assert list(found[0]) == ["left_row", "right_row", "score", "zone"]
    assert (found[0]["left_row"], found[0]["right_row"], found[0]["zone"]) == ("1", "0", "match")
    assert len({(row["left_row"], row["right_row"]) for row in found}) == len(found)


def test_a_strong_identifier_alone_is_a_match(tmp_path: Path) -> None:
    """A record that holds nothing but a BSN meets the same BSN."""
    left, right = (
        _write(tmp_path / "l.parquet", [BARE]),
        _write(tmp_path / "r.parquet", [replace(ANA, bsn="950000012")]),
    )
    assert _link(left, right, str(tmp_path / "out.csv"))[0] == 0
    assert [row["zone"] for row in _rows(tmp_path / "out.csv")] == ["match"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RawIdentity(document="AB123456"), RawIdentity(document="AB123456")),
        (RawIdentity(document="AB123456"), replace(ANA, document="AB123456")),
        (RawIdentity(document="AB123456", geslacht="v"), RawIdentity(document="AB123456", geslacht="v")),
        (
            RawIdentity(document="AB123456", geboortedatum="1994"),
            RawIdentity(document="AB123456", geboortedatum="1994"),
        ),
        (replace(BARE, telefoon="0612345678"), replace(BARE, telefoon="0612345678")),
        (replace(BARE, telefoon="0612345678"), replace(ANA, bsn="950000012")),
    ],
)
def test_a_strong_identifier_without_names_beside_it_is_a_match(
    tmp_path: Path, one: RawIdentity, other: RawIdentity
) -> None:
    """A document or a phone makes a block as well; that says no less than the number alone."""
    assert _zones_of(tmp_path, one, other) == ["match"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (RawIdentity(geboortedatum="1994"), RawIdentity(geboortedatum="1961")),
        (ANA, RawIdentity(voornaam="Wei", achternaam="Li", geboortedatum="1961-05-09", nationaliteit="CHN")),
    ],
)
def test_a_document_of_which_the_rest_disagrees_is_for_review(
    tmp_path: Path, one: RawIdentity, other: RawIdentity
) -> None:
    """Somebody else's passport or a typing error in one: never dropped, never sure."""
    assert _zones_of(tmp_path, replace(one, document="AB123456"), replace(other, document="AB123456")) == ["possible"]


def test_a_strong_identifier_against_everything_else_is_for_review(tmp_path: Path) -> None:
    """One BSN under two unlike people is a mistake somewhere: a person looks at it."""
    left = _write(tmp_path / "l.parquet", [replace(BEA, bsn="950000012")])
    right = _write(tmp_path / "r.parquet", [replace(ANA, bsn="950000012")])
    assert _link(left, right, str(tmp_path / "out.csv"))[0] == 0
    assert [row["zone"] for row in _rows(tmp_path / "out.csv")] == ["possible"]


def test_more_files_give_clusters(tmp_path: Path) -> None:
    """Three partners that know Ana: three pairs, one cluster."""
    files = [_write(tmp_path / f"{name}.parquet", [BEA, ANA] if name == "a" else [ANA]) for name in "abc"]
    assert _link(*files, str(tmp_path / "out.csv"))[0] == 0
    found = _rows(tmp_path / "out.csv")
    assert list(found[0]) == ["file_a", "row_a", "file_b", "row_b", "score", "zone", "cluster"]
    assert [(row["row_a"], row["row_b"]) for row in found if row["zone"] == "match"] == [
        ("1", "0"),
        ("1", "0"),
        ("0", "0"),
    ]
    assert {row["cluster"] for row in found if row["zone"] == "match"} == {"0"}


def test_empty_files_give_an_empty_answer(tmp_path: Path) -> None:
    """No rows is no error."""
    files = [_write(tmp_path / f"{name}.parquet", []) for name in "ab"]
    assert _link(*files, str(tmp_path / "out.csv"))[0] == 0
    assert (tmp_path / "out.csv").read_text(encoding="utf-8") == "left_row,right_row,score,zone\n"


def test_people_without_a_usable_trait_meet_nobody(tmp_path: Path) -> None:
    """No token, no pair."""
    files = [_write(tmp_path / f"{name}.parquet", [RawIdentity(), RawIdentity(bsn="onbekend")]) for name in "ab"]
    assert _link(*files, str(tmp_path / "out.csv"))[0] == 0
    assert _rows(tmp_path / "out.csv") == []


@pytest.mark.parametrize("name", ["domain", "epoch", "norm", "keys"])
def test_files_under_other_keys_or_rules_are_refused(tmp_path: Path, name: str) -> None:
    """Tokens that cannot be equal would silently find nobody."""
    left = _write(tmp_path / "l.parquet", [ANA])
    right = _write(tmp_path / "r.parquet", [ANA], replace(HEADER, **{name: "9"}))
    code, said = _link(left, right, str(tmp_path / "out.csv"))
    assert code == 2
    assert name in said
    assert not (tmp_path / "out.csv").exists()


def test_an_encoder_without_weights_is_refused(tmp_path: Path) -> None:
    """Weights belong to one encoder."""
    files = [_write(tmp_path / f"{name}.parquet", [ANA], replace(HEADER, encoder="9")) for name in "ab"]
    assert _link(*files, str(tmp_path / "out.csv"))[0] == 2


def test_a_file_that_is_no_link_file_is_refused(tmp_path: Path) -> None:
    """Text, another Parquet, and a missing file: exit 2, nothing written."""
    good = _write(tmp_path / "l.parquet", [ANA])
    (tmp_path / "text.parquet").write_text("no", encoding="utf-8")
    pq.write_table(pa.table({"row": [1]}), tmp_path / "other.parquet")
    for bad in ("text.parquet", "other.parquet", "missing.parquet"):
        assert _link(good, str(tmp_path / bad), str(tmp_path / "out.csv"))[0] == 2
    assert not (tmp_path / "out.csv").exists()


def test_a_row_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    """A pair may be there at most once."""
    good = _write(tmp_path / "l.parquet", [ANA])
    with pq.ParquetWriter(tmp_path / "r.parquet", arrow_schema(HEADER)) as writer:
        writer.write_batch(_rows_of([ANA]))
        writer.write_batch(_rows_of([BEA]))
    assert _link(good, str(tmp_path / "r.parquet"), str(tmp_path / "out.csv"))[0] == 2


def test_a_file_cannot_be_matched_with_itself(tmp_path: Path) -> None:
    """And the answer cannot overwrite a source."""
    good = _write(tmp_path / "l.parquet", [ANA])
    assert _link(good, good, str(tmp_path / "out.csv"))[0] == 2
    assert _link(good, str(tmp_path / "out.csv"))[0] == 2


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    """Told before the matching, with exit 2, and the folder stays."""
    left, right = (_write(tmp_path / name, [ANA]) for name in ("l.parquet", "r.parquet"))
    code, said = _link(left, right, str(tmp_path))
    assert code == 2
    assert "is a folder" in said


@pytest.mark.parametrize("kind", ["hard link", "symbolic link", "pipe"])
def test_the_answer_goes_over_no_input_and_no_device(tmp_path: Path, kind: str) -> None:
    """By whatever name a link file is called, it is not written over; nor is what is no file."""
    left, right = (_write(tmp_path / name, [ANA]) for name in ("l.parquet", "r.parquet"))
    out, before = tmp_path / "out.csv", Path(right).read_bytes()
    if kind == "hard link":
        out.hardlink_to(right)
    elif kind == "symbolic link":
        out.symlink_to(right)
    else:
        os.mkfifo(out)
    assert _link(left, right, str(out))[0] == 2
    assert Path(right).read_bytes() == before
    assert out.is_fifo() == (kind == "pipe")


def test_an_answer_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A full disk, or a folder that is read-only: exit 2 in words, and no half file."""
    left, right = (_write(tmp_path / name, [ANA]) for name in ("l.parquet", "r.parquet"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8, hard))
    try:
        code, said = _link(left, right, str(tmp_path / "out.csv"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert code == 2
    assert "cannot be written (File too large)" in said
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l.parquet", "r.parquet"]


def test_spark_without_pyspark_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to do; None in sys.modules is how Python is told that a module is absent."""
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    files = [_write(tmp_path / f"{name}.parquet", [ANA]) for name in "ab"]
    code, said = _link(*files, str(tmp_path / "out.csv"), "--engine", "spark")
    assert code == 2
    assert "pyspark" in said


def test_matching_is_deterministic(tmp_path: Path) -> None:
    """Two runs give the same bytes, on one thread or two."""
    people = two_files(300, 0.5, LIGHT, seed=5)
    files = [str(tmp_path / "l.parquet"), str(tmp_path / "r.parquet")]
    write_link_file(people.left, Path(files[0]), workers=1)
    write_link_file(people.right, Path(files[1]), workers=1)
    assert _link(*files, str(tmp_path / "one.csv"), "--threads", "1")[0] == 0
    assert _link(*files, str(tmp_path / "two.csv"), "--threads", "2")[0] == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()


def test_people_nobody_fitted_on_are_found(tmp_path: Path) -> None:
    """1,500 by 1,500 of a seed that no weight has seen: F1 at least 0.95, match zone at least 99 % right."""
    people = two_files(1500, 0.4, LIGHT, seed=77)
    files = [str(tmp_path / "l.parquet"), str(tmp_path / "r.parquet")]
    write_link_file(people.left, Path(files[0]))
    write_link_file(people.right, Path(files[1]))
    code, said = _link(*files, str(tmp_path / "out.csv"), "--json")
    found = _rows(tmp_path / "out.csv")
    kept = [row for row in found if row["zone"] != "none"]
    right = [people.left_eid[int(row["left_row"])] == people.right_eid[int(row["right_row"])] for row in kept]
    sure = [hit for row, hit in zip(kept, right, strict=True) if row["zone"] == "match"]
    total = len(set(people.left_eid) & set(people.right_eid))
    assert code == 0
    assert json.loads(said)["match"] == len(sure)
    assert 2 * sum(right) / (len(right) + total) >= 0.95
    assert sum(sure) / len(sure) >= 0.99


def test_a_link_file_holds_no_identifier(tmp_path: Path) -> None:
    """Walk every value of every column: no trait, in whole or in part, in text or bytes."""
    person = replace(ANA, bsn="950000012", email="ana@example.org", document="AB1234567", iban="NL91ABNA0417164300")
    path = tmp_path / "l.parquet"
    _write(path, [person])
    found = b"|".join(_values(pq.read_table(path).to_pylist())).lower()
    for trait in (b"popescu", b"1994", b"950000012", b"12345678", b"ab1234567", b"example", b"nl91"):
        assert trait not in found


def _values(node: object) -> Iterator[bytes]:
    """Every value of a table, as bytes."""
    if isinstance(node, dict | list):
        for part in node.values() if isinstance(node, dict) else node:
            yield from _values(part)
    else:
        yield node if isinstance(node, bytes) else str(node).encode()
