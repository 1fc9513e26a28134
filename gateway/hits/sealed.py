"""What a question found, sealed under the gateway's own key and padded to one size, so that a stolen database or a
backup does not tell a hit from no hit. Pure."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.contract.answers import Subject, VraagAntwoord
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import Sterkte
from gateway.ids import Random
from gateway.vault.sealing import SealBroken

BLOCK: Final = 4096
"""Padding unit, bytes. At most `MAX_FOUND` hits are kept, which fit in one unit."""
MAX_FOUND: Final = 24
_NONCE: Final = 12


@dataclass(frozen=True, slots=True)
class Found:
    """One showable match: whose record it is, how strong, and the codes that policy asks about it."""

    party: str
    record_id: str
    sterkte: Sterkte
    categorie: str
    minderjarig: bool
    dubbelrol: bool
    bijzonder: bool


class QuestionSeal:
    """Seals what belongs to one question of one party. Stays out of repr."""

    __slots__ = ("_associated", "_cipher")

    def __init__(self, k_store: bytes, party: str, vraag_id: str) -> None:
        info = f"schakel1 question|{party}|{vraag_id}".encode("ascii")
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(k_store))
        self._associated = info

    def seal(self, data: bytes, random: Random) -> bytes:
        """nonce ‖ ciphertext ‖ tag over `data` padded with spaces to whole blocks."""
        nonce = random(_NONCE)
        padded = data.ljust(-(-max(len(data), 1) // BLOCK) * BLOCK)
        return nonce + self._cipher.encrypt(nonce, padded, self._associated)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed; raises SealBroken when the database was changed."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._associated).rstrip(b" ")
        except InvalidTag as error:
            raise SealBroken from error

    def __repr__(self) -> str:
        return "QuestionSeal(…)"


def encode_found(found: tuple[Found, ...]) -> bytes:
    """JSON of at most `MAX_FOUND` matches."""
    rows = [[f.party, f.record_id, f.sterkte, f.categorie, f.minderjarig, f.dubbelrol, f.bijzonder] for f in found]
    return json.dumps(rows, separators=(",", ":")).encode("ascii")


def decode_found(raw: bytes) -> tuple[Found, ...]:
    """The matches."""
    return tuple(
        Found(party, record_id, Sterkte(sterkte), categorie, minderjarig, dubbelrol, bijzonder)
        for party, record_id, sterkte, categorie, minderjarig, dubbelrol, bijzonder in json.loads(raw)
    )


def encode_answer(answer: VraagAntwoord) -> bytes:
    """Canonical bytes."""
    return canonical_bytes(answer)


def fingerprint(k_store: bytes, party: str, subject: Subject) -> bytes:
    """16 bytes by which the limits on distinct subjects recognise one that was asked about before.

    Over tokens and blocks: a made-up token with other people's blocks is a subject for each. Keyed by k_store, so the
    database alone tells nothing, and erased after 30 days.
    """
    tokens = sorted(f"{token.type}:{token.waarde}" for token in subject.tokens)
    blocks = sorted(f"{block.type}:{block.blok}" for block in subject.blokken)
    text = "|".join(("schakel1 subject", party, *tokens, *blocks))
    return hmac.digest(k_store, text.encode("ascii"), hashlib.sha256)[:16]
