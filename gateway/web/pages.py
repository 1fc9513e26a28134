"""The public pages, rendered here: what Schakel is, how many partners are present, what was published. No script."""

from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.contract.codes import TokenDomein
from connectors.contract.releases import Publiek
from gateway.house import House
from gateway.release.catalogue import SMALLEST
from gateway.release.exports.files import Formaat
from gateway.release.naming import code_names
from gateway.release.published import Published, find_published, public_releases
from gateway.release.size import REFUSAL, WHY
from gateway.web.grids import grid
from gateway.web.releases import Naam, download

HERE: Final = Path(__file__).parent
DOWNLOADS: Final = {
    Formaat.CSV: "alle cellen als CSV, met SDMX-status",
    Formaat.JSON: "het verzegelde document (JSON)",
    Formaat.XLSX: "werkboek (XLSX)",
    Formaat.COMENSHA: "regionale rijen naar het voorbeeld van CoMensha (CSV)",
    Formaat.HTCDS: "in de termen van HTCDS en CTDC (CSV)",
}


def page_routes(house: House) -> APIRouter:
    """`/`, `/releases/{id}` and its downloads."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def page(template: str, **values: object) -> Response:
        return Response(templates.get_template(template).render(**values), media_type="text/html; charset=utf-8")

    def find(release_id: str) -> Published:
        return find_published(house.store, house.signing.public, release_id, at_table=False)

    @router.get("/")
    def home(_request: Request) -> Response:
        now = house.clock()
        epochs = sorted(house.epoch_keys)
        present = [(domain, epoch, len(house.present(TokenDomein(domain), epoch, now))) for domain, epoch in epochs]
        return page(
            "home.html",
            federatie=house.federatie,
            present=present,
            releases=public_releases(house.store, house.signing.public),
        )

    @router.get("/releases/{release_id}")
    def show_release(release_id: Naam) -> Response:
        found = find(release_id)
        publicatie, names = found.publicatie, code_names(house.policy.bundle, house.federatie)
        grids = [grid(tabel, names, publicatie.hierarchieen, publicatie.grover) for tabel in publicatie.tabellen]
        attacked = sum(len(group.cellen) for group in found.aanval.groepen)
        at_table = any(group.ook_aan_tafel for group in found.aanval.groepen)
        return page(
            "release.html",
            found=found,
            publicatie=publicatie,
            grids=grids,
            attacked=attacked,
            at_table=at_table,
            table_k=SMALLEST[Publiek.REGIONALE_TAFEL],
            downloads=DOWNLOADS,
            refusal=REFUSAL,
            why=WHY,
        )

    @router.get("/releases/{release_id}/download/{formaat}")
    def get_download(release_id: Naam, formaat: Annotated[Formaat, InPath()]) -> Response:
        return download(house, find(release_id), formaat)

    return router


def static_files() -> StaticFiles:
    """The style sheet."""
    return StaticFiles(directory=HERE / "static")
