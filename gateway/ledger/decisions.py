"""Decisions read back from the ledger's bodies, for whoever replays or explains one."""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection

from gateway.errors import NotFound
from gateway.ledger.chain import LEAF_DATA
from gateway.ledger.entries import Event
from gateway.ledger.verify import stored_leaves


def stored_decisions(transaction: Connection) -> Iterator[tuple[str, dict[str, JsonValue]]]:
    """(decision id, its entry) of every decision whose body is still kept, oldest first."""
    for leaf in stored_leaves(transaction):
        if leaf.record is not None and LEAF_DATA.unpack(leaf.leaf_data)[1] == Event.DECISION:
            entry: dict[str, Any] = json.loads(leaf.record)
            yield entry["besluit"], entry


def find_decision(transaction: Connection, besluit: str) -> dict[str, JsonValue]:
    """One decision's entry; raises NotFound when there is none by that id, or its body was erased."""
    for known, entry in stored_decisions(transaction):
        if known == besluit:
            return entry
    raise NotFound("no decision by that id in this ledger (or its body was erased)")
