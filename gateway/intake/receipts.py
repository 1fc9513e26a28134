"""Receipts: the signed promise that something is stored and entered in the ledger; given once, repeated at will."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert, select

from connectors.contract.answers import RECEIPT_TYP, LedgerPlaats, Ontvangst, SignedReceipt
from connectors.contract.canonical import b64u, b64u_decode
from connectors.contract.signing import sign_jws
from gateway.caller import Caller
from gateway.clock import to_ms
from gateway.errors import Conflict, NotFound
from gateway.house import House
from gateway.ids import id_bytes
from gateway.intake.tables import RECEIPTS
from gateway.store import reading


def known_receipt(transaction: Connection, party: str, id_: str, digest: str) -> SignedReceipt | None:
    """The receipt given before for these bytes; raises Conflict when the id stands for other bytes."""
    where = RECEIPTS.c.party == party, RECEIPTS.c.id == id_bytes(id_)
    row = transaction.execute(select(RECEIPTS.c.digest, RECEIPTS.c.receipt).where(*where)).one_or_none()
    if row is None:
        return None
    if b64u(bytes(row.digest)) != digest:
        raise Conflict("that id was used for other content: make a new one", code="other_content")
    return SignedReceipt(ontvangst=row.receipt)


def give_receipt(
    house: House,
    transaction: Connection,
    party: str,
    claims: Ontvangst,
) -> SignedReceipt:
    """Sign a receipt and keep it, in the transaction that stores what it promises."""
    receipt = SignedReceipt(ontvangst=sign_jws(claims, house.signing, RECEIPT_TYP))
    row = {
        "party": party,
        "id": id_bytes(claims.id),
        "soort": claims.soort,
        "digest": b64u_decode(claims.digest),
        "received_ms": to_ms(claims.ontvangen),
        "receipt": receipt.ontvangst,
    }
    transaction.execute(insert(RECEIPTS).values(row))
    return receipt


def promise(
    soort: Literal["batch", "intrekking", "kanaries"],
    id_: str,
    digest: str,
    aantal: int,
    now: datetime,
    place: LedgerPlaats,
    duties: tuple[str, ...] = (),
) -> Ontvangst:
    """What a receipt says; `duties`: the obligations of the decisions that it rests on, for the party to see to."""
    return Ontvangst(
        soort=soort,
        id=id_,
        digest=digest,
        aantal=aantal,
        ontvangen=now,
        grootboek=place,
        verplichtingen=duties,
    )


def find_receipt(house: House, caller: Caller, id_: str) -> SignedReceipt:
    """`GET /v1/receipts/{id}`: one's own receipt; raises NotFound, for another party's just the same."""
    with reading(house.store) as transaction:
        where = RECEIPTS.c.party == caller.id, RECEIPTS.c.id == id_bytes(id_)
        receipt = transaction.execute(select(RECEIPTS.c.receipt).where(*where)).scalar_one_or_none()
    if receipt is None:
        raise NotFound("no receipt of this party by that id")
    return SignedReceipt(ontvangst=receipt)
