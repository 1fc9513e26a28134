"""The published Dutch overlap table comes out of the whole chain: connectors, custodians, gateway."""

from pathlib import Path

import pytest

from deploy.demo.overlap import reproduce
from deploy.demo.overlap_sources import read_table

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "deploy" / "demo" / "overlap_nl_2010_2015.csv"
SHARED = ROOT.parent / "shared" / "data" / "overlap_nl_2010_2015.csv"


def test_the_projects_copy_is_the_published_table() -> None:
    """8,234 people, 432 on more than one list, and the same bytes as the shared table."""
    table = read_table(PUBLISHED)
    assert sum(table.values()) == 8234
    assert sum(count for lists, count in table.items() if len(lists) > 1) == 432
    assert PUBLISHED.read_bytes() == SHARED.read_bytes()


@pytest.mark.timeout(900)
def test_the_overlap_table_is_reproduced_cell_by_cell(tmp_path: Path) -> None:
    """Real processes, real proofs: what the gateway counts equals what was published."""
    published = read_table(PUBLISHED)
    assert reproduce(published, tmp_path) == published
