"""Score the matches of a question by their blocks, with the published weights, and say in which zone each falls. Pure.

The same features and weights as `schakel-gateway link` (cryptography page, scoring); a pair without a shared block is
not scored and is in no zone: there the rule of strength decides on tokens alone.
"""

from collections.abc import Sequence

import numpy as np

from connectors.contract.codes import TokenType
from gateway.matching.blocks import TOKEN_TYPES, Evidence
from gateway.matching.index import Match, Sketch
from gateway.matching.scoring import FEATURES, log_odds
from gateway.matching.sketches import likeness, rows_of
from gateway.matching.strength import Zone
from gateway.matching.weights import published


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
    owner = np.array([row for row, match in enumerate(pairs) for _ in match.blocks], dtype=np.int64)
    asked = rows_of([block.asked for match in pairs for block in match.blocks])
    found = rows_of([block.found for match in pairs for block in match.blocks])
    numbers = np.arange(len(pairs), dtype=np.int64)
    return Evidence(
        left=numbers,
        right=numbers,
        shared=np.array([float(len(match.blocks)) for match in pairs]),
        like=likeness(asked, found, owner, len(pairs)),
        agree=np.array([_agreement(subjects[match.subject], match) for match in pairs]),
    )


def _agreement(sketch: Sketch, match: Match) -> list[float]:
    """+1 where both have the same token of a type, -1 where both have one and they differ, else 0."""
    asked = {kind for kind, _ in sketch.tokens}
    both = asked & match.held_tokens
    return [
        1.0 if TokenType(name) in match.tokens else -1.0 if TokenType(name) in both else 0.0 for name in TOKEN_TYPES
    ]
