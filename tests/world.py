"""A federation in memory with real cryptography: the gateway's house, both custodians and the partners' connectors.

One movable clock, one wire. Nothing here pretends: every request goes through the houses' own applications, and the
wire keeps every byte of it, so that a test can look for what should never have been there.
"""

import json
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi.testclient import TestClient
from sqlalchemy import Table, func, select

from connectors.approval import judge
from connectors.asking import Asked, SubjectFile, ask
from connectors.contract.answers import Autorisatie, Casus, Geregistreerd, Goedkeuring, Validatie
from connectors.contract.codes import Actie, Antwoord, Categorie, Convenant, Doel, Route, Status, Thema, TokenDomein
from connectors.contract.federation import Federatie
from connectors.delivery import new_id
from connectors.hits import validate_hits
from connectors.house import Clock, House, open_house
from connectors.mapping import read_mapping
from connectors.plan import open_delivery
from connectors.sending import Sent, preview, send
from connectors.settings import read_settings
from deploy.demo.federation import Layout
from gateway.app import create_app as create_gateway
from gateway.house import House as GatewayHouse
from gateway.ledger.entries import Event
from gateway.ledger.verify import stored_leaves
from gateway.store import reading
from gateway.vault.sealing import Place, RowKey
from pseudonymizer.custodian.app import create_app, open_custodian
from pseudonymizer.custodian.settings import read_settings as read_custodian_settings
from pseudonymizer.identity import Trait
from tests.gateway.gateway_world import (
    ANALIST,
    COLLEGA,
    GATEWAY,
    RIEC_BUREAU,
    START,
    MovableClock,
    World,
    build_world,
    make_layout,
)

CASUS = "RR-2026-014"
PURPOSE = Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT
EPOCH = "2026"
ANALYST_PARTY = RIEC_BUREAU
"""Whose analyst asks."""


@dataclass(frozen=True)
class Exchange:
    """One request as it left its sender, and the answer."""

    method: str
    url: str
    headers: bytes
    body: bytes
    status: int
    answer: bytes

    @property
    def sent(self) -> bytes:
        """Every byte that left with the request."""
        return b"\n".join((self.method.encode(), self.url.encode(), self.headers, self.body))


@dataclass
class Wire(httpx.BaseTransport):
    """Carries requests to the house that listens at their address; houses that are `away` do not answer."""

    listening: dict[str, TestClient] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    away: set[str] = field(default_factory=set)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """One exchange. Raises httpx.ConnectError when nobody answers there."""
        place, body = _origin(str(request.url)), request.read()
        if place in self.away or place not in self.listening:
            raise httpx.ConnectError("nobody answers", request=request)
        headers = [(name, value) for name, value in request.headers.raw if name.lower() != b"transfer-encoding"]
        answer = self.listening[place].request(request.method, str(request.url), content=body, headers=headers)
        listed = b"\n".join(name + b": " + value for name, value in headers)
        self.exchanges.append(
            Exchange(request.method, str(request.url), listed, body, answer.status_code, answer.content)
        )
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    def to(self, url: str) -> list[Exchange]:
        """What went to one house."""
        return [exchange for exchange in self.exchanges if _origin(exchange.url) == _origin(url)]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}"


