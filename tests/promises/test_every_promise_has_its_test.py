"""SECURITY.md and the tests cannot drift apart: every promise and every threat names a test file that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def section(title: str) -> list[str]:
    """The table rows under a heading."""
    body = TEXT.split(f"## {title}\n")[1].split("\n## ")[0]
    return [line for line in body.splitlines() if line.startswith("|")][2:]


def files(row: str) -> list[Path]:
    """The test files that a row names."""
    return [ROOT / name for name in re.findall(r"`(tests/[\w/]+\.py)`", row)]


@pytest.mark.parametrize("row", section("Promises"), ids=lambda row: row.split("|")[1].strip())
def test_a_promise_names_its_own_test(row: str) -> None:
    """One file per promise, named after its number, with tests in it."""
    (path,) = files(row)
    number = row.split("|")[1].strip().lower()
    assert path.name.startswith(f"test_{number}_")
    assert "def test_" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("row", section("Threats"), ids=lambda row: row.split("|")[1].strip())
def test_a_threat_names_a_test(row: str) -> None:
    """At least one file, with tests in it."""
    assert files(row)
    assert all("def test_" in path.read_text(encoding="utf-8") for path in files(row))


def test_there_are_ten_promises_and_no_test_without_one() -> None:
    """Every promise file is in the table."""
    named = {path for row in section("Promises") for path in files(row)}
    assert named == set((ROOT / "tests" / "promises").glob("test_p[0-9]*.py"))
    assert len(named) == 10
