"""`link --engine spark` on a local Spark: the same SQL, the same pairs as DuckDB, one by one.

Needs pyspark (`make spark`) and Java; where they are missing it is skipped, in CI it fails.
"""

import csv
import importlib.util
import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.linkage.generate import LIGHT, two_files
from deploy.linkage.standin import write_link_file
from gateway.cli import app

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module", autouse=True)
def spark() -> None:
    """Both parts are here, or the reason why not."""
    parts = {"pyspark": importlib.util.find_spec("pyspark"), "java": shutil.which("java")}
    missing = [name for name, found in parts.items() if found is None]
    if not missing:
        return
    reason = f"no {' and no '.join(missing)}: run `make spark`, and install a Java runtime"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def _files(folder: Path, count: int) -> list[str]:
    """Link files of partners that share people: the third has half of each of the others."""
    people = two_files(300, 0.5, LIGHT, seed=6)
    chosen = [people.left, people.right, people.left[::2] + people.right[1::2]][:count]
    files = [folder / f"{name}.parquet" for name in "abc"[:count]]
    for persons, file in zip(chosen, files, strict=True):
        write_link_file(persons, file, workers=1)
    return [str(file) for file in files]


def _linked(files: list[str], target: Path, engine: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(app, ["link", *files, str(target), "--engine", engine])
    assert result.exit_code == 0, result.output
    with target.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("count", [2, 3])
def test_spark_and_duckdb_agree_pair_for_pair(tmp_path: Path, count: int) -> None:
    """Same pairs, scores, zones and clusters, in the same order, for two files and for more."""
    files = _files(tmp_path, count)
    duckdb = _linked(files, tmp_path / "duckdb.csv", "duckdb")
    spark = _linked(files, tmp_path / "spark.csv", "spark")
    assert len(duckdb) > 100
    assert spark == duckdb
    assert (tmp_path / "duckdb.csv").read_bytes() == (tmp_path / "spark.csv").read_bytes()


def test_spark_refuses_what_is_no_link_file(tmp_path: Path) -> None:
    """The header is read before Spark is asked: exit 2, nothing written."""
    good = _files(tmp_path, 2)[0]
    (tmp_path / "text.parquet").write_text("no", encoding="utf-8")
    arguments = ["link", good, str(tmp_path / "text.parquet"), str(tmp_path / "out.csv"), "--engine", "spark"]
    assert CliRunner().invoke(app, arguments).exit_code == 2
    assert not (tmp_path / "out.csv").exists()
