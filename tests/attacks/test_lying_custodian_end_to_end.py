"""A custodian that answers wrongly over the wire: the connector believes nothing, sends nothing, exits with 6."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from connectors.contract.exits import Exit
from connectors.errors import NotVerified
from pseudonymizer.oprf.evaluate import evaluate_batch
from pseudonymizer.oprf.keys import derive_key_pair
from tests.connectors.samples import write_mapping, write_source
from tests.gateway.gateway_world import POLITIE
from tests.world import Federation, approve_delivery, build_federation, send_delivery

Lie = Callable[[bytes, bytes], bytes]
ELSE = derive_key_pair(bytes(range(32)), b"schakel1|c1|RIEC|2026|cx")


@dataclass
class Liar:
    """Stands before an honest custodian and changes its answers; counts what it was asked."""

    honest: TestClient
    lie: Lie
    asked: int = 0

    def request(self, method: str, url: str, content: bytes, headers: Any) -> httpx.Response:
        answer = self.honest.request(method, url, content=content, headers=headers)
        if answer.status_code != 200:
            return answer
        self.asked += 1
        return httpx.Response(
            200, headers={"content-type": answer.headers["content-type"]}, content=self.lie(content, answer.content)
        )


def another_key(body: bytes, _: bytes) -> bytes:
    """Evaluated and proven under a key that nobody pinned."""
    return evaluate_batch(ELSE, body, secrets.token_bytes)


def tagged(_: bytes, answer: bytes) -> bytes:
    """One element is another one's: to recognise its owner later."""
    return answer[32:64] + answer[32:]


def swapped(_: bytes, answer: bytes) -> bytes:
    """Two answers change places."""
    return answer[32:64] + answer[:32] + answer[64:]


def cut(_: bytes, answer: bytes) -> bytes:
    """The last element is missing."""
    return answer[:-96] + answer[-64:]


LIES = [another_key, tagged, swapped, cut]


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[Federation]:
    """Nothing delivered yet."""
    made = build_federation(tmp_path / "federation")
    yield made
    made.stop_gateway()


@pytest.mark.parametrize("nr", [1, 2])
@pytest.mark.parametrize("lie", LIES)
def test_a_lie_stops_the_delivery(federation: Federation, tmp_path: Path, lie: Lie, nr: int) -> None:
    """Whichever custodian lies and however: exit 6, and no batch reaches the gateway."""
    source, mapping = write_source(tmp_path / "source.csv", 3), write_mapping(tmp_path / "mapping.toml")
    place = federation.federatie.custodians[nr - 1].url.removeprefix("http://")
    with federation.connector(POLITIE) as police:
        approve_delivery(police, source, mapping)
        liar = Liar(federation.wire.listening[place], lie)
        federation.wire.listening[place] = liar  # type: ignore[assignment]
        with pytest.raises(NotVerified, match="does not verify") as refused:
            send_delivery(police, source, mapping)
        assert refused.value.exit_code is Exit.UNVERIFIED
        assert liar.asked == 1
        assert not [exchange for exchange in federation.wire.exchanges if exchange.method == "PUT"]


def test_after_the_lie_the_same_command_goes_through(federation: Federation, tmp_path: Path) -> None:
    """Nothing is half done: once the custodian answers rightly, the delivery arrives."""
    source, mapping = write_source(tmp_path / "source.csv", 3), write_mapping(tmp_path / "mapping.toml")
    place = federation.federatie.custodians[1].url.removeprefix("http://")
    honest = federation.wire.listening[place]
    with federation.connector(POLITIE) as police:
        approve_delivery(police, source, mapping)
        federation.wire.listening[place] = Liar(honest, tagged)  # type: ignore[assignment]
        with pytest.raises(NotVerified):
            send_delivery(police, source, mapping)
        federation.wire.listening[place] = honest
        send_delivery(police, source, mapping)
    assert len([exchange for exchange in federation.wire.exchanges if exchange.method == "PUT"]) == 1
