"""A gateway on SQLite, and on both engines where the store matters."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.gateway_world import World, make_world
from tests.gateway.postgres_cluster import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A private PostgreSQL on a unix socket; skipped without initdb, but never in CI."""
    with Cluster.start(tmp_path_factory.mktemp("pg")) as running:
        yield running


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A running gateway on SQLite."""
    made = make_world(tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A running gateway, once on each engine."""
    if request.param == "sqlite":
        made = make_world(tmp_path)
    else:
        running: Cluster = request.getfixturevalue("cluster")
        made = make_world(tmp_path, running.fresh_database())
    yield made
    made.close()
