"""The true counts for the auditor: only on request, for their owner alone, tied to the release by a key."""

import hashlib
import hmac
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aggregator.cli import app

SPEC = """k = 5
[dimensions.gemeente]
total = "regio"
[dimensions.vorm]
total = "alle"
[[tables]]
id = "gv"
dims = ["gemeente", "vorm"]
"""
CELLS = {("A", "x"): 3, ("A", "y"): 20, ("B", "x"): 18, ("B", "y"): 30, ("C", "x"): 25, ("C", "y"): 40}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Six cells, one of them small."""
    lines = ["gemeente,vorm,count", *(f"{g},{v},{n}" for (g, v), n in CELLS.items())]
    (tmp_path / "micro.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "spec.toml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def run(*args: str | Path) -> Result:
    """One command."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


def protect(home: Path, *more: str | Path, out: str = "r1") -> Result:
    """Protect into `out`."""
    return run("protect", home / "micro.csv", "--spec", home / "spec.toml", "--out", home / out, *more)


def about(path: Path) -> dict[str, str]:
    """A JSON file."""
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_no_true_count_is_written_unasked(home: Path) -> None:
    """Without --truth there is the release folder and nothing else, and no digest of the input in it."""
    assert protect(home).exit_code == 0
    assert sorted(path.name for path in home.iterdir()) == ["micro.csv", "r1", "spec.toml"]
    digest = hashlib.sha256((home / "micro.csv").read_bytes()).hexdigest()
    assert all(digest not in path.read_text(encoding="utf-8") for path in (home / "r1").iterdir())
    assert "input_commitment" not in about(home / "r1" / "release.json")


def test_truth_is_for_its_owner_alone(home: Path) -> None:
    """The folder has mode 0700, every file in it 0600, and the counts are all there."""
    assert protect(home, "--truth", home / "r1.sealed").exit_code == 0
    sealed = home / "r1.sealed"
    assert stat.S_IMODE(sealed.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in sealed.iterdir()} == {0o600}
    assert "A,x,3,shown" in (sealed / "gv.csv").read_text(encoding="utf-8")


def test_release_is_tied_to_its_input_by_a_key_in_the_truth(home: Path) -> None:
    """The commitment in the release is the HMAC of the input under the key that only the truth holds."""
    protect(home, "--truth", home / "r1.sealed")
    told, sealed = about(home / "r1" / "release.json"), about(home / "r1.sealed" / "sealed.json")
    content = (home / "micro.csv").read_bytes()
    key = bytes.fromhex(sealed["commitment_key"])
    assert told["input_commitment"] == hmac.digest(key, content, "sha256").hex()
    assert sealed["input_sha256"] == hashlib.sha256(content).hexdigest()
    assert sealed["commitment_key"] not in json.dumps(told)


def test_equal_input_gives_another_commitment(home: Path) -> None:
    """Two releases of the same cases cannot be recognised as such: every key is fresh."""
    protect(home, "--truth", home / "t1")
    protect(home, "--truth", home / "t2", out="r2")
    told = [about(home / name / "release.json")["input_commitment"] for name in ("r1", "r2")]
    assert told[0] != told[1]


def blank(table: Path, codes: str) -> None:
    """Withhold one cell of a published table."""
    lines = table.read_text(encoding="utf-8").splitlines()
    lines = [f"{codes},,withheld" if line.startswith(f"{codes},") else line for line in lines]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_sensitive_cell_that_opens_is_broken_with_the_truth_too(home: Path) -> None:
    """Only the small cell withheld, its margins shown: subtraction gives it back."""
    protect(home, "--truth", home / "truth")
    (home / "r1" / "gv.csv").write_text((home / "truth" / "gv.csv").read_text(encoding="utf-8"), encoding="utf-8")
    blank(home / "r1" / "gv.csv", "A,x")
    assert run("attack", home / "r1", "--truth", home / "truth").exit_code == 4


def test_harmless_cell_that_opens_is_broken_only_without_the_truth(home: Path) -> None:
    """With the truth beside it an auditor judges what is sensitive; a cell of thirty cases is not."""
    cases = (home / "micro.csv").read_text(encoding="utf-8").replace("A,x,3", "A,x,30")
    (home / "micro.csv").write_text(cases, encoding="utf-8")
    protect(home, "--truth", home / "truth")
    blank(home / "r1" / "gv.csv", "A,x")
    assert run("attack", home / "r1").exit_code == 4
    assert run("attack", home / "r1", "--truth", home / "truth").exit_code == 0


def test_truth_inside_the_release_is_refused(home: Path) -> None:
    """True counts in the folder that is published would be published: exit 2, nothing written."""
    for place in ("r1", "r1/truth"):
        assert protect(home, "--truth", home / place).exit_code == 2
    assert not (home / "r1").exists()


def test_truth_does_not_replace_other_files(home: Path) -> None:
    """A folder with anything else in it is left alone: exit 2."""
    (home / "mine").mkdir()
    (home / "mine" / "notes.txt").write_text("x", encoding="utf-8")
    assert protect(home, "--truth", home / "mine").exit_code == 2
    assert not (home / "r1").exists()


def test_refused_release_leaves_no_truth(home: Path) -> None:
    """Nothing is written when nothing is released."""
    (home / "micro.csv").write_text("gemeente,vorm\nA,x\nB,y\n", encoding="utf-8")
    assert protect(home, "--truth", home / "truth").exit_code == 4
    assert not (home / "truth").exists()


def test_truth_in_the_ledger_is_not_taken_for_a_release(home: Path) -> None:
    """A truth kept beside the releases of a ledger is passed over by its mark."""
    (home / "ledger").mkdir()
    ledger = ("--ledger", home / "ledger")
    assert protect(home, "--truth", home / "ledger" / "truth", *ledger, out="ledger/r1").exit_code == 0
    assert protect(home, *ledger, out="ledger/r2").exit_code == 0


def test_missing_truth_is_wrong_use(home: Path) -> None:
    """An auditor who mistypes the folder must not get the weaker rule: exit 2."""
    protect(home)
    assert run("attack", home / "r1", "--truth", home / "nowhere").exit_code == 2
