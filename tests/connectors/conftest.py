"""Fixtures of the connector's tests: a federation on disk, a peer, and a small police file with its mapping."""

from pathlib import Path

import pytest

from tests.connectors.peer import Peer, make_peer
from tests.connectors.samples import write_mapping, write_source


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return make_peer(tmp_path / "federation")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_source(tmp_path / "registraties.csv")


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    return write_mapping(tmp_path / "registraties.toml")
