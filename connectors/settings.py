"""The connector's settings: one TOML file, read once, handed down as plain values.

```toml
oin = "00000099000000020000"
domein = "opsporing"
federation = "federation.json"   # signed by two convenant owners; paths are relative to this file
owners = ["<thumbprint>", "<thumbprint>"]   # RFC 7638, received out of band
keys = "keys"                    # folder with party.key and hpke.key (0600), made by `init`
outbox = "outbox.sqlite"
domains = ["RIEC", "ZVH-RR"]     # token domains this party sends to; the first is the default
epoch = "2026"
ca = "ca.pem"                    # optional: private certificate authority of gateway and custodians
```
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from connectors.contract.codes import PartijDomein, TokenDomein
from connectors.contract.model import Bytes32, Epoch, Oin
from connectors.errors import InputRefused, complaint
from connectors.files import read_whole

SETTINGS_VARIABLE = "SCHAKEL_CONNECTOR"
"""Environment variable with the path of the settings file; `--settings` comes first."""


class _File(BaseModel):
    """The settings file as it stands on disk."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    oin: Oin
    domein: PartijDomein
    federation: str
    owners: Annotated[tuple[Bytes32, ...], Field(min_length=2)]
    keys: str = "keys"
    outbox: str = "outbox.sqlite"
    domains: Annotated[tuple[TokenDomein, ...], Field(min_length=1)]
    epoch: Epoch
    ca: str | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    workers: Annotated[int, Field(ge=1, le=64)] | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """Where everything of this connector is; no secrets, only the folder that holds them."""

    party: str
    domein: PartijDomein
    federation: Path
    owners: tuple[str, ...]
    keys: Path
    outbox: Path
    domains: tuple[TokenDomein, ...]
    epoch: str
    ca: Path | None
    timeout_seconds: float
    workers: int | None
    """Threads for the arithmetic of blinding and proofs; None: one per processor."""

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that these settings name: no command writes its results over one."""
        keys = tuple(self.keys.iterdir()) if self.keys.is_dir() else ()
        named = (self.federation, self.outbox, *keys)
        return named if self.ca is None else (*named, self.ca)


def read_settings(path: Path) -> Settings:
    """The settings in `path`; raises InputRefused that names the file and the setting."""
    raw = read_whole(path, "; run `schakel-connector init INVITE` or give --settings")
    try:
        content = _File.model_validate(tomllib.loads(raw.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise InputRefused("not UTF-8; save it again as UTF-8", file=path.name) from error
    except tomllib.TOMLDecodeError as error:
        raise InputRefused(f"settings are not TOML: {error}", file=path.name) from error
    except ValidationError as error:
        raise InputRefused(f"setting {complaint(error)}", file=path.name) from error
    root = path.resolve().parent
    return Settings(
        party=f"{content.oin}/{content.domein}",
        domein=content.domein,
        federation=root / content.federation,
        owners=content.owners,
        keys=root / content.keys,
        outbox=root / content.outbox,
        domains=content.domains,
        epoch=content.epoch,
        ca=root / content.ca if content.ca else None,
        timeout_seconds=content.timeout_seconds,
        workers=content.workers,
    )
