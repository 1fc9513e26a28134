"""`geschatte_omvang`: how many persons no partner saw, from the true overlaps, which never leave this module. Pure.

Persons of a year are those of the persons' tables: each once, in the year of the first registration. A list is a
partner's rows of that year. What is given back is the observed count and the interval rounded outward, or the gate's
reasons (disclosure page, size estimate).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from aggregator.estimate.gate import Reason
from aggregator.estimate.loglinear import Floats
from aggregator.estimate.overlap import MAX_LISTS, OverlapTable
from aggregator.estimate.size import Method, estimate_size
from connectors.contract.codes import Partnertype
from connectors.contract.releases import PubliekeSchatting
from gateway.matching.index import Known

REPLICATES: Final = 1000
SEED: Final = 1234
"""The authors' own seed (Chan, Silverman & Vincent 2021); the same rows give the same interval."""
TOO_FEW_LISTS: Final = "too_few_lists"
TOO_MANY_LISTS: Final = "too_many_lists"
NO_TIME: Final = "no_time"

REFUSAL: Final = ("geen verantwoorde schatting mogelijk", "no estimate is justified")
WHY: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        Reason.NO_ESTIMATE: ("er is geen model dat bij de overlappen past", "no model fits the overlaps"),
        Reason.TOO_FEW_REPLICATES: ("er zijn te weinig herhalingen berekend", "too few replicates"),
        Reason.NO_INTERVAL: ("er is geen betrouwbaarheidsinterval te bepalen", "no interval can be found"),
        Reason.INTERVAL_TOO_WIDE: (
            "het interval is te wijd: de bovengrens is meer dan vier keer de ondergrens",
            "the interval is too wide: its upper end is more than four times its lower end",
        ),
        Reason.METHODS_DISAGREE: (
            "twee methoden verschillen meer dan anderhalf keer",
            "two methods differ by more than one and a half times",
        ),
        Reason.ONE_LIST_DECIDES: (
            "de uitkomst hangt aan één lijst: zonder die lijst is zij heel anders, of er zijn te weinig lijsten",
            "one list decides the answer, or there are too few lists to tell",
        ),
        Reason.ONE_PERSON_DECIDES: (
            "één persoon meer of minder verandert de uitkomst meer dan vijf procent",
            "one person more or less moves the answer by more than five per cent",
        ),
        TOO_FEW_LISTS: ("er zijn minder dan twee lijsten", "there are fewer than two lists"),
        TOO_MANY_LISTS: ("er zijn meer lijsten dan de methode aankan", "there are more lists than the method can take"),
        NO_TIME: ("de berekening duurde te lang", "the computation took too long"),
    }
)
"""Reason code → why no estimate is justified, in two languages."""


class _Late(RuntimeError):
    """The caller's clock stopped the bootstrap."""


@dataclass(frozen=True, slots=True)
class Size:
    """The public part, and `dominance`: the largest share of the observed persons that one partner knows, in
    thousandths, rounded up."""

    public: PubliekeSchatting
    dominance: int


def size_of(
    groups: Iterable[Sequence[Known]], jaar: int, kinds: Mapping[str, Partnertype], halt: Callable[[], bool]
) -> Size:
    """The estimate for the persons first registered in `jaar`. `kinds`: party → its kind; `halt`: once True, no
    estimate is given for want of time."""
    seen = Counter(lists for group in groups if (lists := _lists(group, jaar)))
    parties = sorted({party for lists in seen for party in lists})
    observed = seen.total()
    known = [sum(count for lists, count in seen.items() if party in lists) for party in parties]
    dominance = -(-1000 * max(known, default=0) // observed) if observed else 1000
    low, high, reasons = _interval(seen, parties, halt)
    public = PubliekeSchatting(
        waargenomen=observed,
        onder=low,
        boven=high,
        lijsten=tuple(sorted(kinds[party] for party in parties)),
        redenen=reasons,
    )
    return Size(public, dominance)


def _lists(group: Sequence[Known], jaar: int) -> frozenset[str]:
    """The parties that registered a person in his first year; empty when that is not `jaar`."""
    years = [(int(json.loads(known.codes)["jaar"]), known.party) for known in group]
    first = min(year for year, _ in years)
    return frozenset(party for year, party in years if year == jaar) if first == jaar else frozenset()


def _interval(
    seen: Mapping[frozenset[str], int], parties: Sequence[str], halt: Callable[[], bool]
) -> tuple[int | None, int | None, tuple[str, ...]]:
    if len(parties) < 2:
        return None, None, (TOO_FEW_LISTS,)
    if len(parties) > MAX_LISTS:
        return None, None, (TOO_MANY_LISTS,)
    counts = [0] * (2 ** len(parties) - 1)
    for lists, count in seen.items():
        counts[sum(1 << bit for bit, party in enumerate(parties) if party in lists) - 1] = count

    def until_late(replicates: Iterable[Floats]) -> Iterable[Floats]:
        for replicate in replicates:
            if halt():
                raise _Late
            yield replicate

    try:
        found = estimate_size(
            OverlapTable(tuple(parties), tuple(counts)), Method.STEPWISE, REPLICATES, SEED, until_late
        )
    except _Late:
        return None, None, (NO_TIME,)
    if found.published is None:
        return None, None, tuple(reason.value for reason in found.gate.reasons)
    return *found.published, ()
