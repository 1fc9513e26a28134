"""A gateway with real cryptography: the demo federation's parties, a clock that tests move, real policy, rows."""

import hashlib
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from httpx import Response

from connectors.contract.answers import (
    Autorisatie,
    Casus,
    Goedkeuring,
    Intrekking,
    Lease,
    Subject,
    Vraag,
)
from connectors.contract.batch import BatchHeader, Motivering, encode_line
from connectors.contract.canonical import b64u, canonical_bytes
from connectors.contract.case_codes import BronSignaal, Geslacht, Herkomstregio, Leeftijdsband, Sector, Uitbuitingsvorm
from connectors.contract.codes import (
    Actie,
    Betrouwbaarheid,
    Categorie,
    Convenant,
    Doel,
    PartijDomein,
    Rol,
    Route,
    Status,
    Thema,
    TokenDomein,
    TokenType,
    WpgArtikel,
)
from connectors.contract.federation import Federatie
from connectors.contract.model import Wire
from connectors.contract.record import MonitorRij, Profiel, RiecRij, Token
from connectors.contract.signing import SigningKey, read_secret_file
from connectors.contract.ticket import Handelende, Proof, digest_of, prove
from deploy.demo.federation import Layout, lay_out
from gateway.app import create_app, open_ground, open_house
from gateway.caller import ASSERTION_TYPE, CONNECTOR
from gateway.house import House
from gateway.permit.activation import in_force
from gateway.policy.bundle import load_bundle
from gateway.policy.changes import add_change
from gateway.policy.shelf import keep
from gateway.settings import Settings, read_settings
from gateway.store import migrate, open_store, writing

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

    def close(self) -> None:
        """Let go of the database."""
        self.http.__exit__(None, None, None)
        self.house.store.dispose()
        self.house.index.close()

    def share(self, party_id: str, domain: str) -> str:
        return b64u(hashlib.sha256(f"share {party_id} {domain}".encode()).digest())


def build_world(layout: Layout, clock: MovableClock, environment: Mapping[str, str] | None = None) -> World:
    """Open the gateway that lies in `layout`, its database migrated."""
    settings = read_settings(layout.gateway / "gateway.toml", environment or {})
    migrate(open_store(settings.database))
    put_in_force(layout, settings, clock)
    house = open_house(settings, clock)
    client = ("127.0.0.1", 50_000)
    http = TestClient(create_app(house), base_url=GATEWAY, raise_server_exceptions=False, client=client)
    http.__enter__()  # one event loop for all requests of this world, so that worker threads and their engines last
    return World(layout, settings, house, clock, http, lambda: build_world(layout, clock))


def put_in_force(layout: Layout, settings: Settings, clock: MovableClock) -> None:
    """The owners' rules are in force, as after an activation long ago: their signatures are real, and the entry of it
    is not in this ledger."""
    ground = open_ground(settings, clock)
    if in_force(ground) is None:
        rules = load_bundle(settings.policy_dir)
        keep(rules, settings.bundles)
        with writing(ground.store) as transaction:
            signatures = [path.read_text().strip() for path in layout.bundle_signatures]
            add_change(transaction, "activering", rules.digest, signatures, clock())
    ground.store.dispose()


def make_layout(root: Path, database: str | None = None, now: datetime = START, url: str = GATEWAY) -> Layout:
    """The demo federation's files; keys are the same each time."""
    layout = lay_out(
        root,
        ROOT / "policies" / "opa" / "bron" / "parties.json",
        url,
        ("http://127.0.0.1:8501", "http://127.0.0.1:8502"),
        now,
        seed=b"gateway tests",
        policy_dir=ROOT / "policies" / "opa",
    )
    if database is not None:
        path = layout.gateway / "gateway.toml"
        lines = [line for line in path.read_text().splitlines() if not line.startswith("database")]
        path.write_text("\n".join([f'database = "{database}"', *lines]) + "\n")
    return layout


def make_world(root: Path, database: str | None = None, now: datetime = START) -> World:
    """A running gateway on a fresh federation."""
    return build_world(make_layout(root / "federation", database, now), MovableClock(now))


def new_id() -> str:
    """A version 4 id."""
    return str(uuid.uuid4())


def element(name: str) -> str:
    """32 bytes that pass the byte checks of a ristretto255 encoding, the same for the same name."""
    raw = bytearray(hashlib.sha256(name.encode()).digest())
    raw[0] &= 0xFE
    raw[31] &= 0x7F
    return b64u(bytes(raw))


