"""Every bundle that was ever in force, kept by its digest, so that a past decision can be put to its own rules again.

A kept bundle is one unsigned archive (`<digest>.tar.gz`), named by its content: reading it recomputes the digest.
Beside it lie the words of owners that withdrew from it, so that a database put back from a backup revives nothing.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from gateway.policy.archive import bundle_archive, read_bundle
from gateway.policy.bundle import PolicyBundle
from gateway.policy.errors import PolicySourceError

_DIGEST: Final = re.compile("[0-9a-f]{64}")
_WITHDRAWN: Final = ".intrekking.jws"


def keep(bundle: PolicyBundle, shelf: Path) -> None:
    """Keep these rules: durably, whole or not at all; once there they are never written again.

    Raises PolicySourceError when the shelf cannot be written, or holds other rules under this digest.
    """
    place = _place(bundle.digest, shelf)
    try:
        if not place.exists():
            shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(place, bundle_archive(bundle, {}, None))
        kept(bundle.digest, shelf)
    except OSError as error:
        raise PolicySourceError(shelf.name, f"cannot be written ({error.strerror}); name a writable folder") from error


def kept(digest: str, shelf: Path, *, closed: bool = True) -> PolicyBundle:
    """The rules with this digest (64 hex digits), as `read_bundle` reads them.

    Raises PolicySourceError when none are kept under it or they were changed since, OSError when the disk fails.
    """
    if not _DIGEST.fullmatch(digest):
        raise PolicySourceError(shelf.name, "a bundle is named by the 64 hex digits of its digest")
    place = _place(digest, shelf)
    try:
        bundle = read_bundle(place, closed=closed)
    except FileNotFoundError:
        raise PolicySourceError(
            f"{shelf.name}/{place.name}", "these rules are not kept here; restore the file"
        ) from None
    if bundle.digest != digest:
        raise PolicySourceError(f"{shelf.name}/{place.name}", "was changed after it was kept; restore it")
    return bundle


def keep_withdrawal(digest: str, signature: str, shelf: Path) -> None:
    """Keep an owner's withdrawal (JWS) from the rules with this digest, durably; raises PolicySourceError."""
    name = hashlib.sha256(signature.encode()).hexdigest()[:32]
    try:
        shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(shelf / f"{digest}.{name}{_WITHDRAWN}", signature.encode())
    except OSError as error:
        raise PolicySourceError(shelf.name, f"cannot be written ({error.strerror}); name a writable folder") from error


def withdrawals(digest: str, shelf: Path) -> tuple[str, ...]:
    """The withdrawals kept for these rules, unverified; raises OSError when the disk fails."""
    if not shelf.exists():
        return ()
    names = [name for name in os.listdir(shelf) if name.startswith(digest) and name.endswith(_WITHDRAWN)]
    return tuple((shelf / name).read_text(encoding="ascii", errors="replace") for name in sorted(names))


def _place(digest: str, shelf: Path) -> Path:
    return shelf / f"{digest}.tar.gz"


def _write(place: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).rename(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
