"""`POST /v1/tickets`: permission to have elements evaluated, on a policy decision. Necessary, never sufficient: the
custodians also demand the party's own signature and budget (cryptography page, scheme point 5)."""

from datetime import datetime
from typing import Final

from connectors.contract.codes import Actie, Categorie, Doel, Thema, TokenKlasse
from connectors.contract.signing import sign_jws
from connectors.contract.ticket import (
    TICKET_SECONDS,
    TICKET_TYP,
    Confirmation,
    Ticket,
    TicketAanvraag,
    TicketAntwoord,
)
from gateway.caller import Caller
from gateway.canaries.standing import require_tickets
from gateway.errors import Malformed, NotAllowed
from gateway.house import House
from gateway.intake.audit import audit_ask
from gateway.intake.profiles import record_ask
from gateway.ledger.append import append
from gateway.ledger.entries import TicketEntry
from gateway.permit.ask import Ask
from gateway.permit.judge import Judged, demand_current, judge, require
from gateway.permit.match import Asked, match_ask
from gateway.policy.verdict import Decision
from gateway.registry.records import approval_by_id
from gateway.store import reading, writing

EITHER_SIDE: Final = (Categorie.VERDACHTE_DADER, Categorie.SLACHTOFFER)
"""A ticket to ask is judged before the subject's category is known: it is given when either side may be asked about;
the question itself is judged in full."""


def issue_ticket(house: House, caller: Caller, aanvraag: TicketAanvraag) -> TicketAntwoord:
    """A ticket for up to `aantal` elements of a class. Raises PolicyRefused, Malformed, NotFound, PolicyUnavailable,
    NotAllowed while the party's tickets are stopped (canaries)."""
    now = house.clock()
    with reading(house.store) as transaction:
        require_tickets(transaction, caller.id)
    house.window(aanvraag.domein, aanvraag.epoch, now, aanvraag.klasse)
    if aanvraag.actie == Actie.AUDIT_INZIEN:
        judged = _judge_canaries(house, caller, aanvraag, now)
    elif aanvraag.actie == Actie.RECORDS_INDIENEN:
        judged = _judge_records(house, caller, aanvraag, now)
    else:
        judged = _judge_match(house, caller, aanvraag, now)
    besluit = require(house, judged, now)[0].id
    ticket = _ticket(house, caller, aanvraag, besluit, now)
    entry = TicketEntry(
        jti=ticket.jti,
        partij=caller.id,
        domein=aanvraag.domein,
        epoch=aanvraag.epoch,
        klasse=aanvraag.klasse,
        aantal=aanvraag.aantal,
        besluit=besluit,
    )
    with writing(house.store) as transaction:
        require_tickets(transaction, caller.id)
        demand_current(house, judged, house.clock())
        append(transaction, (*(j.entry for j in judged), entry), now, house.random)
    return TicketAntwoord(ticket=sign_jws(ticket, house.signing, TICKET_TYP), verloopt=ticket.exp)


def _judge_records(house: House, caller: Caller, aanvraag: TicketAanvraag, now: datetime) -> tuple[Judged, ...]:
    if not aanvraag.profielen:
        raise Malformed("profielen: state the profiles of the records to be tokenised")
    approval = None
    if aanvraag.goedkeuring is not None:
        with reading(house.store) as transaction:
            approval = approval_by_id(transaction, caller.id, aanvraag.actie, aanvraag.goedkeuring)
    with_bsn = {"bsn_aanwezig": True} if aanvraag.klasse == TokenKlasse.BSN else {}
    asks = [
        record_ask(
            caller,
            aanvraag.domein,
            aanvraag.doel,
            Thema.MENSENHANDEL_EN_SMOKKEL,
            house.ids(),
            profile.model_copy(update=with_bsn),
            approval,
            aanvraag.motivering,
        )
        for profile in dict.fromkeys(aanvraag.profielen)
    ]
    return tuple(judge(house, caller, ask, now) for ask in asks)


def _judge_canaries(house: House, caller: Caller, aanvraag: TicketAanvraag, now: datetime) -> tuple[Judged, ...]:
    """A keeper's own privacy officer has canaries made; that is auditing, and is judged and logged as such."""
    if not caller.party.kanariehouder:
        raise NotAllowed("only a keeper of the federation file makes canaries", code="not_a_keeper")
    if aanvraag.doel != Doel.AUDIT:
        raise Malformed("doel: canaries serve the audit")
    return (judge(house, caller, audit_ask(aanvraag.domein.convenant, house.ids()), now),)


def _judge_match(house: House, caller: Caller, aanvraag: TicketAanvraag, now: datetime) -> tuple[Judged, ...]:
    if aanvraag.casus_id is None:
        raise Malformed("casus_id: name the casus in which the question will be asked")
    judged = None
    for categorie in EITHER_SIDE:
        asked = Asked(
            id=house.ids(),
            domein=aanvraag.domein,
            casus_id=aanvraag.casus_id,
            doel=aanvraag.doel,
            thema=Thema.MENSENHANDEL_EN_SMOKKEL,
            categorie=categorie,
            minderjarig=False,
            dubbelrol=False,
            bijzonder=False,
            noodzaak_bescherming=categorie == Categorie.SLACHTOFFER,
            aantal=1,
            motivering=aanvraag.motivering,
        )
        with reading(house.store) as transaction:
            ask: Ask = match_ask(transaction, caller, asked, frozenset(), now)
        answer = judge(house, caller, ask, now)
        if judged is None or isinstance(answer.verdict, Decision):
            judged = answer
        if isinstance(judged.verdict, Decision):
            break
    return () if judged is None else (judged,)


def _ticket(house: House, caller: Caller, aanvraag: TicketAanvraag, besluit: str, now: datetime) -> Ticket:
    moment = int(now.timestamp())
    return Ticket(
        iss=house.federatie.gateway.oin,
        sub=caller.id,
        jti=house.ids(),
        iat=moment,
        exp=moment + TICKET_SECONDS,
        dom=aanvraag.domein,
        epo=aanvraag.epoch,
        cls=aanvraag.klasse,
        max=aanvraag.aantal,
        doel=aanvraag.doel,
        besluit=besluit,
        fed=house.federatie.digest,
        cnf=Confirmation(jkt=caller.party.sleutel.thumbprint),
    )
