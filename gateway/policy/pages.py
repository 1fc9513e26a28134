"""The rules as pages that officers read and sign: the decision table and the article -> rule -> test matrix, in Dutch.

Pure: tables in, text out. The same content as Markdown and as HTML; a test keeps the committed pages current.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from pydantic import JsonValue

from gateway.policy.bundle import PolicyBundle
from gateway.policy.codes import ReasonCode
from gateway.policy.room import GoldenCase
from gateway.policy.tables import Row

_COLUMNS = ("rol", "actie", "convenant", "doel", "partnertype", "categorie", "route", "status")
_DECISIONS = {"ALLOW": "staat toe", "DENY": "weigert (toetsgeval)", "WIJZIGT": "wijzigt"}


@dataclass(frozen=True, slots=True)
class Table:
    """One titled table of texts."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A page: a title, an introduction and tables."""

    title: str
    lead: str
    tables: tuple[Table, ...]


class OrphanRule(Exception):
    """A rule that no golden case tests, or a reason without an article; names it."""


def decision_page(bundle: PolicyBundle, rows: Sequence[Row], supplement: Mapping[str, Mapping[str, JsonValue]]) -> Page:
    """What two convenant owners sign: every row, every check with its text and article, every bound."""
    lead = (
        f"Uitgave {bundle.release}, digest sha256:{bundle.digest}. Alleen regels die toestaan verlenen iets; alles wat "
        "niet bewezen is, wordt geweigerd. Twee eigenaren van het convenant ondertekenen precies deze digest."
    )
    return Page("Beslistabel Schakel", lead, (_rows_table(rows, supplement), _checks_table(bundle), _bounds(bundle)))


def _rows_table(rows: Sequence[Row], supplement: Mapping[str, Mapping[str, JsonValue]]) -> Table:
    listed = []
    for row in rows:
        conditions = cast("dict[str, JsonValue]", supplement["voorwaarden"].get(str(row.number), {}))
        shows = cast("str", supplement["reikwijdte"].get(str(row.number), "geen")) if row.grants else ""
        listed.append(
            (
                str(row.number),
                *(row.cells[column] for column in _COLUMNS),
                "; ".join(f"{name} = {_dutch(value)}" for name, value in conditions.items()),
                _DECISIONS.get(row.cells["besluit"].split(" ")[0], row.cells["besluit"]),
                row.cells["reden"],
                row.cells["verplichtingen"],
                shows.replace("_", " "),
                row.cells["voorwaarde"],
            )
        )
    columns = ("rij", *_COLUMNS, "voorwaarden", "besluit", "reden", "verplichtingen", "toont", "toelichting")
    return Table("Regels", columns, tuple(listed))


def _checks_table(bundle: PolicyBundle) -> Table:
    checks = cast("dict[str, dict[str, list[str] | None]]", bundle.table("checks")["codes"])
    listed = []
    for code in ReasonCode:
        reason, actions = bundle.reason(code), checks[code]["acties"]
        about = "elke actie" if actions is None else ", ".join(actions)
        listed.append((code.value, reason.nl, about, reason.grondslag, reason.handelingsperspectief))
    return Table("Controles", ("code", "geweigerd omdat", "gaat over", "grondslag", "wat wel kan"), tuple(listed))


def _bounds(bundle: PolicyBundle) -> Table:
    bounds = [(name, str(value)) for name, value in bundle.table("thresholds").items() if not name.startswith("_")]
    catalogue = cast("dict[str, dict[str, int]]", bundle.table("catalogue")["tabellen"])
    bounds += [(f"k van tabel {name}", str(entry["k"])) for name, entry in catalogue.items()]
    duties = cast("dict[str, str]", bundle.table("vocabulary")["verplichtingen"])
    bounds += [(f"verplichting {code}", text) for code, text in duties.items()]
    return Table("Drempels, tabellen en verplichtingen", ("naam", "waarde"), tuple(bounds))


def articles_page(bundle: PolicyBundle, golden: Sequence[GoldenCase]) -> Page:
    """Article -> rule -> test; raises OrphanRule when a rule has no article or no test."""
    tests: dict[str, list[str]] = {}
    for case in golden:
        for code in case.codes:
            tests.setdefault(code, []).append(case.name)
    articles: dict[str, list[str]] = {}
    for code in ReasonCode:
        named = [article.strip() for article in bundle.reason(code).grondslag.split(";") if article.strip()]
        if not named or code not in tests:
            raise OrphanRule(f"{code.value} has no article or no golden case")
        for article in named:
            articles.setdefault(article, []).append(code.value)
    rows = tuple(
        (article, code, "; ".join(tests[code])) for article, codes in sorted(articles.items()) for code in codes
    )
    lead = f"Uitgave {bundle.release}. Elke grondslag met de controles die erop rusten en de toetsgevallen daarvan."
    return Page("Van artikel naar regel naar toets", lead, (Table("Matrix", ("artikel", "controle", "toetsen"), rows),))


def markdown(page: Page) -> str:
    """The page as Markdown."""
    parts = [f"# {page.title}\n\n{page.lead}\n"]
    for table in page.tables:
        lines = ["| " + " | ".join(table.columns) + " |", "|" + "---|" * len(table.columns)]
        lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table.rows]
        parts.append(f"\n## {table.title}\n\n" + "\n".join(lines) + "\n")
    return "".join(parts)


_STYLE: Final = """\
body { font: 0.875rem/1.4 sans-serif; margin: 1rem; overflow-wrap: anywhere; }
.tabel { overflow-x: auto; margin-block: 1.5rem; }
table { border-collapse: collapse; min-width: 72rem; overflow-wrap: normal; }
caption { text-align: left; font-weight: bold; padding-block: 0.5rem; }
th, td { border: 1px solid #999; padding: 0.25rem 0.4rem; text-align: left; vertical-align: top; }
@media print { .tabel { overflow: visible; } table { min-width: 0; font-size: 0.6rem; } }
"""


def web_page(page: Page) -> str:
    """The page as one HTML file that an officer can open, print and sign: its own style, no script, nothing fetched."""
    parts = [
        '<!doctype html>\n<html lang="nl">\n<head>\n<meta charset="utf-8">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>{html.escape(page.title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n",
        f"<h1>{html.escape(page.title)}</h1>\n<p>{html.escape(page.lead)}</p>\n",
    ]
    for table in page.tables:
        label = html.escape(table.title)
        parts.append(f'<div class="tabel" role="region" tabindex="0" aria-label="{label}">\n')
        parts.append(f"<table>\n<caption>{label}</caption>\n<thead>\n<tr>")
        parts += [f'<th scope="col">{html.escape(name)}</th>' for name in table.columns]
        parts.append("</tr>\n</thead>\n<tbody>\n")
        for row in table.rows:
            head, *cells = row
            parts.append(f'<tr><th scope="row">{_breakable(head)}</th>')
            parts += [f"<td>{_breakable(cell)}</td>" for cell in cells]
            parts.append("</tr>\n")
        parts.append("</tbody>\n</table>\n</div>\n")
    parts.append("</main>\n</body>\n</html>\n")
    return "".join(parts)


def _breakable(text: str) -> str:
    """Escaped, and free to break behind the joints of a code, so that a column is as wide as a word, not as a list."""
    return html.escape(text).replace("_", "_<wbr>").replace("/", "/<wbr>")


def _dutch(value: JsonValue) -> str:
    return {True: "ja", False: "nee"}[value] if isinstance(value, bool) else str(value)
