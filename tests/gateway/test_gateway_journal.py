"""A backup is put back: what was asked and touched since still counts, because it stands outside the database too."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from connectors.contract.canaries import KanarieBesluit
from connectors.contract.codes import TokenDomein
from connectors.contract.record import Token
from gateway.app import recall
from gateway.canaries.screening import Subject, leave_notice
from gateway.canaries.standing import end_notices, notices, suspended
from gateway.errors import BadSettings
from gateway.hits.expiry import expire_hits
from gateway.journal import KEPT_DAYS, Journal
from gateway.registry.tables import SUBJECTS
from gateway.store import reading, writing
from tests.gateway.gateway_world import (
    ANALIST,
    POLITIE,
    RIEC_BUREAU,
    World,
    codes_of,
    make_question,
    new_id,
    open_casus,
    put_question,
    tokens,
)

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def database(world: World) -> Path:
    return world.layout.gateway / "gateway.sqlite"


def limits(world: World) -> Path:
    return world.settings.limits


def back_up(world: World) -> Callable[[], World]:
    """A consistent copy of the database; what puts it back and starts the gateway on it."""
    copy = database(world).with_name("copy")
    with closing(sqlite3.connect(database(world))) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)

    def restore() -> World:
        world.close()
        for leftover in database(world).parent.glob(f"{database(world).name}*"):
            leftover.unlink()
        shutil.copy(copy, database(world))
        again = world.restart()
        recall(again.house)
        return again

    return restore


def people(prefix: str, count: int) -> list[tuple[Token, ...]]:
    return [tokens(bsn=f"{prefix} {number}") for number in range(count)]


def touch(world: World, *keys: bytes) -> str:
    """As a batch of the police that touches these canaries; the notice's id."""
    melding_id, house = new_id(), world.house
    subject = Subject(POLITIE, "RIEC", "2026", "batch", new_id(), ())
    k_store = house.keys(TokenDomein.RIEC, "2026").k_store
    with writing(house.store) as transaction:
        leave_notice(transaction, house.journal, k_store, subject, frozenset(keys), melding_id, world.clock())
    return melding_id


def end(world: World, melding_id: str) -> None:
    """As keeper and privacy officer do."""
    besluit = KanarieBesluit(besluit_id=new_id(), meldingen=(melding_id,), oordeel="vrijgeven")
    with writing(world.house.store) as transaction:
        end_notices(transaction, world.house.journal, besluit, "psn:po01", world.clock())


def counted(world: World) -> int:
    with reading(world.house.store) as transaction:
        return len(transaction.execute(select(SUBJECTS.c.number)).all())


def test_subjects_asked_about_since_the_backup_still_count(world: World) -> None:
    """Twenty of the casus' twenty-five were asked after the backup: it has room for five."""
    open_casus(world)
    restore = back_up(world)
    assert put_question(world, *people("a", 20)).status_code == 200
    again = restore()
    assert counted(again) == 20
    assert "SLEEPNET" in codes_of(put_question(again, *people("b", 6)))
    assert put_question(again, *people("b", 5)).status_code == 200
    again.close()


def test_a_party_suspended_since_the_backup_stays_suspended(world: World) -> None:
    """Its two touches are gone from the database, and are put back."""
    restore = back_up(world)
    touch(world, b"1" * 16, b"2" * 16)
    again = restore()
    with reading(again.house.store) as transaction:
        assert suspended(transaction) == {POLITIE}
        (notice,) = notices(transaction).meldingen
    assert (notice.partij, notice.geraakt, notice.gezien, notice.stand) == (POLITIE, 2, again.clock(), "open")
    again.close()


def test_a_notice_ended_since_the_backup_is_not_put_back(world: World) -> None:
    """Nor is one that the backup has open ended by itself: keeper and officer decide once more."""
    first = touch(world, b"1" * 16)
    restore = back_up(world)
    second = touch(world, b"2" * 16)
    end(world, first)
    end(world, second)
    again = restore()
    with reading(again.house.store) as transaction:
        assert [(m.melding_id, m.stand) for m in notices(transaction).meldingen] == [(first, "open")]
    again.close()


def test_a_start_without_a_restore_changes_nothing(world: World) -> None:
    """What the database has is not counted twice."""
    open_casus(world)
    put_question(world, *people("a", 20))
    touch(world, b"1" * 16)
    recall(world.house)
    assert counted(world) == 20
    assert put_question(world, *people("b", 5)).status_code == 200


