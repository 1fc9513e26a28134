"""A custodian's settings: one TOML file, read once. No default for anything that is a secret, a host or an identity."""

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from pseudonymizer.custodian.refusals import StartRefused

Thumbprint = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class Settings(BaseModel):
    """`custodian.toml`; relative paths are relative to the file.

    number       1 or 2: which custodian this is
    federation   the signed federation file
    owners       RFC 7638 thumbprints of the convenant owners' keys, received out of band; two must have signed
    seeds        folder of the seed files
    store        SQLite file with budgets and log
    host, port   where to listen; anything but loopback needs TLS here or a proxy that ends it
    tls_certificate, tls_key   PEM files
    behind_tls_proxy           true when a proxy on this machine or in this pod ends TLS
    workers      threads that evaluate; as many as cores
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    number: Literal[1, 2]
    federation: Path
    owners: Annotated[tuple[Thumbprint, ...], Field(min_length=2)]
    seeds: Path
    store: Path
    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_tls_proxy: bool = False
    workers: Annotated[int, Field(ge=1, le=64)] = 2

    @model_validator(mode="after")
    def _not_weak(self) -> Self:
        if len(set(self.owners)) != len(self.owners):
            raise ValueError("owners: name two different owners")
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        if self.tls_key is None and not self.behind_tls_proxy and not _is_loopback(self.host):
            raise ValueError("host: plain HTTP is for loopback; give tls_certificate and tls_key, or behind_tls_proxy")
        return self


def read_settings(path: Path) -> Settings:
    """The settings in `path`. Raises StartRefused naming the file and the field, never its value."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StartRefused(f"{path.name}: cannot be read ({error.strerror}); name it with --settings") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise StartRefused(f"{path.name}: not TOML in UTF-8") from None
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        where = "; ".join(".".join(map(str, item["loc"])) + ": " + item["msg"] for item in error.errors()[:5])
        raise StartRefused(f"{path.name}: {where}") from None
    folder = path.resolve().parent
    paths = ("federation", "seeds", "store", "tls_certificate", "tls_key")
    return settings.model_copy(
        update={name: folder / value for name in paths if (value := getattr(settings, name)) is not None}
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
