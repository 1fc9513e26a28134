"""The machine interface under `/v1`: each route admits the caller, reads one contract model, calls one use case."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request, Response

from connectors.contract.answers import (
    Autorisatie,
    Bladen,
    Casus,
    Geregistreerd,
    Goedkeuring,
    Hits,
    Intrekking,
    Lease,
    LeaseStand,
    SignedCheckpoint,
    SignedReceipt,
    ToegangAntwoord,
    Validatie,
    Vraag,
    VraagAntwoord,
)
from connectors.contract.batch import MAX_BATCH_BYTES, MEDIA_TYPE
from connectors.contract.canaries import KanarieBesluit, KanarieBesluitStand, Kanaries, Meldingen, Toetsbladen
from connectors.contract.model import Wire
from connectors.contract.releases import ExternePublicatie, ReleaseAanvraag, ReleaseVrijgave
from connectors.contract.spot import (
    Steekproef,
    SteekproefOordeel,
    SteekproefStand,
    SteekproefStanden,
    SteekproefVraag,
)
from connectors.contract.ticket import TicketAanvraag, TicketAntwoord
from gateway.caller import ACCESS_SECONDS, ASSERTION_TYPE, issue_access, sign_in, spend
from gateway.errors import Malformed
from gateway.hits.questions import ask
from gateway.hits.views import validate, view
from gateway.house import House
from gateway.intake.batches import accept_batch
from gateway.intake.canaries import decide_notices, put_canaries, read_notes, read_notices
from gateway.intake.lending import take_lease
from gateway.intake.receipts import find_receipt
from gateway.intake.registrations import register_approval, register_authorisation, register_casus
from gateway.intake.spool import spool
from gateway.intake.spot import judge_rows, open_draw, standings
from gateway.intake.tickets import issue_ticket
from gateway.intake.withdrawals import execute_withdrawal
from gateway.ledger.witness import checkpoint, leaves
from gateway.store import writing
from gateway.web.documents import accepts, answers, send
from gateway.web.door import FORM, LARGE, admit, body_chunks, read_form, require_media_type, settle, verify_headers
from gateway.web.releases import release_routes

UUID: Final = r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
Id = Annotated[str, Path(pattern=UUID)]
Start = Annotated[int, Query(ge=0, lt=2**63)]
"""A place in the ledger; the database counts in 64 bits."""
BODIES: Final[tuple[type[Wire], ...]] = (
    TicketAanvraag,
    Lease,
    Intrekking,
    Casus,
    Autorisatie,
    Goedkeuring,
    Vraag,
    Validatie,
    ReleaseAanvraag,
    ReleaseVrijgave,
    ExternePublicatie,
    Kanaries,
    KanarieBesluit,
    SteekproefVraag,
    SteekproefOordeel,
)


def delivery_routes(house: House) -> APIRouter:
    """Sign-in, tickets, leases, batches, receipts, withdrawals: what a connector does by itself."""
    router = APIRouter(prefix="/v1", tags=["levering"])

    @router.post("/tokens", responses=answers(ToegangAntwoord), summary="Sign in (RFC 7523)", openapi_extra=_SIGN_IN)
    def sign_in_party(request: Request) -> Response:
        form = read_form(request)
        if (form.get("grant_type"), form.get("client_assertion_type")) != ("client_credentials", ASSERTION_TYPE):
            raise Malformed("grant_type or client_assertion_type: only client_credentials with a jwt-bearer assertion")
        now = house.clock()
        era = house.era.at(now)
        proof = sign_in(form.get("client_assertion", ""), house.federatie, era, now)
        with writing(house.store) as transaction:
            caller = spend(transaction, proof, era, now)
        token = issue_access(caller.party, house.signing, house.federatie.gateway.oin, house.ids(), era, now)
        return send(ToegangAntwoord(access_token=token, expires_in=ACCESS_SECONDS))

    @router.post("/tickets", responses=answers(TicketAntwoord), openapi_extra=accepts(TicketAanvraag))
    def give_ticket(request: Request) -> Response:
        admitted = admit(house, request, LARGE)
        return send(issue_ticket(house, admitted.caller, admitted.read(TicketAanvraag)))

    @router.post("/leases", responses=answers(LeaseStand), openapi_extra=accepts(Lease))
    def lend_share(request: Request) -> Response:
        admitted = admit(house, request, LARGE)
        return send(take_lease(house, admitted.caller, admitted.read(Lease)))

    @router.put("/batches/{batch_id}", responses=answers(SignedReceipt, 201), openapi_extra=_NDJSON)
    def put_batch(request: Request, batch_id: Id) -> Response:
        proof = verify_headers(house, request)
        require_media_type(request, MEDIA_TYPE)
        spooled = spool(body_chunks(request, MAX_BATCH_BYTES), house.spool, MAX_BATCH_BYTES)
        try:
            caller = settle(house, proof, spooled.digest)
            accepted = accept_batch(house, caller, batch_id, spooled)
        finally:
            spooled.discard()
        return send(accepted.receipt, 201 if accepted.first else 200)

    @router.get("/receipts/{receipt_id}", responses=answers(SignedReceipt))
    def get_receipt(request: Request, receipt_id: Id) -> Response:
        return send(find_receipt(house, admit(house, request).caller, receipt_id))

    @router.post("/withdrawals", responses=answers(SignedReceipt), openapi_extra=accepts(Intrekking))
    def withdraw_records(request: Request) -> Response:
        admitted = admit(house, request, LARGE)
        return send(execute_withdrawal(house, admitted.caller, admitted.read(Intrekking), admitted.digest))

    return router


def case_routes(house: House) -> APIRouter:
    """Casus, authorisation, approval, question, validation, hits: what members of staff do through their connector."""
    router = APIRouter(prefix="/v1", tags=["casus"])

    @router.post("/cases", responses=answers(Geregistreerd), openapi_extra=accepts(Casus))
    def post_casus(request: Request) -> Response:
        admitted = admit(house, request)
        return send(register_casus(house, admitted.caller, admitted.read(Casus)))

    @router.post("/authorisations", responses=answers(Geregistreerd), openapi_extra=accepts(Autorisatie))
    def post_authorisation(request: Request) -> Response:
        admitted = admit(house, request)
        return send(register_authorisation(house, admitted.caller, admitted.read(Autorisatie)))

    @router.post("/approvals", responses=answers(Geregistreerd), openapi_extra=accepts(Goedkeuring))
    def post_approval(request: Request) -> Response:
        admitted = admit(house, request)
        return send(register_approval(house, admitted.caller, admitted.read(Goedkeuring)))

    @router.post("/match-requests", responses=answers(VraagAntwoord), openapi_extra=accepts(Vraag))
    def post_question(request: Request) -> Response:
        admitted = admit(house, request, LARGE)
        return send(ask(house, admitted.caller, admitted.read(Vraag), admitted.digest))

    @router.post("/hits/{vraag_id}/validation", responses=answers(Hits), openapi_extra=accepts(Validatie))
    def post_validation(request: Request, vraag_id: Id) -> Response:
        admitted = admit(house, request)
        return send(validate(house, admitted.caller, vraag_id, admitted.read(Validatie)))

    @router.get("/hits/{vraag_id}", responses=answers(Hits))
    def get_hits(request: Request, vraag_id: Id) -> Response:
        return send(view(house, admit(house, request).caller, vraag_id))

    return router


def keeper_routes(house: House) -> APIRouter:
    """Canaries: what a keeper of the federation file puts, hears and decides."""
    router = APIRouter(prefix="/v1/kanaries", tags=["kanaries"])

    @router.put("", responses=answers(SignedReceipt, 201), openapi_extra=accepts(Kanaries))
    def put_set(request: Request) -> Response:
        admitted = admit(house, request, LARGE)
        receipt, first = put_canaries(house, admitted.caller, admitted.read(Kanaries), admitted.digest)
        return send(receipt, 201 if first else 200)

    @router.get("/notices", responses=answers(Meldingen))
    def get_notices(request: Request) -> Response:
        return send(read_notices(house, admit(house, request).caller))

    @router.get("/notes", responses=answers(Toetsbladen))
    def get_notes(request: Request, start: Start = 0) -> Response:
        return send(read_notes(house, admit(house, request).caller, start))

    @router.post("/decisions", responses=answers(KanarieBesluitStand), openapi_extra=accepts(KanarieBesluit))
    def post_decision(request: Request) -> Response:
        admitted = admit(house, request)
        return send(decide_notices(house, admitted.caller, admitted.read(KanarieBesluit)))

    return router


def spot_routes(house: House) -> APIRouter:
    """Spot proofs: the quarter's draw, the officer's judgement, and how draws stand."""
    router = APIRouter(prefix="/v1", tags=["steekproef"])

    @router.post("/spot-draws", responses=answers(Steekproef), openapi_extra=accepts(SteekproefVraag))
    def post_draw(request: Request) -> Response:
        admitted = admit(house, request)
        return send(open_draw(house, admitted.caller, admitted.read(SteekproefVraag)))

    @router.get("/spot-draws", responses=answers(SteekproefStanden))
    def get_draws(request: Request) -> Response:
        return send(standings(house, admit(house, request).caller))

    @router.post("/spot-judgements", responses=answers(SteekproefStand), openapi_extra=accepts(SteekproefOordeel))
    def post_judgement(request: Request) -> Response:
        admitted = admit(house, request)
        return send(judge_rows(house, admitted.caller, admitted.read(SteekproefOordeel)))

    return router


def public_routes(house: House) -> APIRouter:
    """Releases and the ledger's leaves: what every party may see."""
    router = APIRouter(prefix="/v1", tags=["openbaar"])

    router.include_router(release_routes(house))

    @router.get("/ledger/checkpoint", responses=answers(SignedCheckpoint))
    def get_checkpoint(request: Request) -> Response:
        admit(house, request)
        return send(checkpoint(house.store, house.signing, house.clock()))

    @router.get("/ledger/entries", responses=answers(Bladen))
    def get_leaves(request: Request, start: Start = 0) -> Response:
        admit(house, request)
        return send(leaves(house.store, start))

    return router


_NDJSON: Final = {
    "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}
_SIGN_IN: Final = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "client_assertion_type": {"const": ASSERTION_TYPE},
                        "client_assertion": {"type": "string", "description": "A JWT signed by the party's own key."},
                    },
                    "required": ["grant_type", "client_assertion_type", "client_assertion"],
                }
            }
        },
    }
}
