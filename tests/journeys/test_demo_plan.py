"""What the demo expects follows from what was planted, not from what the federation answered."""

import json
from pathlib import Path

from deploy.demo.scenario import KIND
from deploy.demo.sources import RIEC_PARTNERS, plant, write_sources

ROOT = Path(__file__).resolve().parents[2]
EXPECTED = json.loads((ROOT / "deploy" / "demo" / "expected.json").read_text(encoding="utf-8"))
PLAN = plant()


def _identity(person: object) -> tuple[str | None, str | None]:
    return person.bsn, person.document  # type: ignore[attr-defined]


def test_rows_expected_are_rows_planted() -> None:
    """Every partner's records, none lost and none twice."""
    assert {partner: EXPECTED[f"rows_{partner}"] for partner in RIEC_PARTNERS} == {
        partner: len(PLAN.riec[partner]) for partner in RIEC_PARTNERS
    }
    assert EXPECTED["rows_zvh"] == len(PLAN.clients) + len(PLAN.zvh_police)
    assert EXPECTED["rows_monitor"] == sum(len(victims) for victims in PLAN.victims.values())


def test_forty_subjects_are_known_and_ten_are_not() -> None:
    """Who is known where can be read off the planted files."""
    held = {partner: {_identity(person) for person in PLAN.riec[partner]} for partner in RIEC_PARTNERS}
    for subject, where in zip(PLAN.subjects, PLAN.known_to, strict=True):
        assert {partner for partner in RIEC_PARTNERS if _identity(subject) in held[partner]} == set(where)
    assert EXPECTED["known"] == sum(bool(where) for where in PLAN.known_to) == 40
    assert EXPECTED["questions_right"] == len(PLAN.subjects) == 50


def test_the_network_shrinks_by_who_withdraws_and_who_leaves() -> None:
    """First the police, then the Marechaussee are gone from the answer."""
    kinds = {KIND[partner] for partner in PLAN.known_to[0]}
    assert EXPECTED["network_after_withdrawal"] == sorted(kinds - {"politie"})
    assert EXPECTED["network_after_leaving"] == sorted(kinds - {"politie", "kmar"})


def test_the_release_counts_each_victim_once() -> None:
    """The total of every table of persons is the number of different victims planted."""
    different = {_identity(person) for victims in PLAN.victims.values() for person in victims}
    assert set(EXPECTED["release_totals"].values()) == {len(different)}


def test_the_shelter_client_is_at_shelter_and_police_and_nowhere_in_riec() -> None:
    """The wall is tested by somebody who really stands on both sides."""
    client = _identity(PLAN.shelter_client)
    assert client in {_identity(person) for person in PLAN.clients}
    assert client in {_identity(person) for person in PLAN.zvh_police}
    assert all(client not in {_identity(person) for person in persons} for persons in PLAN.riec.values())
    assert EXPECTED["shelter_client_under_riec"] == []


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """Text files are equal from run to run."""
    for name in ("a", "b"):
        write_sources(tmp_path / name, plant())
    for path in (tmp_path / "a").rglob("*.csv"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()
