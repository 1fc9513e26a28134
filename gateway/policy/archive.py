"""The rules as an OPA bundle: one deterministic tar.gz, signed with Ed25519 when a key is given.

The same rules give the same bytes. The signature is OPA's own format (`.signatures.json`, a JWT that lists the hash of
every file), so that the server verifies it and a changed byte keeps it from starting.
Source: OPA documentation, "Bundle File Format" and "Signing"; structured files are hashed over their canonical JSON.
"""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.policy.bundle import PolicyBundle
from gateway.policy.errors import PolicySourceError

_ROOTS: Final = ("schakel",)
_SYSTEM_ROOTS: Final = ("system/authz", "system/log")


def read_system(folder: Path) -> dict[str, str]:
    """The server's own policies (`system.authz`, `system.log`) in a folder, tests left out; by path in the bundle.

    Raises PolicySourceError when there is no `system.authz`: a server without it would answer anyone anything.
    """
    files = {
        f"system/{path.relative_to(folder).as_posix()}": path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.rego"))
        if not path.name.endswith("_test.rego")
    }
    if "system/authz/authz.rego" not in files:
        raise PolicySourceError(folder.name, "holds no authz/authz.rego")
    return files


def bundle_archive(bundle: PolicyBundle, system: Mapping[str, str], key: Ed25519PrivateKey | None) -> bytes:
    """The bundle as OPA loads it; its revision is `bundle.revision`. Without a key it is not signed."""
    files = {**bundle.files, **system, ".manifest": manifest_of(bundle, (*_ROOTS, *_SYSTEM_ROOTS))}
    if key is not None:
        files[".signatures.json"] = json.dumps({"signatures": [_signature(files, key)]})
    return _tar_gz(files)


def manifest_of(bundle: PolicyBundle, roots: Sequence[str] = _ROOTS) -> str:
    """OPA's manifest of the rules: their revision and which part of `data` they own."""
    return json.dumps({"revision": bundle.revision, "roots": list(roots), "rego_version": 1}, sort_keys=True) + "\n"


def _signature(files: Mapping[str, str], key: Ed25519PrivateKey) -> str:
    listed = [{"name": name, "hash": _hash(name, text), "algorithm": "SHA-256"} for name, text in sorted(files.items())]
    return jwt.encode({"files": listed}, key, algorithm="EdDSA")


def _hash(name: str, text: str) -> str:
    structured = name.endswith(".json") or name == ".manifest"
    content = (
        json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False) if structured else text
    )
    return hashlib.sha256(content.encode()).hexdigest()


def _tar_gz(files: Mapping[str, str]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0, filename="") as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.USTAR_FORMAT) as archive,
    ):
        for name, text in sorted(files.items()):
            content = text.encode()
            entry = tarfile.TarInfo(f"/{name}")
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
