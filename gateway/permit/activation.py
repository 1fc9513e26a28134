"""What convenant owners do to the rules in force: put others in force, or withdraw from them.

Rules this module upholds (policy page, last paragraph and check BELEID_TWEE_EIGENAREN; audit page)
1. Every signature is verified by a key that this house pinned before anything is asked; policy is told what was
   verified, never what someone claims.
2. While two owners stand behind the rules in force, those rules judge what comes in their place (beleid_activeren).
   Where none do, at the first start or after a withdrawal, two owners' signatures are enough: nothing else is trusted.
3. Rules are kept on the shelf first; then decision, entry and change commit together. A crash leaves old or new.
4. A withdrawal waits for no policy: stopping is the safe side. It is kept on the shelf as well, so that a database from
   before it revives nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import JsonValue
from sqlalchemy import Connection, Engine

from connectors.contract.codes import Actie, Doel, Thema
from connectors.contract.federation import Eigenaar, Federatie
from connectors.contract.signing import Unverified
from gateway.caller import Caller
from gateway.clock import Clock
from gateway.errors import Conflict, Malformed
from gateway.house import House
from gateway.ids import Ids, Random
from gateway.ledger.append import append
from gateway.ledger.entries import PolicyEntry
from gateway.permit.ask import Ask
from gateway.permit.judge import Judged, judge, require
from gateway.policy.bundle import PolicyBundle
from gateway.policy.changes import InForce, Soort, add_change, find_in_force
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.opening import consulted_rules, owners_agree, parties_agree, passes_self_test
from gateway.policy.shelf import keep, keep_withdrawal, withdrawals
from gateway.policy.signatures import (
    OWNERS_NEEDED,
    OwnerWord,
    Word,
    bundle_digest,
    standing_owners,
    timely,
    verify_word,
)
from gateway.store import reading, writing

SUBJECT: Final = "beleidsbundel"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a change of the rules rests on. `owners`: those of the federation file whose keys this house pinned."""

    store: Engine
    federatie: Federatie
    owners: tuple[Eigenaar, ...]
    shelf: Path
    clock: Clock
    ids: Ids
    random: Random


@dataclass(frozen=True, slots=True)
class Given:
    """A detached signature as it was handed in, and what to call it in a message."""

    name: str
    unverified: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that is made. `owners`: who stand behind the rules now; `besluit`: the decision, if any rules judged;
    `first`: made now, not before."""

    revision: str
    digest: str
    owners: tuple[str, ...]
    besluit: str | None
    first: bool


def in_force(ground: Ground) -> InForce | None:
    """What the owners put in force, with every withdrawal that database or shelf knows of; raises StoreUnavailable."""
    found = _recorded(ground)
    if found is None:
        return None
    try:
        kept = withdrawals(found.digest, ground.shelf)
    except OSError:
        return found  # rules on a disk that does not answer grow old; what was withdrawn stands in the database too
    return replace(found, withdrawals=tuple(dict.fromkeys((*found.withdrawals, *kept))))


def _recorded(ground: Ground) -> InForce | None:
    with reading(ground.store) as transaction:
        return find_in_force(transaction)


def judges(ground: Ground, found: InForce | None) -> bool:
    """Whether there are rules in force that two owners stand behind, so that those judge an activation."""
    return found is not None and len(_standing(ground, found)) >= OWNERS_NEEDED


def activate(ground: Ground, house: House | None, bundle: PolicyBundle, given: Sequence[Given]) -> Changed:
    """Put `bundle` in force. `house` is None when no rules judge (`judges`).

    Raises Unverified for a signature that is not what it should be, PolicyRefused, PolicyUnavailable, Malformed for
    rules that cannot serve here, Conflict when the rules in force changed meanwhile, PolicySourceError from the shelf.
    """
    now, found = ground.clock(), in_force(ground)
    words = _verified(ground, given, Word.AGREES)
    signatures = tuple(word.jws for word in words)
    judged_now = judges(ground, found)
    same = found is not None and found.digest == bundle.digest and not set(signatures) - set(found.agreements)
    if found is not None and same and judged_now:
        return Changed(bundle.revision, bundle_digest(bundle), _standing(ground, found), None, first=False)
    demand_sound(ground, bundle)
    if judged_now and house is None:
        raise Conflict("the rules in force changed meanwhile: try again")
    last = None if found is None else found.changed_at
    judged = () if house is None else _judged(ground, house, bundle, words, last, now)
    owners = _demand_owners(ground, bundle, words, last, now)
    keep(bundle, ground.shelf)
    _write(ground, found, _entry("activering", bundle, owners, signatures, judged), judged, now)
    return Changed(bundle.revision, bundle_digest(bundle), owners, _besluit(judged), first=True)


def withdraw(ground: Ground, bundle: PolicyBundle, given: Sequence[Given]) -> Changed:
    """Record that owners no longer stand behind `bundle`. One that signed it is enough to leave it unsigned.

    Raises Unverified for a signature that is not what it should be, or that was made before the activation.
    """
    now, found = ground.clock(), _recorded(ground)
    words = _verified(ground, given, Word.WITHDRAWS)
    signatures = tuple(word.jws for word in words)
    concerned = found if found is not None and found.digest == bundle.digest else None
    if concerned is not None and not set(signatures) - set(concerned.withdrawals):
        return Changed(bundle.revision, bundle_digest(bundle), _standing(ground, concerned), None, first=False)
    since = None if concerned is None else concerned.activated_at
    for each, word in zip(given, words, strict=True):
        if word.digest != bundle_digest(bundle):
            raise Unverified(f"{each.name}: signed for other rules than these")
        if not timely(word, since, now):
            raise Unverified(f"{each.name}: made before these rules were activated; sign again")
    owners = tuple(sorted({word.owner.oin for word in words}))
    for signature in signatures:
        keep_withdrawal(bundle.digest, signature, ground.shelf)  # stops the gateway already; the entry follows
    _write(ground, found, _entry("intrekking", bundle, owners, signatures, ()), (), now)
    after = in_force(ground)
    left = _standing(ground, after) if after is not None and after.digest == bundle.digest else ()
    return Changed(bundle.revision, bundle_digest(bundle), left, None, first=True)


def demand_sound(ground: Ground, bundle: PolicyBundle) -> None:
    """Raises Malformed for rules by which this gateway could not serve: other parties or owners than the federation
    file's, or a golden case that comes out otherwise."""
    if not parties_agree(bundle, ground.federatie):
        raise Malformed("the rules name other parties than the federation file; build them for this federation")
    if not owners_agree(bundle, ground.federatie):
        raise Malformed("beleid_eigenaren: the rules name owners that the federation file does not know")
    if not passes_self_test(consulted_rules(bundle, EmbeddedEngine(bundle), ground.clock, ground.ids)):
        raise Malformed("golden.json: a golden case comes out otherwise, or there are none; nothing was activated")


