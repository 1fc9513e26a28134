"""`POST /v1/withdrawals`: executed at once, also for a party that has left; policy's decision is logged when there is
one, and never waited for (policy page, last section)."""

from datetime import datetime

from sqlalchemy import Connection

from connectors.contract.answers import Intrekking, SignedReceipt
from connectors.contract.codes import Actie, Thema
from gateway.caller import Caller
from gateway.canaries.standing import forget_sets
from gateway.clock import to_day
from gateway.errors import PolicyUnavailable
from gateway.house import House
from gateway.intake.receipts import give_receipt, known_receipt, promise
from gateway.ledger.append import append
from gateway.ledger.entries import WithdrawalEntry
from gateway.permit.ask import Ask
from gateway.permit.judge import Judged, judge
from gateway.permit.match import COLLECTED_FOR
from gateway.store import writing
from gateway.vault.rows import forget_shares, withdraw, withdraw_all
from gateway.vault.sealing import Place


def execute_withdrawal(house: House, caller: Caller, intrekking: Intrekking, digest: str) -> SignedReceipt:
    """Remove the records, leave tombstones, forget them in the index, and promise so. `digest`: of the body's bytes.

    An equal request again gets the same receipt; raises Conflict for another one with the same id.
    """
    now = house.clock()
    judged = _judge_if_possible(house, caller, intrekking, now)
    with house.turn:
        with writing(house.store) as transaction:
            known = known_receipt(transaction, caller.id, intrekking.intrekking_id, digest)
            if known is not None:
                return known
            gone = _remove(transaction, caller, intrekking, now)
            entry = _entry(caller, intrekking, digest, gone)
            places = append(transaction, (*(j.entry for j in judged), entry), now, house.random)
            claims = promise("intrekking", intrekking.intrekking_id, digest, gone, now, places[-1])
            receipt = give_receipt(house, transaction, caller.id, claims)
        _forget(house, caller, intrekking)
    return receipt


def _judge_if_possible(house: House, caller: Caller, intrekking: Intrekking, now: datetime) -> tuple[Judged, ...]:
    convenant = intrekking.domein.convenant
    ask = Ask(
        actie=Actie.INTREKKEN,
        convenant=convenant,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        doel=COLLECTED_FOR[convenant],
        soort="record",
        id=intrekking.intrekking_id,
        eigenschappen={
            "vrije_tekst": False,
            "bron_oin": caller.party.oin,
            "bron_domein": caller.party.domein.value,
        },
    )
    try:
        return (judge(house, caller, ask, now),)
    except PolicyUnavailable:
        return ()


def _remove(transaction: Connection, caller: Caller, intrekking: Intrekking, now: datetime) -> int:
    domain, day = intrekking.domein.value, to_day(now)
    if not intrekking.alles:
        return withdraw(transaction, caller.id, domain, intrekking.record_ids, day)
    forget_sets(transaction, caller.id, domain)
    if intrekking.vertrek:
        forget_shares(transaction, caller.id, domain)
    return withdraw_all(transaction, caller.id, domain, day)


def _forget(house: House, caller: Caller, intrekking: Intrekking) -> None:
    domain = intrekking.domein.value
    for domein, epoch in house.epoch_keys:
        if domein != domain:
            continue
        if intrekking.vertrek:
            house.leases.end(Place(caller.id, domain, epoch))
        elif intrekking.alles:
            house.index.drop_party(domain, epoch, caller.id)
            house.canaries.drop(domain, epoch, caller.id)
        else:
            house.index.drop_records(domain, epoch, caller.id, intrekking.record_ids)


def _entry(caller: Caller, intrekking: Intrekking, digest: str, gone: int) -> WithdrawalEntry:
    return WithdrawalEntry(
        intrekking_id=intrekking.intrekking_id,
        partij=caller.id,
        domein=intrekking.domein,
        digest=digest,
        alles=intrekking.alles,
        vertrek=intrekking.vertrek,
        gewist=gone,
    )
