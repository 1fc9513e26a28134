"""What every party may see of the ledger: a signed head, and the leaves behind it. Hashes only, never a body."""

from datetime import datetime
from typing import Final

from sqlalchemy import Engine

from connectors.contract.answers import CHECKPOINT_TYP, Blad, Bladen, Controlepunt, SignedCheckpoint
from connectors.contract.canonical import b64u
from connectors.contract.signing import SigningKey, sign_jws
from gateway.ledger.append import current_head
from gateway.ledger.verify import stored_leaves
from gateway.store import reading

PAGE: Final = 1000


def checkpoint(store: Engine, signing: SigningKey, now: datetime) -> SignedCheckpoint:
    """Size and head of the chain at this moment, signed by the gateway's pinned key."""
    with reading(store) as transaction:
        size, head = current_head(transaction)
    claims = Controlepunt(grootte=size, hoofd=b64u(head), tijd=now)
    return SignedCheckpoint(controlepunt=sign_jws(claims, signing, CHECKPOINT_TYP))


def leaves(store: Engine, start: int) -> Bladen:
    """At most 1,000 leaves from position `start` on."""
    with reading(store) as transaction:
        found = []
        for leaf in stored_leaves(transaction, start, PAGE):
            found.append(Blad(index=leaf.position, data=b64u(leaf.leaf_data), hoofd=b64u(leaf.head)))
            if len(found) == PAGE:
                break
    return Bladen(bladen=tuple(found))
