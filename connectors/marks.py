"""Marks by which the outbox knows a row or a case again without holding it: HMACs under a key that stays elsewhere."""

import hmac
from collections import Counter
from collections.abc import Sequence

from connectors.contract.codes import TokenDomein


class RowMarks:
    """Fingerprints of the rows of one reading of one source, for one (domain, epoch).

    The same row of the same source gets the same mark on every reading; equal rows of one source differ by their number
    of occurrence. Keeps 16 bytes a row.
    """

    def __init__(self, key: bytes, domein: TokenDomein, epoch: str) -> None:
        self._key, self._where = key, f"{domein}|{epoch}".encode()
        self._seen: Counter[bytes] = Counter()

    def of(self, cells: Sequence[str]) -> bytes:
        """32 bytes for the next row."""
        # Length before value, so that no two rows have the same bytes.
        parts = [cell.encode() for cell in cells]
        content = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        mark = hmac.digest(self._key, self._where + content, "sha256")[:16]
        self._seen[mark] += 1
        return hmac.digest(self._key, mark + self._seen[mark].to_bytes(8, "big"), "sha256")


def case_mark(key: bytes, case_ref: str) -> bytes:
    """By which a case's records are found again in the outbox; empty when the mapping names no case."""
    return hmac.digest(key, b"case|" + case_ref.encode(), "sha256") if case_ref else b""


def block_mark(key: bytes, block: bytes) -> bytes:
    """By which the outbox knows who holds a block, without holding the block id."""
    return hmac.digest(key, b"block|" + block, "sha256")[:16]
