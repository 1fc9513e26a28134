"""The keeper's use case: numbers that pass the check but were never issued become canaries at the gateway.

The numbers stay here. What leaves is their bare tokens, made like any partner's through ticket and custodians, so the
custodians' budget of class bsn must cover them: a million canaries need a declared caseload of 333,334.
"""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from connectors.contract.answers import SignedReceipt
from connectors.contract.canaries import MAX_CANARIES, KanarieBesluit, KanarieBesluitStand, Kanaries, Meldingen
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import Actie, Doel, TokenDomein, TokenKlasse, TokenType
from connectors.contract.ticket import Handelende, TicketAanvraag, digest_of
from connectors.delivery import lend_share
from connectors.errors import InputRefused, NotPermitted
from connectors.evaluation import CachedEvaluation, RemoteEvaluation
from connectors.files import called
from connectors.house import House
from connectors.progress import Tick
from connectors.receipts import verified_receipt
from connectors.tokenise import prepare
from pseudonymizer.identity import RawIdentity, Trait
from pseudonymizer.oprf.message import encode_token

TRAITS: Final = (Trait.BSN, Trait.VNUMMER, Trait.KVK, Trait.IBAN, Trait.TELEFOON)
"""Traits of which one value alone makes one token."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What was put: canaries in so many sets."""

    canaries: int
    sets: int


def put_canaries(house: House, path: Path, trait: Trait, domein: TokenDomein, act: Handelende, tick: Tick) -> Kept:
    """Tokenise the numbers of a file, one a line, and put them as canaries. Safe to repeat: equal numbers make equal
    sets, and tokens made before come from the cache.

    Raises InputRefused (file and row) for a line that is no such number, NotPermitted for whoever is no keeper,
    PeerUnavailable (nothing is lost), NotVerified.
    """
    if not house.party.kanariehouder:
        raise NotPermitted("this party is no keeper in the federation file")
    messages = read_numbers(path, trait, bsn=house.party.bsn_recht)
    lend_share(house, domein)
    canaries = sets = 0
    for start in range(0, len(messages), MAX_CANARIES):
        part = messages[start : start + MAX_CANARIES]
        body = _set(house, part, domein, act)
        raw = canonical_bytes(body)
        receipt = house.calls.put("/v1/kanaries", body, SignedReceipt, act)
        gateway = house.federatie.gateway.sleutel
        verified_receipt(receipt, gateway, soort="kanaries", id=body.kanarie_id, digest=digest_of(raw))
        canaries, sets = canaries + len(body.waarden), sets + 1
        tick(len(part))
    return Kept(canaries, sets)


def read_numbers(path: Path, trait: Trait, *, bsn: bool) -> list[tuple[TokenType, bytes]]:
    """Type and message of each line, each once, sorted. Raises InputRefused naming the row, never its value."""
    if trait not in TRAITS:
        raise InputRefused(f"canaries are made of one of: {', '.join(TRAITS)}")
    found: set[tuple[TokenType, bytes]] = set()
    for number, line in enumerate(_lines(path), start=1):
        tokens = prepare(RawIdentity(**{trait.value: line}), bsn=bsn, composite=False).tokens
        if len(tokens) != 1:
            raise InputRefused(f"not a usable {trait.value}", file=path.name, row=number)
        found.add(tokens[0])
    if not found:
        raise InputRefused("holds no number", file=path.name)
    return sorted(found)


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as handle:
            for line in handle:
                yield line.strip()
    except OSError as error:
        raise InputRefused(f"cannot be read ({error.strerror})", file=called(path)) from error
    except UnicodeDecodeError as error:
        raise InputRefused("not UTF-8", file=path.name) from error


def _set(house: House, part: Sequence[tuple[TokenType, bytes]], domein: TokenDomein, act: Handelende) -> Kanaries:
    epoch, kind = house.settings.epoch, part[0][0]
    question = TicketAanvraag(
        domein=domein,
        epoch=epoch,
        klasse=TokenKlasse.ID,
        aantal=1,
        actie=Actie.AUDIT_INZIEN,
        doel=Doel.AUDIT,
    )
    keys = house.keyring.local_keys()
    fresh = RemoteEvaluation(
        house.calls, house.federatie, question, act, house.key, house.http, house.clock, house.workers
    )
    evaluate = CachedEvaluation(house.outbox, keys, domein, epoch, fresh)
    elements = evaluate(kind.klasse, [message for _, message in part])
    values = sorted({encode_token(element) for element in elements if element is not None})
    content = "|".join((domein, epoch, kind, house.federatie.digest, *values)).encode("ascii")
    name = hmac.digest(keys.row, b"canaries|" + content, "sha256")
    return Kanaries(
        kanarie_id=str(UUID(bytes=name[:16], version=4)),
        domein=domein,
        epoch=epoch,
        federatie=house.federatie.digest,
        type=kind,
        waarden=tuple(values),
    )


def notices(house: House, act: Handelende) -> Meldingen:
    """Whose batches and questions touched canaries. Raises NotPermitted, PeerUnavailable."""
    return house.calls.get("/v1/kanaries/notices", Meldingen, act)


def decide(house: House, besluit: KanarieBesluit, act: Handelende) -> KanarieBesluitStand:
    """Propose to end notices, or confirm what a colleague proposed. Raises NotPermitted, NotVerified,
    PeerUnavailable."""
    return house.calls.post("/v1/kanaries/decisions", besluit, KanarieBesluitStand, act)