def _verified(ground: Ground, given: Sequence[Given], word: Word) -> tuple[OwnerWord, ...]:
    if not given:
        raise Unverified("no signature: name the files that `bundle sign` wrote")
    words = []
    for each in given:
        try:
            words.append(verify_word(each.unverified, ground.owners, word))
        except Unverified as error:
            raise Unverified(f"{each.name}: {error}") from error
    return tuple(words)


def _standing(ground: Ground, found: InForce) -> tuple[str, ...]:
    digest = f"sha256:{found.digest}"
    return tuple(sorted(standing_owners(found.agreements, found.withdrawals, digest, ground.owners)))


def _judged(
    ground: Ground,
    house: House,
    bundle: PolicyBundle,
    words: Sequence[OwnerWord],
    last: datetime | None,
    now: datetime,
) -> tuple[Judged, ...]:
    """The answer of the rules in force, which allows; a refusal is entered in the ledger and raised as PolicyRefused.

    The member of staff who asks is the first signer of an owner that is itself a party.
    """
    caller = next((found for word in words if (found := _caller(ground, word)) is not None), None)
    if caller is None:
        raise Malformed("none of the owners that signed is a party of the federation; one of them must ask")
    signed: list[JsonValue] = [
        {"eigenaar_oin": word.owner.oin, "digest": word.digest, "geldig": timely(word, last, now)} for word in words
    ]
    ask = Ask(
        actie=Actie.BELEID_ACTIVEREN,
        convenant=caller.party.deelnames[0].convenant,
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        doel=Doel.AUDIT,
        soort=SUBJECT,
        id=bundle.revision,
        eigenschappen={
            "bundel_digest": bundle_digest(bundle),
            "handtekeningen": signed,
            "vrije_tekst": False,  # rules are tables and Rego; nothing of a person is in them
        },
    )
    judged = (judge(house, caller, ask, now),)
    require(house, judged, now)
    return judged


def _caller(ground: Ground, word: OwnerWord) -> Caller | None:
    party = next((party for party in ground.federatie.partijen if party.oin == word.owner.oin), None)
    return None if party is None else Caller(party, word.act)


def _demand_owners(
    ground: Ground, bundle: PolicyBundle, words: Sequence[OwnerWord], last: datetime | None, now: datetime
) -> tuple[str, ...]:
    """OINs of the owners whose signatures put these rules in force; raises Unverified for fewer than two."""
    digest = bundle_digest(bundle)
    timed = [word.jws for word in words if timely(word, last, now)]
    owners = standing_owners(timed, (), digest, ground.owners)
    if len(owners) < OWNERS_NEEDED:
        raise Unverified(
            "two different owners must have signed exactly these rules, after the last change of the rules in force"
        )
    return tuple(sorted(owners))


def _entry(
    soort: Soort,
    bundle: PolicyBundle,
    owners: tuple[str, ...],
    signatures: tuple[str, ...],
    judged: tuple[Judged, ...],
) -> PolicyEntry:
    return PolicyEntry(
        soort=soort,
        digest=bundle_digest(bundle),
        revisie=bundle.revision,
        eigenaren=owners,
        handtekeningen=signatures,
        besluit=_besluit(judged),
    )


def _besluit(judged: tuple[Judged, ...]) -> str | None:
    return judged[0].verdict.id if judged else None


def _write(
    ground: Ground, found: InForce | None, entry: PolicyEntry, judged: tuple[Judged, ...], now: datetime
) -> None:
    with writing(ground.store) as transaction:
        append(transaction, (*(each.entry for each in judged), entry), now, ground.random)
        _demand_unchanged(transaction, found)
        digest = entry.digest.removeprefix("sha256:")
        add_change(transaction, entry.soort, digest, entry.handtekeningen, now)


def _demand_unchanged(transaction: Connection, found: InForce | None) -> None:
    now = find_in_force(transaction)
    if (now and now.number) != (found and found.number):
        raise Conflict("the rules in force changed meanwhile: try again")
