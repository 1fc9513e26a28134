"""The other side of a connector, for fault injection: gateway and both custodians with real keys and real checks of the
contract, in one object that a test can break on purpose. The whole chain on the real gateway is in tests/journeys.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from connectors.contract.answers import (
    RECEIPT_TYP,
    Intrekking,
    LeaseStand,
    LedgerPlaats,
    Ontvangst,
    SignedReceipt,
    ToegangAntwoord,
)
from connectors.contract.batch import read_header, read_rows
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import TokenKlasse
from connectors.contract.signing import PublicJwk, SigningKey, sign_jws, verify_jws
from connectors.contract.ticket import (
    PROOF_TYP,
    TICKET_TYP,
    Confirmation,
    Proof,
    Ticket,
    TicketAanvraag,
    TicketAntwoord,
    digest_of,
    verify_proof,
)
from connectors.settings import Settings, read_settings
from deploy.demo.federation import Layout, lay_out
from pseudonymizer.custodian.seeds import keys_of, read_seed
from pseudonymizer.oprf.evaluate import evaluate_batch

REPOSITORY = Path(__file__).resolve().parents[2]
PARTIES = REPOSITORY.parent / "shared" / "policy" / "parties.json"
GATEWAY, FIRST, SECOND = "http://gateway.test:1", "http://custodian1.test:1", "http://custodian2.test:1"
POLICE = "00000099000000020000/opsporing"
BUREAU = "00000099000000050000/bureau"
Answer = tuple[int, bytes]
_PLACE = LedgerPlaats(index=0, blad="A" * 43, hoofd="A" * 43)


def random_bytes(count: int) -> bytes:
    with open("/dev/urandom", "rb") as handle:
        return handle.read(count)


@dataclass
class Peer:
    """Gateway and custodians. `fault` sees every call first and may answer in their place or raise."""

    layout: Layout
    gateway_key: SigningKey
    fault: Callable[[str, str, bytes], Answer | None] = lambda method, path, body: None
    batches: dict[str, bytes] = field(default_factory=dict)
    withdrawals: list[Intrekking] = field(default_factory=list)
    tickets: list[TicketAanvraag] = field(default_factory=list)
    evaluated: dict[str, int] = field(default_factory=dict)
    shares: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    proofs: set[str] = field(default_factory=set)

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        self.calls.append((method, parts.path))
        if (broken := self.fault(method, parts.path, body)) is not None:
            return broken
        if parts.path.startswith("/v1/evaluate/"):
            return self._evaluate(2 if "custodian2" in url else 1, url, headers, body)
        if parts.path == "/v1/tokens":
            return 200, canonical_bytes(ToegangAntwoord(access_token="access-token", expires_in=600))
        self._check_proof(method, url, headers, body)
        if parts.path == "/v1/tickets":
            return self._ticket(TicketAanvraag.model_validate_json(body))
        if parts.path == "/v1/leases":
            lease = json.loads(body)
            self.shares[lease["domein"]] = lease.get("share", "")
            until = datetime.now(UTC) + timedelta(hours=24)
            return 200, canonical_bytes(LeaseStand(lease_needed=False, verloopt=until, hoofd="A" * 43))
        if parts.path == "/v1/withdrawals":
            withdrawal = Intrekking.model_validate_json(body)
            self.withdrawals.append(withdrawal)
            return 200, self.receipt(
                "intrekking", withdrawal.intrekking_id, digest_of(body), len(withdrawal.record_ids)
            )
        if parts.path.startswith("/v1/batches/"):
            return self._batch(parts.path.rsplit("/", 1)[1], body)
        return 404, b"{}"

    def receipt(self, soort: str, id_: str, digest: str, aantal: int, key: SigningKey | None = None) -> bytes:
        claims = Ontvangst(
            soort=soort, id=id_, digest=digest, aantal=aantal, ontvangen=datetime.now(UTC), grootboek=_PLACE
        )
        return canonical_bytes(SignedReceipt(ontvangst=sign_jws(claims, key or self.gateway_key, RECEIPT_TYP)))

    def rows(self) -> list[dict[str, object]]:
        """All rows received, each once per batch id."""
        return [json.loads(line) for body in self.batches.values() for line in body.splitlines()[1:]]

    def _batch(self, batch_id: str, body: bytes) -> Answer:
        lines = body.splitlines(keepends=True)
        header = read_header(lines[0])
        if header.batch_id != batch_id or header.federatie != self.layout.federatie.digest:
            return 422, b"{}"
        list(read_rows(header, iter(lines[1:])))
        if self.batches.get(batch_id, body) != body:
            return 409, b"{}"
        first = batch_id not in self.batches
        self.batches[batch_id] = body
        return (201 if first else 200), self.receipt("batch", batch_id, digest_of(body), header.aantal)

    def _ticket(self, wanted: TicketAanvraag) -> Answer:
        self.tickets.append(wanted)
        now = int(datetime.now(UTC).timestamp())
        ticket = Ticket(
            iss=self.layout.federatie.gateway.oin,
            sub=POLICE,
            jti="00000000-0000-4000-8000-000000000001",
            iat=now,
            exp=now + 600,
            dom=wanted.domein,
            epo=wanted.epoch,
            cls=wanted.klasse,
            max=wanted.aantal,
            doel=wanted.doel,
            besluit="00000000-0000-4000-8000-000000000002",
            fed=self.layout.federatie.digest,
            cnf=Confirmation(jkt="A" * 43),
        )
        answer = TicketAntwoord(ticket=sign_jws(ticket, self.gateway_key, TICKET_TYP), verloopt=ticket.exp)
        return 200, canonical_bytes(answer)

    def _evaluate(self, number: int, url: str, headers: dict[str, str], body: bytes) -> Answer:
        unverified = headers["authorization"].removeprefix("Bearer ")
        ticket = verify_jws(unverified, (self.gateway_key.public,), TICKET_TYP, Ticket)
        proof = verify_jws(headers["schakel-proof"], (self._party_key(),), PROOF_TYP, Proof)
        if (proof.htu, proof.hop, proof.n, proof.bd) != (url, number, len(body) // 32, digest_of(body)):
            return 401, b"{}"
        klasse = url.rsplit("/", 1)[1]
        self.evaluated[klasse] = self.evaluated.get(klasse, 0) + len(body) // 32
        seed = read_seed(self.layout.custodian(number) / "seeds", number, ticket.dom.value, ticket.epo)
        key = keys_of(seed, number, ticket.dom.value, ticket.epo)[TokenKlasse(klasse).value]
        return 200, evaluate_batch(key, body, random_bytes)

    def _check_proof(self, method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        token = headers["authorization"].removeprefix("Bearer ")
        verify_proof(
            headers["schakel-proof"],
            self._party_key(),
            method=method,
            url=url,
            token=token,
            body_digest=digest_of(body),
            now=datetime.now(UTC),
        )
        if headers["schakel-proof"] in self.proofs:
            raise AssertionError("a proof was used twice")
        self.proofs.add(headers["schakel-proof"])

    def _party_key(self) -> PublicJwk:
        party = self.layout.federatie.partij(POLICE)
        assert party is not None
        return party.sleutel

    def client(self) -> httpx.Client:
        """A client whose requests this peer answers in the same process."""

        def handle(request: httpx.Request) -> httpx.Response:
            status, body = self.answer(request.method, str(request.url), dict(request.headers), request.read())
            return httpx.Response(status, content=body)

        return httpx.Client(transport=httpx.MockTransport(handle), follow_redirects=False)

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer on the loopback addresses of the layout, for connectors that are processes of their own."""
        servers = [self._server(url) for url in self._urls()]
        threads = [threading.Thread(target=server.serve_forever, daemon=True) for server in servers]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for server in servers:
                server.shutdown()
                server.server_close()

    def _urls(self) -> list[str]:
        federatie = self.layout.federatie
        return [federatie.gateway.url, *(custodian.url for custodian in federatie.custodians)]

    def _server(self, url: str) -> ThreadingHTTPServer:
        peer, number = self, self._urls().index(url)

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                if number == 2 and self.path.startswith("/v1/evaluate/"):
                    status, answer = peer._evaluate(2, url + self.path, headers, body)
                else:
                    status, answer = peer.answer(self.command, url + self.path, headers, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = _any

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        parts = urlsplit(url)
        assert parts.port is not None
        return ThreadingHTTPServer(("127.0.0.1", parts.port), Handler)


def make_peer(root: Path, urls: tuple[str, str, str] = (GATEWAY, FIRST, SECOND)) -> Peer:
    """A laid-out federation with a peer that holds the gateway's key and both custodians' seeds."""
    layout = lay_out(
        root,
        PARTIES,
        urls[0],
        (urls[1], urls[2]),
        datetime.now(UTC),
        seed=b"connector tests",
        policy_dir=REPOSITORY / "policies" / "opa",
    )
    return Peer(layout, SigningKey(_gateway_seed(layout)))


def settings_of(peer: Peer, party: str = POLICE) -> Settings:
    return read_settings(peer.layout.partner(party) / "connector.toml")


def _gateway_seed(layout: Layout) -> bytes:
    """The secret of the gateway's signing key, wherever the layout keeps it."""
    for path in sorted((layout.gateway / "keys").iterdir()):
        content = path.read_bytes()
        if len(content) == 32 and SigningKey(content).public == layout.federatie.gateway.sleutel:
            return content
    raise AssertionError("the layout has no gateway key")
