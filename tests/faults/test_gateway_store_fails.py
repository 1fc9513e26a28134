"""The database fails in the middle of an act: full, or its connection is cut. Nothing is promised or half there,
and the same request again ends in one receipt."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from httpx import Response
from sqlalchemy import event

from gateway.ledger.append import append
from gateway.ledger.verify import verify
from gateway.store import reading
from gateway.vault.rows import count_rows
from tests.gateway.conftest import any_world, cluster, world
from tests.gateway.gateway_world import (
    POLITIE,
    World,
    answer_of,
    lend,
    make_batch,
    make_world,
    open_casus,
    put_question,
    riec_row,
    tokens,
)
from tests.gateway.postgres_cluster import Cluster

__all__ = ["any_world", "cluster", "world"]
MUCH = 1_000_000


def state(world: World) -> tuple[int, int]:
    """Stored rows, and entries of a ledger that holds."""
    with reading(world.house.store) as transaction:
        return count_rows(transaction), verify(transaction).size


def cap_pages(world: World, most: Callable[[], int]) -> None:
    """From now on SQLite's file has at most so many pages."""

    @event.listens_for(world.house.store, "begin")
    def capped(connection: Any) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={most()}")


@pytest.fixture
def batch(world: World) -> tuple[str, bytes]:
    """A batch that needs more room than a page or two."""
    lend(world, POLITIE)
    return make_batch(world, POLITIE, [riec_row(tokens(bsn=str(n), phone=str(n))) for n in range(300)])


def put(world: World, batch: tuple[str, bytes]) -> Response:
    """Send it as the police."""
    return world.party(POLITIE).put(f"/v1/batches/{batch[0]}", batch[1])


def test_a_full_disk_promises_nothing(world: World, batch: tuple[str, bytes]) -> None:
    """503; when there is room again the same batch is stored once."""
    before = state(world)
    with world.house.store.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit = [pages + 10]
    cap_pages(world, lambda: limit[0])
    answer = put(world, batch)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    limit[0] = MUCH
    assert state(world) == before
    assert [put(world, batch).status_code for _ in range(2)] == [201, 200]
    assert state(world)[0] == before[0] + 300


def test_a_full_disk_refuses_questions_too(world: World, batch: tuple[str, bytes]) -> None:
    """No answer without its entry, and none later for a question that was not entered."""
    assert put(world, batch).status_code == 201
    open_casus(world)
    with world.house.store.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit = [pages]
    cap_pages(world, lambda: limit[0])
    codes = {put_question(world, tokens(bsn=str(n))).status_code for n in range(12)}
    assert 503 in codes
    limit[0] = MUCH
    assert answer_of(put_question(world, tokens(bsn="1"))) == "bekend"
    state(world)


def cut(cluster: Cluster, world: World) -> None:
    """End every session of this database, as a restart of PostgreSQL does."""
    with psycopg.connect(host=str(cluster.socket), user=cluster.user, dbname="postgres", autocommit=True) as other:
        name = world.house.store.url.database
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@pytest.fixture
def on_postgres(cluster: Cluster, tmp_path: Path) -> Iterator[World]:
    """A gateway on PostgreSQL."""
    made = make_world(tmp_path, cluster.fresh_database())
    yield made
    made.close()


@pytest.mark.postgres
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_connection_cut_in_a_transaction_promises_nothing(
    cluster: Cluster, on_postgres: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Rows are written, the entry is about to be or just was: 503, nothing there, and once after a resend."""
    lend(on_postgres, POLITIE)
    before = state(on_postgres)
    batch = make_batch(on_postgres, POLITIE, [riec_row(tokens(bsn="a"))])

    def cut_append(*args: Any) -> Any:
        if moment == "before":
            cut(cluster, on_postgres)
        places = append(*args)
        cut(cluster, on_postgres)
        return places

    with monkeypatch.context() as faulty:
        faulty.setattr("gateway.intake.batches.append", cut_append)
        answer = put(on_postgres, batch)
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert state(on_postgres) == before
    assert [put(on_postgres, batch).status_code for _ in range(2)] == [201, 200]
    assert state(on_postgres)[0] == before[0] + 1
