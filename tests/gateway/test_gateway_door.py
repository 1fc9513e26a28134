"""The door under strain: bodies too large, too slow or too deep, lengths that are none, errors that nobody foresaw."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request

from connectors.contract.canonical import b64u
from connectors.contract.signing import sign_jws
from connectors.contract.ticket import PROOF_SKEW
from gateway.caller import ACCESS_TYP, ASSERTION_TYPE, BODY_SECONDS, Toegang, spend, verify_caller
from gateway.errors import TooSlow, UnverifiedCaller
from gateway.store import writing
from gateway.web import door
from gateway.web.door import SMALL, body_chunks
from tests.gateway.gateway_world import POLITIE, World, lend, new_id

CHECKPOINT = "/v1/ledger/checkpoint"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def sign_in_with(world: World, body: bytes, headers: dict[str, str] | None = None) -> Any:
    """`POST /v1/tokens` with these bytes."""
    return world.http.post("/v1/tokens", content=body, headers=headers or FORM)


def test_a_stranger_cannot_fill_the_memory(world: World) -> None:
    """The form of a sign-in, which comes before anybody is known, is read under a limit: 413."""
    answer = sign_in_with(world, b"client_assertion=" + b"a" * SMALL)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_stranger_cannot_stream_without_end(world: World) -> None:
    """Nor when he declares no length."""

    def pieces() -> Iterator[bytes]:
        for _ in range(1000):
            yield b"a" * 65_536

    assert world.http.post("/v1/tokens", content=pieces(), headers=FORM).status_code == 413


def test_a_stranger_cannot_fill_the_disk(world: World) -> None:
    """A form with files is not parsed: 415."""
    answer = world.http.post("/v1/tokens", files={"client_assertion": b"a" * 2_000_000})
    assert (answer.status_code, answer.json()["code"]) == (415, "wrong_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"&".join(b"field%d=1" % number for number in range(100)),
        b"grant_type=\xff",
        b"",
        f"grant_type=password&client_assertion_type={ASSERTION_TYPE}".encode(),
    ],
    ids=["twice", "many", "not ascii", "empty", "other grant"],
)
def test_a_form_is_exactly_a_sign_in(world: World, body: bytes) -> None:
    """A field given twice, too many, no ASCII, none, another grant: 422."""
    assert sign_in_with(world, body).status_code == 422


@pytest.mark.parametrize("part", ["header", "payload"])
def test_a_deep_assertion_is_refused(world: World, part: str) -> None:
    """JSON nested beyond what a parser follows is no assertion: 401."""
    deep = b64u(b"[" * 20_000 + b"]" * 20_000)
    plain = b64u(json.dumps({"kid": world.party(POLITIE).key.public.thumbprint, "alg": "EdDSA"}).encode())
    assertion = f"{deep}.{deep}.AA" if part == "header" else f"{plain}.{deep}.AA"
    form = f"grant_type=client_credentials&client_assertion_type={ASSERTION_TYPE}&client_assertion={assertion}"
    assert sign_in_with(world, form[: SMALL - 1].encode()).status_code == 401


@pytest.mark.parametrize("length", ["²", "-1", "1e3", "9" * 5000, "0x10"])
def test_a_length_that_is_none_is_refused(world: World, length: str) -> None:
    """What Python would read as a digit, or as a number beyond its own limit, is no length."""
    headers = {**FORM, "Content-Length": length.encode("latin-1")}
    assert world.http.post("/v1/tokens", content=b"", headers=headers).status_code == 413


def test_who_sends_nothing_is_cut_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker thread waits for a body no longer than a while: 408."""

    async def never(_request: Request) -> Any:
        raise TimeoutError

    monkeypatch.setattr(Request, "receive", property(lambda request: lambda: never(request)))
    answer = sign_in_with(world, b"x=1")
    assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")


def test_a_body_that_drips_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """However regularly its pieces come: in all it has ten minutes."""
    given: list[float] = []

    def piece(_request: Request, seconds: float) -> dict[str, Any]:
        given.append(seconds)
        if seconds <= 0:
            raise TooSlow("too slow")
        return {"type": "http.request", "body": b"x", "more_body": True}

    monkeypatch.setattr(door, "_next_piece", piece)
    seconds = count(0.0, 20.0)
    with pytest.raises(TooSlow):
        list(body_chunks(Request({"type": "http", "headers": []}), 10_000, lambda: next(seconds)))
    assert len(given) == BODY_SECONDS / 20


def test_a_slow_request_cannot_be_sent_twice(world: World) -> None:
    """Two requests with one proof, both begun in time and ended one after the other: the second is a replay, and after
    the time for a body neither is accepted."""
    police, house = world.party(POLITIE), world.house
    token = police.token()
    signed = police.headers("GET", CHECKPOINT, b"", token=token)["Schakel-Proof"]
    era = house.era.at(world.clock())
    begun = verify_caller(token, signed, house.federatie, method="GET", path=CHECKPOINT, era=era, now=world.clock())
    for later in (2 * PROOF_SKEW + timedelta(seconds=1), timedelta(seconds=BODY_SECONDS)):
        now = world.clock() + later
        with writing(house.store) as transaction:
            if later < timedelta(minutes=5):
                assert spend(transaction, begun, era, now).id == POLITIE
            with pytest.raises(UnverifiedCaller, match="before"):
                spend(transaction, begun, era, now)
    with writing(house.store) as transaction, pytest.raises(UnverifiedCaller, match="too long"):
        spend(transaction, begun, era, begun.expires)


