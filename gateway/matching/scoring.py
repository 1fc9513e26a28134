"""From evidence to a score: agreement levels, similarity of filters and rarity, added up with published weights.

Fellegi-Sunter shaped: each level of agreement adds its weight in log odds, and continuous evidence enters as a
piecewise linear function. Everything here is computed from what the gateway may see: shared blocks, their sizes, Bloom
filters under block keys and tokens. Pure; the feature names are the contract with the weights file.
"""

from typing import Final

import numpy as np

from gateway.matching.blocks import BLOCK_TYPES, STRONG, Evidence, Floats, Ints
from gateway.matching.weights import Weights

_D, _P, _SF, _PC, _P2, _SX, _S4, _SM, _SY, _SN = range(len(BLOCK_TYPES))
_SLOPED: Final = (
    "date_full",
    "date_month_day",
    "date_year_vague",
    "date_year_clash",
    "date_none_full",
    "date_none_year",
)
"""Levels within which the filters' similarity has slopes of its own."""
_UNIT: Final = 100.0
"""Bits are counted in hundreds: about one name word or one birth date."""
_CHUNK: Final = 200_000


def features(seen: Evidence) -> dict[str, Floats]:
    """Feature name to column, in a fixed order."""
    columns = _levels(seen)
    similar = _similarity(seen)
    for level in _SLOPED:
        for name in ("in", "lo", "q"):
            columns[f"{level}:{name}"] = columns[level] * similar[name]
    return columns | similar | _names(seen) | _rarity(seen, columns) | _identifiers(seen)


def _levels(seen: Evidence) -> dict[str, Floats]:
    """How the birth dates agree, as far as shared blocks show; the level without a column is "a date is missing"."""
    shared, left, right = seen.shared, seen.left_has, seen.right_has
    both_full = (left[:, _SX] > 0) & (right[:, _SX] > 0)
    one_full = (left[:, _SX] > 0) | (right[:, _SX] > 0)
    both_year = (left[:, _SY] > 0) & (right[:, _SY] > 0)
    full = (shared[:, _SF] > 0) | (shared[:, _S4] > 0)
    swapped = (shared[:, _SX] > 0) & ~full
    month_day = (shared[:, _SM] > 0) & ~full & ~swapped
    year = ((shared[:, _SY] > 0) | (shared[:, _PC] > 0)) & ~full & ~swapped & ~month_day
    none = ~(full | swapped | month_day | year)
    found = {
        "date_full": full,
        "date_swapped": swapped,
        "date_month_day": month_day,
        "date_year_clash": year & both_full,
        "date_year_vague": year & ~both_full,
        "date_year_both_vague": year & ~one_full,
        "date_none_full": none & both_full,
        "date_none_year": none & ~both_full & both_year,
    }
    return {name: column.astype(float) for name, column in found.items()}


def _similarity(seen: Evidence) -> dict[str, Floats]:
    """What the filters say: common bits, and bits one side alone has (`lo` is conflict, `hi` also what is missing)."""
    common = np.maximum(seen.left_bits + seen.right_bits - seen.union_bits, 0.0)
    only_left = np.maximum(seen.union_bits - seen.right_bits, 0.0)
    only_right = np.maximum(seen.union_bits - seen.left_bits, 0.0)
    lo, hi = np.minimum(only_left, only_right), np.maximum(only_left, only_right)
    columns = {"in": common / _UNIT, "lo": lo / _UNIT, "hi": hi / _UNIT, "q": common / (common + lo + 1e-9)}
    columns["size"] = np.log((seen.left_bits + 1) * (seen.right_bits + 1))
    columns["dice"] = seen.dice
    for name, knots in (
        ("in", (1.5, 2.5)),
        ("lo", (0.25, 0.5, 1.0, 2.0)),
        ("hi", (0.5, 1.0, 2.0)),
        ("q", (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)),
        ("dice", (0.5, 0.6, 0.7, 0.8, 0.9)),
    ):
        for knot in knots:
            columns[f"{name}>{knot}"] = np.maximum(columns[name] - knot, 0.0)
    return columns


