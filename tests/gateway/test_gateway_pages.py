"""The public pages in a real browser: no horizontal scroll, no script, keyboard reach, at 1280 and 320 px."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from connectors.contract.canonical import b64u, b64u_decode, canonical_bytes, sha256
from connectors.contract.codes import Partnertype, TabelId
from connectors.contract.releases import (
    Aanvalsverslag,
    Concept,
    Hierarchie,
    PubliekeCel,
    PubliekeSchatting,
    PubliekeTabel,
    ReleaseAanvraag,
)
from gateway.release.exports.files import Formaat
from gateway.release.naming import code_names
from gateway.release.seal import document, seal
from gateway.release.shelf import Werkblad, get
from gateway.release.tables import RELEASES
from gateway.store import writing
from gateway.web.grids import grid
from tests.gateway.gateway_world import World
from tests.gateway.on_a_port import on_a_port

TABLE = PubliekeTabel(
    tabel=TabelId.VORM_GESLACHT_LEEFTIJD,
    telregel="uniek_slachtoffer",
    k=10,
    dimensies=("uitbuitingsvorm", "geslacht", "leeftijdsband"),
    cellen=tuple(
        PubliekeCel(codes=(form, sex, age), aantal=None if (form, age) == ("arbeid", "18-22") else number)
        for form in ("totaal", "arbeid", "gedwongen_dienstverlening")
        for sex in ("totaal", "man", "vrouw")
        for number, age in enumerate(("totaal", "0-11", "12-14", "15-17", "18-22", "23-29", "30-39", "50+"), start=10)
    ),
)


NOTHING = b64u(bytes(32))
ESTIMATE = PubliekeSchatting(
    waargenomen=360,
    lijsten=(Partnertype.KMAR, Partnertype.NLA, Partnertype.POLITIE),
    redenen=("interval_too_wide", "one_list_decides"),
)


@pytest.fixture
def published(world: World) -> World:
    """A gateway with one published release of a wide table and an estimate that is not justified."""
    about = {"release_id": "monitor-2026", "jaar": 2026, "epoch": "2026", "revisie": 1}
    concept = Concept(**about, partners=4, patroon="p", tabellen=(TABLE,), schatting=ESTIMATE)
    attack = Aanvalsverslag(cijfers=sha256(canonical_bytes(concept)), groepen=())
    sheet = Werkblad(partijen=(), eerdere=(), beleid="b", invoer=NOTHING, code="c", klok=False, maten=())
    asked = ReleaseAanvraag(release_id="monitor-2026", jaar=2026, tabellen=("vorm_geslacht_leeftijd",), epoch="2026")
    row = {"release_id": "monitor-2026", "party": "x", "aanvrager": "psn:x", "jaar": 2026, "revisie": 1, "poging": 1}
    parts = {"aanvraag": asked, "concept": concept, "werkblad": sheet, "aanval": attack}
    with writing(world.house.store) as transaction:
        made = {name: canonical_bytes(part) for name, part in parts.items()}
        transaction.execute(RELEASES.insert().values(stap="gepubliceerd", published_ms=1, **row, **made))
    publicatie = document(concept, world.clock())
    zegel = seal(get(world.house, "monitor-2026"), publicatie, (), world.house.signing)
    sealed = canonical_bytes(publicatie)
    with writing(world.house.store) as transaction:
        columns = {"sealed": sealed, "digest": b64u_decode(sha256(sealed)), "zegel": zegel}
        transaction.execute(RELEASES.update().values(**columns))
    return world


@pytest.fixture
def address(published: World) -> Iterator[str]:
    """The gateway on a real port."""
    with on_a_port(published.house, published.layout.gateway / "gateway.toml") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; skipped without it, but never in CI."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed")
        pytest.skip("Chromium is not installed")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 320])
@pytest.mark.parametrize("path", ["/", "/releases/monitor-2026"])
def test_pages_fit_and_stay_silent(address: str, browser: Browser, width: int, path: str) -> None:
    """No horizontal page scroll, no console message, no script; skip link first; tables scroll in their box."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator("script").count() == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator("h1").count() == page.locator("main").count() == 1
    assert all(box.get_attribute("tabindex") == "0" for box in page.locator(".scroll").all())
    assert said == []
    page.close()


def test_a_withheld_cell_is_a_dot_for_the_eye_and_words_for_the_ear(published: World) -> None:
    """Withheld cells look alike, whichever the reason; a screen reader says so."""
    text = published.http.get("/releases/monitor-2026").text
    assert text.count('<span class="hidden">niet getoond</span>') == 3
    assert 'lang="nl"' in text


def test_a_table_is_laid_out_without_losing_a_cell() -> None:
    """As many cells as were published, in their order, totals named."""
    laid = grid(TABLE, {})
    cells = [cell for _, line in laid.lines for cell in line]
    assert len(cells) == len(TABLE.cellen)
    assert cells == ["." if cel.aantal is None else str(cel.aantal) for cel in TABLE.cellen]
    assert laid.columns[0].text == "Totaal"


def test_a_changed_release_is_not_shown(published: World) -> None:
    """The page reads sealed bytes; bytes that do not match their digest are not a release."""
    with writing(published.house.store) as transaction:
        transaction.execute(RELEASES.update().values(digest=bytes(32)))
    assert "monitor-2026" not in published.http.get("/").text
    assert published.http.get("/releases/monitor-2026").status_code == 404


def test_municipalities_are_called_by_their_names(world: World) -> None:
    """A reader sees Rotterdam, not GM0599; a code without a name stays a code."""
    cells = tuple(PubliekeCel(codes=(code, "totaal"), aantal=10) for code in ("totaal", "GM0599", "GM9999"))
    table = PubliekeTabel(
        tabel=TabelId.VORM_PER_GEMEENTE,
        telregel="uniek_slachtoffer",
        k=10,
        dimensies=("gemeente", "uitbuitingsvorm"),
        cellen=cells,
    )
    laid = grid(
        table,
        code_names(world.house.policy.bundle, world.federatie),
        [Hierarchie(dimensie="gemeente", ouders=(("GM0599", "ZVH-RR"),))],
    )
    assert [[(name.text, name.level) for name in names] for names, _ in laid.lines] == [
        [("Totaal", 0)],
        [("Rotterdam", 1)],
        [("GM9999", 0)],
    ]


def test_an_estimate_that_is_not_justified_says_why(published: World) -> None:
    """In Dutch, with the observed count, without any number of the estimate."""
    text = published.http.get("/releases/monitor-2026").text
    assert "geen verantwoorde schatting mogelijk" in text
    assert "het interval is te wijd" in text
    assert '<dd class="figure">360</dd>' in text


@pytest.mark.parametrize("formaat", list(Formaat))
def test_every_download_is_offered_and_served(published: World, formaat: Formaat) -> None:
    """The page links to it; it comes as a file."""
    path = f"/releases/monitor-2026/download/{formaat.value}"
    assert path in published.http.get("/releases/monitor-2026").text
    answer = published.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
