"""Lays out a whole federation on disk: owners, parties, gateway, two custodians, with fresh keys.

Used by the demo, the known-answer run and the tests. A real federation makes the same files one house at a time: each
party runs `schakel-connector init`, each custodian `schakel-custodian new-seed`, and two convenant owners sign.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from connectors.contract.canonical import b64u, canonical_bytes
from connectors.contract.codes import (
    Betrouwbaarheid,
    Convenant,
    PartijDomein,
    Partnertype,
    Rol,
    TokenDomein,
    TokenKlasse,
)
from connectors.contract.federation import (
    ELEMENTS_PER_CASE,
    Custodian,
    CustodianSleutel,
    Deelname,
    Eigenaar,
    Federatie,
    Gateway,
    Partij,
    SignedFederation,
    Toeslag,
    sign_federation,
)
from connectors.contract.signing import HpkeJwk, SigningKey, write_secret_file
from connectors.contract.ticket import Handelende
from gateway.policy.bundle import load_bundle
from gateway.policy.signatures import Word, sign_bundle
from pseudonymizer.custodian.seeds import seed_name
from pseudonymizer.oprf.keys import derive_key_pair, key_info

OWNERS = ("00000099000000050000", "00000099000000060000")
GATEWAY_OIN = "00000099000000100000"
CUSTODIAN_OINS = ("00000099000000110000", "00000099000000120000")
OFFICER = Handelende(sub="psn:po01", rol=Rol.PRIVACY_OFFICER, loa=Betrouwbaarheid.SUBSTANTIEEL, mfa=True)
"""Who signs the rules for an owner."""


class Secrets:
    """Where the 32-byte secrets come from: the system, or one seed so that a demo makes the same bytes each time."""

    def __init__(self, seed: bytes | None) -> None:
        self._seed = seed or os.urandom(32)

    def __call__(self, name: str) -> bytes:
        """32 bytes for `name`, the same at every call."""
        return hashlib.sha256(b"schakel demo|" + self._seed + b"|" + name.encode()).digest()


@dataclass(frozen=True)
class Layout:
    """Where everything of a laid-out federation lies."""

    root: Path
    federatie: Federatie
    owners: tuple[str, ...]
    """RFC 7638 thumbprints that every house pins."""

    @property
    def federation_file(self) -> Path:
        return self.root / "federation.json"

    @property
    def bundle_signatures(self) -> tuple[Path, ...]:
        """The owners' signatures over the rules of `policy_dir`, for `schakel-gateway bundle activate`."""
        return tuple(self.root / "owners" / f"{oin}.beleid.jws" for oin in OWNERS)

    @property
    def gateway(self) -> Path:
        """Folder with gateway.toml and keys/."""
        return self.root / "gateway"

    def custodian(self, nr: int) -> Path:
        """Folder with custodian.toml, its key files and seeds."""
        return self.root / f"custodian{nr}"

    def partner(self, party_id: str) -> Path:
        """Folder with connector.toml and the party's keys."""
        return self.root / "partners" / party_id.replace("/", "-")


def lay_out(
    root: Path,
    parties: Path,
    gateway_url: str,
    custodian_urls: tuple[str, str],
    now: datetime,
    *,
    epoch: str = "2026",
    seed: bytes | None = None,
    caseload: int = 20_000,
    policy_dir: Path,
) -> Layout:
    """Make the files of every house under `root`, which must not hold a federation yet.

    `parties` has the form of the policy's parties file; `seed` makes keys reproducible and is for demos only.
    """
    secrets = Secrets(seed)
    owners = {oin: SigningKey(secrets(f"owner {oin}")) for oin in OWNERS}
    gateway_key = SigningKey(secrets("gateway"))
    declared = json.loads(parties.read_text(encoding="utf-8"))["partijen"]
    keys = [key for nr in (1, 2) for key in _custodian_keys(root, nr, epoch, secrets)]
    partijen = tuple(_parties(root, declared, caseload, secrets))
    federatie = Federatie(
        naam="Regio Rotterdam (test)",
        volgnummer=1,
        opgesteld=now,
        gateway=Gateway(naam="Schakel gateway (test)", oin=GATEWAY_OIN, url=gateway_url, sleutel=gateway_key.public),
        custodians=(_custodian(1, custodian_urls[0]), _custodian(2, custodian_urls[1])),
        sleutels=tuple(keys),
        partijen=partijen,
        eigenaren=tuple(Eigenaar(oin=oin, sleutel=key.public) for oin, key in owners.items()),
        toeslagen=tuple(_first_load(partijen, epoch, now.date(), caseload)),
    )
    signed = sign_federation(federatie, tuple(owners.values()))
    layout = Layout(root, federatie, tuple(key.public.thumbprint for key in owners.values()))
    rules = load_bundle(policy_dir)
    for (oin, key), path in zip(owners.items(), layout.bundle_signatures, strict=True):
        write_secret_file(root / "owners" / f"{oin}.key", secrets(f"owner {oin}"))
        path.write_text(sign_bundle(rules, key, Word.AGREES, OFFICER, now) + "\n", encoding="ascii")
    _write_settings(layout, signed, secrets, epoch, policy_dir)
    return layout


def _custodian_keys(root: Path, nr: Literal[1, 2], epoch: str, secrets: Secrets) -> list[CustodianSleutel]:
    """Seed files of one custodian and the public keys that the federation file pins."""
    year = int(epoch[:4])
    van, tot = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    overlap_tot = datetime(year + 1, 4, 1, tzinfo=UTC)
    keys = []
    for domein in TokenDomein:
        seed = secrets(f"custodian {nr} {domein} {epoch}")
        write_secret_file(root / f"custodian{nr}" / "seeds" / seed_name(nr, domein.value, epoch), seed)
        for klasse in TokenKlasse:
            public = derive_key_pair(seed, key_info(nr, domein.value, epoch, klasse.value)).public
            place = {"custodian": nr, "domein": domein, "epoch": epoch, "klasse": klasse, "k": b64u(public)}
            keys.append(CustodianSleutel(**place, van=van, tot=tot, overlap_tot=overlap_tot))
    return keys


