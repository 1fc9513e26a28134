"""How this party's messages are evaluated: through a ticket and two custodians, with a local encrypted cache before it.

The cache spares budget on a re-run after a crash. It is kept as the cryptography page allows (bytes 16): place =
HMAC(k_local, domain, epoch, class, m), value = AES-GCM(k_local2, Z or F); never r, B, K_blk or a plaintext m.
"""

import hmac
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.calls import GatewayCalls
from connectors.contract.canonical import b64u_decode
from connectors.contract.codes import TokenDomein, TokenKlasse
from connectors.contract.federation import Federatie
from connectors.contract.signing import SigningKey
from connectors.contract.ticket import Handelende, TicketAanvraag, TicketAntwoord
from connectors.errors import InputRefused, NotVerified
from connectors.hops import HttpHop
from connectors.keyring import LocalKeys
from connectors.outbox import Outbox
from connectors.tokenise import Evaluate
from pseudonymizer.oprf.client import PinnedKeys, evaluate_messages, padded_size
from pseudonymizer.oprf.errors import InvalidElement, OprfError
from pseudonymizer.oprf.message import finalize

_NONCE_BYTES: Final = 12
_BATCH: Final = 4096
"""Largest batch a custodian takes (bytes 6)."""


@dataclass(frozen=True)
class RemoteEvaluation:
    """Evaluates through the gateway's ticket and both custodians. `question` states act, purpose and profiles; its
    class and number are filled in per call."""

    calls: GatewayCalls
    federatie: Federatie
    question: TicketAanvraag
    act: Handelende | None
    key: SigningKey
    http: httpx.Client
    clock: Callable[[], datetime]
    workers: Executor | None

    def __call__(self, klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]:
        """Raises NotPermitted, PeerUnavailable, or NotVerified where a proof does not hold: then nothing is used."""
        pinned = pinned_keys(self.federatie, self.question.domein, self.question.epoch, klasse)
        wanted = self.question.model_copy(update={"klasse": klasse, "aantal": elements_for(len(messages))})
        ticket = self.calls.post("/v1/tickets", wanted, TicketAntwoord, self.act).ticket
        first, second = sorted(self.federatie.custodians, key=lambda custodian: custodian.nr)
        hops = (
            HttpHop(1, first.url, klasse, ticket, self.key, self.http, self.clock),
            HttpHop(2, second.url, klasse, ticket, self.key, self.http, self.clock),
        )
        try:
            elements = evaluate_messages(messages, hops, pinned, random=os.urandom, workers=self.workers)
        except OprfError as error:
            raise NotVerified(f"a custodian's answer does not verify ({error}); the upload was dropped") from error
        return finished(klasse, messages, elements)


@dataclass(frozen=True)
class CachedEvaluation:
    """Looks in the outbox first, asks `fresh` for the rest, and keeps what it answers."""

    outbox: Outbox
    keys: LocalKeys
    domein: TokenDomein
    epoch: str
    fresh: Evaluate

    def __call__(self, klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]:
        places = {message: self._place(klasse, message) for message in messages}
        stored = self.outbox.cached(list(places.values()))
        box = AESGCM(self.keys.cache_value)
        values: dict[bytes, bytes | None] = {}
        for message, place in places.items():
            if place in stored:
                values[message] = _opened(box, place, stored[place])
        missing = [message for message in places if values.get(message) is None]
        if missing:
            answers = dict(zip(missing, self.fresh(klasse, missing), strict=True))
            sealed = [(places[m], _sealed(box, places[m], value)) for m, value in answers.items() if value is not None]
            self.outbox.cache(self.domein, self.epoch, sealed)
            values.update(answers)
        return [values[message] for message in messages]

    def _place(self, klasse: TokenKlasse, message: bytes) -> bytes:
        where = f"{self.domein}|{self.epoch}|{klasse}|".encode()
        return hmac.digest(self.keys.cache_index, where + message, "sha256")


def pinned_keys(federatie: Federatie, domein: TokenDomein, epoch: str, klasse: TokenKlasse) -> PinnedKeys:
    """Both custodians' public keys. Raises InputRefused when the federation file has none for this place."""
    found = [federatie.sleutel(nr, domein, epoch, klasse) for nr in (1, 2)]
    if found[0] is None or found[1] is None:
        raise InputRefused(f"the federation file has no keys for {domein} {epoch}; check the epoch in the settings")
    try:
        return PinnedKeys(b64u_decode(found[0].k), b64u_decode(found[1].k))
    except (InvalidElement, OprfError) as error:
        raise NotVerified(f"the federation file's keys for {domein} {epoch} are not valid") from error


def elements_for(count: int) -> int:
    """How many elements the custodians will count for so many messages, dummies included (bytes 6)."""
    full, rest = divmod(count, _BATCH)
    return full * _BATCH + (padded_size(rest) if rest else 0)


def finished(klasse: TokenKlasse, messages: Sequence[bytes], elements: Sequence[bytes | None]) -> list[bytes | None]:
    """Z as it is for classes `bsn` and `id`; F = Finalize(m, Z) for `cx` (point 4)."""
    if klasse is not TokenKlasse.CX:
        return list(elements)
    return [
        None if element is None else finalize(message, element)
        for message, element in zip(messages, elements, strict=True)
    ]


def _sealed(box: AESGCM, place: bytes, value: bytes) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + box.encrypt(nonce, value, place)


def _opened(box: AESGCM, place: bytes, sealed: bytes) -> bytes | None:
    """The value, or None where it does not open: then it is evaluated afresh."""
    try:
        return box.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place)
    except (InvalidTag, ValueError):
        return None