def tokens(**values: str) -> tuple[Token, ...]:
    """Tokens as a connector would make them: `tokens(bsn="a", phone="b")`."""
    made = [Token(type=TokenType(f"id.{kind}"), waarde=element(f"{kind} {value}")) for kind, value in values.items()]
    return tuple(sorted(made, key=lambda token: token.waarde))


def riec_row(has: tuple[Token, ...], **changed: Any) -> RiecRij:
    """A suspect's record under RIEC."""
    values = {
        "record_id": new_id(),
        "tokens": has,
        "bewijs": b64u(os.urandom(32)),
        "route": Route.ONDERMIJNING,
        "status": Status.VERMOEDEN,
        "categorie": Categorie.VERDACHTE_DADER,
        "minderjarig": False,
        "dubbelrol": False,
        "bijzonder": False,
        "noodzaak_bescherming": False,
        "regio_raakvlak": False,
        "opsporingsbelang": False,
        "wpg_artikel": WpgArtikel.ART_8,
        "embargo": False,
        "bewaren_tot": date(2027, 5, 31),
        **changed,
    }
    return RiecRij(**values)


def monitor_row(has: tuple[Token, ...], **changed: Any) -> MonitorRij:
    """A victim's record for the monitor."""
    values = {
        "record_id": new_id(),
        "tokens": has,
        "bewijs": b64u(os.urandom(32)),
        "jaar": 2026,
        "gemeente": "GM0599",
        "uitbuitingsvorm": (Uitbuitingsvorm.ARBEID,),
        "sector": Sector.HORECA,
        "geslacht": Geslacht.MAN,
        "leeftijdsband": Leeftijdsband.J23_29,
        "herkomstregio": Herkomstregio.EU_OVERIG,
        "bron_signaal": BronSignaal.NLA_MELDING,
        "route": Route.ZORG_STRAF,
        **changed,
    }
    return MonitorRij(**values)


def monitor_profile(row: MonitorRij) -> Profiel:
    """The profile that a connector states for such a row."""
    return Profiel(
        route=row.route,
        status=Status.VERMOEDEN,
        categorie=Categorie.SLACHTOFFER,
        minderjarig=row.leeftijdsband.minderjarig,
        dubbelrol=False,
        bijzonder=False,
        noodzaak_bescherming=False,
        regio_raakvlak=False,
        opsporingsbelang=False,
        wpg_artikel=WpgArtikel.GEEN,
        embargo=False,
        bewaren_tot=date(2027, 12, 31),
        bsn_aanwezig=row.bsn_aanwezig,
        beroepsgeheim=False,
    )


PURPOSE = {
    Convenant.RIEC: Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
    Convenant.ZVH: Doel.ZVH_CASUS,
    Convenant.MONITOR: Doel.MONITOR,
}


def make_batch(
    world: World, party: str, rows: Sequence[Wire], domein: TokenDomein = TokenDomein.RIEC, **changed: Any
) -> tuple[str, bytes]:
    """Batch id and bytes."""
    oin, domain = party.split("/")
    stated = tuple(dict.fromkeys(monitor_profile(row) for row in rows if isinstance(row, MonitorRij)))
    values = {
        "batch_id": new_id(),
        "levering_id": new_id(),
        "bron_oin": oin,
        "bron_domein": PartijDomein(domain),
        "convenant": domein.convenant,
        "doel": PURPOSE[domein.convenant],
        "thema": Thema.MENSENHANDEL_EN_SMOKKEL,
        "domein": domein,
        "epoch": "2026",
        "federatie": world.federatie.digest,
        "inhoud": "records",
        "aantal": len(rows),
        "profielen": stated,
        **changed,
    }
    header = BatchHeader(**values)
    return header.batch_id, encode_line(header) + b"".join(encode_line(row) for row in rows)


def lend(world: World, party: str, domein: TokenDomein = TokenDomein.RIEC, **changed: Any) -> Response:
    """Lease a party's share."""
    share = world.share(party, domein.value)
    lease = Lease(**{"domein": domein, "epoch": "2026", "share": share, **changed})
    return world.party(party).post("/v1/leases", lease)


