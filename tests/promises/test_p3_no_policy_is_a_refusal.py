"""P3: an unknown, stale, slow or absent policy is a refusal. The real engine classes meet a policy that misbehaves in
one way at a time; a ticket, a batch and a question are refused, and nothing has changed but refusals in the ledger."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue

from connectors.contract.codes import Actie, TokenDomein, TokenKlasse
from connectors.contract.ticket import TicketAanvraag
from connectors.delivery import lend_share
from deploy.demo.processes import free_ports
from gateway.app import open_ground
from gateway.hits.tables import QUESTIONS
from gateway.intake.tables import RECEIPTS
from gateway.ledger.entries import Event
from gateway.permit.activation import in_force
from gateway.policy.answer import Answer
from gateway.policy.archive import bundle_archive
from gateway.policy.bundle import PolicyBundle, make_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import PolicyEngine
from gateway.policy.opa_address import opa_address
from gateway.policy.opa_server import OpaServerEngine
from gateway.policy.room import Lease, PolicyRoom
from gateway.policy.shelf import kept
from gateway.policy.standing import open_in_force
from gateway.vault.tables import SEALED
from tests.gateway.gateway_world import (
    ANALIST,
    POLITIE,
    RIEC_BUREAU,
    make_batch,
    make_question,
    riec_row,
    tokens,
)
from tests.world import CASUS, PURPOSE, Federation, approve_questions

REVISION = "the expected revision"
Reply = dict[str, Any]
Change = Callable[[Reply], object]


@contextmanager
def opa_that(federation: Federation, change: Change, delay: float = 0.0) -> Iterator[str]:
    """An OPA server that would answer rightly, but for `change`; yields its address."""
    honest = EmbeddedEngine(federation.gateway.house.policy.bundle)

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
            reply: Reply = {
                "result": honest.decide(asked).model_dump(mode="json"),
                "provenance": {"version": "1.0.0", "bundles": {"schakel": {"revision": REVISION}}},
            }
            instead = change(reply)
            body = instead if isinstance(instead, bytes) else json.dumps(reply).encode()
            time.sleep(delay)
            self.send_response(500 if instead == b"" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


class Stumbles:
    """An engine that breaks in a way nobody foresaw."""

    name = "embedded"

    def decide(self, question: JsonValue) -> Answer:
        raise RuntimeError("unforeseen")


def outcomes(federation: Federation) -> list[int]:
    """The statuses of a ticket, a batch and a question that a sound policy allows."""
    world = federation.gateway
    wanted = TicketAanvraag(
        domein=TokenDomein.RIEC,
        epoch="2026",
        klasse=TokenKlasse.ID,
        aantal=16,
        actie=Actie.MATCH_AANVRAGEN,
        doel=PURPOSE,
        casus_id=CASUS,
    )
    batch_id, raw = make_batch(world, POLITIE, [riec_row(tokens(bsn="new"))])
    bureau, police = world.party(RIEC_BUREAU), world.party(POLITIE)
    return [
        bureau.post("/v1/tickets", wanted, ANALIST).status_code,
        police.put(f"/v1/batches/{batch_id}", raw).status_code,
        bureau.post("/v1/match-requests", make_question(world, tokens(bsn="new")), ANALIST).status_code,
    ]


def state(federation: Federation) -> tuple[int, ...]:
    """What may not change under a refusal: rows, receipts, questions, the index, tickets given."""
    house = federation.gateway.house
    counts = [federation.count(table) for table in (SEALED, RECEIPTS, QUESTIONS)]
    return (*counts, house.index.size("RIEC", "2026"), len(federation.entries(Event.TICKET)))


def decide_by(federation: Federation, engine: PolicyEngine, lease: Lease | None = None) -> None:
    """Have the gateway decide by this engine, under rules verified now or as `lease` says."""
    house = federation.gateway.house
    given = lease or Lease(federation.clock(), signed=True)
    federation.serve(replace(house, policy=PolicyRoom(house.policy.bundle, engine, lambda: given, house.ids)))


def embedded(federation: Federation) -> EmbeddedEngine:
    return EmbeddedEngine(federation.gateway.house.policy.bundle)


def opa(url: str, deadline: float = 20.0) -> OpaServerEngine:
    return OpaServerEngine(replace(opa_address(url), deadline=deadline), REVISION)


def refused(federation: Federation) -> list[int]:
    """The statuses, after asserting that nothing changed and that no allow was logged meanwhile."""
    before, allows = state(federation), _allows(federation)
    statuses = outcomes(federation)
    assert state(federation) == before
    assert _allows(federation) == allows
    return statuses


def _allows(federation: Federation) -> int:
    return sum(body["status"] == "allow" for _, body in federation.entries(Event.DECISION))


def test_a_sound_policy_allows_all_three(delivered: Federation) -> None:
    """The control: the same calls, decided by the embedded engine and then by an OPA server that answers rightly."""
    decide_by(delivered, embedded(delivered))
    assert outcomes(delivered) == [200, 201, 200]
    with opa_that(delivered, lambda reply: None) as url:
        decide_by(delivered, opa(url))
        assert outcomes(delivered) == [200, 201, 200]


FAULTS: dict[str, Change] = {
    "undefined": lambda reply: reply.pop("result"),
    "empty": lambda reply: reply.clear(),
    "not JSON": lambda reply: b"<html>allow</html>",
    "an error": lambda reply: b"",
    "the text true": lambda reply: reply["result"].update(decision="true"),
    "the number 1": lambda reply: reply["result"].update(decision=1),
    "an allow with nothing to show for it": lambda reply: reply["result"]["context"]["beleid"].update(matrix_rijen=[]),
    "a field too many": lambda reply: reply["result"].update(override=True),
    "another bundle": lambda reply: reply["provenance"]["bundles"]["schakel"].update(revision="older"),
    "no bundle": lambda reply: reply["provenance"].update(bundles={}),
    "rules of another release": lambda reply: reply["result"]["context"]["beleid"].update(revisie="1999.1"),
}


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_an_answer_that_is_not_whole_is_a_refusal(delivered: Federation, fault: str) -> None:
    """The server would allow, but for one thing."""
    with opa_that(delivered, FAULTS[fault]) as url:
        decide_by(delivered, opa(url))
        assert set(refused(delivered)) <= {403, 503}


def test_a_policy_that_is_not_there_is_a_refusal(delivered: Federation) -> None:
    """Nobody listens at the address: try again later, and nothing happened."""
    decide_by(delivered, opa(f"http://127.0.0.1:{free_ports(1)[0]}"))
    assert refused(delivered) == [503, 503, 503]


def test_a_slow_policy_is_a_refusal(delivered: Federation) -> None:
    """The right answer after the deadline is no answer."""
    with opa_that(delivered, lambda reply: None, delay=1.5) as url:
        decide_by(delivered, opa(url, deadline=0.2))
        assert refused(delivered) == [503, 503, 503]


def test_a_stale_policy_is_a_refusal(delivered: Federation) -> None:
    """Rules that nobody verified for more than 24 hours decide nothing (check BELEID_ONGELDIG)."""
    old = Lease(delivered.clock() - timedelta(hours=24, seconds=1), signed=True)
    decide_by(delivered, embedded(delivered), old)
    assert refused(delivered) == [403, 403, 403]


def test_an_unsigned_policy_is_a_refusal(delivered: Federation) -> None:
    """Rules without the owners' signatures decide nothing."""
    decide_by(delivered, embedded(delivered), Lease(delivered.clock(), signed=False))
    assert refused(delivered) == [403, 403, 403]


