"""The partner's own secrets, one 32-byte file (0600) each; none of them ever leaves but the lent share.

- `party.key` signs (Ed25519), `hpke.key` opens envelopes (X25519), `spot.key` is the secret `s` of spot proofs.
- `local.key` is the root of keys for row fingerprints and for the cache of tokens (cryptography page, bytes 16).
- `share-<domain>-<epoch>.key` is the share (point 8): destroying that file makes this party's records unmatchable,
  wherever copies or backups of the gateway's rows may be. Shares stand in files, not in the outbox, so that a backup of
  the outbox cannot bring one back.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.contract.canonical import b64u
from connectors.contract.codes import TokenDomein
from connectors.contract.exits import Exit
from connectors.contract.signing import (
    HpkeJwk,
    SigningKey,
    Unverified,
    read_secret_file,
    write_secret_file,
)
from connectors.errors import ConnectorError, NotVerified

PARTY: Final = "party.key"
HPKE: Final = "hpke.key"
LOCAL: Final = "local.key"
SPOT: Final = "spot.key"


class KeysBroken(ConnectorError):
    """The folder of secrets cannot be written (read-only, disk full); a secret is there whole or not at all."""

    exit_code = Exit.UNAVAILABLE


@dataclass(frozen=True, slots=True, repr=False)
class LocalKeys:
    """Keys that never leave: for row fingerprints, cache index, cache values and the dummies of questions. Hidden from
    repr and pickle."""

    row: bytes
    cache_index: bytes
    cache_value: bytes
    dummies: bytes

    def __repr__(self) -> str:
        return "LocalKeys(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("local keys are not pickled")


class Keyring:
    """The folder of secrets. Every read checks length and mode, and raises NotVerified with what to do; every write
    raises KeysBroken when it fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> None:
        """Create what is missing from the operating system's randomness; never replaces a key."""
        for name in (PARTY, HPKE, LOCAL, SPOT):
            self._make(name)

    def signing_key(self) -> SigningKey:
        return SigningKey(self._read(PARTY))

    def signing_seed(self) -> bytes:
        """The secret of `signing_key`, for a library that signs by itself (the sign-in assertion)."""
        return self._read(PARTY)

    def hpke_key(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self._read(HPKE))

    def hpke_public(self) -> HpkeJwk:
        return HpkeJwk(x=b64u(self.hpke_key().public_key().public_bytes_raw()))

    def spot_secret(self) -> bytes:
        return self._made(SPOT)

    def local_keys(self) -> LocalKeys:
        root = self._made(LOCAL)
        return LocalKeys(
            row=_derive(root, b"schakel1 row fingerprint"),
            cache_index=_derive(root, b"schakel1 cache index"),
            cache_value=_derive(root, b"schakel1 cache value"),
            dummies=_derive(root, b"schakel1 question dummies"),
        )

    def share(self, domein: TokenDomein, epoch: str) -> bytes:
        """The share of (domain, epoch); made on first use, durable before it is returned."""
        return self._made(self._share(domein, epoch).name)

    def has_share(self, domein: TokenDomein, epoch: str) -> bool:
        return self._share(domein, epoch).exists()

    def destroy_shares(self) -> int:
        """Overwrite and remove every share; returns how many. Nobody need agree (promise P9)."""
        destroyed = 0
        with self._writing():
            for path in sorted(self._folder.glob("share-*.key")):
                with path.open("r+b") as handle:
                    handle.write(bytes(32))
                    handle.flush()
                    os.fsync(handle.fileno())
                path.unlink()
                destroyed += 1
            if destroyed:
                _sync_folder(self._folder)
        return destroyed

    def _share(self, domein: TokenDomein, epoch: str) -> Path:
        return self._folder / f"share-{domein}-{epoch}.key"

    def _made(self, name: str) -> bytes:
        """A secret of this house alone: made on first use, durable before anything depends on it."""
        self._make(name)
        return self._read(name)

    def _make(self, name: str) -> None:
        path = self._folder / name
        if not path.exists():
            with self._writing(), suppress(FileExistsError):  # another process of this house made it just now
                write_secret_file(path, os.urandom(32))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise KeysBroken(f"the folder {self._folder.name} cannot be written ({error.strerror})") from error

    def _read(self, name: str) -> bytes:
        try:
            return read_secret_file(self._folder / name)
        except Unverified as error:
            raise NotVerified(str(error)) from error


def _derive(root: bytes, info: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(root)


def _sync_folder(folder: Path) -> None:
    """A removal is durable only once the folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
