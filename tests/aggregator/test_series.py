"""Series with noise: what they cost, that no run overspends the budget, and that a killed run spends nothing twice."""

import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from math import exp, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from aggregator.charges import CHARGES, Charge, Overspent, Tampered, charge, read_charges
from aggregator.cli import app
from aggregator.noise import Mechanism, discrete_gaussian
from aggregator.series import draw_series, longest_chain, plan_series
from aggregator.tables import BadInput, Dimension, ReleaseSpec, hierarchy_of, read_spec

REPOSITORY = Path(__file__).resolve().parents[2]
SPEC = """k = 5
method = "series"
rho = 0.2
budget = 0.5
[dimensions.vorm]
total = "alle"
codes = ["seks", "arbeid", "crim"]
[[tables]]
id = "vorm"
dims = ["vorm"]
"""


def spec_of(rho: float = 0.2, tables: int = 1, parents: dict[str, str] | None = None) -> ReleaseSpec:
    """A series over so many equal tables."""
    vorm = {"total": "alle", "codes": ["seks", "arbeid", "crim"], "parents": parents or {}}
    return read_spec(
        {
            "k": 5,
            "method": "series",
            "rho": rho,
            "budget": 10.0,
            "dimensions": {"vorm": vorm},
            "tables": [{"id": f"t{i}", "dims": ["vorm"]} for i in range(tables)],
        },
        "spec",
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a spec, cases and an empty ledger."""
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "micro.csv").write_text("vorm\n" + "seks\n" * 40 + "arbeid\n" * 25, encoding="utf-8")
    (tmp_path / "ledger").mkdir()
    return tmp_path


def protect(home: Path, out: str, *more: str, spec: str = "spec.toml") -> Result:
    """Run `protect` with the ledger."""
    args = ["protect", home / "micro.csv", "--spec", home / spec, "--out", home / out, "--ledger", home / "ledger"]
    return CliRunner().invoke(app, [*map(str, args), *more])


@settings(max_examples=40, deadline=None)
@given(st.fractions(Fraction(1, 10_000), Fraction(5)), st.integers(1, 6))
def test_noise_costs_what_was_asked_and_hardly_less(rho: Fraction, squared: int) -> None:
    """The library's own proof is at most rho, exactly, and the scale is the d / sqrt(2 rho) of the formula."""
    mechanism = discrete_gaussian(rho, squared)
    assert mechanism.cost <= rho
    assert mechanism.scale == pytest.approx(sqrt(squared / (2 * float(rho))), rel=1e-9)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 400), st.integers(1, 7))
def test_tables_of_a_release_together_cost_at_most_its_rho(thousandths: int, tables: int) -> None:
    """However the rho divides, the sum over the tables never exceeds what the ledger is charged."""
    rho = Decimal(thousandths) / 1000
    assert plan_series(spec_of(float(rho), tables)).cost <= Fraction(rho)


@pytest.mark.parametrize("rho", [0.01, 0.1, 1.0])
def test_named_accuracy_holds_for_ninety_five_percent(rho: float) -> None:
    """The exact tail of the discrete Gaussian beyond the accuracy is at most 5 %, and one nearer is more."""
    mechanism = discrete_gaussian(Fraction(rho), 2)
    weight = [exp(-(n**2) / (2 * mechanism.scale**2)) for n in range(int(20 * mechanism.scale) + 2)]
    total = weight[0] + 2 * sum(weight[1:])
    assert 2 * sum(weight[mechanism.accuracy + 1 :]) / total <= 0.05
    assert 2 * sum(weight[mechanism.accuracy :]) / total > 0.05


def test_draws_have_the_spread_of_the_scale() -> None:
    """The noise is centred and as wide as the plan says, within five standard errors."""
    mechanism = discrete_gaussian(Fraction(1, 50), 2)
    drawn = np.array(mechanism.draw([1000] * 4000), dtype=float) - 1000
    assert abs(drawn.mean()) < 5 * mechanism.scale / sqrt(4000)
    assert drawn.std() == pytest.approx(mechanism.scale, rel=0.1)


def test_one_case_changes_as_many_numbers_as_its_code_has_ancestors() -> None:
    """The sensitivity counts the code, each sub-total above it and the total."""
    tree = hierarchy_of("a", Dimension(total="t", parents={"x": "s", "s": "u"}, codes=("x", "y")), ())
    assert longest_chain(tree) == 4


