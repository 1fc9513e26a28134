"""A thief with the gateway's whole folder, keys included: he learns sizes and what was released, and matches nobody."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.contract.answers import Antwoord
from connectors.contract.codes import TabelId, TokenDomein
from connectors.delivery import lend_share
from tests.connectors.samples import bsn
from tests.gateway.gateway_world import KMAR, NLA, POLITIE, World, deliver, make_world
from tests.gateway.releasing import released, request, some_people
from tests.world import ANALYST_PARTY, Federation, copy_federation, put_question


def cells(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of a database file, as the thief's own SQLite reads it."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as stolen:
        names = [name for (name,) in stolen.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()]
        return {name: stolen.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}


@pytest.fixture
def stolen(police_delivered: Federation, tmp_path: Path) -> Iterator[Federation]:
    """The thief's own gateway on a copy of database and keys; no partner lends it a share."""
    made = copy_federation(police_delivered, tmp_path / "stolen")
    yield made
    made.stop_gateway()


def test_the_thief_counts_records(stolen: Federation) -> None:
    """A limit, not a promise: how many records each party delivered stands beside them."""
    (sealed,) = (rows for name, rows in cells(stolen.database).items() if name == "sealed_rows")
    assert sum(POLITIE in row for row in sealed) == 12


def test_a_partners_tokens_match_nobody(stolen: Federation) -> None:
    """The very tokens of people whom the police delivered, asked at the thief's gateway: unknown, nobody present."""
    with stolen.connector(ANALYST_PARTY) as bureau:
        for number in (1, 3, 5):
            answer = put_question(bureau, bsn(number)).antwoord
            assert (answer.antwoord, answer.partners_aanwezig) == (Antwoord.ONBEKEND, 0)


def test_with_the_partner_present_they_do(stolen: Federation) -> None:
    """The instrument: once the police lend their share to that gateway, the same question finds the same person."""
    with stolen.connector(POLITIE) as police:
        lend_share(police, TokenDomein.RIEC)
    with stolen.connector(ANALYST_PARTY) as bureau:
        assert put_question(bureau, bsn(1)).antwoord.antwoord is Antwoord.BEKEND


@pytest.fixture(scope="module")
def publishing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway that published one table of 180 people."""
    world = make_world(tmp_path_factory.mktemp("publishing"))
    people = some_people(180)
    for party, rows in ((NLA, people[:70]), (POLITIE, people[70:130]), (KMAR, people[130:])):
        assert deliver(world, party, rows, TokenDomein.MONITOR).status_code == 201
    released(world, request("monitor-2026-1", TabelId.ROUTE_PER_VORM))
    yield world
    world.close()


def test_the_thief_reads_what_was_released(publishing: World) -> None:
    """A limit, not a promise, and no count more than every party could read already: what stands withheld there is
    withheld in every document of the release, drafts included."""
    published = publishing.party(NLA).get("/v1/releases/monitor-2026-1").json()["tabellen"]
    assert any("aantal" not in cell for table in published for cell in table["cellen"])
    stored = [value for row in cells(publishing.layout.gateway / "gateway.sqlite")["releases"] for value in row]
    documents = [json.loads(value) for value in stored if isinstance(value, bytes) and value.startswith(b"{")]
    with_tables = [one["tabellen"] for one in documents if "hierarchieen" in one]
    assert published in with_tables
    assert all(tables == published for tables in with_tables)
    assert "aantal" not in {name for one in documents if "hierarchieen" not in one for name in named(one)}


def named(value: Any) -> Iterator[str]:
    """Every name in a document."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner)
