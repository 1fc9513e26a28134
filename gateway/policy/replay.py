"""What an officer can do with a stored decision: replay it, have it explained, try a change over all of them. Pure.

A stored decision is what `verdict.record` holds and the ledger keeps: the request as it was put, the response as it
was given, and which rules gave it. Engines are handed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue

from gateway.policy.bundle import PolicyBundle
from gateway.policy.errors import PolicySourceError
from gateway.policy.kept import KeptRules
from gateway.policy.room import PolicyRoom


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """One decision as the ledger keeps it."""

    id: str
    request: dict[str, JsonValue]
    response: dict[str, JsonValue]
    digest: str

    @property
    def allowed(self) -> bool:
        """Whether it allowed."""
        return self.response.get("decision") is True

    @property
    def codes(self) -> tuple[str, ...]:
        """The checks that were not proven, sorted."""
        context = cast("dict[str, list[dict[str, str]]]", self.response["context"])
        return tuple(sorted(reason["code"] for reason in context["reden"]))


@dataclass(frozen=True, slots=True)
class Replayed:
    """Whether the same question to the same rules gives the same answer, to the byte of its canonical JSON."""

    id: str
    same: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """One check that was not proven: what it says, by which article, what would have been needed, what it is about."""

    code: str
    nl: str
    grondslag: str
    handelingsperspectief: str
    gaat_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flip:
    """A past decision that other rules would have decided otherwise, and the checks that make the difference."""

    id: str
    allowed_then: bool
    allowed_now: bool
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def stored_decision(decision_id: str, record: Mapping[str, JsonValue]) -> StoredDecision:
    """A decision from its stored record; raises PolicySourceError when the record is not whole."""
    request, response, policies = record.get("request"), record.get("response"), record.get("policies")
    if not (isinstance(request, dict) and isinstance(response, dict) and isinstance(policies, dict)):
        raise PolicySourceError(f"decision {decision_id}", "its stored record must hold request, response and policies")
    digest = policies.get("digest")
    if not isinstance(digest, str) or not isinstance(response.get("context"), dict):
        raise PolicySourceError(f"decision {decision_id}", "its stored record must name the digest of its rules")
    return StoredDecision(decision_id, request, response, digest)


def replay(stored: StoredDecision, rules: KeptRules) -> Replayed:
    """Put the stored request to the rules it was made with; raises PolicySourceError for other rules."""
    if rules.bundle.digest != stored.digest:
        raise PolicySourceError(f"decision {stored.id}", "replay it with the bundle that has the digest of its record")
    return Replayed(stored.id, rules.response(stored.request) == stored.response)


def explain(stored: StoredDecision, bundle: PolicyBundle) -> tuple[Explained, ...]:
    """Why it was refused, check by check, in the words that were given then; empty for an allow.

    `bundle`: the rules that decided. Raises PolicySourceError when the record or the rules lack one of the codes.
    """
    checks = cast("dict[str, dict[str, list[str] | None]]", bundle.table("checks")["codes"])
    context = cast("dict[str, list[dict[str, str]]]", stored.response["context"])
    explained = []
    for given in sorted(context["reden"], key=lambda reason: reason["code"]):
        if given["code"] not in checks:
            raise PolicySourceError(f"decision {stored.id}", "explain it with the bundle that made it")
        about = tuple(checks[given["code"]]["acties"] or ("elke actie",))
        explained.append(
            Explained(given["code"], given["nl"], given["grondslag"], given["handelingsperspectief"], about)
        )
    return tuple(explained)


def whatif(decisions: Iterable[StoredDecision], room: PolicyRoom) -> tuple[Flip, ...]:
    """The past decisions that the rules of `room` would decide otherwise, before those rules are signed."""
    flips = []
    for stored in decisions:
        answer = room.answer(stored.request)
        if answer.decision is not stored.allowed:
            then, now = set(stored.codes), set(answer.codes)
            flips.append(
                Flip(stored.id, stored.allowed, answer.decision, tuple(sorted(now - then)), tuple(sorted(then - now)))
            )
    return tuple(flips)


def flips_per_article(flips: Iterable[Flip], bundle: PolicyBundle) -> dict[str, int]:
    """How many flips each article of law has a part in, most first; a code that these rules lack has no article."""
    reasons = cast("dict[str, dict[str, str]]", bundle.table("reasons")["codes"])
    counted: dict[str, int] = {}
    for flip in flips:
        articles = {
            article.strip()
            for code in (*flip.gained, *flip.lost)
            if code in reasons
            for article in reasons[code]["grondslag"].split(";")
        }
        for article in articles:
            counted[article] = counted.get(article, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))
