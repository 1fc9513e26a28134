"""Seed files: one per (custodian, domain, epoch), 32 random bytes, mode 0600. Destroying the file destroys the keys.

The file's name says what it is for, `c1-RIEC-2026.seed`; the names of domains and epochs make the spelling unambiguous.
"""

import os
import stat
from pathlib import Path
from typing import Final

from pseudonymizer.oprf.errors import InvalidInput
from pseudonymizer.oprf.group import RandomBytes
from pseudonymizer.oprf.keys import CLASSES, SEED_BYTES, SecretKey, checked_seed, derive_key_pair, key_info

_OVERWRITES: Final = 3


def seed_name(custodian: int, domain: str, epoch: str) -> str:
    """`c<i>-<domain>-<epoch>.seed`. Raises InvalidInput on names that the scheme does not allow (rule 3)."""
    key_info(custodian, domain, epoch, "id")
    return f"c{custodian}-{domain}-{epoch}.seed"


def create_seed(folder: Path, custodian: int, domain: str, epoch: str, random: RandomBytes) -> Path:
    """Make a new seed file, durably, and return its path; the folder is made with mode 0700 when absent.

    Raises FileExistsError rather than replace a seed: that would destroy the keys of a running epoch.
    """
    path = folder / seed_name(custodian, domain, epoch)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seed = checked_seed(random(SEED_BYTES), 0o600)
    # Written aside and linked into place: no crash leaves half a seed, and of two processes one wins.
    aside = folder / f".{path.name}.{os.getpid()}.new"
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.fchmod(handle, 0o600)
        os.write(handle, seed)
        os.fsync(handle)
        os.link(aside, path)
    finally:
        os.close(handle)
        aside.unlink()
    _sync_folder(folder)
    return path


def read_seed(folder: Path, custodian: int, domain: str, epoch: str) -> bytes:
    """The 32 bytes of a seed file. Raises InvalidInput when it is absent or not 32 random bytes with mode 0600."""
    path = folder / seed_name(custodian, domain, epoch)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError as error:
        raise InvalidInput(f"{path.name}: cannot be read ({error.strerror}); make it with new-seed") from None
    try:
        mode = stat.S_IMODE(os.fstat(handle).st_mode)
        content = os.read(handle, SEED_BYTES + 1)
    finally:
        os.close(handle)
    try:
        return checked_seed(content, mode)
    except InvalidInput as error:
        raise InvalidInput(f"{path.name}: {error}") from None


def keys_of(seed: bytes, custodian: int, domain: str, epoch: str) -> dict[str, SecretKey]:
    """The key pair of each class bsn, id, cx."""
    return {name: derive_key_pair(seed, key_info(custodian, domain, epoch, name)) for name in CLASSES}


def stored_seeds(folder: Path, custodian: int) -> tuple[tuple[str, str], ...]:
    """(domain, epoch) of every seed file of this custodian in the folder, sorted."""
    found = []
    for path in sorted(folder.glob(f"c{custodian}-*.seed")):
        domain, epoch = _split(path.name.removeprefix(f"c{custodian}-").removesuffix(".seed"))
        if path.name == seed_name(custodian, domain, epoch):
            found.append((domain, epoch))
    return tuple(found)


def has_seed(folder: Path, custodian: int, domain: str, epoch: str) -> bool:
    """Whether a file stands where this seed would, be it usable or not. Raises InvalidInput as `seed_name`."""
    return os.path.lexists(folder / seed_name(custodian, domain, epoch))


def destroy_seed(folder: Path, custodian: int, domain: str, epoch: str) -> bool:
    """Overwrite and remove a seed file, durably; False when it is already gone, so that a retry after a crash is safe.

    Overwriting in place is best effort on journaling or flash storage: keep the folder on an encrypted volume.
    """
    path = folder / seed_name(custodian, domain, epoch)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        for _ in range(_OVERWRITES):
            os.pwrite(handle, os.urandom(SEED_BYTES), 0)
            os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink()
    _sync_folder(folder)
    return True


def _split(name: str) -> tuple[str, str]:
    """`ZVH-RR-2026-b` is domain ZVH-RR and epoch 2026-b: the epoch starts at the first digit."""
    start = next((index for index, letter in enumerate(name) if letter.isdigit()), len(name))
    return name[: max(start - 1, 0)], name[start:]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
