"""`pseudonymize`: the same bytes as two proven hops, in the shape of the link file, whatever the number of workers."""

import json
import secrets
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.linkfile import LinkFileHeader
from connectors.errors import InputRefused
from connectors.evaluation import finished
from connectors.mapping import read_mapping
from connectors.offline import Job, evaluate_locally, pseudonymise_locally
from pseudonymizer.custodian.local import local_custodians
from pseudonymizer.linkage import ENTRIES
from pseudonymizer.oprf.client import evaluate_messages
from pseudonymizer.oprf.message import encode_message
from tests.connectors.samples import row, write_source

COMMAND = str(Path(sys.executable).with_name("schakel-connector"))


def job(tmp_path: Path, source: Path, mapping: Path, domein: TokenDomein = TokenDomein.RIEC) -> Job:
    return Job(str(source), read_mapping(mapping), domein, "2026", tmp_path / "custodians", date(2026, 11, 24))


def encoded(tmp_path: Path, source: Path, mapping: Path, name: str = "out.parquet", workers: int = 1) -> Path:
    pseudonymise_locally(job(tmp_path, source, mapping), tmp_path / name, workers, lambda rows: None)
    return tmp_path / name


def test_both_keys_at_hand_give_the_bytes_of_two_proven_hops(tmp_path: Path) -> None:
    """The direct way equals blinding, two custodians, two proofs and unblinding, for every class."""
    pair = local_custodians(tmp_path, "RIEC", "2026", random=secrets.token_bytes)
    for klasse in TokenKlasse:
        messages = [encode_message("id.phone", f"+3161234{number:04d}") for number in range(5)]
        hops = pair[klasse.value]
        proven = evaluate_messages(messages, hops.hops, hops.keys, random=secrets.token_bytes)
        assert evaluate_locally(pair, klasse, messages) == finished(klasse, messages, proven)


def test_every_source_row_is_there_once_in_order(tmp_path: Path, mapping: Path) -> None:
    """Row numbers are zero-based, ascending and complete, also for a row that gives nothing."""
    empty = ["x", *[""] * 8, "verdachte", ""]
    source = write_source(tmp_path / "a.csv", [row(0), empty, row(2)])
    table = pq.read_table(encoded(tmp_path, source, mapping))
    assert table["row"].to_pylist() == [0, 1, 2]
    assert table["tokens"].to_pylist()[1] == table["blocks"].to_pylist()[1] == []


def _real(table: pa.Table, count: int) -> list[set[bytes]]:
    """Per row the block ids that occur in a second encoding of the same rows: dummies never do."""
    return [{block["block"] for block in blocks} for blocks in table["blocks"].to_pylist()][:count]


def test_workers_make_the_same_file(tmp_path: Path, mapping: Path) -> None:
    """Three processes give the tokens and blocks that one gives; dummies are fresh in each."""
    source = write_source(
        tmp_path / "a.csv", [[str(n), *[""] * 6, f"06{10_000_000 + n}", "", "verdachte", ""] for n in range(2300)]
    )
    one = pq.read_table(encoded(tmp_path, source, mapping, "one.parquet", 1))
    three = pq.read_table(encoded(tmp_path, source, mapping, "three.parquet", 3))
    assert one["tokens"].equals(three["tokens"])
    assert one.num_rows == 2300
    both = [left & right for left, right in zip(_real(one, 2300), _real(three, 2300), strict=True)]
    assert {len(blocks) for blocks, tokens in zip(both, one["tokens"].to_pylist(), strict=True) if tokens} == {1}


def test_a_block_leaves_once(tmp_path: Path, mapping: Path) -> None:
    """A person who stands in the source twice keeps the blocks in the first row; both rows look alike."""
    once = pq.read_table(encoded(tmp_path, write_source(tmp_path / "a.csv", [row(0)]), mapping, "a.parquet"))
    twice = pq.read_table(encoded(tmp_path, write_source(tmp_path / "b.csv", [row(0), row(0)]), mapping, "b.parquet"))
    (alone,), (first, second) = _real(once, 1), _real(twice, 2)
    assert len(alone & first) > 5
    assert not alone & second
    assert {len(blocks) for blocks in twice["blocks"].to_pylist()} == {ENTRIES}
    assert not first & second


def test_the_same_custodians_give_the_same_tokens(tmp_path: Path, mapping: Path) -> None:
    """Seeds are made on first use and used again after, so that two files can be matched."""
    first = pq.read_table(encoded(tmp_path, write_source(tmp_path / "a.csv", 3), mapping, "a.parquet"))
    second = pq.read_table(encoded(tmp_path, write_source(tmp_path / "b.csv", 3), mapping, "b.parquet"))
    assert first["tokens"].equals(second["tokens"])
    assert all(left & right for left, right in zip(_real(first, 3), _real(second, 3), strict=True))
    headers = [
        LinkFileHeader.read({k.decode(): v.decode() for k, v in t.schema.metadata.items()}) for t in (first, second)
    ]
    assert headers[0].difference(headers[1]) == ()


