"""Withdrawing records, and leaving for good (cryptography page, point 9; promises P5 and P9)."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.contract.codes import TokenDomein
from connectors.delivery import bury, deliver_withdrawals
from connectors.errors import InputRefused, PeerUnavailable
from connectors.house import House
from connectors.marks import case_mark


@dataclass(frozen=True, slots=True)
class Departure:
    """What `leave` did. `told`: whether the gateway acknowledged; if not, its lease ends within 24 hours anyway."""

    shares_destroyed: int
    told: bool


def withdraw(house: House, record_ids: Sequence[str], domein: TokenDomein | None) -> int:
    """Withdraw records, or everything in a domain when there are no ids; returns how many withdrawals the gateway
    acknowledged.

    The tombstones are durable before anything is sent. Raises InputRefused when an id is not ours (then nothing is
    withdrawn), PeerUnavailable when the gateway is away: the withdrawal stays queued.
    """
    if not record_ids:
        for whole in (domein,) if domein is not None else house.settings.domains:
            bury(house, (), whole)
        return deliver_withdrawals(house)
    by_domain: dict[TokenDomein, list[str]] = {}
    for record_id in record_ids:
        place = house.outbox.domain_of(record_id)
        if place is None:
            raise InputRefused("a record id is not one of this connector's; nothing was withdrawn")
        by_domain.setdefault(place, []).append(record_id)
    for place, ids in by_domain.items():
        bury(house, ids, place)
    return deliver_withdrawals(house)


def withdraw_case(house: House, case_ref: str) -> int:
    """Withdraw every record that was made of a case in the partner's own system; returns how many records.

    Raises InputRefused when none of this connector's records is of that case, PeerUnavailable as `withdraw`.
    """
    found = house.outbox.records_of(case_mark(house.keyring.local_keys().row, case_ref)) if case_ref else ()
    if not found:
        raise InputRefused("no record of this connector is of that case; nothing was withdrawn")
    withdraw(house, found, None)
    return len(found)


def leave(house: House) -> Departure:
    """Destroy every share first, then tell the gateway. Works without the gateway: nobody need agree (P9).

    Afterwards no copy or backup of this party's records can be matched again, and this connector lends nothing more.
    """
    for domein in house.settings.domains:
        if not house.outbox.has_left():
            bury(house, (), domein, vertrek=True)
    destroyed = house.keyring.destroy_shares()
    house.outbox.leave()
    try:
        deliver_withdrawals(house)
    except PeerUnavailable:
        return Departure(destroyed, told=False)
    return Departure(destroyed, told=True)
