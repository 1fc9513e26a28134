"""What a convenant owner says about a set of rules, as a detached signature: "put it in force", or "I no longer stand
behind it". Pure.

Rules this module upholds (policy page, "What officers can do with it"; architecture page, "Choices already made")
1. A key counts because the federation file names it and this house pinned it out of band, not because a signature does.
2. A signature covers the digest of every file that decides; agreement and withdrawal are of two kinds (`typ`), so that
   one never passes for the other.
3. It says when it was made, so that a signature from before the last change of the rules in force cannot bring an
   earlier set back.
4. The owner vouches for the member of staff that signs, as a party does in the proof of a request (RFC 8693 `act`).

The form is that of the federation file's: a compact JWS with Ed25519 (RFC 7515, RFC 8037).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import StringConstraints

from connectors.contract.federation import Eigenaar
from connectors.contract.model import Code, Tijd, Wire
from connectors.contract.signing import SigningKey, Unverified, sign_jws, unverified_kid, verify_jws
from connectors.contract.ticket import PROOF_SKEW, Handelende
from gateway.policy.bundle import PolicyBundle

OWNERS_NEEDED: Final = 2
"""Different owners that must stand behind the rules in force (policy page, check BELEID_TWEE_EIGENAREN)."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
"""A digest as `schakel-gateway bundle digest` prints it."""


class Word(StrEnum):
    """What an owner says; the value is the JWS `typ` that keeps the two apart."""

    AGREES = "schakel-beleid+jwt"
    WITHDRAWS = "schakel-beleid-intrekking+jwt"


class BundelWoord(Wire):
    """The claims of an owner's signature."""

    digest: Sha256
    revisie: Code
    act: Handelende
    tijd: Tijd


@dataclass(frozen=True, slots=True)
class OwnerWord:
    """A verified signature: which owner said what about which rules, through whom, and when."""

    owner: Eigenaar
    word: Word
    digest: str
    act: Handelende
    at: datetime
    jws: str


def bundle_digest(bundle: PolicyBundle) -> str:
    """`sha256:` and 64 hex digits: what owners sign and policy calls `bundel_digest`."""
    return f"sha256:{bundle.digest}"


def sign_bundle(bundle: PolicyBundle, key: SigningKey, word: Word, act: Handelende, now: datetime) -> str:
    """An owner's detached signature (compact JWS) over the digest of `bundle`, made at `now` (aware)."""
    claims = BundelWoord(digest=bundle_digest(bundle), revisie=bundle.revision, act=act, tijd=now)
    return sign_jws(claims, key, word.value)


def verify_word(unverified: str, owners: Iterable[Eigenaar], word: Word) -> OwnerWord:
    """What an owner signed; raises Unverified for another kind, a key that is not pinned, or a changed byte.

    `owners`: those of the federation file whose keys this house pinned. Digest and time are for the caller to judge.
    """
    kid = unverified_kid(unverified)
    owner = next((owner for owner in owners if owner.sleutel.thumbprint == kid), None)
    if owner is None:
        raise Unverified("signed by a key that is not a pinned convenant owner's")
    claims = verify_jws(unverified, (owner.sleutel,), word.value, BundelWoord)
    return OwnerWord(owner, word, claims.digest, claims.act, claims.tijd, unverified)


def timely(word: OwnerWord, last_change: datetime | None, now: datetime) -> bool:
    """Whether it was made after the last change of the rules in force, and not in the future (60 s for two clocks)."""
    return word.at <= now + PROOF_SKEW and (last_change is None or word.at > last_change)


def standing_owners(
    agreements: Iterable[str], withdrawals: Iterable[str], digest: str, owners: Iterable[Eigenaar]
) -> frozenset[str]:
    """OINs of the owners that stand behind the rules with this digest: whose last word about them is that they agree.

    A signature that does not verify, or is about other rules, is no one's.
    """
    pinned = tuple(owners)
    agreed = _last_words(agreements, Word.AGREES, digest, pinned)
    withdrew = _last_words(withdrawals, Word.WITHDRAWS, digest, pinned)
    return frozenset(oin for oin, at in agreed.items() if oin not in withdrew or withdrew[oin] < at)


def _last_words(
    signatures: Iterable[str], word: Word, digest: str, owners: tuple[Eigenaar, ...]
) -> dict[str, datetime]:
    """When each owner last said so."""
    found: dict[str, datetime] = {}
    for unverified in signatures:
        try:
            said = verify_word(unverified, owners, word)
        except Unverified:
            continue
        if said.digest == digest:
            found[said.owner.oin] = max(said.at, found.get(said.owner.oin, said.at))
    return found
