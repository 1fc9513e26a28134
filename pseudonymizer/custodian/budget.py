"""How many elements a party may have evaluated (scheme point 6): per epoch by declared caseload, per day a tenth.

Pure: the counts so far are handed in. Days are UTC days.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from connectors.contract.federation import ELEMENTS_PER_CASE, Federatie, Partij
from connectors.contract.ticket import Ticket

DAILY_SHARE: Final = 10
"""A day may use one tenth of the epoch's budget ..."""
DAILY_FLOOR: Final = 64
"""... but at least 64 elements, so that a small party can use four batches of 16."""


@dataclass(frozen=True)
class Limits:
    """Elements allowed in an epoch, on one day, and under one ticket."""

    epoch: int
    day: int
    ticket: int


@dataclass(frozen=True)
class Spent:
    """Elements debited so far, dummies included, in the same three respects."""

    epoch: int
    day: int
    ticket: int


def limits_for(federation: Federatie, party: Partij, ticket: Ticket, day: date) -> Limits:
    """The limits for this party, domain, epoch and class on `day`.

    An allowance (toeslag) in the federation file raises that one day for a first load, never the epoch.
    """
    epoch = party.caseload * ELEMENTS_PER_CASE[ticket.cls]
    allowance = sum(
        item.aantal
        for item in federation.toeslagen
        if (item.oin, item.domein, item.token_domein, item.epoch, item.klasse, item.dag)
        == (party.oin, party.domein, ticket.dom, ticket.epo, ticket.cls, day)
    )
    return Limits(epoch, max(DAILY_FLOOR, epoch // DAILY_SHARE) + allowance, ticket.max)


def fits(count: int, spent: Spent, limits: Limits) -> bool:
    """Whether `count` more elements stay within all three limits."""
    return (
        spent.epoch + count <= limits.epoch
        and spent.day + count <= limits.day
        and spent.ticket + count <= limits.ticket
    )
