"""From evidence to a score: agreement levels, likeness of names and rarity, added up with published weights.

Fellegi-Sunter shaped: each level of agreement adds its weight in log odds, and continuous evidence enters as a
piecewise linear function. Everything here is computed from what the gateway may see: shared blocks, sketches under
block keys and tokens. Rarity shows in the levels that both partners claim of a name. What a block is of nobody says,
only how many are shared. Pure; the feature names are the contract with the weights file.
"""

from dataclasses import fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gateway.matching.blocks import STRONG, TOKEN_TYPES, Evidence
from gateway.matching.sketches import SIMHASHES, TRAITS, Floats, Ints, Likeness
from gateway.matching.weights import Weights

Bools = NDArray[np.bool_]
_CHUNK: Final = 200_000
_APART: Final = (0.5, 2.5, 3.5, 5.0, 7.0, 9.0, 12.0)
"""Bigrams in which names differ, between what an extra letter (3), another letter (4) and two swapped ones (6) do."""


def features(seen: Evidence) -> dict[str, Floats]:
    """Feature name to column, in a fixed order."""
    dates, groups = _dates(seen)
    found = dates | _traits(seen, groups) | _names(seen) | _names_by_date(seen, groups) | _rarity(seen, groups)
    found |= _apart(seen) | _blocks(seen)
    return {name: np.asarray(column, dtype=np.float64) for name, column in found.items()}


def _trait(seen: Evidence, name: str) -> tuple[Bools, Bools, Bools]:
    """(both know it and agree, both know it and differ, one or both do not know it)."""
    column = seen.like.traits[:, TRAITS.index(name)]
    return column > 0, column < 0, column == 0


def _dates(seen: Evidence) -> tuple[dict[str, Bools], dict[str, Bools]]:
    """How the birth dates agree (the level without a column: both years are known and differ), and in four groups."""
    year, no_year, lacks_year = _trait(seen, "y")
    month, no_month, _ = _trait(seen, "mo")
    day, no_day, lacks_day = _trait(seen, "da")
    either = _trait(seen, "md")[0]
    full = year & month & day
    swapped = year & either & ~full
    shifted = no_year & month & day
    close = no_year & (_trait(seen, "ya")[0] | _trait(seen, "yb")[0])
    near = year & (no_month & day | month & no_day) & ~swapped
    vague = year & ~full & ~swapped & ~near & lacks_day
    clash = year & ~full & ~swapped & ~near & ~vague
    other = ~(year | shifted | lacks_year)
    levels = {
        "full": full,
        "swapped": swapped,
        "near": near,
        "near_day": near & month & (_trait(seen, "dt")[0] | _trait(seen, "du")[0]),
        "shifted": shifted,
        "vague": vague,
        "clash": clash,
        "no_year": lacks_year,
        "vague_both": vague & seen.like.lacks_day,
        "vague_month_same": vague & month,
        "vague_month_differs": vague & no_month,
        "shifted_close": shifted & close,
        "other_close": other & close,
        "other_last_digit_same": (other | shifted) & _trait(seen, "yd")[0],
        "other_month_same": other & month,
        "other_day_same": other & day,
        "other_month_day_same": other & either,
        "other_vague": other & lacks_day,
    }
    groups = {
        "full": full,
        "part": swapped | near | shifted,
        "vague": vague | lacks_year,
        "bad": clash | other,
    }
    return levels, groups


def _traits(seen: Evidence, groups: dict[str, Bools]) -> dict[str, Bools]:
    """Sex, nationality, number of words; strong and middle identifiers, fitted on document and phone."""
    strong, middle = seen.agree[:, :STRONG], seen.agree[:, STRONG:]
    known = {name: _trait(seen, code)[:2] for name, code in (("sex", "sx"), ("nation", "na"), ("words", "nw"))}
    for name, code, tokens in (("strong", "do", strong), ("middle", "ph", middle)):
        same, differs, _ = _trait(seen, code)
        same = same | (tokens > 0).any(axis=1)
        known[name] = same, (differs | (tokens < 0).any(axis=1)) & ~same
    found = {f"{name}_same": same for name, (same, _) in known.items()}
    found |= {f"{name}_differs": differs for name, (_, differs) in known.items()}
    for name in ("strong", "middle", "sex", "nation"):
        for group in ("part", "vague", "bad"):
            found[f"{group}:{name}_same"] = groups[group] & known[name][0]
            found[f"{group}:{name}_differs"] = groups[group] & known[name][1]
    return found


def _alike(seen: Evidence) -> dict[str, Floats]:
    """Likeness of the names: all words, skeletons, last words, and the less and the more alike of first and last."""
    names, marks, first, last = np.clip(seen.like.alike, 0.0, 1.0).T
    return {
        "name": names,
        "marks": marks,
        "less": np.minimum(first, last),
        "more": np.maximum(first, last),
        "last": last,
    }


