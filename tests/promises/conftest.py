"""Fixtures of the promises: a federation in memory, empty or with what the police delivered and an open casus."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connectors.contract.codes import TokenDomein
from connectors.delivery import lend_share
from tests.connectors.samples import write_mapping, write_source
from tests.gateway.gateway_world import POLITIE
from tests.world import ANALYST_PARTY, Federation, build_federation, copy_federation, deliver, open_case


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Federation]:
    """Gateway, custodians and connectors; nothing delivered yet."""
    made = build_federation(tmp_path / "federation")
    yield made
    made.stop_gateway()


@pytest.fixture(scope="session")
def police_delivered(tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """A stopped federation: the police delivered twelve invented people under RIEC; the RIEC bureau has an open casus,
    approved for a day. Tests work on copies."""
    root = tmp_path_factory.mktemp("delivered")
    federation = build_federation(root / "federation")
    source, mapping = write_source(root / "registraties.csv", 12), write_mapping(root / "registraties.toml")
    with federation.connector(POLITIE) as police:
        deliver(police, source, mapping)
    with federation.connector(ANALYST_PARTY) as bureau:
        open_case(bureau)
    federation.stop_gateway()
    return federation


@pytest.fixture
def delivered(police_delivered: Federation, tmp_path: Path) -> Iterator[Federation]:
    """A running copy of `police_delivered`; the police have lent their share."""
    made = copy_federation(police_delivered, tmp_path / "federation")
    with made.connector(POLITIE) as police:
        lend_share(police, TokenDomein.RIEC)
    made.wire.exchanges.clear()
    yield made
    made.stop_gateway()


@pytest.fixture
def police_rows(police_delivered: Federation) -> list[dict[str, Any]]:
    """The rows as the police sent them: what a gateway that remembers everything would have."""
    (batch,) = (exchange for exchange in police_delivered.wire.exchanges if exchange.method == "PUT")
    return [json.loads(line) for line in batch.body.splitlines()[1:]]