def test_a_place_beyond_the_database_is_malformed(world: World) -> None:
    """A start of more than 64 bits is the caller's fault, not the database's."""
    police = world.party(POLITIE)
    for start in (2**63, 10**30, -1):
        assert police.get(f"/v1/ledger/entries?start={start}").status_code == 422
    assert police.get(f"/v1/ledger/entries?start={2**63 - 1}").json() == {"bladen": []}


def test_an_unforeseen_error_keeps_its_values(
    world: World, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """500 as a problem document with every header; the log names the kind of error, nobody its words."""

    def broken(*_: object) -> None:
        raise KeyError("psn:secret 999990019")

    monkeypatch.setattr("gateway.web.api.checkpoint", broken)
    with caplog.at_level(logging.DEBUG):
        answer = world.party(POLITIE).get(CHECKPOINT)
    assert (answer.status_code, answer.json()["code"]) == (500, "gateway_error")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["api-version"]
    out = "".join(capfd.readouterr()) + caplog.text + answer.text
    assert "KeyError" in out
    assert "999990019" not in out
    assert "Traceback" not in out


def test_the_server_around_the_application_hears_of_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would print it whole."""

    def broken(*_: object) -> None:
        raise KeyError("value")

    monkeypatch.setattr("gateway.web.api.checkpoint", broken)
    monkeypatch.setattr(world.http, "_transport", _raising(world))
    assert world.party(POLITIE).get(CHECKPOINT).status_code == 500


def _raising(world: World) -> Any:
    transport: Any = world.http._transport
    transport.raise_server_exceptions = True
    return transport


def test_a_database_error_quotes_no_value(world: World) -> None:
    """Whoever prints one prints the statement, not what was in it."""
    row = {"party": "999990019", "jti": b"x", "expires_ms": 1}
    statement = text("INSERT INTO replays (party, jti, expires_ms) VALUES (:party, :jti, :expires_ms)")
    with pytest.raises(IntegrityError) as caught, world.house.store.begin() as transaction:
        transaction.execute(statement, [row, row])
    assert "999990019" not in str(caught.value)


def test_a_method_that_is_not_allowed_names_those_that_are(world: World) -> None:
    """405 with Allow (RFC 9110, section 15.5.6)."""
    answer = world.http.delete("/v1/tokens")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


def test_metrics_are_for_the_machine_itself(world: World) -> None:
    """From anywhere else there is nothing at that address."""
    client: Any = world.http._transport
    client.client = ("192.0.2.1", 50_000)
    assert world.http.get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 50_000,
        b'{"subject": ' * 20_000,
        b'{"subject":{},"action":{},"resource":{},"context":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"subject":{},"action":{},"resource":{},"context":{"time":NaN}}',
        b'{"subject":{"id":1e999},"action":{},"resource":{},"context":{}}',
        b'{"subject":{"id":' + b"9" * 5000 + b'},"action":{},"resource":{},"context":{}}',
        b'{"subject":{"id":"\\ud800"},"action":{},"resource":{},"context":{}}',
        b"\xff\xfe",
    ],
    ids=["list", "objects", "inside", "nan", "infinite", "digits", "surrogate", "bytes"],
)
@pytest.mark.parametrize("path", ["/access/v1/evaluation", "/v1/match-requests"])
def test_strange_json_is_refused(world: World, path: str, body: bytes) -> None:
    """Nested beyond reach, numbers that are none, half characters: the caller's fault or a refusal, never ours."""
    police = world.party(POLITIE)
    headers = police.headers("POST", path, body) | {"Content-Type": "application/json"}
    answer = world.http.post(path, content=body, headers=headers)
    assert answer.status_code in {200, 400, 413, 422}, answer.text
    assert answer.json().get("decision") is not True


@pytest.mark.parametrize("changed", [{"cnf": {"jkt": "A" * 43}}, {"iss": "0" * 20}], ids=["key", "issuer"])
def test_a_token_of_another_key_or_gateway_is_none(world: World, changed: dict[str, Any]) -> None:
    """Signed by this gateway, but for a key that the party no longer has, or under another name."""
    police, moment = world.party(POLITIE), int(world.clock().timestamp())
    claims = {
        "iss": world.federatie.gateway.oin,
        "sub": POLITIE,
        "iat": moment,
        "exp": moment + 600,
        "jti": new_id(),
        "era": world.house.era.at(world.clock()),
        "cnf": {"jkt": police.key.public.thumbprint},
    }
    for values, status in ((claims, 200), (claims | changed, 401)):
        token = sign_jws(Toegang.model_validate(values), world.house.signing, ACCESS_TYP)
        headers = police.headers("GET", CHECKPOINT, b"", token=token)
        assert world.http.get(CHECKPOINT, headers=headers).status_code == status


def test_a_share_of_an_epoch_that_is_not_open_is_refused(world: World) -> None:
    """422: rows under it could not be asked about."""
    answer = lend(world, POLITIE, epoch="2020")
    assert (answer.status_code, answer.json()["code"]) == (422, "epoch_not_open")
