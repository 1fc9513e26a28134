"""A gateway in memory with real cryptography: the demo federation's parties, a clock that tests move, real policy."""

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from httpx import Response

from connectors.contract.canonical import b64u, canonical_bytes
from connectors.contract.codes import Betrouwbaarheid, Rol
from connectors.contract.federation import Federatie
from connectors.contract.model import Wire
from connectors.contract.signing import SigningKey, read_secret_file
from connectors.contract.ticket import Handelende, Proof, digest_of, prove
from deploy.demo.federation import Layout, lay_out
from gateway.app import create_app, open_house
from gateway.caller import ASSERTION_TYPE
from gateway.house import House
from gateway.settings import Settings, read_settings
from gateway.store import migrate, open_store

ROOT = Path(__file__).resolve().parents[2]
START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
GATEWAY = "http://gateway.test:8400"

POLITIE = "00000099000000020000/opsporing"
GEMEENTE = "00000099000000010000/veiligheid"
NLA = "00000099000000030000/toezicht"
KMAR = "00000099000000040000/opsporing"
RIEC_BUREAU = "00000099000000050000/bureau"
OPVANG = "00000099000000070000/zorg"
COMENSHA = "00000099000000090000/zorg"
REGISSEUR = "00000099000000095000/bureau"
SCHIEDAM = "00000099000000012000/veiligheid"


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


def person(sub: str, rol: Rol) -> Handelende:
    """A member of staff who signed in well."""
    return Handelende(sub=sub, rol=rol, loa=Betrouwbaarheid.SUBSTANTIEEL, mfa=True)


ANALIST = person("psn:7c1f", Rol.RIEC_ANALIST)
COLLEGA = person("psn:02ab", Rol.RIEC_ANALIST)
BELEIDSREGISSEUR = person("psn:reg1", Rol.REGISSEUR)
PRIVACY_OFFICER = person("psn:po01", Rol.PRIVACY_OFFICER)


@dataclass
class Party:
    """A party's side of the wire: signs in, signs requests."""

    id: str
    seed: bytes = field(repr=False)
    http: TestClient = field(repr=False)
    clock: MovableClock = field(repr=False)
    url: str = GATEWAY

    @property
    def key(self) -> SigningKey:
        return SigningKey(self.seed)

    def assertion(self, **changed: Any) -> str:
        now = int(self.clock().timestamp())
        claims = {
            "iss": self.id,
            "sub": self.id,
            "aud": f"{self.url}/v1/tokens",
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + 100,
            **changed,
        }
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        return jwt.encode(claims, private, algorithm="EdDSA", headers={"kid": self.key.public.thumbprint})

    def sign_in(self, assertion: str | None = None) -> Response:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion or self.assertion(),
        }
        return self.http.post("/v1/tokens", data=form)

    def token(self) -> str:
        answer = self.sign_in()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def headers(
        self,
        method: str,
        path: str,
        body: bytes,
        act: Handelende | None = None,
        token: str | None = None,
        **changed: Any,
    ) -> dict[str, str]:
        token = token or self.token()
        proof = {
            "htm": method,
            "htu": self.url + path,
            "iat": int(self.clock().timestamp()),
            "jti": str(uuid.uuid4()),
            "tkt": digest_of(token.encode()),
            "bd": digest_of(body),
            "act": act,
            **changed,
        }
        return {"Authorization": f"Bearer {token}", "Schakel-Proof": prove(self.key, Proof.model_validate(proof))}

    def post(self, path: str, body: Wire, act: Handelende | None = None) -> Response:
        raw = canonical_bytes(body)
        headers = self.headers("POST", path, raw, act) | {"Content-Type": "application/json"}
        return self.http.post(path, content=raw, headers=headers)

    def get(self, path: str, act: Handelende | None = None) -> Response:
        return self.http.get(path, headers=self.headers("GET", path.partition("?")[0], b"", act))

    def put(self, path: str, raw: bytes, media_type: str = "application/x-ndjson") -> Response:
        headers = self.headers("PUT", path, raw) | {"Content-Type": media_type}
        return self.http.put(path, content=raw, headers=headers)


@dataclass
class World:
    """One gateway with its parties."""

    layout: Layout
    settings: Settings
    house: House
    clock: MovableClock
    http: TestClient = field(repr=False)
    restart: Callable[[], "World"] = field(repr=False)

    @property
    def federatie(self) -> Federatie:
        return self.layout.federatie

    def party(self, party_id: str) -> Party:
        seed = read_secret_file(self.layout.partner(party_id) / "keys" / "party.key")
        return Party(party_id, seed, self.http, self.clock)

    def share(self, party_id: str, domain: str) -> str:
        return b64u(hashlib.sha256(f"share {party_id} {domain}".encode()).digest())


def build_world(layout: Layout, clock: MovableClock, environment: Mapping[str, str] | None = None) -> World:
    """Open the gateway that lies in `layout`, its database migrated."""
    settings = read_settings(layout.gateway / "gateway.toml", environment or {})
    migrate(open_store(settings.database))
    house = open_house(settings, clock)
    http = TestClient(create_app(house), base_url=GATEWAY, raise_server_exceptions=False)
    return World(layout, settings, house, clock, http, lambda: build_world(layout, clock))


@pytest.fixture
def clock() -> MovableClock:
    """2026-11-23T10:00Z."""
    return MovableClock(START)


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """The demo federation's files, fresh keys."""
    return lay_out(
        tmp_path / "federation",
        ROOT / "policies" / "opa" / "bron" / "parties.json",
        GATEWAY,
        ("http://127.0.0.1:8501", "http://127.0.0.1:8502"),
        START,
        seed=b"gateway tests",
        policy_dir=ROOT / "policies" / "opa",
    )


@pytest.fixture
def world(layout: Layout, clock: MovableClock) -> Iterator[World]:
    """A running gateway on SQLite."""
    made = build_world(layout, clock)
    yield made
    made.http.close()
    made.house.store.dispose()
