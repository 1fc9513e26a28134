"""Match link files: candidates, score, zones, clusters.

`match` is pure but for the engine that is handed in; `gateway.matching.commands` reads arguments and writes the CSV.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from gateway.matching import scoring
from gateway.matching.blocks import (
    STRONG,
    Columns,
    Engine,
    EntryPairs,
    Evidence,
    FileFacts,
    agreement,
    candidates,
    entries,
    evidence,
    facts,
)
from gateway.matching.cluster import Link, Record, clusters
from gateway.matching.engines import LinkInputError
from gateway.matching.sketches import TRAITS, Floats, Ints
from gateway.matching.weights import Weights

Progress = Callable[[str], None]
_SURE: Final = 1.0
"""A strong identifier alone lies this far (log odds) above the bound of its zone."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Scored pairs of two files, best first; `left_row` and `right_row` are rows of the sources."""

    left_file: int
    right_file: int
    left_row: Ints
    right_row: Ints
    score: Floats

    def __iter__(self) -> Iterator[tuple[int, int, float]]:
        return zip(self.left_row.tolist(), self.right_row.tolist(), self.score.tolist(), strict=True)


def match(engine: Engine, files: Sequence[str], weights: Weights, one_each: bool, say: Progress) -> list[Matches]:
    """Score every candidate pair of every two files; pairs below `weights.zones.written` are left out.

    `one_each` says that no file holds a person twice; then a pair shares its odds with the best rival on either side.
    Raises LinkInputError when a file holds something that is not in the link file's schema.
    """
    say("lezen")
    engine.read(files)
    _check(engine, files)
    known = [facts(engine, file) for file in range(len(files))]
    say("kandidaten")
    by_block = entry_pairs(engine.columns(candidates("blocks")))
    by_token = entry_pairs(engine.columns(candidates("tokens")))
    encoded = [entries(engine, file) for file in range(len(files))]
    say("vergelijken")
    result = []
    for left, right in combinations(range(len(files)), 2):
        seen = evidence(known[left], known[right], by_block(left, right), (encoded[left], encoded[right]))
        alone = _token_only(known[left], known[right], by_token(left, right), seen)
        result.append(_score((left, right), (known[left], known[right]), seen, alone, weights, one_each))
    return result


def _check(engine: Engine, files: Sequence[str]) -> None:
    checks = {
        "records": ("GROUP BY file, row HAVING count(*) > 1 OR min(row) < 0", "a row occurs twice"),
        "blocks": (
            "WHERE octet_length(key) <> 16 OR octet_length(sketch) <> 128",
            "a block or sketch of another length",
        ),
        "tokens": ("WHERE kind < 0 OR octet_length(key) <> 32", "an unknown token"),
    }
    for table, (wrong, problem) in checks.items():
        sql = f"SELECT min(file) AS file, count(*) AS times FROM (SELECT file FROM {table} {wrong}) t"  # noqa: S608
        bad = engine.columns(sql)
        if int(bad["times"][0]):
            raise LinkInputError(f"{files[int(bad['file'][0])]}: {problem}; pseudonymize the source again")


def entry_pairs(found: Columns) -> Callable[[int, int], EntryPairs]:
    """Entry pairs by pair of files."""
    left_file, right_file = found["left_file"].astype(np.int64), found["right_file"].astype(np.int64)
    columns = [found[name].astype(np.int64) for name in ("left_item", "right_item")]

    def of(left: int, right: int) -> EntryPairs:
        chosen = (left_file == left) & (right_file == right)
        return EntryPairs(*(column[chosen] for column in columns))

    return of


def _token_only(left: FileFacts, right: FileFacts, pairs: EntryPairs, seen: Evidence) -> tuple[Ints, Ints]:
    """Record pairs that share a token and no block, each once."""
    width = max(len(right.row), 1)
    key = np.unique(left.place(pairs.left_item) * width + right.place(pairs.right_item))
    key = np.setdiff1d(key, seen.left * width + seen.right, assume_unique=True)
    return key // width, key % width


def _alone(left: FileFacts, right: FileFacts, at: tuple[Ints, Ints], weights: Weights) -> Floats:
    """Score where no sketch can be compared: record.md, "Strength of identifying attributes".

    One strong identifier is a match where one side has nothing else to compare with, but only possible where both have
    names or dates and not even one composite agrees; two different middle ones are possible; one is not written.
    """
    same = agreement(left.tokens[at[0]], right.tokens[at[1]]) > 0
    comparable = left.encoded[at[0]] & right.encoded[at[1]]
    strong, middle = same[:, :STRONG].any(axis=1), same[:, STRONG:].sum(axis=1) >= 2
    zones = weights.zones
    score = np.where(strong | middle, (zones.possible + zones.match) / 2, -np.inf)
    return np.where(strong & ~comparable, zones.match + _SURE, score)


def _number_only(seen: Evidence, weights: Weights) -> Floats:
    """At least this where a strong identifier agrees, as in `_alone`: a document or a phone makes a block too, so these
    pairs are scored, with weights fitted on people who have names. A match where not both have a name and no two years
    of birth differ, else possible."""
    strong = (seen.agree[:, :STRONG] > 0).any(axis=1)
    year, words = (seen.like.traits[:, TRAITS.index(name)] for name in ("y", "nw"))
    zones, bare = weights.zones, (words == 0) & (year >= 0)
    return np.where(strong, np.where(bare, zones.match + _SURE, (zones.possible + zones.match) / 2), -np.inf)


def _score(
    files: tuple[int, int],
    known: tuple[FileFacts, FileFacts],
    seen: Evidence,
    alone: tuple[Ints, Ints],
    weights: Weights,
    one_each: bool,
) -> Matches:
    left, right = np.r_[seen.left, alone[0]], np.r_[seen.right, alone[1]]
    scored = np.maximum(scoring.log_odds(seen, weights), _number_only(seen, weights))
    score = np.r_[scored, _alone(*known, alone, weights)]
    if one_each:
        score = scoring.against_rivals(left, right, score)
    kept = np.flatnonzero(score >= weights.zones.written)
    left_row, right_row, score = known[0].row[left[kept]], known[1].row[right[kept]], score[kept]
    order = np.lexsort((right_row, left_row, -score))
    return Matches(*files, left_row[order], right_row[order], score[order])


def cluster_numbers(found: Sequence[Matches], weights: Weights, files: int, one_each: bool) -> dict[Record, int]:
    """Cluster of every (file, row) that is joined with another; pairs from the zone `possible` up are looked at."""
    links = (
        Link((pairs.left_file, left), (pairs.right_file, right), score)
        for pairs in found
        for left, right, score in pairs
    )
    return clusters(links, weights.zones.possible, frozenset(range(files)) if one_each else frozenset())