def test_a_question_that_was_noted_and_not_answered_may_be_put_again(world: World) -> None:
    """The gateway died in between: it counts once, and its id still serves."""
    open_casus(world)
    question, restore = make_question(world, tokens(bsn="a")), back_up(world)
    assert world.party(RIEC_BUREAU).post("/v1/match-requests", question, ANALIST).status_code == 200
    again = restore()
    assert again.party(RIEC_BUREAU).post("/v1/match-requests", question, ANALIST).status_code == 200
    assert counted(again) == 1
    again.close()


def test_no_question_is_answered_that_cannot_be_noted(world: World) -> None:
    """Where the folder should be is a file: 503, and the database counts nothing."""
    open_casus(world)
    limits(world).write_text("")
    answer = put_question(world, tokens(bsn="a"))
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert counted(world) == 0


def test_a_gateway_whose_folder_is_gone_does_not_start(world: World) -> None:
    """Nobody could tell what a restored database forgets; a new gateway makes its own."""
    recall(world.house)
    assert limits(world).is_dir()
    open_casus(world)
    assert put_question(world, tokens(bsn="a")).status_code == 200
    shutil.rmtree(limits(world))
    with pytest.raises(BadSettings, match="limits: this folder is gone"):
        recall(world.house)
    limits(world).mkdir()
    recall(world.house)


def test_a_gateway_that_counts_touches_only_does_not_start_either(world: World) -> None:
    """A touch is as good a reason."""
    touch(world, b"1" * 16)
    shutil.rmtree(limits(world))
    with pytest.raises(BadSettings, match="gone"):
        recall(world.house)


def test_the_folder_tells_no_token(world: World) -> None:
    """Fingerprints only, under the gateway's key; nobody else reads it."""
    open_casus(world)
    asked = tokens(bsn="a")
    put_question(world, asked)
    (day,) = limits(world).iterdir()
    assert asked[0].waarde.encode() not in day.read_bytes()
    assert (limits(world).stat().st_mode & 0o777, day.stat().st_mode & 0o777) == (0o700, 0o600)


def test_the_retention_run_erases_days_that_no_limit_counts(world: World) -> None:
    """The day on which a limit still looks back stays."""
    open_casus(world)
    put_question(world, tokens(bsn="a"))
    world.clock.advance(days=KEPT_DAYS)
    expire_hits(world.house)
    assert len(list(limits(world).iterdir())) == 1
    world.clock.advance(days=1)
    expire_hits(world.house)
    assert list(limits(world).iterdir()) == []


def test_what_is_older_than_the_limits_is_not_counted_again(world: World) -> None:
    """A question of 31 days ago, still in its file."""
    open_casus(world)
    restore = back_up(world)
    put_question(world, tokens(bsn="a"))
    world.clock.advance(days=30, seconds=1)
    again = restore()
    assert counted(again) == 0
    again.close()


def test_a_line_that_broke_off_is_passed_over(tmp_path: Path) -> None:
    """The process died while it wrote: nothing rests on that line, and the next one is whole."""
    journal = Journal(tmp_path / "limits")
    journal.write(NOW, {"n": 1})
    with (tmp_path / "limits" / "2026-11-23.jsonl").open("ab") as file:
        file.write(b'{"n": 2')
    journal.write(NOW, {"n": 3})
    assert list(journal.read()) == [{"n": 1}, {"n": 3}]


def test_another_file_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    """Neither read nor erased."""
    journal = Journal(tmp_path)
    (tmp_path / "notes.jsonl").write_text("{}\n")
    journal.forget(NOW)
    assert list(journal.read()) == []
    assert (tmp_path / "notes.jsonl").exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 40), st.dictionaries(st.text(max_size=5), st.integers())), max_size=6))
def test_every_fact_is_read_back_in_order_of_days(tmp_path: Path, facts: list[tuple[int, dict[str, int]]]) -> None:
    """Whatever is written, once."""
    folder = tmp_path / new_id()
    journal = Journal(folder)
    for day, fact in facts:
        journal.write(NOW + timedelta(days=day), {**fact})
    assert list(journal.read()) == [fact for _, fact in sorted(facts, key=lambda item: item[0])]
