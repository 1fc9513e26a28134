"""Every bundle that ever decided, kept under its digest, so that a past decision can be put to its own rules again.

A kept bundle is a folder as `load_bundle` reads it, named by its content: reading one back recomputes the digest.
"""

import re
import tempfile
from pathlib import Path
from typing import Final

from gateway.policy.bundle import PolicyBundle, load_bundle
from gateway.policy.errors import PolicySourceError

_DIGEST: Final = re.compile("[0-9a-f]{64}")


def keep(bundle: PolicyBundle, shelf: Path) -> Path:
    """The folder that holds these rules, written whole or not at all; once written it is never written again.

    Raises PolicySourceError when the shelf cannot be written, or holds other rules under this digest.
    """
    place = shelf / bundle.digest
    try:
        if not place.exists():
            shelf.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=shelf, prefix=".writing-") as name:
                for path, text in bundle.files.items():
                    file = Path(name) / bundle.digest / path
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_bytes(text.encode("utf-8"))
                (Path(name) / bundle.digest).rename(place)
    except OSError as error:
        raise PolicySourceError(shelf.name, f"cannot be written ({error.strerror}); name a writable folder") from error
    return kept(bundle.digest, shelf)


def kept(digest: str, shelf: Path) -> Path:
    """The folder that holds the rules with this digest (64 hex digits); raises PolicySourceError when none does."""
    place = shelf / digest
    if not _DIGEST.fullmatch(digest) or not place.is_dir():
        raise PolicySourceError(shelf.name, "the rules of that decision are not kept here")
    if load_bundle(place).digest != digest:
        raise PolicySourceError(f"{shelf.name}/{digest[:16]}", "was changed after it was kept; restore it")
    return place
