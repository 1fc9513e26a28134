"""Who is one person over k partners: deterministic greedy clustering of scored pairs."""

from collections.abc import Iterable
from dataclasses import dataclass

Record = tuple[int, int]
"""(file, row)"""


@dataclass(frozen=True, slots=True)
class Link:
    """Two records of different files and how sure it is that they are one person."""

    left: Record
    right: Record
    score: float


def clusters(links: Iterable[Link], at_least: float, deduplicated: frozenset[int]) -> dict[Record, int]:
    """Cluster number of every record that was joined with another; numbers start at 0 in order of the smallest record.

    Pairs of `at_least` or more are taken from the surest down (ties by record). Two clusters are joined when no
    deduplicated file would stand in it twice and at least half of the cross pairs are linked, so that one doubtful pair
    cannot chain two families together (design/cryptography.md, "Scoring"). The order of the links does not matter.
    """
    kept = sorted(
        (link for link in links if link.score >= at_least), key=lambda link: (-link.score, link.left, link.right)
    )
    linked = {(link.left, link.right) for link in kept} | {(link.right, link.left) for link in kept}
    members: dict[Record, set[Record]] = {}
    for link in kept:
        left, right = members.setdefault(link.left, {link.left}), members.setdefault(link.right, {link.right})
        if left is right or not _may_join(left, right, linked, deduplicated):
            continue
        joined = left | right
        members.update(dict.fromkeys(joined, joined))
    groups = {id(group): group for group in members.values() if len(group) > 1}
    ordered = sorted(groups.values(), key=min)
    return {record: number for number, group in enumerate(ordered) for record in group}


def _may_join(
    left: set[Record], right: set[Record], linked: set[tuple[Record, Record]], deduplicated: frozenset[int]
) -> bool:
    if deduplicated & {file for file, _ in left} & {file for file, _ in right}:
        return False
    cross = [(one, other) for one in left for other in right if one[0] != other[0]]
    return 2 * sum(pair in linked for pair in cross) >= len(cross)
