"""Score the matches of a question by their blocks, with the published weights, and say in which zone each falls. Pure.

The same features and weights as `schakel-gateway link` (cryptography page, scoring); a pair without a shared block is
not scored and is in no zone: there the rule of strength decides on tokens alone.
"""

from collections.abc import Sequence

import numpy as np

from connectors.contract.codes import BlokType, TokenType
from gateway.matching.blocks import BLOCK_TYPES, TOKEN_TYPES, Evidence, Filters, Floats, compare
from gateway.matching.index import Match, Sketch
from gateway.matching.scoring import FEATURES, log_odds
from gateway.matching.strength import Zone
from gateway.matching.weights import published

_BLOCK: dict[str, int] = {name: place for place, name in enumerate(BLOCK_TYPES)}
_WORDS = 16
"""A Bloom filter of 1024 bits is 16 words of 64."""


def zones(subjects: Sequence[Sketch], matches: Sequence[Match]) -> tuple[Zone, ...]:
    """The zone of each match, in order."""
    scored = [place for place, match in enumerate(matches) if match.blocks]
    found = [Zone.NONE] * len(matches)
    if scored:
        weights = published(FEATURES)
        pairs = [matches[place] for place in scored]
        for place, score in zip(scored, log_odds(_evidence(subjects, pairs), weights).tolist(), strict=True):
            found[place] = Zone(weights.zones.name(score))
    return tuple(found)


def _evidence(subjects: Sequence[Sketch], pairs: Sequence[Match]) -> Evidence:
    means = _compared(pairs)
    asked = [subjects[match.subject] for match in pairs]
    numbers = np.arange(len(pairs), dtype=np.int64)
    shared, company = np.zeros((len(pairs), len(BLOCK_TYPES))), np.full((len(pairs), len(BLOCK_TYPES)), np.inf)
    for row, match in enumerate(pairs):
        for block in match.blocks:
            kind = _BLOCK[block.kind]
            shared[row, kind] += 1.0
            company[row, kind] = min(company[row, kind], float(np.log(max(block.records - 1, 1))))
    return Evidence(
        left=numbers,
        right=numbers,
        shared=shared,
        company=np.where(shared > 0, company, 0.0),
        dice=means[0],
        left_bits=means[1],
        right_bits=means[2],
        union_bits=means[3],
        left_has=_counts([[block.kind for block in sketch.blocks] for sketch in asked]),
        right_has=_counts([[k for k, n in match.held_blocks.items() for _ in range(n)] for match in pairs]),
        agree=np.array([_agreement(sketch, match) for sketch, match in zip(asked, pairs, strict=True)]),
    )


def _compared(pairs: Sequence[Match]) -> tuple[Floats, ...]:
    """Dice and bits of the shared blocks, as means over the blocks of each pair."""
    owner = np.array([row for row, match in enumerate(pairs) for _ in match.blocks], dtype=np.int64)
    left = _filters([block.asked for match in pairs for block in match.blocks])
    right = _filters([block.found for match in pairs for block in match.blocks])
    times = np.bincount(owner, minlength=len(pairs))
    compared = compare(left, right, left.item, right.item)
    return tuple(np.bincount(owner, values, len(pairs)) / times for values in compared)


def _filters(clks: Sequence[bytes]) -> Filters:
    words = np.frombuffer(b"".join(clks), dtype="<u8").reshape(-1, _WORDS).astype(np.uint64)
    numbers = np.arange(len(clks), dtype=np.int64)
    return Filters(numbers, np.zeros(len(clks), dtype=np.int64), words)


def _counts(kinds: Sequence[Sequence[BlokType]]) -> Floats:
    counted = np.zeros((len(kinds), len(BLOCK_TYPES)))
    for row, held in enumerate(kinds):
        for kind in held:
            counted[row, _BLOCK[kind]] += 1.0
    return counted


def _agreement(sketch: Sketch, match: Match) -> list[float]:
    """+1 where both have the same token of a type, -1 where both have one and they differ, else 0."""
    asked = {kind for kind, _ in sketch.tokens}
    both = asked & match.held_tokens
    return [
        1.0 if TokenType(name) in match.tokens else -1.0 if TokenType(name) in both else 0.0 for name in TOKEN_TYPES
    ]
