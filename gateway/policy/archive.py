"""The rules as an OPA bundle: one deterministic tar.gz, signed with Ed25519 when a key is given.

The same rules give the same bytes. The signature is OPA's own format (`.signatures.json`, a JWT that lists the hash of
every file), so that the server verifies it and a changed byte keeps it from starting. The golden cases travel along as
a text, which OPA does not load.
Source: OPA documentation, "Bundle File Format" and "Signing"; structured files are hashed over their canonical JSON.
"""

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.policy.bundle import PolicyBundle, decides, load_bundle, make_bundle
from gateway.policy.errors import PolicySourceError

MAX_BYTES: Final = 16 << 20
"""Of an archive, packed and unpacked; the rules take a hundredth of it."""
_GOLDEN: Final = "golden.txt"
_GZIP: Final = 31  # zlib: a gzip header and trailer, the largest window
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
    if bundle.golden:
        files[_GOLDEN] = bundle.golden
    if key is not None:
        files[".signatures.json"] = json.dumps({"signatures": [_signature(files, key)]})
    return _tar_gz(files)


def read_bundle(path: Path, *, closed: bool = True) -> PolicyBundle:
    """The rules in a folder (as `load_bundle`) or in an archive that `bundle_archive` wrote.

    What an archive holds beside rules and golden cases, OPA's own signature too, is left unread: who relies on the
    rules compares their digest. Raises PolicySourceError naming the file, and OSError when it cannot be read.
    """
    if path.is_dir():
        return load_bundle(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise tarfile.TarError("too large")
        files = _unpack(path.read_bytes())
    except (tarfile.TarError, EOFError, zlib.error, UnicodeDecodeError):
        raise PolicySourceError(path.name, "must be a folder with schakel/ or an archive of `bundle build`") from None
    rules = {name: text for name, text in files.items() if decides(name)}
    if not rules:
        raise PolicySourceError(path.name, "holds no rules; name an archive of `bundle build`")
    return make_bundle(rules, files.get(_GOLDEN, ""), closed=closed)


def given_bundle(path: Path, *, closed: bool = True) -> PolicyBundle:
    """As `read_bundle`, for a path that someone typed: one that cannot be read is a PolicySourceError too."""
    try:
        return read_bundle(path, closed=closed)
    except OSError as error:
        raise PolicySourceError(path.name, f"cannot be read ({error.strerror})") from error


def _unpack(packed: bytes) -> dict[str, str]:
    zipped = zlib.decompressobj(wbits=_GZIP)
    unpacked = zipped.decompress(packed, MAX_BYTES)
    if not zipped.eof or zipped.unused_data:
        raise tarfile.TarError("too large, cut off, or more than one file")
    files: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as archive:
        for entry in archive:
            name = entry.name.removeprefix("/")
            content = archive.extractfile(entry) if entry.isreg() else None
            # Two files of one name: which of them decides would depend on the reader.
            if content is None or name in files:
                raise tarfile.TarError("not an archive of rules")
            files[name] = content.read().decode("utf-8")
    return files


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
