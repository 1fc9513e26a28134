"""What goes in and out of the outbox."""

from dataclasses import dataclass

from connectors.contract.codes import TokenDomein


@dataclass(frozen=True, slots=True, repr=False)
class SealedBatch:
    """A batch as it will leave. `records`: (row fingerprint, record id, case mark) of each row in it, none for counts.

    Fingerprint and mark are HMACs under keys that are not in the outbox; the mark finds the records of a case again.
    """

    batch_id: str
    levering_id: str
    domein: TokenDomein
    epoch: str
    digest: str
    aantal: int
    content: bytes
    records: tuple[tuple[bytes, str, bytes], ...] = ()

    def __repr__(self) -> str:
        return f"SealedBatch({self.batch_id}, rows={self.aantal})"


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A batch whose receipt verified."""

    batch_id: str
    digest: str
    aantal: int
    receipt: str


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """A privacy receipt as the outbox keeps it; `signed` is the approval, None until someone approved."""

    receipt_digest: str
    source_digest: str
    mapping_digest: str
    domein: TokenDomein
    epoch: str
    receipt: str
    signed: str | None
    goedkeuring_id: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How the outbox stands."""

    queued_batches: int
    acknowledged_batches: int
    acknowledged_rows: int
    records: int
    tombstones: int
    pending_withdrawals: int
    questions: int
    cached: int