def test_negative_numbers_become_zero_and_nothing_else_is_changed() -> None:
    """Clamping at 0 is the only step after the noise: totals need not add up."""

    def shifted(rho: Fraction, squared: int) -> Mechanism:
        return Mechanism(1.0, rho, 2, lambda counts: [n - 30 for n in counts])

    frame = pd.DataFrame({"vorm": ["seks"] * 40 + ["arbeid"] * 25})
    (table,) = draw_series(frame, plan_series(spec_of(), shifted))
    assert dict(zip(table.codes, table.counts, strict=True)) == {
        ("alle",): 35,
        ("arbeid",): 0,
        ("crim",): 0,
        ("seks",): 10,
    }


def test_command_writes_every_code_and_names_its_accuracy(home: Path) -> None:
    """A code that does not occur is there too; the answer says rho, what is left and how exact the numbers are."""
    done = protect(home, "ledger/d1", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert answer == {"cells": 4, "rho": "0.2", "left": "0.3", "accuracy_95": {"vorm": 4}}
    with (home / "ledger" / "d1" / "vorm.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["vorm"] for row in rows] == ["alle", "arbeid", "crim", "seks"]
    assert all(int(row["count"]) >= 0 and row["status"] == "shown" for row in rows)


def test_third_series_overspends_and_is_refused(home: Path) -> None:
    """Two of 0.2 fit a budget of 0.5, a third does not: exit 4, nothing written, nothing charged."""
    assert [protect(home, f"d{i}").exit_code for i in range(3)] == [0, 0, 4]
    assert not (home / "d2").exists()
    assert sum(c.rho for c in read_charges(home / "ledger")) == Decimal("0.4")


def test_budget_cannot_be_raised_by_a_later_spec(home: Path) -> None:
    """The first charge declares the budget for good: exit 2."""
    assert protect(home, "d1").exit_code == 0
    (home / "rich.toml").write_text(SPEC.replace("budget = 0.5", "budget = 5.0"), encoding="utf-8")
    done = protect(home, "d2", spec="rich.toml")
    assert done.exit_code == 2
    assert "another budget" in done.stderr


def test_bad_input_costs_nothing(home: Path) -> None:
    """An unknown code is found before the charge."""
    (home / "micro.csv").write_text("vorm\nelders\n", encoding="utf-8")
    done = protect(home, "d1")
    assert done.exit_code == 2
    assert "row 1 (line 2), column 'vorm'" in done.stderr
    assert read_charges(home / "ledger") == ()


def test_series_needs_its_ledger(home: Path) -> None:
    """Without a ledger nothing could be charged: exit 2."""
    args = ["protect", str(home / "micro.csv"), "--spec", str(home / "spec.toml"), "--out", str(home / "d1")]
    done = CliRunner().invoke(app, args)
    assert done.exit_code == 2
    assert "--ledger" in done.stderr


def test_attack_passes_a_series_over_and_says_so(home: Path) -> None:
    """Noised numbers are no facts; taking them for exact counts would be a contradiction."""
    protect(home, "ledger/d1")
    done = CliRunner().invoke(app, ["attack", str(home / "ledger" / "d1"), "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["charged"] == ["d1"]


def test_other_releases_do_not_read_a_series_as_counts(home: Path) -> None:
    """A suppression release on the same ledger is protected against its exact releases only."""
    assert protect(home, "ledger/d1").exit_code == 0
    plain = SPEC.replace('method = "series"\nrho = 0.2\nbudget = 0.5\n', "")
    (home / "plain.toml").write_text(plain, encoding="utf-8")
    assert protect(home, "ledger/s1", spec="plain.toml").exit_code == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("rho = 0.2\n", ""), "rho, budget"),
        (("rho = 0.2\n", "rho = 0.0\n"), "rho"),
        (("rho = 0.2\n", "rho = nan\n"), "rho"),
        (('codes = ["seks", "arbeid", "crim"]\n', ""), "dimensions.vorm.codes"),
        (('dims = ["vorm"]', 'dims = ["vorm", "sekse"]\n[dimensions.sekse]\ntotal = "t"'), "one-way"),
        (("k = 5", 'k = 5\npartner = "p"'), "partner"),
    ],
)
def test_spec_that_makes_no_series_is_named(home: Path, change: tuple[str, str], told: str) -> None:
    """What would give data away or do nothing is refused before anything is charged."""
    (home / "bad.toml").write_text(SPEC.replace(*change), encoding="utf-8")
    done = protect(home, "d1", spec="bad.toml")
    assert done.exit_code == 2
    assert told in done.stderr
    assert read_charges(home / "ledger") == ()


def wanted(rho: str, budget: str = "1") -> Charge:
    """A charge of so much."""
    return Charge("r", "0" * 64, Decimal(rho), Decimal(budget))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.decimals(Decimal("0.001"), Decimal("0.6"), places=3), max_size=12))