def lend_again(federation: Federation) -> None:
    """A day later: leases and approvals are given anew, so that nothing but policy can refuse."""
    with federation.connector(POLITIE) as police, federation.connector(RIEC_BUREAU) as bureau:
        lend_share(police, TokenDomein.RIEC)
        approve_questions(bureau)


def kept_rules(federation: Federation) -> Path:
    """The file from which the gateway verifies its rules."""
    (found,) = federation.gateway.settings.bundles.glob("*.tar.gz")
    return found


def test_the_rules_are_verified_again_and_stay_in_force(delivered: Federation) -> None:
    """The control: a day on, signatures and the rules on disk are still good, and nothing has gone stale."""
    delivered.clock.advance(hours=30)
    lend_again(delivered)
    assert outcomes(delivered) == [200, 201, 200]


def test_rules_that_change_on_disk_refuse_everything(delivered: Federation) -> None:
    """The owners' signatures do not cover them: from the next look on, within an hour, nothing is decided."""
    place, house = kept_rules(delivered), delivered.gateway.house
    files = {**house.policy.bundle.files}
    files["schakel/tables/thresholds/data.json"] = files["schakel/tables/thresholds/data.json"].replace("25", "2500")
    place.write_bytes(bundle_archive(make_bundle(files), {}, None))
    delivered.clock.advance(hours=1)
    lend_again(delivered)
    assert refused(delivered) == [403, 403, 403]


def test_rules_that_are_put_back_are_in_force_again(delivered: Federation) -> None:
    """Fail closed, not broken: a minute after the right file is back, the same three calls succeed."""
    place = kept_rules(delivered)
    right = place.read_bytes()
    place.unlink()
    delivered.clock.advance(hours=1)
    lend_again(delivered)
    assert refused(delivered) == [403, 403, 403]
    place.write_bytes(right)
    delivered.clock.advance(minutes=1)
    assert outcomes(delivered) == [200, 201, 200]


def test_rules_that_nobody_can_verify_go_stale(delivered: Federation) -> None:
    """A disk that does not answer: the rules in use decide for a day after they were last verified, then no more."""
    house, clock = delivered.gateway.house, delivered.clock
    ground = open_ground(delivered.gateway.settings, clock)
    answering = [True]

    def read(digest: str) -> PolicyBundle:
        if not answering[0]:
            raise OSError("the disk does not answer")
        return kept(digest, ground.shelf)

    room = open_in_force(lambda: in_force(ground), read, ground.owners, EmbeddedEngine, clock, house.ids)
    delivered.serve(replace(house, policy=room))
    assert outcomes(delivered) == [200, 201, 200]
    answering[0] = False
    clock.advance(hours=23, minutes=59)
    lend_again(delivered)
    assert outcomes(delivered)[0] == 200
    clock.advance(minutes=2)
    assert refused(delivered) == [403, 403, 403]
    answering[0] = True
    clock.advance(minutes=1)
    assert outcomes(delivered)[0] == 200
    ground.store.dispose()


def test_a_policy_that_stumbles_is_a_refusal(delivered: Federation) -> None:
    """Whatever an engine raises, nothing is allowed."""
    decide_by(delivered, Stumbles())
    assert all(status >= 403 for status in refused(delivered))


def test_a_refused_batch_can_be_sent_again(delivered: Federation) -> None:
    """Fail closed, not broken: once policy answers again, the same three calls succeed."""
    decide_by(delivered, opa(f"http://127.0.0.1:{free_ports(1)[0]}"))
    assert refused(delivered) == [503, 503, 503]
    decide_by(delivered, embedded(delivered))
    assert outcomes(delivered) == [200, 201, 200]
