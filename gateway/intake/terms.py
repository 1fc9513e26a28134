"""R and EXP when rows are stored: each goes on the day that its party stated, or earlier when policy says so."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from gateway.errors import PolicyUnavailable
from gateway.intake.profiles import Profiles
from gateway.intake.rows import PreparedRow
from gateway.permit.judge import Judged
from gateway.policy.answer import Obligation
from gateway.policy.bundle import PolicyBundle
from gateway.policy.errors import PolicyError
from gateway.policy.terms import Terms, read_terms
from gateway.policy.verdict import Decision


def within_terms(
    rows: Sequence[PreparedRow], profiles: Profiles, judged: Sequence[Judged], rules: PolicyBundle, stored: date
) -> list[PreparedRow]:
    """The rows with the day on which `retain` erases each, by the decision on its own profile.

    Raises PolicyUnavailable when the rules no longer have the terms of a decision. Rows without a day of their own
    (MONITOR rows, counts) end with their epoch and stay as they are.
    """
    try:
        terms = read_terms(rules)
        if not profiles.places:
            return list(rows)
        return [
            _within(row, _duties(judged[place]), terms, stored)
            for row, place in zip(rows, profiles.places, strict=True)
        ]
    except (PolicyError, LookupError) as error:
        raise PolicyUnavailable("policy names no term for keeping these records; nothing was stored") from error


def _within(row: PreparedRow, duties: Sequence[Obligation], terms: Terms, stored: date) -> PreparedRow:
    stated = row.sealed.bewaren_tot
    if stated is None:
        return row
    return replace(row, sealed=replace(row.sealed, bewaren_tot=terms.last_day(stated, duties, stored)))


def _duties(judged: Judged) -> tuple[Obligation, ...]:
    return judged.verdict.obligations if isinstance(judged.verdict, Decision) else ()
