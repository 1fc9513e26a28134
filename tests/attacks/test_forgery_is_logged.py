"""A forger is refused and appears in the log of the house that refused him, by code; nothing of what he sent does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.gateway_world import POLITIE, Party, World, make_world
from tests.world import wire_to_custodians


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A running gateway."""
    made = make_world(tmp_path)
    yield made
    made.close()


@pytest.fixture
def police(world: World) -> Party:
    return world.party(POLITIE)


def printed(capfd: pytest.CaptureFixture[str]) -> str:
    return "".join(capfd.readouterr())


def test_a_replayed_assertion_is_logged(police: Party, capfd: pytest.CaptureFixture[str]) -> None:
    """`refused`, with the code of what was wrong and the address it came to."""
    assertion = police.assertion()
    police.sign_in(assertion)
    printed(capfd)
    assert police.sign_in(assertion).status_code == 401
    lines = printed(capfd)
    assert "refused" in lines
    assert "replayed" in lines
    assert "POST /v1/tokens" in lines
    assert assertion not in lines


def test_a_stolen_token_is_logged(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    """A request without its owner's signature; the token itself is not printed."""
    token = world.party(POLITIE).token()
    printed(capfd)
    answer = world.http.get("/v1/ledger/checkpoint", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    lines = printed(capfd)
    assert "refused" in lines
    assert token not in lines


def test_an_honest_request_is_not(police: Party, capfd: pytest.CaptureFixture[str]) -> None:
    """The control: what is allowed leaves no such line."""
    printed(capfd)
    assert police.get("/v1/ledger/checkpoint").status_code == 200
    assert "refused" not in printed(capfd)


@pytest.mark.parametrize("nr", [1, 2])
def test_a_custodian_logs_who_comes_without_a_ticket(world: World, nr: int, capfd: pytest.CaptureFixture[str]) -> None:
    """Either custodian."""
    url = world.federatie.custodians[nr - 1].url
    door = wire_to_custodians(world.layout, world.clock).listening[url.removeprefix("http://")]
    printed(capfd)
    assert door.post(f"{url}/v1/evaluate/cx", content=bytes(16 * 32)).status_code >= 400
    assert "refused" in printed(capfd)
