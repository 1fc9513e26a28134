"""Figures of linkage quality, and the report that goes with the weights.

Precision and recall are over pairs; recall counts every person who stands in both files, found by a block or not.
R@P99 is the highest recall at any threshold whose precision is at least 99 %. B3 is the mean over records of precision
and recall of the record's own cluster (Bagga and Baldwin 1998), on one-to-one clusters from the zone `possible` up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.matching.blocks import Evidence
from gateway.matching.cluster import Link, clusters
from gateway.matching.sketches import Floats, Ints
from gateway.matching.weights import Weights

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Truth:
    """What is known of the two files."""

    total: int  # people in both
    sizes: tuple[int, int]
    origin: list[str]  # per left record
    common: list[bool]  # per left record: also in the right file


@dataclass(frozen=True)
class Figures:
    """One row of the report."""

    name: str
    f1: float
    recall_p99: float
    recall_p999: float
    completeness: float
    share_of_pairs: float
    match_precision: float
    match_recall: float
    possible_f1: float
    b3: float
    largest: int
    worst_origin: str
    gap: float


def curve(score: Floats, truth: Ints, total: int) -> tuple[Floats, Floats]:
    """(precision, recall) at every prefix that ends where the score changes, from the surest pair down."""
    order = np.argsort(-score, kind="stable")
    sorted_score = score[order]
    hits = np.cumsum(truth[order])
    last = np.flatnonzero(np.r_[sorted_score[1:] != sorted_score[:-1], True]) if len(order) else np.zeros(0, np.int64)
    return hits[last] / (last + 1), hits[last] / total


def recall_at(precision: Floats, recall: Floats, least: float) -> float:
    """Highest recall at a precision of at least `least`; 0 when there is none."""
    fitting = recall[precision >= least]
    return float(fitting.max()) if len(fitting) else 0.0


def figures(name: str, seen: Evidence, score: Floats, truth: Ints, known: Truth, weights: Weights) -> Figures:
    """All figures of one pair of files."""
    zones = weights.zones
    precision, recall = curve(score, truth, known.total)
    found = score >= zones.possible
    sure = score >= zones.match
    written = score >= zones.written
    origin, gap = _origin_gap(seen, found, truth, known)
    b3, largest = _b3(seen, score, truth, known, zones.possible)
    return Figures(
        name=name,
        f1=float((2 * precision * recall / (precision + recall + 1e-12)).max()),
        recall_p99=recall_at(precision, recall, 0.99),
        recall_p999=recall_at(precision, recall, 0.999),
        completeness=float(truth[written].sum()) / known.total,
        share_of_pairs=float(written.sum()) / (known.sizes[0] * known.sizes[1]),
        match_precision=float(truth[sure].mean()) if sure.any() else 1.0,
        match_recall=float(truth[sure].sum()) / known.total,
        possible_f1=2 * float(truth[found].sum()) / (float(found.sum()) + known.total),
        b3=b3,
        largest=largest,
        worst_origin=origin,
        gap=gap,
    )


def _origin_gap(seen: Evidence, found: Bools, truth: Ints, known: Truth) -> tuple[str, float]:
    """Origin (of 100 people or more) whose people are found least, and how far its recall is below that of all."""
    hit = np.zeros(known.sizes[0], dtype=bool)
    hit[seen.left[found & (truth == 1)]] = True
    common, origin = np.array(known.common), np.array(known.origin)
    overall = hit[common].mean()
    gaps = {
        str(name): float(overall - hit[common & (origin == name)].mean())
        for name in np.unique(origin)
        if (common & (origin == name)).sum() >= 100
    }
    worst = max(gaps, key=lambda name: gaps[name], default="-")
    return worst, gaps.get(worst, 0.0)


def _b3(seen: Evidence, score: Floats, truth: Ints, known: Truth, least: float) -> tuple[float, int]:
    """F1 of B3 over the records of both files, and the largest cluster."""
    kept = np.flatnonzero(score >= least)
    links = [Link((0, int(seen.left[at])), (1, int(seen.right[at])), float(score[at])) for at in kept]
    numbers = clusters(links, least, frozenset((0, 1)))
    true_pairs = {(int(seen.left[at]), int(seen.right[at])) for at in kept if truth[at]}
    partner = {numbers[record]: record[1] for record in numbers if record[0] == 1}
    joined = {record[1]: partner[number] for record, number in numbers.items() if record[0] == 0}
    right = sum(pair in true_pairs for pair in joined.items())
    records = sum(known.sizes)
    precision = 1 - (len(joined) - right) / records
    recall = 1 - (known.total - right) / records
    sizes = np.bincount(list(numbers.values())) if numbers else np.array([1])
    return 2 * precision * recall / (precision + recall), int(sizes.max())


def report(measured: Sequence[Figures], weights: Weights) -> str:
    """Markdown: one row per pair of files, with what the columns mean."""
    zones = weights.zones
    head = (
        f"# Validation of weights {weights.version} (encoder {weights.encoder})\n\n"
        "Made by `python -m deploy.linkage.fit`; invented people only.\n"
        "Rows with seeds 1 and 2 were fitted on, those with seed 101 set the zones, nothing was fitted on the others.\n"
        f"Zones (log odds): match from {zones.match}, possible from {zones.possible}, written from {zones.written}.\n\n"
        "| files | F1 | R@P99 | R@P99.9 | pair completeness | of all pairs | match: precision | match: recall "
        "| match+possible: F1 | B3 | largest cluster | origin found least (gap) |\n"
        "|---|---|---|---|---|---|---|---|---|---|---|---|\n"
    )
    rows = [
        f"| {item.name} | {item.f1:.4f} | {item.recall_p99:.4f} | {item.recall_p999:.4f} | {item.completeness:.4f} "
        f"| {item.share_of_pairs:.4%} | {item.match_precision:.4f} | {item.match_recall:.4f} | {item.possible_f1:.4f} "
        f"| {item.b3:.4f} | {item.largest} | {item.worst_origin} ({item.gap:+.3f}) |\n"
        for item in measured
    ]
    return head + "".join(rows)