def _parties(root: Path, declared: dict[str, list[dict[str, Any]]], caseload: int, secrets: Secrets) -> list[Partij]:
    """One party per (oin, domein), its memberships gathered over the convenants."""
    rows = [
        (entry["oin"], entry["domein"], convenant, entry)
        for convenant, entries in declared.items()
        for entry in entries
    ]
    rows.sort(key=itemgetter(0, 1))
    partijen = []
    for (oin, domein), group in groupby(rows, key=itemgetter(0, 1)):
        members = list(group)
        first = members[0][3]
        folder = root / "partners" / f"{oin}-{domein}"
        signing, hpke = secrets(f"party {oin}/{domein}"), secrets(f"hpke {oin}/{domein}")
        write_secret_file(folder / "keys" / "party.key", signing)
        write_secret_file(folder / "keys" / "hpke.key", hpke)
        for name in ("local.key", "spot.key"):
            write_secret_file(folder / "keys" / name, secrets(f"{name} {oin}/{domein}"))
        partijen.append(
            Partij(
                oin=oin,
                domein=PartijDomein(domein),
                partnertype=Partnertype(first["partnertype"]),
                naam=first["naam"],
                contactpunt=f"contactpunt-{first['partnertype'].replace('_', '-')}@{oin[-6:]}.example",
                deelnames=tuple(_membership(convenant, entry) for _, _, convenant, entry in members),
                sleutel=SigningKey(signing).public,
                hpke=HpkeJwk(x=b64u(X25519PrivateKey.from_private_bytes(hpke).public_key().public_bytes_raw())),
                caseload=caseload,
                bsn_recht=first["bsn_recht"],
                gemeente=first.get("gemeente"),
            )
        )
    return partijen


def _membership(convenant: str, entry: dict[str, Any]) -> Deelname:
    return Deelname(
        convenant=Convenant(convenant),
        van=datetime.fromisoformat(entry["van"]),
        tot=datetime.fromisoformat(entry["tot"]) if "tot" in entry else None,
        ontdubbelen=entry.get("ontdubbelen", False),
    )


def _custodian(nr: Literal[1, 2], url: str) -> Custodian:
    return Custodian(nr=nr, naam=f"Sleutelbewaarder {nr} (test)", oin=CUSTODIAN_OINS[nr - 1], url=url)


def _first_load(partijen: tuple[Partij, ...], epoch: str, dag: date, caseload: int) -> list[Toeslag]:
    """A day's tenth would stretch a first load over ten days: allow the epoch's budget on the day of the lay-out."""
    return [
        Toeslag(
            oin=party.oin,
            domein=party.domein,
            token_domein=domein,
            epoch=epoch,
            klasse=klasse,
            dag=dag,
            aantal=ELEMENTS_PER_CASE[klasse] * caseload,
        )
        for party in partijen
        for domein in TokenDomein
        if party.deelname(domein.convenant)
        for klasse in TokenKlasse
        if klasse != TokenKlasse.BSN or party.bsn_recht
    ]


def _write_settings(layout: Layout, signed: SignedFederation, secrets: Secrets, epoch: str, policy_dir: Path) -> None:
    """The federation file, and each house's settings beside its own keys."""
    layout.federation_file.write_bytes(canonical_bytes(signed))
    owners = json.dumps(layout.owners)
    for custodian in layout.federatie.custodians:
        host, port = _host_port(custodian.url)
        folder = layout.custodian(custodian.nr)
        (folder / "custodian.toml").write_text(
            f'number = {custodian.nr}\nfederation = "../federation.json"\nowners = {owners}\n'
            f'seeds = "seeds"\nstore = "custodian.sqlite"\nhost = "{host}"\nport = {port}\n',
            encoding="utf-8",
        )
    for party in layout.federatie.partijen:
        domains = [domein.value for domein in TokenDomein if party.deelname(domein.convenant)]
        (layout.partner(party.id) / "connector.toml").write_text(
            f'oin = "{party.oin}"\ndomein = "{party.domein}"\nfederation = "../../federation.json"\n'
            f'owners = {owners}\nkeys = "keys"\noutbox = "outbox.sqlite"\n'
            f'domains = {json.dumps(domains)}\nepoch = "{epoch}"\n',
            encoding="utf-8",
        )
    _write_gateway(layout, secrets, epoch, policy_dir)


def _host_port(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.hostname is None or parts.port is None:
        raise ValueError("a demo address names host and port")
    return parts.hostname, parts.port


def _write_gateway(layout: Layout, secrets: Secrets, epoch: str, policy_dir: Path) -> None:
    keys = layout.gateway / "keys"
    write_secret_file(keys / "gateway.key", secrets("gateway"))
    for domein in TokenDomein:
        for name in ("k_store", "k_join"):
            write_secret_file(keys / f"{name}.{domein}.{epoch}.key", secrets(f"{name} {domein} {epoch}"))
    host, port = _host_port(layout.federatie.gateway.url)
    (layout.gateway / "gateway.toml").write_text(
        f'federation = "../federation.json"\nowners = {json.dumps(layout.owners)}\nkeys = "keys"\n'
        f'database = "sqlite:///gateway.sqlite"\nspool = "spool"\n'
        f'policy_dir = {json.dumps(str(policy_dir.resolve()))}\npolicy_engine = "embedded"\n'
        f'host = "{host}"\nport = {port}\n',
        encoding="utf-8",
    )
