"""A federation of two custodians, one gateway and three parties with real keys, signed by two owners, for tests."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

from connectors.contract.canonical import b64u
from connectors.contract.codes import Convenant, Doel, PartijDomein, Partnertype, TokenDomein, TokenKlasse
from connectors.contract.federation import (
    Custodian,
    CustodianSleutel,
    Deelname,
    Eigenaar,
    Federatie,
    Gateway,
    Partij,
    Toeslag,
    sign_federation,
)
from connectors.contract.signing import HpkeJwk, SigningKey, sign_jws
from connectors.contract.ticket import TICKET_TYP, Confirmation, Proof, Ticket, digest_of, prove
from pseudonymizer.custodian.seeds import create_seed, keys_of
from pseudonymizer.custodian.settings import Settings

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OPEN_FROM = datetime(2026, 1, 1, tzinfo=UTC)
CLOSES = datetime(2027, 1, 1, tzinfo=UTC)
OVERLAP_ENDS = datetime(2027, 2, 1, tzinfo=UTC)
EPOCH = "2026"
DOMAINS = (TokenDomein.RIEC, TokenDomein.ZVH_RR)
POLICE, CITY, CARE = "police", "city", "care"
CASELOAD = 1000


def test_bytes(label: str) -> bytes:
    """32 bytes that stand for a secret in these tests."""
    return hashlib.sha256(f"schakel custodian test {label}".encode()).digest()


test_bytes.__test__ = False  # type: ignore[attr-defined]


def _constant(value: bytes, _size: int) -> bytes:
    return value


def signing_key(label: str) -> SigningKey:
    return SigningKey(test_bytes(label))


GATEWAY_KEY = signing_key("gateway")
OWNER_KEYS = (signing_key("owner 1"), signing_key("owner 2"))
PARTY_KEYS = {name: signing_key(name) for name in (POLICE, CITY, CARE)}


def party(name: str, number: int, *, bsn: bool, convenants: tuple[Convenant, ...], caseload: int = CASELOAD) -> Partij:
    return Partij(
        oin=f"{number:020d}",
        domein=PartijDomein.VEILIGHEID,
        partnertype=Partnertype.POLITIE,
        naam=name,
        contactpunt=f"{name}@example.nl",
        deelnames=tuple(Deelname(convenant=item, van=OPEN_FROM) for item in convenants),
        sleutel=PARTY_KEYS[name].public,
        hpke=HpkeJwk(x=b64u(test_bytes(f"hpke {name}"))),
        caseload=caseload,
        bsn_recht=bsn,
    )


@dataclass(frozen=True)
class SmallFederation:
    """The signed content, and where the custodians keep their things."""

    federation: Federatie
    folder: Path
    ports: tuple[int, int] = (8451, 8452)

    def party(self, name: str) -> Partij:
        return next(item for item in self.federation.partijen if item.naam == name)

    def url(self, hop: int, key_class: TokenKlasse) -> str:
        return f"{self.federation.custodians[hop - 1].url}/v1/evaluate/{key_class}"

    def settings(self, number: int) -> Settings:
        home = self.folder / f"custodian{number}"
        return Settings(
            number=number,
            federation=self.folder / "federation.json",
            owners=tuple(key.public.thumbprint for key in OWNER_KEYS),
            seeds=home / "seeds",
            store=home / "store.sqlite",
            host="127.0.0.1",
            port=self.ports[number - 1],
        )

    def settings_file(self, number: int) -> Path:
        settings = self.settings(number)
        path = self.folder / f"custodian{number}" / "custodian.toml"
        owners = ", ".join(f'"{owner}"' for owner in settings.owners)
        path.write_text(
            f'number = {number}\nfederation = "../federation.json"\nowners = [{owners}]\nseeds = "seeds"\n'
            f'store = "store.sqlite"\nhost = "127.0.0.1"\nport = {settings.port}\n'
        )
        return path

    def ticket(self, name: str = POLICE, signer: SigningKey = GATEWAY_KEY, **changes: object) -> str:
        """A valid ticket for RIEC id, but for `changes` to its claims."""
        moment = int(NOW.timestamp())
        claims: dict[str, object] = {
            "iss": self.federation.gateway.oin,
            "aud": "schakel-custodians",
            "sub": self.party(name).id,
            "jti": str(uuid.uuid4()),
            "iat": moment,
            "exp": moment + 600,
            "dom": TokenDomein.RIEC,
            "epo": EPOCH,
            "cls": TokenKlasse.ID,
            "max": 100_000,
            "doel": Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
            "besluit": str(uuid.uuid4()),
            "fed": self.federation.digest,
            "cnf": Confirmation(jkt=PARTY_KEYS[name].public.thumbprint),
        }
        return sign_jws(Ticket.model_validate(claims | changes), signer, TICKET_TYP)

    def headers(
        self,
        body: bytes,
        ticket: str,
        name: str = POLICE,
        *,
        hop: int = 1,
        key_class: TokenKlasse = TokenKlasse.ID,
        changed: Mapping[str, object] | None = None,
    ) -> dict[str, str]:
        """Authorization and Schakel-Proof as a party sends them, but for the proof's claims that are `changed`."""
        claims: dict[str, object] = {
            "htm": "POST",
            "htu": self.url(hop, key_class),
            "iat": int(NOW.timestamp()),
            "jti": str(uuid.uuid4()),
            "tkt": digest_of(ticket.encode()),
            "bd": digest_of(body),
            "hop": hop,
            "n": max(1, min(4096, len(body) // 32)),
        }
        signer = PARTY_KEYS[name]
        proof = prove(signer, Proof.model_validate(claims | dict(changed or {})))
        return {"Authorization": f"Bearer {ticket}", "Schakel-Proof": proof}

    def write(self) -> "SmallFederation":
        """Write the signed file to disk."""
        signed = sign_federation(self.federation, OWNER_KEYS)
        (self.folder / "federation.json").write_text(json.dumps(signed.model_dump(mode="json")))
        return self

    def with_content(self, **changes: object) -> "SmallFederation":
        """The same federation with other content, signed and written again."""
        content = {name: getattr(self.federation, name) for name in Federatie.model_fields}
        return replace(self, federation=Federatie.model_validate(content | changes)).write()

    def with_caseload(self, name: str, caseload: int) -> "SmallFederation":
        parties = tuple(
            item.model_copy(update={"caseload": caseload}) if item.naam == name else item
            for item in self.federation.partijen
        )
        return self.with_content(partijen=parties)

    def with_allowance(self, name: str, key_class: TokenKlasse, day: date, count: int) -> "SmallFederation":
        member = self.party(name)
        allowance = Toeslag(
            oin=member.oin,
            domein=member.domein,
            token_domein=TokenDomein.RIEC,
            epoch=EPOCH,
            klasse=key_class,
            dag=day,
            aantal=count,
        )
        return self.with_content(toeslagen=(*self.federation.toeslagen, allowance))


def small_federation(folder: Path, ports: tuple[int, int] = (8451, 8452)) -> SmallFederation:
    """Make the seeds of both custodians below `folder`, and the federation file that pins their public keys."""
    pinned = []
    for number in (1, 2):
        home = folder / f"custodian{number}"
        for domain in DOMAINS:
            seed = test_bytes(f"seed {number} {domain}")
            create_seed(home / "seeds", number, domain, EPOCH, partial(_constant, seed))
            pinned += [
                CustodianSleutel(
                    custodian=number,
                    domein=domain,
                    epoch=EPOCH,
                    klasse=TokenKlasse(name),
                    k=b64u(key.public),
                    van=OPEN_FROM,
                    tot=CLOSES,
                    overlap_tot=OVERLAP_ENDS,
                )
                for name, key in keys_of(seed, number, domain, EPOCH).items()
            ]
    content = Federatie(
        naam="proef",
        volgnummer=1,
        opgesteld=NOW - timedelta(days=1),
        gateway=Gateway(naam="gateway", oin=f"{90:020d}", url="https://gateway.example", sleutel=GATEWAY_KEY.public),
        custodians=tuple(
            Custodian(nr=nr, naam=f"c{nr}", oin=f"{90 + nr:020d}", url=f"http://127.0.0.1:{ports[nr - 1]}")
            for nr in (1, 2)
        ),
        sleutels=tuple(pinned),
        partijen=(
            party(POLICE, 1, bsn=True, convenants=(Convenant.RIEC, Convenant.ZVH)),
            party(CITY, 2, bsn=False, convenants=(Convenant.RIEC,)),
            party(CARE, 3, bsn=True, convenants=(Convenant.ZVH,)),
        ),
        eigenaren=tuple(Eigenaar(oin=f"{80 + i:020d}", sleutel=key.public) for i, key in enumerate(OWNER_KEYS)),
    )
    return SmallFederation(content, folder, ports).write()
