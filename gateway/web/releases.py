"""Releases under `/v1`: draft, look, publish, read, verify, download, make again; register and list what others
published."""

from collections.abc import Callable
from time import monotonic
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from connectors.contract.releases import (
    Aanvalsverslag,
    Concept,
    ExterneLijst,
    ExternePublicatie,
    ExterneRegistratie,
    ExterneStand,
    Publicatie,
    ReleaseAanvraag,
    ReleaseStand,
    ReleaseVrijgave,
    Reproductie,
    SignedSeal,
)
from gateway.house import House
from gateway.release.draft import draft, find_draft
from gateway.release.exports.files import Formaat, export
from gateway.release.naming import code_names
from gateway.release.publish import publish
from gateway.release.published import Published, find_published, sits_at_table
from gateway.release.registering import find_registered, list_registered, register
from gateway.release.reproduce import reproduce
from gateway.web.documents import accepts, answers, send
from gateway.web.door import LARGE, admit
from gateway.web.own import OWN_HEADER, demand_own

SEARCH_SECONDS: Final = 60.0
"""How long a release may look for a better suppression pattern (disclosure page, step 3)."""
Naam = Annotated[str, Path(pattern=r"^[A-Za-z0-9:._-]{1,128}$")]


def release_routes(house: House) -> APIRouter:
    """The routes of releases; mounted under `/v1`."""
    router = APIRouter()

    @router.post("/releases", responses=answers(ReleaseStand), openapi_extra=accepts(ReleaseAanvraag))
    def post_release(request: Request) -> Response:
        admitted = admit(house, request)
        return send(draft(house, admitted.caller, admitted.read(ReleaseAanvraag), deadline(SEARCH_SECONDS)))

    @router.get("/releases/{release_id}/draft", responses=answers(Concept))
    def get_draft(request: Request, release_id: Naam) -> Response:
        return send(find_draft(house, admit(house, request).caller, release_id))

    @router.post(
        "/releases/{release_id}/publication",
        responses=answers(ReleaseStand),
        openapi_extra=accepts(ReleaseVrijgave),
    )
    def post_publication(request: Request, release_id: Naam) -> Response:
        admitted = admit(house, request)
        return send(publish(house, admitted.caller, release_id, admitted.read(ReleaseVrijgave)))

    @router.post("/releases/{release_id}/reproduction", responses=answers(Reproductie))
    def post_reproduction(request: Request, release_id: Naam) -> Response:
        if OWN_HEADER in request.headers:
            demand_own(house, request)
            caller = None
        else:
            caller = admit(house, request).caller
        return send(reproduce(house, release_id, deadline(SEARCH_SECONDS), caller))

    @router.post("/external-publications", responses=answers(ExterneStand), openapi_extra=accepts(ExternePublicatie))
    def post_external(request: Request) -> Response:
        admitted = admit(house, request, LARGE)
        return send(register(house, admitted.caller, admitted.read(ExternePublicatie)))

    @router.get("/external-publications", responses=answers(ExterneLijst))
    def get_externals(request: Request) -> Response:
        return send(list_registered(house, admit(house, request).caller))

    @router.get("/external-publications/{extern_id}", responses=answers(ExterneRegistratie))
    def get_external(request: Request, extern_id: Naam) -> Response:
        return send(find_registered(house, admit(house, request).caller, extern_id))

    _reading(router, house)
    return router


def _reading(router: APIRouter, house: House) -> None:
    """What every party may read of a published release."""

    @router.get("/releases/{release_id}", responses=answers(Publicatie))
    def get_release(request: Request, release_id: Naam) -> Response:
        found = _find(house, request, release_id)
        return Response(found.sealed, media_type="application/json", headers=successor(found))

    @router.get("/releases/{release_id}/seal", responses=answers(SignedSeal))
    def get_seal(request: Request, release_id: Naam) -> Response:
        return send(_find(house, request, release_id).signed)

    @router.get("/releases/{release_id}/attack", responses=answers(Aanvalsverslag))
    def get_attack(request: Request, release_id: Naam) -> Response:
        return send(_find(house, request, release_id).aanval)

    @router.get("/releases/{release_id}/exports/{formaat}", response_class=Response)
    def get_export(request: Request, release_id: Naam, formaat: Formaat) -> Response:
        return download(house, _find(house, request, release_id), formaat)


def _find(house: House, request: Request, release_id: str) -> Published:
    at_table = sits_at_table(admit(house, request).caller.party, house.clock())
    return find_published(house.store, house.signing.public, release_id, at_table=at_table)


def successor(found: Published) -> dict[str, str]:
    """The Link header of a release that was replaced (RFC 5829, section 3.2)."""
    if found.vervangen_door is None:
        return {}
    return {"Link": f'</v1/releases/{found.vervangen_door}>; rel="successor-version"'}


def download(house: House, found: Published, formaat: Formaat) -> Response:
    """An export of a sealed release as a file to keep."""
    made = export(found, formaat, code_names(house.policy.bundle, house.federatie))
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', **successor(found)}
    return Response(made.content, media_type=made.media_type, headers=headers)


def deadline(seconds: float) -> Callable[[], bool]:
    """A clock that says True once `seconds` from now are over."""
    end = monotonic() + seconds
    return lambda: monotonic() >= end
