"""Delivery: what lies in the outbox goes to the gateway, and leaves the queue only against a verified receipt.

Order: withdrawals first, so that nothing withdrawn waits behind a large load; then batches, oldest first, each byte for
byte as it was made. Any failure leaves the queue as it was, and the same command may be repeated.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from connectors.contract.answers import Intrekking, Lease, LeaseStand, SignedReceipt
from connectors.contract.batch import MEDIA_TYPE
from connectors.contract.canonical import b64u, canonical_bytes
from connectors.contract.codes import TokenDomein
from connectors.contract.ticket import digest_of
from connectors.errors import InputRefused, LeaseNeeded, NotPermitted
from connectors.house import House
from connectors.outbox_rows import SealedBatch
from connectors.receipts import verified_receipt

MAX_TOMBSTONES = 100_000
"""Tombstones in one lease (contract)."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one run of delivery did."""

    batches: int
    rows: int
    withdrawals: int


def new_id(random: Callable[[int], bytes]) -> str:
    """A random UUID, version 4 (RFC 9562), from 16 random bytes."""
    return str(UUID(bytes=random(16), version=4))


def lend_share(house: House, domein: TokenDomein) -> LeaseStand:
    """Lend this party's share of (domein, epoch) for 24 hours and repeat what was withdrawn (points 8 and 9).

    Raises NotPermitted after `leave`: the share is gone and nothing can bring it back.
    """
    epoch = house.settings.epoch
    if house.outbox.has_left():
        raise NotPermitted("this party has left: its share is destroyed")
    share = b64u(house.keyring.share(domein, epoch))
    graves = house.outbox.tombstones(domein)
    parts = [graves[at : at + MAX_TOMBSTONES] for at in range(0, len(graves), MAX_TOMBSTONES)] or [()]
    for part in parts[:-1]:
        house.calls.post("/v1/leases", Lease(domein=domein, epoch=epoch, grafstenen=part), LeaseStand)
    lease = Lease(domein=domein, epoch=epoch, share=share, grafstenen=parts[-1])
    return house.calls.post("/v1/leases", lease, LeaseStand)


def deliver(house: House, on_batch: Callable[[int], None]) -> Delivered:
    """Send all that is queued; `on_batch` hears the rows of each acknowledged batch.

    Raises PeerUnavailable (nothing lost), NotPermitted or InputRefused (that batch is forgotten, for the gateway stored
    nothing of it), NotVerified (a receipt was not believed; the batch stays queued).
    """
    withdrawals = deliver_withdrawals(house)
    batches = rows = 0
    for batch in house.outbox.queued():
        receipt = _put(house, batch)
        verified_receipt(
            receipt, house.federatie.gateway.sleutel, soort="batch", id=batch.batch_id, digest=batch.digest
        )
        buried = house.outbox.acknowledge(batch.batch_id, receipt.ontvangst)
        if buried:
            bury(house, buried, batch.domein)
        batches, rows = batches + 1, rows + batch.aantal
        on_batch(batch.aantal)
    withdrawals += deliver_withdrawals(house)
    return Delivered(batches, rows, withdrawals)


def bury(house: House, record_ids: Sequence[str], domein: TokenDomein, *, vertrek: bool = False) -> Intrekking:
    """Make tombstones and queue the withdrawal; no ids: everything in the domain. Durable before anything is sent."""
    withdrawal = Intrekking(
        intrekking_id=new_id(house.random),
        domein=domein,
        record_ids=tuple(sorted(record_ids)),
        alles=not record_ids,
        vertrek=vertrek,
    )
    house.outbox.withdraw(
        withdrawal.record_ids, domein, withdrawal.intrekking_id, canonical_bytes(withdrawal), house.clock()
    )
    return withdrawal


def deliver_withdrawals(house: House) -> int:
    """Send the queued withdrawals; returns how many were acknowledged."""
    done = 0
    for intrekking_id, content in house.outbox.pending_withdrawals():
        withdrawal = Intrekking.model_validate_json(content)
        receipt = house.calls.post("/v1/withdrawals", withdrawal, SignedReceipt)
        verified_receipt(
            receipt, house.federatie.gateway.sleutel, soort="intrekking", id=intrekking_id, digest=digest_of(content)
        )
        house.outbox.acknowledge_withdrawal(intrekking_id, receipt.ontvangst)
        done += 1
    return done


def _put(house: House, batch: SealedBatch) -> SignedReceipt:
    path = f"/v1/batches/{batch.batch_id}"
    for attempt in (1, 2):
        try:
            return house.calls.put_bytes(path, batch.content, MEDIA_TYPE, SignedReceipt)
        except LeaseNeeded:
            if attempt == 2:
                raise
            lend_share(house, batch.domein)
        except (NotPermitted, InputRefused):
            house.outbox.drop_refused(batch.batch_id)
            raise
    raise LeaseNeeded("the gateway holds no share of this party")