def _names(seen: Evidence) -> dict[str, Floats]:
    """How many words agree, as far as shared blocks show."""
    shared = seen.shared
    marks = shared[:, [_SF, _PC, _P2, _SX, _SM]].max(axis=1)
    found = {
        "words=1": marks == 1,
        "words=2": marks == 2,
        "words>=3": marks >= 3,
        "initial": (shared[:, _S4] > 0) & (shared[:, _SF] == 0),
        "phone+word": shared[:, _P2] > 0,
        "pairs>=3": shared[:, _SN] >= 3,
        "year>=4": shared[:, _SY] >= 4,
    }
    found |= {f"pairs={count}": shared[:, _SN] == count for count in (1, 2)}
    found |= {f"year={count}": shared[:, _SY] == count for count in (1, 2, 3)}
    return {name: column.astype(float) for name, column in found.items()}


def _rarity(seen: Evidence, levels: dict[str, Floats]) -> dict[str, Floats]:
    """How many others share the smallest block: a name that many bear says less, most of all with a vague date."""
    company = seen.company
    columns = {f"company_{BLOCK_TYPES[kind][3:]}": company[:, kind] for kind in (_P, _SN, _SY, _SM, _S4)}
    pair, year = company[:, _SN], company[:, _SY]
    columns |= {f"company_SN>{knot}": np.maximum(pair - knot, 0.0) for knot in (1, 2, 3, 4)}
    columns |= {f"company_SY>{knot}": np.maximum(year - knot, 0.0) for knot in (0.7, 1.5)}
    no_pair = (seen.shared[:, _SN] == 0).astype(float)
    many = (seen.shared[:, _SN] >= 3).astype(float)
    most = (seen.shared[:, _SN] >= 5).astype(float)
    dated = ("date_full", "date_swapped", "date_month_day", "date_year_vague", "date_year_clash")
    none = 1.0 - np.sum([levels[name] for name in dated], axis=0)
    for name, level in (
        ("full", levels["date_full"]),
        ("vague", levels["date_year_vague"]),
        ("clash", levels["date_year_clash"]),
        ("none", none),
    ):
        columns[f"{name}:company_SN"] = pair * level
        columns[f"{name}:company_SY"] = year * level
        columns[f"{name}:no_pair"] = no_pair * level
        columns[f"{name}:pairs>=3"] = many * level
        columns[f"{name}:pairs>=5"] = most * level
    return columns


def _identifiers(seen: Evidence) -> dict[str, Floats]:
    """Strong and middle identifiers; fitted on document and phone, used for all of their strength."""
    strong, middle = seen.agree[:, :STRONG], seen.agree[:, STRONG:]
    strong_same, middle_same = (strong > 0).any(axis=1), (middle > 0).any(axis=1)
    found = {
        "strong_same": strong_same,
        "strong_differs": (strong < 0).any(axis=1) & ~strong_same,
        "middle_same": middle_same,
        "middle_differs": (middle < 0).any(axis=1) & ~middle_same,
    }
    columns = {name: column.astype(float) for name, column in found.items()}
    columns["middle_same:company_P"] = columns["middle_same"] * seen.company[:, _P]
    return columns


def _none() -> Evidence:
    ints, flat, wide = np.zeros(0, np.int64), np.zeros(0), np.zeros((0, len(BLOCK_TYPES)))
    return Evidence(ints, ints, wide, wide, flat, flat, flat, flat, wide, wide, wide)


FEATURES: Final = tuple(features(_none()))
"""Names of all features, in the order of a weights file."""


def part(seen: Evidence, rows: slice) -> Evidence:
    """A run of pairs."""
    return Evidence(*(getattr(seen, name)[rows] for name in Evidence.__slots__))


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
