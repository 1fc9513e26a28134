"""The public pages, rendered here: what Schakel is, how many partners are present, what was published. No script."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeVar, cast

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from connectors.contract.answers import PubliekeTabel
from connectors.contract.codes import TabelId, TokenDomein
from gateway.house import House
from gateway.release.catalogue import CATALOGUE
from gateway.release.published import TOTAL, find_release, published_releases

Value = TypeVar("Value")
HERE: Final = Path(__file__).parent
WITHHELD: Final = "."
"""Output convention of the disclosure page: withheld cells all look alike."""
DIMENSIONS: Final = {
    "jaar": ("Jaar", "Year"),
    "route": ("Route", "Route"),
    "bron_signaal": ("Melder", "Reporter"),
    "uitbuitingsvorm": ("Vorm", "Form"),
    "geslacht": ("Geslacht", "Sex"),
    "leeftijdsband": ("Leeftijd", "Age"),
    "gemeente": ("Gemeente", "Municipality"),
    "herkomstregio": ("Herkomst", "Origin"),
    "sector": ("Sector", "Sector"),
    "type": ("Inspanning", "Effort"),
    "kwartaal": ("Kwartaal", "Quarter"),
}


@dataclass(frozen=True, slots=True)
class Grid:
    """A published table laid out for reading: one line per combination of the row dimensions, one column per code of
    the last dimension. Cells are texts: a number, or `.` when withheld."""

    id: str
    nl: str
    en: str
    telregel: str
    heads: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    lines: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]
    k: int


def page_routes(house: House) -> APIRouter:
    """`/` and `/releases/{id}`."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )

    def page(template: str, **values: object) -> Response:
        return Response(templates.get_template(template).render(**values), media_type="text/html; charset=utf-8")

    @router.get("/")
    def home(_request: Request) -> Response:
        now = house.clock()
        epochs = sorted(house.epoch_keys)
        present = [(domain, epoch, len(house.present(TokenDomein(domain), epoch, now))) for domain, epoch in epochs]
        return page("home.html", federatie=house.federatie, present=present, releases=published_releases(house))

    @router.get("/releases/{release_id}")
    def show_release(release_id: Annotated[str, InPath(pattern=r"^[A-Za-z0-9:._-]{1,128}$")]) -> Response:
        publicatie = find_release(house, release_id)
        names = municipality_names(house)
        return page("release.html", publicatie=publicatie, grids=[grid(tabel, names) for tabel in publicatie.tabellen])

    return router


def static_files() -> StaticFiles:
    """The style sheet."""
    return StaticFiles(directory=HERE / "static")


def municipality_names(house: House) -> Mapping[str, str]:
    """Code of a municipality → its name, as the rules list them."""
    listed = cast("dict[str, dict[str, str]]", house.policy.bundle.table("municipalities")["gemeenten"])
    return {code: entry["naam"] for code, entry in listed.items()}


def grid(tabel: PubliekeTabel, names: Mapping[str, str]) -> Grid:
    """Lay out a published table. `names`: what a code is called where it is not a word of its own."""
    entry = CATALOGUE[TabelId(tabel.tabel)]
    cells = {cel.codes: WITHHELD if cel.aantal is None else str(cel.aantal) for cel in tabel.cellen}
    columns = _in_order(codes[-1] for codes in cells)
    rows = _in_order(codes[:-1] for codes in cells)
    return Grid(
        id=tabel.tabel.value,
        nl=entry.nl,
        en=entry.en,
        telregel=tabel.telregel,
        heads=tuple(DIMENSIONS[name] for name in tabel.dimensies),
        columns=tuple(_word(code, names) for code in columns),
        lines=tuple(
            (tuple(_word(code, names) for code in row), tuple(cells.get((*row, column), "") for column in columns))
            for row in rows
        ),
        k=tabel.k,
    )


def _in_order(values: Iterable[Value]) -> list[Value]:
    return list(dict.fromkeys(values))


def _word(code: str, names: Mapping[str, str]) -> str:
    return "Totaal" if code == TOTAL else names.get(code, code.replace("_", " "))
