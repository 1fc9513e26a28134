"""What a stranger types: odd folders, damaged and tampered releases, places that cannot be written."""

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aggregator.cli import app

SPEC = """k = 5
[dimensions.vorm]
total = "alle"
[dimensions.plaats]
total = "regio"
[[tables]]
id = "vp"
dims = ["vorm", "plaats"]
"""
COUNTS = {"x": (3, 27, 20), "y": (17, 13, 30), "z": (9, 22, 31)}


def run(*args: str | Path) -> Result:
    """One command of the aggregator."""
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A spec, 172 cases, and an empty ledger."""
    lines = [f"{v},{p},{n}" for v, row in COUNTS.items() for p, n in zip("abc", row, strict=True)]
    (tmp_path / "m.csv").write_text("vorm,plaats,count\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "s.toml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "ledger").mkdir()
    return tmp_path


def protect(home: Path, out: str | Path, *more: str | Path) -> Result:
    """Protect the cases into `out`."""
    return run("protect", home / "m.csv", "--spec", home / "s.toml", "--out", home / out, *more)


def edit(path: Path, old: str, new: str) -> None:
    """Change a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", ["vorm per plaats", "año-2026", "v.1_b", "日本"])
def test_table_id_may_hold_letters_of_any_language_and_spaces(home: Path, name: str) -> None:
    """The id is the name of the file."""
    edit(home / "s.toml", '"vp"', json.dumps(name, ensure_ascii=False))
    assert protect(home, "r").exit_code == 0
    assert (home / "r" / f"{name}.csv").is_file()


@pytest.mark.parametrize("name", ["../x", "a/b", ".", ".x", "", " x", "x ", "a:b", "a\\b"])
def test_table_id_that_is_no_file_name_is_told(home: Path, name: str) -> None:
    """Exit 2, the key, and which characters may be used; not the name itself."""
    edit(home / "s.toml", '"vp"', json.dumps(name))
    done = protect(home, "r")
    assert done.exit_code == 2
    assert "s.toml: tables.0.id: it names the file" in done.stderr


@pytest.mark.parametrize("place", ["m.csv/r", "m.csv/a/r"])
def test_place_below_a_file_is_told_before_the_search(home: Path, place: str) -> None:
    """No folder can be made there: exit 2."""
    done = protect(home, place)
    assert done.exit_code == 2
    assert "r: cannot be made there" in done.stderr


def test_folder_where_we_stand_is_a_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dot is a path like any other, for `--out` and for `attack`."""
    (home / "here").mkdir()
    monkeypatch.chdir(home / "here")
    assert run("protect", home / "m.csv", "--spec", home / "s.toml", "--out", ".").exit_code == 0
    assert sorted(os.listdir(home / "here")) == ["attack.json", "release.json", "vp.csv"]
    monkeypatch.chdir(home / "here")
    assert run("attack", ".").exit_code == 0


def test_count_that_stands_in_a_withheld_row_is_published(home: Path) -> None:
    """Whoever reads the file reads the count, whatever the status says."""
    assert protect(home, "r").exit_code == 0
    edit(home / "r" / "vp.csv", "x,a,,withheld", "x,a,3,withheld")
    done = run("attack", home / "r")
    assert done.exit_code == 4
    assert "vorm x, plaats a: 3 to 3" in done.stdout


def test_large_count_that_stands_in_a_withheld_row_is_broken_too(home: Path) -> None:
    """A withheld cell has an interval of k or more; this one has a number."""
    assert protect(home, "r").exit_code == 0
    text = (home / "r" / "vp.csv").read_text(encoding="utf-8")
    code, place = next(line for line in text.splitlines() if line.endswith(",,withheld") and "x,a" not in line).split(
        ","
    )[:2]
    edit(home / "r" / "vp.csv", f"{code},{place},,", f"{code},{place},{COUNTS[code]['abc'.index(place)]},")
    done = run("attack", home / "r")
    assert done.exit_code == 4
    assert f"vorm {code}, plaats {place}: " in done.stdout


@pytest.mark.parametrize("text", ["{", '{"spec": {"k": "many"}}', "\xff"])
def test_damaged_description_is_not_guessed_around(home: Path, text: str) -> None:
    """With another k or total than the release's own the attack would find too little: exit 2."""
    assert protect(home, "r").exit_code == 0
    (home / "r" / "release.json").write_bytes(text.encode("latin-1"))
    done = run("attack", home / "r")
    assert done.exit_code == 2
    assert "r: release.json: cannot be read" in done.stderr


def test_folder_without_description_is_attacked_by_its_numbers(home: Path) -> None:
    """Anyone's folder of tables: the total is the code that is nowhere smaller."""
    assert protect(home, "r").exit_code == 0
    (home / "r" / "release.json").unlink()
    done = run("attack", home / "r", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["withheld"]


def test_truth_beside_each_folder_judges_that_folder(home: Path) -> None:
    """Both hold a table vp; the counts of the one say nothing about the other."""
    for name in ("r1", "r2"):
        assert protect(home, name, "--truth", home / f"{name}.sealed").exit_code == 0
        edit(home / name / "release.json", '"population": ""', f'"population": "{name}"')
    edit(home / "r1" / "vp.csv", "z,c,31,shown", "z,c,,withheld")
    assert run("attack", home / "r1", home / "r2").exit_code == 0
    (home / "r1.sealed").rename(home / "elsewhere")
    assert run("attack", home / "r1", home / "r2").exit_code == 4


def test_folders_of_one_name_are_told_apart(home: Path) -> None:
    """Two years' folders may both be called `release`; what is withheld here and shown there names both."""
    for year in ("2025", "2026"):
        assert protect(home, Path(year) / "release").exit_code == 0
    edit(home / "2025" / "release" / "vp.csv", "z,c,31,shown", "z,c,,withheld")
    done = run("attack", home / "2025" / "release", home / "2026" / "release")
    assert done.exit_code == 4
    assert f"withheld in {home}/2025/release and shown in {home}/2026/release" in done.stdout


def test_release_of_the_ledger_is_made_again_only_from_its_own_cases(home: Path) -> None:
    """The same tables may be written again; others would erase what readers already have: exit 2, the old one kept."""
    ledger = ("--ledger", home / "ledger")
    assert protect(home, "ledger/r1", *ledger).exit_code == 0
    assert protect(home, "ledger/r1", *ledger).exit_code == 0
    before = (home / "ledger" / "r1" / "vp.csv").read_bytes()
    edit(home / "m.csv", "z,c,31", "z,c,91")
    done = protect(home, "ledger/r1", *ledger)
    assert done.exit_code == 2
    assert "r1: the ledger holds another release by this name" in done.stderr
    assert (home / "ledger" / "r1" / "vp.csv").read_bytes() == before


def test_release_made_again_is_compared_with_itself(home: Path) -> None:
    """One case more under the same name is one case more: exit 4."""
    ledger = ("--ledger", home / "ledger")
    assert protect(home, "ledger/r1", *ledger).exit_code == 0
    edit(home / "m.csv", "z,c,31", "z,c,32")
    assert protect(home, "ledger/r1", *ledger).exit_code == 4
