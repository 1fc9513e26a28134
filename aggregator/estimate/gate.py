"""Whether an estimate may be published, and as what.

Rules of the gate (design page "Disclosure control", section "Size estimate"). Anything that could not be computed
counts against publication. All comparisons are ratios: population sizes err on a logarithmic scale.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import ceil, floor, isfinite

Interval = tuple[float, float]

MAX_INTERVAL_RATIO = 4.0
MAX_METHOD_RATIO = 1.5
MAX_LIST_WIDENING = 1.5
MAX_PERSON_SHARE = 0.05
# With fewer the outermost replicates decide the ends of a 95 % interval.
MIN_REPLICATES = 100


class Reason(StrEnum):
    """Why no estimate may be published ("geen verantwoorde schatting mogelijk")."""

    NO_ESTIMATE = "no_estimate"
    TOO_FEW_REPLICATES = "too_few_replicates"
    NO_INTERVAL = "no_interval"
    INTERVAL_TOO_WIDE = "interval_too_wide"
    METHODS_DISAGREE = "methods_disagree"
    ONE_LIST_DECIDES = "one_list_decides"
    ONE_PERSON_DECIDES = "one_person_decides"


@dataclass(frozen=True)
class Evidence:
    """What the gate looks at; sizes in persons, infinite where a method has no estimate.

    `opinions` are the estimates of stepwise and BIC; `lists_left_out` has one estimate for each list that was left out
    and `people_left_out` one for each history from which one person was left out.
    """

    estimate: float
    interval: Interval | None
    replicates: int
    opinions: tuple[float, ...]
    lists_left_out: tuple[float, ...]
    people_left_out: tuple[float, ...]


@dataclass(frozen=True)
class Gate:
    """The verdict: `publish` is true exactly when there are no `reasons` against."""

    publish: bool
    reasons: tuple[Reason, ...]


def judge(evidence: Evidence) -> Gate:
    """Apply every rule; the reasons come in the order of Reason."""
    if not isfinite(evidence.estimate) or evidence.estimate <= 0.0:
        return Gate(publish=False, reasons=(Reason.NO_ESTIMATE,))
    reasons = []
    if evidence.replicates < MIN_REPLICATES:
        reasons.append(Reason.TOO_FEW_REPLICATES)
    if evidence.interval is None:
        reasons.append(Reason.NO_INTERVAL)
    elif not evidence.interval[1] <= MAX_INTERVAL_RATIO * evidence.interval[0]:
        reasons.append(Reason.INTERVAL_TOO_WIDE)
    opinions = (evidence.estimate, *evidence.opinions)
    if not max(opinions) <= MAX_METHOD_RATIO * min(opinions):
        reasons.append(Reason.METHODS_DISAGREE)
    if not _within_widened(evidence.lists_left_out, evidence.interval):
        reasons.append(Reason.ONE_LIST_DECIDES)
    if not _hardly_moved(evidence.people_left_out, evidence.estimate):
        reasons.append(Reason.ONE_PERSON_DECIDES)
    return Gate(publish=not reasons, reasons=tuple(reasons))


def rounded_outward(interval: Interval) -> tuple[int, int]:
    """The interval that may be shown: low end down and high end up, to 50 below 1,000, 100 below 5,000, else 500."""
    low, high = interval
    return floor(low / _step(low)) * _step(low), ceil(high / _step(high)) * _step(high)


def _step(value: float) -> int:
    if value < 1000.0:
        return 50
    return 100 if value < 5000.0 else 500


def _within_widened(left_out: tuple[float, ...], interval: Interval | None) -> bool:
    """Without an interval, or without a list that can be spared, nothing shows that no single list decides."""
    if interval is None or not left_out:
        return False
    low, high = interval[0] / MAX_LIST_WIDENING, interval[1] * MAX_LIST_WIDENING
    return all(low <= size <= high for size in left_out)


def _hardly_moved(left_out: tuple[float, ...], estimate: float) -> bool:
    return bool(left_out) and all(abs(size - estimate) <= MAX_PERSON_SHARE * estimate for size in left_out)
