"""How long a record may be kept: the retention classes of R and the terms of EXP, as the rules have them. Pure.

The terms are data that a jurist sets (`tables/retention`); a record goes on the first of what its party said and what
the rules allow, counted from the day it was stored. Source: policy page, "For a jurist" and obligations R and EXP.
"""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from gateway.policy.answer import Obligation
from gateway.policy.bundle import PolicyBundle
from gateway.policy.codes import Duty
from gateway.policy.errors import PolicySourceError

_PLACE = "schakel/tables/retention/data.json"


@dataclass(frozen=True, slots=True)
class Terms:
    """`classes`: months by retention class of R. `expiries`: days by term of EXP, None where the term ends by an act
    (consent: its end is a withdrawal)."""

    classes: Mapping[str, int]
    expiries: Mapping[str, int | None]

    def knows(self, duty: Obligation) -> bool:
        """Whether every class or term that an obligation names is here; R names at least one, EXP may name none (the
        record's own day counts)."""
        if duty.code is Duty.R:
            return bool(duty.params) and set(duty.params) <= set(self.classes)
        return set(duty.params) <= set(self.expiries)

    def last_day(self, stated: date, duties: Iterable[Obligation], stored: date) -> date:
        """The day on which a record goes: `stated` by its party, or earlier. The obligations are `knows`n."""
        days = [stated]
        for duty in duties:
            if duty.code is Duty.R:
                days += [_months_after(stored, self.classes[name]) for name in duty.params]
            elif duty.code is Duty.EXP:
                terms = (self.expiries[name] for name in duty.params)
                days += [stored + timedelta(days=days_kept) for days_kept in terms if days_kept is not None]
        return min(days)


def read_terms(bundle: PolicyBundle) -> Terms:
    """The terms of these rules; raises PolicySourceError when the table is not whole."""
    table: Any = bundle.table("retention")
    try:
        classes = {name: entry["maanden"] for name, entry in table["klassen"].items()}
        expiries = {name: entry["dagen"] for name, entry in table["vervaltermijnen"].items()}
    except (KeyError, TypeError, AttributeError):
        raise PolicySourceError(_PLACE, "klassen need maanden, vervaltermijnen need dagen") from None
    for number in (*classes.values(), *(days for days in expiries.values() if days is not None)):
        if type(number) is not int or not 0 < number <= 1200:
            raise PolicySourceError(_PLACE, "a term is a whole number from 1 to 1200")
    return Terms(classes, expiries)


def _months_after(day: date, months: int) -> date:
    """The same day so many months on, or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