def test_no_sequence_of_charges_overspends(wishes: list[Decimal]) -> None:
    """Exactly those charges are taken that fit in what is left, and the ledger adds up to the last digit."""
    with tempfile.TemporaryDirectory() as name:
        folder, left = Path(name), Decimal(1)
        for wish in wishes:
            if wish <= left:
                left -= wish
                assert charge(folder, wanted(str(wish))) == left
            else:
                with pytest.raises(Overspent):
                    charge(folder, wanted(str(wish)))
        assert sum((c.rho for c in read_charges(folder)), Decimal(0)) == 1 - left


def test_ten_tenths_fill_the_budget_exactly(tmp_path: Path) -> None:
    """Charges are decimal numbers: ten of 0.1 are 1, and not a hair more."""
    assert [charge(tmp_path, wanted("0.1")) for _ in range(10)][-1] == 0
    with pytest.raises(Overspent):
        charge(tmp_path, wanted("0.001"))


def test_parallel_charges_wait_for_each_other(tmp_path: Path) -> None:
    """Twenty at once, room for eight: eight are charged."""

    def one(_: int) -> bool:
        try:
            charge(tmp_path, wanted("0.12"))
        except Overspent:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(20))) == 8
    assert len(read_charges(tmp_path)) == 8


@pytest.mark.parametrize("cut", [1, 40, 150])
def test_line_that_a_crash_cut_short_is_taken_off(tmp_path: Path, cut: int) -> None:
    """It was never acknowledged, so no noise was drawn for it; the next charge goes on from the last whole line."""
    charge(tmp_path, wanted("0.4"))
    charge(tmp_path, wanted("0.4"))
    path = tmp_path / CHARGES
    path.write_bytes(path.read_bytes()[:-cut])
    assert charge(tmp_path, wanted("0.5")) == Decimal("0.1")
    assert [str(c.rho) for c in read_charges(tmp_path)] == ["0.4", "0.5"]


@pytest.mark.parametrize("damage", ["first line gone", "amount changed", "text"])
def test_damaged_ledger_stops_everything(tmp_path: Path, damage: str) -> None:
    """A charge that was taken out or made smaller is noticed by the line after it."""
    charge(tmp_path, wanted("0.4"))
    charge(tmp_path, wanted("0.4"))
    path = tmp_path / CHARGES
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    damaged = {
        "first line gone": lines[1:],
        "amount changed": [lines[0].replace("0.4", "0.1"), lines[1]],
        "text": ["not a charge\n", lines[1]],
    }
    path.write_text("".join(damaged[damage]), encoding="utf-8")
    with pytest.raises(Tampered):
        charge(tmp_path, wanted("0.1"))


def test_damaged_ledger_is_exit_6(home: Path) -> None:
    """The command says that verification failed, and releases nothing."""
    (home / "ledger" / CHARGES).write_text("{}\n", encoding="utf-8")
    assert protect(home, "d1").exit_code == 6
    assert not (home / "d1").exists()


def test_missing_ledger_folder_is_wrong_use(tmp_path: Path) -> None:
    """A mistyped ledger must not start a new budget."""
    with pytest.raises(BadInput, match="no such folder"):
        charge(tmp_path / "nowhere", wanted("0.1"))


KILLED = """
import os, signal, sys
import aggregator.{module} as module
before = module.{name}
def killed(*args, **more):
    if {after}:
        before(*args, **more)
    os.kill(os.getpid(), signal.SIGKILL)
module.{name} = killed
import aggregator.commands.protecting as protecting
protecting.{name} = killed
from aggregator.cli import app
app(sys.argv[1:])
"""


@pytest.mark.parametrize(
    ("module", "name", "after", "charged"),
    [
        ("charges", "charge", False, 0),
        ("charges", "charge", True, 1),
        ("series", "draw_series", False, 1),
        ("series", "draw_series", True, 1),
        ("files", "write_folder", False, 1),
    ],
)
def test_killed_run_has_charged_before_it_drew(home: Path, module: str, name: str, after: bool, charged: int) -> None:
    """Whenever the run dies, there is no folder without its charge, and the ledger goes on."""
    code = KILLED.format(module=module, name=name, after=after)
    args = ["protect", home / "micro.csv", "--spec", home / "spec.toml", "--out", home / "d1"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args), "--ledger", str(home / "ledger")],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert not (home / "d1").exists()
    assert len(read_charges(home / "ledger")) == charged
    assert protect(home, "d1").exit_code == 0
    assert len(read_charges(home / "ledger")) == charged + 1