@dataclass
class Federation:
    """The houses of one federation and the wire between them."""

    layout: Layout
    clock: MovableClock
    gateway: World
    wire: Wire

    @property
    def federatie(self) -> Federatie:
        return self.layout.federatie

    @property
    def database(self) -> Path:
        """The gateway's database file."""
        return self.layout.gateway / "gateway.sqlite"

    @contextmanager
    def connector(self, party: str) -> Iterator[House]:
        """A party's connector, opened from its own files, on this wire and this clock."""
        settings = read_settings(self.layout.partner(party) / "connector.toml")
        with httpx.Client(transport=self.wire) as http, open_house(settings, http=http, clock=self.clock) as house:
            yield house

    def stop_gateway(self) -> None:
        """The gateway's process ends: everything that it had in memory is gone."""
        if self.wire.listening.pop(_origin(GATEWAY), None) is not None:
            self.gateway.close()

    def start_gateway(self) -> None:
        """The gateway starts on what lies on disk."""
        self.gateway = build_world(self.layout, self.clock)
        self.wire.listening[_origin(GATEWAY)] = self.gateway.http

    def serve(self, house: GatewayHouse) -> None:
        """Have the gateway serve on other parts, for example with an engine that misbehaves."""
        self.gateway.http.__exit__(None, None, None)
        self.gateway.house = house
        self.gateway.http = TestClient(create_gateway(house), base_url=GATEWAY, raise_server_exceptions=False)
        self.gateway.http.__enter__()
        self.wire.listening[_origin(GATEWAY)] = self.gateway.http

    def back_up(self, copy: Path) -> Path:
        """A consistent copy of the gateway's database, as a backup makes it."""
        with closing(sqlite3.connect(self.database)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return copy

    def restore(self, copy: Path) -> None:
        """Put a backup back: the gateway stops, its database is replaced, the gateway starts."""
        self.stop_gateway()
        for leftover in self.database.parent.glob(f"{self.database.name}*"):
            leftover.unlink()
        shutil.copy(copy, self.database)
        self.start_gateway()

    def entries(self, event: Event) -> list[tuple[int, dict[str, Any]]]:
        """Position and body of every ledger entry of one kind."""
        with reading(self.gateway.house.store) as transaction:
            leaves = list(stored_leaves(transaction))
        return [
            (leaf.position, json.loads(leaf.record)) for leaf in leaves if leaf.leaf_data[1] == event and leaf.record
        ]

    def count(self, table: Table) -> int:
        """Rows in one table of the gateway's database."""
        with reading(self.gateway.house.store) as transaction:
            return int(transaction.execute(select(func.count()).select_from(table)).scalar_one())

    def row_key(self, party: str, share: bytes, domein: TokenDomein = TokenDomein.RIEC) -> RowKey:
        """The key that opens a party's rows, for whoever holds the gateway's `k_store` and that `share`."""
        k_store = self.gateway.house.keys(domein, EPOCH).k_store
        return RowKey(share, k_store, Place(party, domein.value, EPOCH))


def build_federation(root: Path) -> Federation:
    """Lay out the demo's parties under `root` and start gateway and custodians."""
    return start_federation(make_layout(root))


def copy_federation(original: Federation, root: Path) -> Federation:
    """A stopped federation's files copied to `root`, and started there: the same parties, keys and rows."""
    shutil.copytree(original.layout.root, root)
    return start_federation(replace(original.layout, root=root))


def start_federation(layout: Layout) -> Federation:
    """Start gateway and custodians on what lies on disk."""
    clock = MovableClock(START)
    wire = wire_to_custodians(layout, clock)
    gateway = build_world(layout, clock)
    wire.listening[_origin(GATEWAY)] = gateway.http
    return Federation(layout, clock, gateway, wire)


def wire_to_custodians(layout: Layout, clock: Clock) -> Wire:
    """Start both custodians; a wire that reaches them and nobody else."""
    wire = Wire()
    for custodian in layout.federatie.custodians:
        settings = read_custodian_settings(layout.custodian(custodian.nr) / "custodian.toml")
        opened = open_custodian(settings, secrets.token_bytes, clock())
        wire.listening[_origin(custodian.url)] = TestClient(create_app(opened, clock), raise_server_exceptions=False)
    return wire


def approve_delivery(house: House, source: Path, mapping: Path) -> None:
    """Preview a source and approve its privacy receipt."""
    delivery = open_delivery(house, str(source), read_mapping(mapping), None)
    receipt = preview(house, delivery, lambda _: None, lambda _: None, None)
    judge(house, receipt, "psn:functionaris", True, None)


def deliver(house: House, source: Path, mapping: Path) -> Sent:
    """Preview, approve, send."""
    approve_delivery(house, source, mapping)
    return send_delivery(house, source, mapping)


def send_delivery(house: House, source: Path, mapping: Path) -> Sent:
    """Send a source that was approved."""
    delivery = open_delivery(house, str(source), read_mapping(mapping), None)
    return send(house, delivery, lambda _: None, lambda _: None)


def open_case(house: House) -> None:
    """Register a casus, authorise the analyst, and have a colleague approve questions and hits."""
    now = house.clock()
    casus = Casus(
        casus_id=CASUS,
        convenant=Convenant.RIEC,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        status=Status.WEGING,
        route=Route.ONDERMIJNING,
    )
    authorisation = Autorisatie(
        autorisatie_id="A-311",
        casus_id=CASUS,
        subject=ANALIST.sub,
        doel=PURPOSE,
        van=now - timedelta(days=1),
        tot=now + timedelta(days=30),
    )
    house.calls.post("/v1/cases", casus, Geregistreerd, COLLEGA)
    house.calls.post("/v1/authorisations", authorisation, Geregistreerd, COLLEGA)
    approve_questions(house)


def approve_questions(house: House) -> None:
    """A colleague approves the analyst's questions and hits for 24 hours."""
    for actie in (Actie.MATCH_AANVRAGEN, Actie.HITS_INZIEN):
        approval = Goedkeuring(goedkeuring_id=new_id(house.random), actie=actie, onderwerp=CASUS, aanvrager=ANALIST.sub)
        house.calls.post("/v1/approvals", approval, Geregistreerd, COLLEGA)


def put_question(house: House, bsn: str, doel: Doel = PURPOSE) -> Asked:
    """The analyst asks about one person by BSN."""
    subject = SubjectFile(
        categorie=Categorie.VERDACHTE_DADER,
        minderjarig=False,
        dubbelrol=False,
        bijzonder=False,
        noodzaak_bescherming=False,
        traits={Trait.BSN: bsn},
    )
    return ask(house, subject, CASUS, doel, TokenDomein.RIEC, ANALIST)


def known(house: House, bsn: str) -> bool:
    """Whether anybody knows this person, as the analyst hears it."""
    return put_question(house, bsn).antwoord.antwoord is Antwoord.BEKEND


def partners_of(house: House, asked: Asked) -> tuple[str, ...]:
    """Validate the hits of a question and read which kinds of partner they name."""
    found = validate_hits(house, asked.vraag.vraag_id, Validatie(oordeel="bevestigd"), ANALIST)
    return tuple(sorted(hit.partnertype.value for hit in found.hits))
