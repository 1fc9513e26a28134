"""From a verified row to what is stored (sealed) and joined on (keyed), and back when a share is leased."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final

from connectors.contract.batch import AnyRow, BatchHeader, BatchRefused
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import TokenType
from connectors.contract.record import Inspanning, MonitorRij, RiecRij, Telling, ZvhRij
from gateway.ids import Random
from gateway.matching.index import BlockKey, IndexRow, Sketch
from gateway.matching.joinkeys import BLOCK, NotAnElement, block_bytes, join_key, sketch_bytes, token_bytes
from gateway.vault.rows import SealedRow
from gateway.vault.sealing import EpochKeys, RowKey

INDEXED: Final = ("riec", "zvh", "monitor")
"""Kinds of row that carry tokens."""
_UNSHOWN: Final = ("tokens", "blokken", "bewijs", "record_id", "soort")


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """A row ready to be stored, and to be joined once it is; counts have nothing to join on."""

    sealed: SealedRow
    index: IndexRow | None


def prepare(
    row: AnyRow, line: bytes, number: int, header: BatchHeader, key: RowKey, secrets: EpochKeys, random: Random
) -> PreparedRow:
    """Seal a row and make its join keys. `line`: its canonical bytes, newline included.

    Raises BatchRefused when a token cannot be a group element.
    """
    plain = line.rstrip(b"\n")
    record_id = row.record_id if isinstance(row, RiecRij | ZvhRij | MonitorRij) else cell_id(row, header, secrets)
    until = row.bewaren_tot if isinstance(row, RiecRij | ZvhRij) else None
    sealed = key.seal(plain, record_id, header.batch_id, random)
    stored = SealedRow(record_id, header.batch_id, row.soort, until, sealed)
    if row.soort not in INDEXED:
        return PreparedRow(stored, None)
    try:
        return PreparedRow(stored, index_row(plain, secrets.k_join))
    except NotAnElement as error:
        raise BatchRefused(number, str(error)) from error


def index_row(plain: bytes, k_join: bytes) -> IndexRow:
    """What the index holds of a row whose canonical bytes were verified when it came in; raises NotAnElement."""
    fields: dict[str, Any] = json.loads(plain)
    tokens = tuple(
        (TokenType(token["type"]), join_key(k_join, token["type"], token_bytes(token["waarde"])))
        for token in fields["tokens"]
    )
    blocks = tuple(
        BlockKey(join_key(k_join, BLOCK, block_bytes(block["blok"])), sketch_bytes(block["schets"]))
        for block in fields.get("blokken", ())
    )
    record_id = fields["record_id"]
    for name in _UNSHOWN:
        fields.pop(name, None)
    return IndexRow(record_id, json.dumps(fields, separators=(",", ":")), Sketch(tokens, blocks))


def cell_id(row: Telling | Inspanning, header: BatchHeader, secrets: EpochKeys) -> str:
    """The id of a counted cell: keyed, the same for the same cell, so that a corrected count replaces the old one."""
    cell = canonical_bytes(row.model_copy(update={"aantal": 0}))
    mac = hmac.digest(secrets.k_store, b"schakel1 cell" + header.bron.encode("ascii") + b"|" + cell, hashlib.sha256)
    digits = bytearray(mac[:16])
    digits[6], digits[8] = digits[6] & 0x0F | 0x80, digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
