"""Magnitude tables: the published instances come out at or below their published answers."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from aggregator.cli import app
from aggregator.files import read_frame
from aggregator.magnitude import MagnitudeResult, MagnitudeSpec, protect_magnitude, read_magnitude_spec
from aggregator.suppress import never
from aggregator.tables import BadInput

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "disclosure"
FILES = {
    "turnover_act_size.csv": ["ACTIVITY", "SIZE"],
    "turnover_act_cj.csv": ["ACTIVITY", "CJ"],
    "turnover_nuts_size.csv": ["NUTS", "SIZE"],
    "turnover_nuts_cj.csv": ["NUTS", "CJ"],
}


def parents(file: str) -> dict[str, str]:
    """The hierarchy of a correspondence table, level by level under the total."""
    out: dict[str, str] = {}
    for row in pd.read_csv(SHARED / file, dtype=str).itertuples(index=False):
        above = "Total"
        for code in row:
            if code != above:
                out[code] = above
            above = code
    return out


def spec_for(files: list[str], weight: str) -> MagnitudeSpec:
    """The specification of the README beside the data."""
    raw = {
        "cells": {"value": "TOT", "contributors": "N_OBS", "largest": "MAX"},
        "primary": {"min_contributors": 3, "dominance_share": 0.85},
        "protection": {"share": 0.10},
        "cost": {"weight": weight},
        "dimensions": {
            "ACTIVITY": {"total": "Total", "parents": parents("activity_corr_table.csv")},
            "NUTS": {"total": "Total", "parents": parents("nuts23_fr_corr_table.csv")},
            "SIZE": {"total": "Total"},
            "CJ": {"total": "Total"},
        },
        "tables": [{"file": file, "dims": FILES[file]} for file in files],
    }
    return read_magnitude_spec(raw, "spec")


def solve(files: list[str], weight: str) -> MagnitudeResult:
    """Protect published tables without a bound on the search."""
    return protect_magnitude({f: read_frame(SHARED / f) for f in files}, spec_for(files, weight), never)


def test_published_optimum_by_value() -> None:
    """turnover_act_size at cost = value: 77 primary, 64 secondary, suppressed value 49,223,640, proven."""
    found = solve(["turnover_act_size.csv"], "value")
    assert (found.primary, found.secondary, round(found.suppressed_value)) == (77, 64, 49_223_640)
    assert found.unsafe == 0
    assert found.suppression.gap < 1e-6


def test_published_optimum_by_number() -> None:
    """turnover_act_size at cost = one: 60 secondary, proven."""
    found = solve(["turnover_act_size.csv"], "one")
    assert (found.secondary, found.unsafe) == (60, 0)


# Secondary cells of tau-ARGUS (MOD, linked) on the four published tables: README beside the data.
ARGUS_LINKED = {
    "turnover_act_size.csv": 83,
    "turnover_act_cj.csv": 88,
    "turnover_nuts_size.csv": 82,
    "turnover_nuts_cj.csv": 101,
}


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_linked_published_tables_stay_below_the_published_answer_and_are_proven() -> None:
    """Four linked tables at cost = value: below tau-ARGUS in each, and proven: 208,139,572 suppressed."""
    found = solve(list(FILES), "value")
    secondary = {file: statuses.count("secondary") for file, statuses in found.statuses.items()}
    assert all(secondary[file] <= most for file, most in ARGUS_LINKED.items()), secondary
    assert (found.unsafe, round(found.suppressed_value)) == (0, 208_139_572)
    assert found.suppression.gap < 1e-6


TWELVE = """ACTIVITY,SIZE,N_OBS,TOT,MAX
01,Total,20,150,10
01,tr1,10,100,10
01,tr2,10,50,10
02,Total,20,50,10
02,tr1,2,30,10
02,tr2,10,20,5
06,Total,20,100,10
06,tr1,10,60,10
06,tr2,2,40,10
Total,Total,60,300,10
Total,tr1,22,190,10
Total,tr2,22,110,10
"""
TWELVE_SPEC = """[cells]
value = "TOT"
contributors = "N_OBS"
largest = "MAX"
[primary]
min_contributors = 3
dominance_share = 0.85
[protection]
share = 0.10
[cost]
weight = "value"
[dimensions.ACTIVITY]
total = "Total"
[dimensions.SIZE]
total = "Total"
[[tables]]
file = "twelve.csv"
dims = ["ACTIVITY", "SIZE"]
"""


def test_twelve_cells_by_command(tmp_path: Path) -> None:
    """The 12-cell example: (02,tr2) and (06,tr1) go with the two unsafe cells; rows keep their order."""
    (tmp_path / "twelve.csv").write_text(TWELVE, encoding="utf-8")
    (tmp_path / "spec.toml").write_text(TWELVE_SPEC, encoding="utf-8")
    run = CliRunner().invoke(
        app,
        [
            "protect-magnitude",
            str(tmp_path / "twelve.csv"),
            "--spec",
            str(tmp_path / "spec.toml"),
            "--out",
            str(tmp_path / "out"),
        ],
    )
    assert run.exit_code == 0
    rows = [line.split(",") for line in (tmp_path / "out" / "twelve.csv").read_text(encoding="utf-8").splitlines()]
    assert [row[:5] for row in rows] == [line.split(",") for line in TWELVE.splitlines()]
    assert [tuple(row[:2]) for row in rows if row[-1] == "secondary"] == [("02", "tr2"), ("06", "tr1")]
    assert json.loads((tmp_path / "out" / "release.json").read_text(encoding="utf-8"))["secondary"] == 2


def test_additions_must_add_up(tmp_path: Path) -> None:
    """A margin that is not the sum of its parts is named, not protected."""
    frame = pd.DataFrame(
        [line.split(",") for line in TWELVE.replace("Total,Total,60,300", "Total,Total,60,310").splitlines()[1:]]
    )
    frame.columns = pd.Index(TWELVE.splitlines()[0].split(","))
    raw = {
        "cells": {"value": "TOT", "contributors": "N_OBS", "largest": "MAX"},
        "primary": {"min_contributors": 3, "dominance_share": 0.85},
        "protection": {"share": 0.10},
        "dimensions": {"ACTIVITY": {"total": "Total"}, "SIZE": {"total": "Total"}},
        "tables": [{"file": "twelve.csv", "dims": ["ACTIVITY", "SIZE"]}],
    }
    with pytest.raises(BadInput, match="add up"):
        protect_magnitude({"twelve.csv": frame}, read_magnitude_spec(raw, "spec"), never)
