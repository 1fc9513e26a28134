"""The folder of the rules as officers keep it: `bron/` and hand-kept tables in, compiled tables out."""

import json
from pathlib import Path

from gateway.policy.bundle import PolicyBundle
from gateway.policy.errors import PolicySourceError
from gateway.policy.pages import articles_page, decision_page, markdown, web_page
from gateway.policy.room import GoldenCase
from gateway.policy.tables import (
    Json,
    compile_attributes,
    compile_municipalities,
    compile_parties,
    compile_rows,
    compile_scope,
    read_matrix,
    read_vocabulary,
)


def compile_tables(folder: Path) -> dict[Path, str]:
    """Every compiled table of a policy folder, by its path; raises PolicySourceError for a broken source."""
    tables = folder / "schakel" / "tables"
    vocabulary_text = read_source(tables / "vocabulary" / "data.json")
    vocabulary = read_vocabulary(vocabulary_text)
    rows = read_matrix(read_source(folder / "bron" / "matrix.csv"))
    compiled: dict[str, dict[str, Json]] = {
        "rows": compile_rows(rows, vocabulary, read_source(folder / "bron" / "rijen_aanvulling.json")),
        "scope": compile_scope(read_source(tables / "checks" / "data.json"), vocabulary),
        "attributes": compile_attributes(vocabulary_text),
        "parties": compile_parties(read_source(folder / "bron" / "parties.json"), vocabulary),
        "municipalities": compile_municipalities(read_source(folder / "bron" / "gemeenten.csv")),
    }
    return {
        tables / name / "data.json": json.dumps(table, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        for name, table in compiled.items()
    }


def read_golden(folder: Path) -> tuple[GoldenCase, ...]:
    """The golden cases of a policy folder; raises PolicySourceError when they are not whole."""
    return parse_golden(read_source(folder / "golden.json"))


def parse_golden(text: str) -> tuple[GoldenCase, ...]:
    """The golden cases in the text of a `golden.json`; raises PolicySourceError when they are not whole."""
    try:
        cases = json.loads(text)["cases"]
        return tuple(
            GoldenCase(case["name"], case["input"], case["expect"]["decision"], tuple(case["expect"]["codes"]))
            for case in cases
        )
    except (ValueError, KeyError, TypeError):
        raise PolicySourceError("golden.json", 'must hold {"cases": [{"name", "input", "expect"}]}') from None


def render_pages(folder: Path, bundle: PolicyBundle) -> dict[Path, str]:
    """The pages that officers read, by their path: the decision table (Markdown and HTML) and the article matrix."""
    rows = read_matrix(read_source(folder / "bron" / "matrix.csv"))
    supplement = json.loads(read_source(folder / "bron" / "rijen_aanvulling.json"))
    table = decision_page(bundle, rows, supplement)
    articles = articles_page(bundle, read_golden(folder))
    return {
        folder / "beslistabel.md": markdown(table),
        folder / "beslistabel.html": web_page(table),
        folder / "artikelen.md": markdown(articles),
    }


def read_source(path: Path) -> str:
    """The text of a source; raises PolicySourceError naming the file."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PolicySourceError(path.name, "must be a readable UTF-8 file") from None