def _names(seen: Evidence) -> dict[str, Floats]:
    alike = _alike(seen)
    found: dict[str, Floats] = dict(alike)
    for name, knots in (
        ("name", (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)),
        ("marks", (0.4, 0.6, 0.8, 0.95)),
        ("less", (0.3, 0.6, 0.9)),
        ("more", (0.3, 0.6, 0.9)),
        ("last", (0.3, 0.6, 0.9)),
    ):
        found |= {f"{name}>{knot}": np.maximum(alike[name] - knot, 0.0) for knot in knots}
    return found


def _names_by_date(seen: Evidence, groups: dict[str, Bools]) -> dict[str, Floats]:
    """Names weigh otherwise beside a birth date that agrees than beside one that does not."""
    alike, words = _alike(seen), _trait(seen, "nw")[0]
    found: dict[str, Floats] = {}
    for group, level in groups.items():
        chosen = level.astype(float)
        found[f"{group}:name"] = chosen * alike["name"]
        for knot in (0.5, 0.7, 0.85):
            found[f"{group}:name>{knot}"] = chosen * np.maximum(alike["name"] - knot, 0.0)
        found |= {f"{group}:{name}": chosen * alike[name] for name in ("marks", "less", "more")}
        found[f"{group}:less>0.6"] = chosen * np.maximum(alike["less"] - 0.6, 0.0)
        found[f"{group}:words_same"] = chosen * words
    return found


def _apart(seen: Evidence) -> dict[str, Floats]:
    """In how many bigrams the names differ: an angle cannot tell an error in a short name from two in a long one."""
    found: dict[str, Floats] = {"apart": np.minimum(seen.like.apart, 30.0)}
    found |= {f"apart<{bound}": (seen.like.apart < bound).astype(float) for bound in _APART}
    return found


def _rarity(seen: Evidence, groups: dict[str, Bools]) -> dict[str, Floats]:
    """How rare both partners know the name to be: a step a level, and slopes by date.

    What is rare weighs as far as it agrees (Winkler 1989): hence the products with how alike the names are.
    """
    alike, whole = _alike(seen), seen.like.rarity.astype(float)
    found = {f"rare>={level}": (whole >= level).astype(float) for level in range(1, 9)}
    for group, level in groups.items():
        for knot in (0, 3, 5):
            found[f"{group}:rare>{knot}"] = level * np.maximum(whole - knot, 0.0)
        found[f"{group}:rare*name"] = level * whole * alike["name"]
        found[f"{group}:rare*name>0.8"] = level * whole * np.maximum(alike["name"] - 0.8, 0.0)
        found[f"{group}:rare*marks"] = level * whole * alike["marks"]
        found[f"{group}:rare*less"] = level * whole * alike["less"]
    return found


def _blocks(seen: Evidence) -> dict[str, Floats]:
    """How many blocks meet; steps and slopes by date or by likeness gained nothing."""
    return {"blocks": np.log(np.maximum(seen.shared, 1.0))}


def _none() -> Evidence:
    ints, none = np.zeros(0, np.int64), np.zeros(0)
    like = Likeness(
        np.zeros((0, len(SIMHASHES))),
        none,
        ints,
        np.zeros((0, len(TRAITS)), np.int64),
        np.zeros(0, bool),
    )
    return Evidence(ints, ints, none, like, np.zeros((0, len(TOKEN_TYPES))))


FEATURES: Final = tuple(features(_none()))
"""Names of all features, in the order of a weights file."""


def part(seen: Evidence, rows: slice) -> Evidence:
    """A run of pairs."""
    like = Likeness(*(getattr(seen.like, item.name)[rows] for item in fields(Likeness)))
    return Evidence(seen.left[rows], seen.right[rows], seen.shared[rows], like, seen.agree[rows])


def log_odds(seen: Evidence, weights: Weights) -> Floats:
    """Score of each pair on its own, in log odds; in chunks, so that memory stays bounded."""
    values = np.array(weights.values)
    result = np.empty(len(seen.left))
    for start in range(0, len(result), _CHUNK):
        rows = slice(start, start + _CHUNK)
        result[rows] = weights.intercept + np.column_stack(list(features(part(seen, rows)).values())) @ values
    return result


def against_rivals(left: Ints, right: Ints, score: Floats) -> Floats:
    """Score given that a person stands once in each file: the odds are shared with the best rival on either side.

    log odds of this pair against "no pair" and "the best other pair of this left (right) record":
    s - log(1 + exp(r_left)) - log(1 + exp(r_right)).
    """
    return np.asarray(
        score - np.logaddexp(0.0, _best_other(left, score)) - np.logaddexp(0.0, _best_other(right, score))
    )


def _best_other(record: Ints, score: Floats) -> Floats:
    """Per pair, the best score among the other pairs of the same record; minus infinity when there is none."""
    if not len(score):
        return score
    order = np.lexsort((-score, record))
    sorted_record, sorted_score = record[order], score[order]
    first = np.r_[True, sorted_record[1:] != sorted_record[:-1]]
    start = np.flatnonzero(first)
    count = np.diff(np.r_[start, len(order)])
    second = np.where(count > 1, sorted_score[np.minimum(start + 1, len(order) - 1)], -np.inf)
    group = np.cumsum(first) - 1
    other = np.empty(len(score))
    other[order] = np.where(first, second[group], sorted_score[start][group])
    return other
