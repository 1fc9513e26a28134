"""Where the OPA server is and how it is known; an address that would be asked in the clear is refused. Pure."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from gateway.policy.errors import PolicySourceError


@dataclass(frozen=True, slots=True)
class OpaAddress:
    """Where the server is and how it is known. `deadline` in seconds, for the whole exchange."""

    host: str
    port: int
    tls: bool
    ca: Path | None = None
    client_certificate: tuple[Path, Path] | None = None
    deadline: float = 0.8


def opa_address(url: str, ca: Path | None = None, client_certificate: tuple[Path, Path] | None = None) -> OpaAddress:
    """The address in a URL; raises PolicySourceError for a path, credentials, or plain HTTP beyond this machine."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    tls = parts.scheme == "https"
    if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
        raise PolicySourceError("OPA address", "must be http(s)://host:port")
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username or parts.password:
        raise PolicySourceError("OPA address", "must hold no path, query or credentials")
    if not tls and not _loopback(parts.hostname):
        raise PolicySourceError("OPA address", "must be https, unless the server is on this machine")
    return OpaAddress(parts.hostname, port or (443 if tls else 8181), tls, ca, client_certificate)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
