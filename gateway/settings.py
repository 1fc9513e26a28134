"""The gateway's settings: one TOML file, read once at the top, handed down as plain values.

A gateway that would run weak does not start: a key file that is readable to others, a federation file that two pinned
owners did not sign, a signing key that is not the pinned one, the embedded policy engine in production.

```toml
federation = "federation.json"   # signed by two convenant owners
owners = ["…", "…"]              # their RFC 7638 thumbprints, received out of band
keys = "keys"                    # gateway.key, k_store.RIEC.2026.key, k_join.RIEC.2026.key …, each 32 bytes, 0600
database = "sqlite:///gateway.sqlite"
spool = "spool"                  # on its disk incoming batches lie, nameless, while they are verified
policy_dir = "policies/opa"      # the rules that `bundle activate` puts in force when it is given none
bundles = "bundles"              # every bundle that was ever in force, by digest; this is the default
limits = "limits"                # what a restored database must not forget; not in its backup; this is the default
policy_engine = "embedded"       # or "opa", then opa_url: the server must serve the revision in force; beyond this
                                 # machine also opa_ca, and opa_certificate with opa_key when it asks for one (PEM)
host = "127.0.0.1"
port = 8400
```
Relative paths are relative to the file. `SCHAKEL_ENV=production` switches on what production demands.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract.federation import Eigenaar, Federatie, load_federation
from connectors.contract.model import Bytes32
from connectors.contract.signing import SigningKey, Unverified, read_key_file, read_secret_file
from gateway.errors import BadSettings
from gateway.policy.errors import PolicySourceError
from gateway.policy.opa_address import OpaAddress, opa_address
from gateway.vault.sealing import EpochKeys

PRODUCTION: Final = "production"
_SQLITE: Final = "sqlite:///"


class Settings(BaseModel):
    """The file's content, paths made absolute."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    federation: Path
    owners: Annotated[tuple[Bytes32, ...], Field(min_length=2)]
    keys: Path
    database: str
    spool: Path
    policy_dir: Path
    bundles: Path = Path("bundles")
    limits: Path = Path("limits")
    policy_engine: Literal["embedded", "opa"]
    opa_url: str | None = None
    opa_ca: Path | None = None
    opa_certificate: Path | None = None
    opa_key: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)]


def read_settings(path: Path, environment: Mapping[str, str]) -> Settings:
    """The settings of `path`; `environment` is the process's. Raises BadSettings naming the key that is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        settings = Settings.model_validate(raw)
    except OSError as error:
        raise BadSettings(f"{path.name}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{path.name}: not TOML in UTF-8") from error
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "file"
        raise BadSettings(f"{path.name}: {where}: {first['msg']}") from error
    _demand(settings, environment.get("SCHAKEL_ENV", ""))
    return _absolute(settings, path.parent)


def _demand(settings: Settings, environment: str) -> None:
    if environment == PRODUCTION and settings.policy_engine != "opa":
        raise BadSettings("policy_engine: production asks a real OPA server, not the embedded engine")
    if settings.policy_engine == "opa" and settings.opa_url is None:
        raise BadSettings("opa_url: name the OPA server that decides")
    if (settings.opa_certificate is None) != (settings.opa_key is None):
        raise BadSettings("opa_certificate and opa_key: name both or neither")


def _absolute(settings: Settings, base: Path) -> Settings:
    named = ("federation", "keys", "spool", "policy_dir", "bundles", "limits", "opa_ca", "opa_certificate", "opa_key")
    paths = {name: base / path for name in named if (path := getattr(settings, name)) is not None}
    database = settings.database
    if database.startswith(_SQLITE):
        database = _SQLITE + str((base / database.removeprefix(_SQLITE)).absolute())
    return settings.model_copy(update={**paths, "database": database})


def read_federation(settings: Settings) -> Federatie:
    """The federation that two pinned owners signed; raises BadSettings."""
    try:
        return load_federation(settings.federation.read_bytes(), settings.owners)
    except OSError as error:
        raise BadSettings(f"{settings.federation.name}: cannot be read ({error.strerror})") from error
    except Unverified as error:
        raise BadSettings(f"{settings.federation.name}: {error}") from error


def opa_server_address(settings: Settings) -> OpaAddress | None:
    """The OPA server that decides, and how it is known; None for the embedded engine. Raises BadSettings."""
    if settings.policy_engine == "embedded" or settings.opa_url is None:
        return None
    for path in (settings.opa_ca, settings.opa_certificate, settings.opa_key):
        if path is not None and not path.is_file():
            raise BadSettings(f"{path.name}: no such file; fix opa_ca, opa_certificate or opa_key")
    both = settings.opa_certificate, settings.opa_key
    client = (both[0], both[1]) if both[0] is not None and both[1] is not None else None
    try:
        return opa_address(settings.opa_url, settings.opa_ca, client)
    except PolicySourceError as error:
        raise BadSettings(f"opa_url: {error.remedy}") from error


def pinned_owners(settings: Settings, federatie: Federatie) -> tuple[Eigenaar, ...]:
    """The convenant owners of the federation file whose keys this house was given out of band."""
    return tuple(owner for owner in federatie.eigenaren if owner.sleutel.thumbprint in settings.owners)


def read_signing_key(settings: Settings, federatie: Federatie) -> SigningKey:
    """The gateway's key, which must be the one that the federation file pins; raises BadSettings."""
    try:
        key = read_key_file(settings.keys / "gateway.key")
    except Unverified as error:
        raise BadSettings(str(error)) from error
    if key.public != federatie.gateway.sleutel:
        raise BadSettings("gateway.key: not the key that the federation file pins for this gateway")
    return key


def read_epoch_keys(settings: Settings, federatie: Federatie) -> dict[tuple[str, str], EpochKeys]:
    """`k_store` and `k_join` of every (domain, epoch) of the federation file; raises BadSettings when one is weak."""
    places = sorted({(key.domein.value, key.epoch) for key in federatie.sleutels})
    try:
        return {
            (domain, epoch): EpochKeys(
                read_secret_file(settings.keys / f"k_store.{domain}.{epoch}.key"),
                read_secret_file(settings.keys / f"k_join.{domain}.{epoch}.key"),
            )
            for domain, epoch in places
        }
    except Unverified as error:
        raise BadSettings(str(error)) from error
