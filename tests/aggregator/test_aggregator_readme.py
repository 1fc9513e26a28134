"""The aggregator's README: its specs are read and run, it names every key, and its figures are right."""

import re
import tomllib
from fractions import Fraction
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aggregator.cli import app
from aggregator.noise import discrete_gaussian
from aggregator.tables import Dimension, Protection, ReleaseSpec, TableSpec, read_spec

README = (Path(__file__).resolve().parents[2] / "aggregator" / "README.md").read_text(encoding="utf-8")
SPECS = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)


def test_every_method_has_its_spec() -> None:
    """One example each, and all are read."""
    methods = [read_spec(tomllib.loads(text), "README.md").method for text in SPECS]
    assert methods == [Protection.SUPPRESSION, Protection.ROUNDING, Protection.SERIES]


def test_every_key_of_a_spec_is_named() -> None:
    """A key that nobody can read about does not exist."""
    for model in (ReleaseSpec, Dimension, TableSpec):
        for key in model.model_fields:
            assert re.search(rf"\b{key}\b", README), key


@pytest.mark.parametrize("text", SPECS)
def test_specs_of_the_readme_run(tmp_path: Path, text: str) -> None:
    """Each example protects a file of cases."""
    rows = [f"m0{i % 2},{('seksueel', 'arbeid')[i % 3 % 2]},12" for i in range(6)]
    (tmp_path / "micro.csv").write_text("\n".join(["gemeente,vorm,count", *rows]) + "\n", encoding="utf-8")
    (tmp_path / "spec.toml").write_text(text, encoding="utf-8")
    (tmp_path / "ledger").mkdir()
    args = ["protect", tmp_path / "micro.csv", "--spec", tmp_path / "spec.toml"]
    args += ["--out", tmp_path / "ledger" / "r1", "--ledger", tmp_path / "ledger"]
    done = CliRunner().invoke(app, [str(arg) for arg in args])
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize(("rho", "accuracy"), [("0.05", 9), ("0.005", 28)])
def test_accuracy_of_the_readme_is_that_of_the_noise(rho: str, accuracy: int) -> None:
    """The distances that the README names, for a dimension of one level."""
    assert f"{accuracy} at rho {rho}" in README
    assert discrete_gaussian(Fraction(rho), 2).accuracy == accuracy


def test_every_module_is_in_the_map() -> None:
    """Who reads in an afternoon misses nothing."""
    folder = Path(__file__).resolve().parents[2] / "aggregator"
    for path in folder.glob("*.py"):
        if path.stem not in ("__init__", "cli", "files", "documents"):
            assert path.stem in README, path.name
