"""Seal one row so that neither the database nor its backup can be matched (cryptography page, scheme point 8). Pure.

key        = HKDF-SHA-256 (RFC 5869) of the party's share, salt = k_store, info = "schakel1 row|party|domain|epoch"
sealed     = nonce (12 random bytes) ‖ AES-256-GCM ciphertext ‖ tag (16)
associated = party|domain|epoch|record_id|batch_id, so a row moved to another place does not open
"""

from dataclasses import dataclass, field
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import OurFault
from gateway.ids import Random

NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows live: whose they are (`oin/domein`), in which token domain and epoch."""

    party: str
    domain: str
    epoch: str


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """The gateway's own two secrets of one (domain, epoch), 32 bytes each, from files and never from the database."""

    k_store: bytes = field(repr=False)
    k_join: bytes = field(repr=False)

    def __reduce__(self) -> NoReturn:
        raise TypeError("the gateway's secrets are not pickled")


class SealBroken(OurFault):
    """Something sealed that does not open with this key at this place: another key, or a database that was changed
    behind our back."""

    code = "broken_vault"

    def __init__(self) -> None:
        super().__init__("what is stored does not open: restore the database from a backup")


class RowKey:
    """The AES key of one place. Stays out of repr; made from a share that is only in memory."""

    __slots__ = ("_cipher", "_prefix")

    def __init__(self, share: bytes, k_store: bytes, place: Place) -> None:
        """`share`, `k_store`: 32 bytes each."""
        info = f"schakel1 row|{place.party}|{place.domain}|{place.epoch}".encode("ascii")
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=k_store, info=info).derive(share))
        self._prefix = f"{place.party}|{place.domain}|{place.epoch}|"

    def seal(self, row: bytes, record_id: str, batch_id: str, random: Random) -> bytes:
        """nonce ‖ ciphertext ‖ tag."""
        nonce = random(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, row, self._associated(record_id, batch_id))

    def open(self, sealed: bytes, record_id: str, batch_id: str) -> bytes:
        """The row's canonical bytes; raises SealBroken."""
        try:
            associated = self._associated(record_id, batch_id)
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
        except InvalidTag as error:
            raise SealBroken from error

    def _associated(self, record_id: str, batch_id: str) -> bytes:
        return f"{self._prefix}{record_id}|{batch_id}".encode("ascii")

    def __repr__(self) -> str:
        return "RowKey(…)"


def share_check(share: bytes, k_store: bytes, place: Place) -> bytes:
    """32 bytes that tell shares apart without opening anything."""
    info = f"schakel1 check|{place.party}|{place.domain}|{place.epoch}".encode("ascii")
    return HKDF(SHA256(), 32, salt=k_store, info=info).derive(share)
