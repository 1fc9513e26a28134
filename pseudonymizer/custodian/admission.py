"""One request at a custodian's door: the checks in their one order, then evaluation, log and answer (rule 14).

The order is size, ticket, proof of possession, federation, epoch window, right to the class, debit (committed),
elements, evaluation, log (committed), answer. A failure at any step refuses, and no element is evaluated. A ticket
alone opens nothing: the gateway signs tickets, the party signs the request, and the budget is this custodian's own.
"""

from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.engine import Engine

from connectors.contract.codes import TokenKlasse
from connectors.contract.federation import Federatie, Partij
from connectors.contract.signing import Unverified
from connectors.contract.ticket import Proof, Ticket, digest_of, verify_proof, verify_ticket
from pseudonymizer.custodian.budget import limits_for
from pseudonymizer.custodian.keyring import KeyRing
from pseudonymizer.custodian.refusals import Refusal, Refused
from pseudonymizer.custodian.store import Debit, Place, append_evaluated, debit
from pseudonymizer.oprf.errors import InvalidElement, InvalidInput
from pseudonymizer.oprf.evaluate import batch_size, evaluate_batch
from pseudonymizer.oprf.group import RandomBytes
from pseudonymizer.oprf.keys import SecretKey


@dataclass(frozen=True)
class Custodian:
    """All that a running custodian holds. `url` is its own address as the federation file spells it."""

    number: int
    url: str
    federation: Federatie
    keys: KeyRing
    store: Engine
    random: RandomBytes
    workers: Executor | None = None


@dataclass(frozen=True)
class UnverifiedRequest:
    """What came in: the class in the path, the two headers and the body. Nothing of it is trusted."""

    key_class: str
    ticket: str
    proof: str
    body: bytes


def answer(custodian: Custodian, request: UnverifiedRequest, now: datetime) -> bytes:
    """n * 32 bytes of evaluated elements and 64 bytes of proof.

    Raises Refused with the code of the first failing check, SQLAlchemyError when the books cannot be kept.
    """
    count = _size(request)
    ticket, party = _ticket(custodian, request, now)
    proof = _possession(custodian, request, ticket, party, count, now)
    if ticket.fed != custodian.federation.digest:
        raise Refused(Refusal.FEDERATIE)
    key = _epoch_key(custodian, ticket, now)
    _right(ticket, party, now)
    moment = now.astimezone(UTC)
    paid = Debit(
        Place(ticket.sub, ticket.dom, ticket.epo, ticket.cls),
        jti=ticket.jti,
        proof_jti=proof.jti,
        tkt=proof.tkt,
        bd=proof.bd,
        day=moment.date().isoformat(),
        n=count,
    )
    _debit(custodian, paid, ticket, party, moment)
    try:
        evaluated = evaluate_batch(key, request.body, custodian.random, custodian.workers)
    except InvalidElement:
        raise Refused(Refusal.ELEMENT) from None
    append_evaluated(custodian.store, paid, moment.isoformat(timespec="seconds"))
    return evaluated


def _size(request: UnverifiedRequest) -> int:
    try:
        return batch_size(request.body)
    except InvalidInput:
        raise Refused(Refusal.OMVANG) from None


def _ticket(custodian: Custodian, request: UnverifiedRequest, now: datetime) -> tuple[Ticket, Partij]:
    """The gateway's permission for a party of the federation and for the class that the path names."""
    gateway = custodian.federation.gateway
    try:
        ticket = verify_ticket(request.ticket, gateway.sleutel, now)
    except Unverified:
        raise Refused(Refusal.TICKET) from None
    party = custodian.federation.partij(ticket.sub)
    if party is None or ticket.iss != gateway.oin or ticket.cls != request.key_class:
        raise Refused(Refusal.TICKET)
    return ticket, party


def _possession(
    custodian: Custodian, request: UnverifiedRequest, ticket: Ticket, party: Partij, count: int, now: datetime
) -> Proof:
    """The party's own signature, by the key in the federation file, over this request to this custodian."""
    if ticket.cnf.jkt != party.sleutel.thumbprint:
        raise Refused(Refusal.BEZIT)
    try:
        proof = verify_proof(
            request.proof,
            party.sleutel,
            method="POST",
            url=f"{custodian.url.rstrip('/')}/v1/evaluate/{ticket.cls}",
            token=request.ticket,
            body_digest=digest_of(request.body),
            now=now,
        )
    except Unverified:
        raise Refused(Refusal.BEZIT) from None
    if proof.hop != custodian.number or proof.n != count:
        raise Refused(Refusal.BEZIT)
    return proof


def _epoch_key(custodian: Custodian, ticket: Ticket, now: datetime) -> SecretKey:
    """The key of a place that the federation file pins, within van..overlap_tot (rule 15)."""
    pinned = custodian.federation.sleutel(custodian.number, ticket.dom, ticket.epo, ticket.cls)
    if pinned is not None and now >= pinned.overlap_tot:
        custodian.keys.forget(ticket.dom, ticket.epo)
    key = custodian.keys.key(ticket.dom, ticket.epo, ticket.cls)
    if pinned is None or key is None or not pinned.van <= now < pinned.overlap_tot:
        raise Refused(Refusal.EPOCH)
    return key


def _right(ticket: Ticket, party: Partij, now: datetime) -> None:
    """An active member of the domain's convenant; class bsn only with the legal right to process the BSN."""
    member = any(item.convenant == ticket.dom.convenant and item.actief(now) for item in party.deelnames)
    if not member or (ticket.cls is TokenKlasse.BSN and not party.bsn_recht):
        raise Refused(Refusal.RECHT)


def _debit(custodian: Custodian, paid: Debit, ticket: Ticket, party: Partij, moment: datetime) -> None:
    try:
        debit(custodian.store, paid, limits_for(custodian.federation, party, ticket, moment.date()))
    except Refused as refused:
        if refused.code is Refusal.EPOCH:  # destroyed while this process held the keys
            custodian.keys.forget(ticket.dom, ticket.epo)
        raise
