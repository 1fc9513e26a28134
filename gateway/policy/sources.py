"""The folder of the rules as officers keep it: `bron/` and hand-kept tables in, compiled tables out."""

import json
from pathlib import Path

from gateway.policy.errors import PolicySourceError
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
    vocabulary_text = _read(tables / "vocabulary" / "data.json")
    vocabulary = read_vocabulary(vocabulary_text)
    rows = read_matrix(_read(folder / "bron" / "matrix.csv"))
    compiled: dict[str, dict[str, Json]] = {
        "rows": compile_rows(rows, vocabulary, _read(folder / "bron" / "rijen_aanvulling.json")),
        "scope": compile_scope(_read(tables / "checks" / "data.json"), vocabulary),
        "attributes": compile_attributes(vocabulary_text),
        "parties": compile_parties(_read(folder / "bron" / "parties.json"), vocabulary),
        "municipalities": compile_municipalities(_read(folder / "bron" / "gemeenten.csv")),
    }
    return {
        tables / name / "data.json": json.dumps(table, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        for name, table in compiled.items()
    }


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise PolicySourceError(path.name, "must be a readable UTF-8 file") from None