def _header(table: pa.Table) -> LinkFileHeader:
    return LinkFileHeader.read({key.decode(): value.decode() for key, value in table.schema.metadata.items()})


def test_domains_are_unrelated(tmp_path: Path, source: Path, mapping: Path) -> None:
    """The same people have other tokens in another domain."""
    values = []
    for domein in (TokenDomein.RIEC, TokenDomein.ZVH_RR):
        out = tmp_path / f"{domein}.parquet"
        pseudonymise_locally(job(tmp_path, source, mapping, domein), out, 1, lambda rows: None)
        values.append({token["value"] for tokens in pq.read_table(out)["tokens"].to_pylist() for token in tokens})
    assert values[0].isdisjoint(values[1])


def test_no_value_of_the_source_is_in_the_file(tmp_path: Path, source: Path, mapping: Path) -> None:
    """Not a cell of the source is in the output, compressed or not."""
    out = encoded(tmp_path, source, mapping)
    pq.write_table(pq.read_table(out), tmp_path / "plain.parquet", compression="none", use_dictionary=False)
    content = out.read_bytes() + (tmp_path / "plain.parquet").read_bytes()
    for cell in (cell for number in range(6) for cell in row(number) if len(cell) > 5):
        assert cell.encode() not in content


def test_a_broken_source_leaves_no_output(tmp_path: Path, mapping: Path) -> None:
    """A ragged row is refused by its number, and nothing stands under the output's name."""
    source = write_source(tmp_path / "a.csv", [row(0), ["too", "short"]])
    with pytest.raises(InputRefused) as caught:
        encoded(tmp_path, source, mapping)
    assert caught.value.row == 2
    assert not list(tmp_path.glob("*.parquet")) + list(tmp_path.glob(".*.part"))


def test_unmapped_values_are_counted(tmp_path: Path, mapping: Path) -> None:
    """A value without a code names its column and how many rows hold one."""
    rows = [[*row(n)[:9], "onbekende soort", ""] for n in range(3)]
    with pytest.raises(InputRefused, match="3 rows") as caught:
        encoded(tmp_path, write_source(tmp_path / "a.csv", rows), mapping)
    assert caught.value.column == "soort"
    assert "onbekende soort" not in str(caught.value)


def test_the_command_line(tmp_path: Path, source: Path, mapping: Path) -> None:
    """The command of the interface page, with its counts as one JSON object."""
    arguments = [str(source), str(tmp_path / "o.parquet"), "--mapping", str(mapping), "--domain", "RIEC"]
    done = subprocess.run(
        [COMMAND, "pseudonymize", *arguments, "--local-custodians", str(tmp_path / "c"), "--workers", "2", "--json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rows"] == 6


@pytest.mark.parametrize("workers", [1, 2])
def test_every_cell_without_a_token_is_counted_with_its_reason(tmp_path: Path, workers: int) -> None:
    """Per mapped trait, whatever the number of workers; a trait that no column is mapped to is not in it."""
    source, mapping = tmp_path / "s.csv", tmp_path / "s.toml"
    source.write_text("naam,bsn,mail\nAna,950000012,a@b.example\n,950000013,geen\nonbekend,,x\n" + "x" * 300 + ",1,a\n")
    mapping.write_text(
        '[source]\nformat = "csv"\nencoding = "utf-8"\ndelimiter = ","\n'
        '[traits]\nvoornaam = "naam"\nbsn = "bsn"\nemail = "mail"\n'
    )
    done = pseudonymise_locally(job(tmp_path, source, mapping), tmp_path / "out.parquet", workers, lambda rows: None)
    assert {trait: dict(reasons) for trait, reasons in done.unusable.items()} == {
        "voornaam": {"absent": 1, "unknown": 1, "length": 1},
        "bsn": {"check_digit": 1, "absent": 1, "length": 1},
        "email": {"unknown": 2, "malformed": 1},
    }


def test_the_command_tells_the_reasons_and_no_value(tmp_path: Path) -> None:
    """In words, and as JSON."""
    source, mapping = tmp_path / "s.csv", tmp_path / "s.toml"
    source.write_text("bsn\n950000013\n")
    mapping.write_text('[source]\nformat = "csv"\nencoding = "utf-8"\ndelimiter = ","\n[traits]\nbsn = "bsn"\n')
    arguments = [COMMAND, "pseudonymize", str(source), "out.parquet", "--mapping", str(mapping), "--domain", "RIEC"]
    arguments += ["--local-custodians", "custodians", "--workers", "1"]
    told = [
        subprocess.run([*arguments, *more], cwd=tmp_path, capture_output=True, text=True) for more in ([], ["--json"])
    ]
    assert "no token from bsn: 1 (check_digit 1)" in told[0].stdout
    assert json.loads(told[1].stdout)["unusable"] == {"bsn": {"check_digit": 1}}
    assert not any("950000013" in each.stdout + each.stderr for each in told)
