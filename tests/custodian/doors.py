"""Custodians opened for real on a small federation, and the HTTP hop of a partner that talks to them."""

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi.testclient import TestClient

from connectors.contract.codes import TokenKlasse
from pseudonymizer.custodian.app import create_app, open_custodian
from pseudonymizer.oprf.hash import hash_to_group
from tests.custodian.small_federation import NOW, POLICE, SmallFederation


def open_door(
    federation: SmallFederation, number: int = 1, now: datetime = NOW, started: datetime | None = None
) -> TestClient:
    """The HTTP door of custodian `number`, whose clock stands still at `now`; it was started then, or at `started`."""
    custodian = open_custodian(federation.settings(number), secrets.token_bytes, started or now)
    return TestClient(create_app(custodian, lambda: now), raise_server_exceptions=False)


def points(count: int = 16, label: str = "") -> bytes:
    """`count` valid elements."""
    return b"".join(hash_to_group(f"{label} point {index}".encode()) for index in range(count))


@dataclass
class SignedHop:
    """A partner's hop over HTTP: one ticket, a freshly signed request for every call."""

    client: TestClient
    federation: SmallFederation
    ticket: str
    hop: int
    key_class: TokenKlasse
    party: str = POLICE

    def evaluate(self, elements: bytes) -> bytes:
        headers = self.federation.headers(elements, self.ticket, self.party, hop=self.hop, key_class=self.key_class)
        answer = self.client.post(f"/v1/evaluate/{self.key_class}", content=elements, headers=headers)
        answer.raise_for_status()
        return bytes(answer.content)


def ask(
    client: TestClient,
    federation: SmallFederation,
    body: bytes,
    *,
    party: str = POLICE,
    ticket: str | None = None,
    headers: dict[str, str] | None = None,
    path_class: str = "id",
) -> Any:
    """One request for RIEC, class id, valid but for what is handed in."""
    ticket = ticket or federation.ticket(party)
    headers = headers or federation.headers(body, ticket, party)
    return client.post(f"/v1/evaluate/{path_class}", content=body, headers=headers)


def fresh_id() -> str:
    return str(uuid.uuid4())