def deliver(
    world: World, party: str, rows: Sequence[Wire], domein: TokenDomein = TokenDomein.RIEC, **changed: Any
) -> Response:
    """Lease and send one batch."""
    assert lend(world, party, domein).status_code == 200
    batch_id, raw = make_batch(world, party, rows, domein, **changed)
    return world.party(party).put(f"/v1/batches/{batch_id}", raw)


MOTIVE = Motivering(noodzaak="N1", proportionaliteit="P1", subsidiariteit="S1")


def approve_delivery(world: World, party: str, actie: Actie = Actie.RECORDS_INDIENEN) -> str:
    """A colleague approves a delivery of a party's connector; the approval's id."""
    approval = Goedkeuring(goedkeuring_id=new_id(), actie=actie, onderwerp="delivery", aanvrager=CONNECTOR.sub)
    assert world.party(party).post("/v1/approvals", approval, COLLEGA).status_code == 200
    return approval.goedkeuring_id


def deliver_approved(world: World, party: str, row: RiecRij) -> None:
    """One record that asks for a motivation and for four eyes, such as a victim's under RIEC (matrix row 4)."""
    sent = deliver(world, party, [row], goedkeuring=approve_delivery(world, party), motivering=MOTIVE)
    assert sent.status_code == 201, sent.text


def withdraw(world: World, party: str, domein: TokenDomein = TokenDomein.RIEC, **what: Any) -> Response:
    """Withdraw records, or all."""
    body = Intrekking(**{"intrekking_id": new_id(), "domein": domein, **what})
    return world.party(party).post("/v1/withdrawals", body)


def open_casus(world: World, casus_id: str = "RR-2026-014", *, approve: bool = True, **changed: Any) -> None:
    """Register casus, authorisation and (unless told otherwise) approval at the RIEC bureau."""
    bureau = world.party(RIEC_BUREAU)
    casus = {
        "casus_id": casus_id,
        "convenant": Convenant.RIEC,
        "thema": Thema.MENSENHANDEL_EN_SMOKKEL,
        "status": Status.WEGING,
        "route": Route.ONDERMIJNING,
        **changed,
    }
    assert bureau.post("/v1/cases", Casus(**casus), ANALIST).status_code == 200
    now = world.clock()
    authorisation = Autorisatie(
        autorisatie_id=f"A-{casus_id}",
        casus_id=casus_id,
        subject=ANALIST.sub,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        van=now,
        tot=now + timedelta(days=60),
    )
    assert bureau.post("/v1/authorisations", authorisation, COLLEGA).status_code == 200
    if approve:
        assert approve_casus(world, casus_id).status_code == 200


def approve_casus(world: World, casus_id: str = "RR-2026-014") -> Response:
    """A colleague approves the analyst's questions in this casus for 24 hours."""
    goedkeuring = Goedkeuring(
        goedkeuring_id=new_id(), actie=Actie.MATCH_AANVRAGEN, onderwerp=casus_id, aanvrager=ANALIST.sub
    )
    return world.party(RIEC_BUREAU).post("/v1/approvals", goedkeuring, COLLEGA)


def make_question(world: World, *subjects: tuple[Token, ...], **changed: Any) -> Vraag:
    """A question about a suspect in the casus of `open_casus`."""
    values = {
        "vraag_id": new_id(),
        "domein": TokenDomein.RIEC,
        "epoch": "2026",
        "federatie": world.federatie.digest,
        "casus_id": "RR-2026-014",
        "doel": Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        "thema": Thema.MENSENHANDEL_EN_SMOKKEL,
        "categorie": Categorie.VERDACHTE_DADER,
        "minderjarig": False,
        "dubbelrol": False,
        "bijzonder": False,
        "noodzaak_bescherming": False,
        "subjecten": tuple(Subject(tokens=each) for each in subjects),
        **changed,
    }
    return Vraag(**values)


def put_question(world: World, *subjects: tuple[Token, ...], act: Handelende = ANALIST, **changed: Any) -> Response:
    """Ask as the RIEC bureau's analyst."""
    return world.party(RIEC_BUREAU).post("/v1/match-requests", make_question(world, *subjects, **changed), act)


def answer_of(response: Response) -> str:
    """`bekend` or `onbekend`."""
    assert response.status_code == 200, response.text
    return str(response.json()["antwoord"])


def codes_of(response: Response) -> set[str]:
    """The reason codes of a policy refusal."""
    assert response.status_code == 403, response.text
    return {reason["code"] for reason in response.json()["redenen"]}


def sha256_raw(data: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(data).digest()
