"""Identities in, tokens and blocks of the wire out. The raw identity ends here.

`prepare` normalises and says what will be evaluated, so that tickets can ask for the right number; `tokenise` has it
evaluated and encodes the answers. What goes to an evaluator are messages `m` (cryptography page, bytes 2); it answers Z
for classes `bsn` and `id`, and F for class `cx`.

Three rules make the blocks of one partner say nothing without another's, and little with it
(deploy/linkage/DECISIONS.md, "Encoder 2" and "Encoder 4"):
1. A block that two people of a partner have leaves for neither (`connectors.contested`).
2. A block leaves for one record of a partner only: `Claim` says for which.
3. Every record that has a composite has `ENTRIES` entries, `SLOTS` of each type; dummies, uniformly random as the
   others are, fill what is missing, belongs to another record, or leaves for nobody.
"""

import hashlib
import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import count
from typing import Final, Protocol

from connectors.contract.answers import GevraagdBlok
from connectors.contract.canonical import b64u
from connectors.contract.codes import BlokType, TokenKlasse, TokenType
from connectors.contract.record import Blok, Token
from pseudonymizer.identity import NormalisedIdentity, RawIdentity
from pseudonymizer.linkage import ENTRIES, SLOTS, composites
from pseudonymizer.normalise import normalise
from pseudonymizer.oprf.message import block_id, block_key, encode_message, encode_token
from pseudonymizer.rarity import UNKNOWN, Rarity, usual
from pseudonymizer.sketch import SKETCH_BYTES, sketches
from pseudonymizer.tokens import identifiers

BLOCK_BYTES: Final = 16
Random = Callable[[int], bytes]
"""n random bytes."""
Claim = Callable[[Sequence[Sequence[bytes]]], Sequence[AbstractSet[bytes]]]
"""Asked with the block ids of each record, answers which of them each record may carry."""


class Evaluate(Protocol):
    """Has messages of one class evaluated; answers in order, None where a message has no token."""

    def __call__(self, klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """One identity, normalised, with the messages it will be asked about and how rare its name is: what is
    usual, or what this partner has counted (`connectors.namesakes`); hidden from repr."""

    norm: NormalisedIdentity
    tokens: tuple[tuple[TokenType, bytes], ...]
    blocks: tuple[tuple[BlokType, bytes], ...]
    rare: Rarity = UNKNOWN
    withheld: int = 0
    """How many composites it has beside `blocks` that leave for nobody (`connectors.contested`)."""

    @property
    def composed(self) -> bool:
        """Has composites, whether they leave or not: such a record has entries."""
        return bool(self.blocks) or self.withheld > 0

    @property
    def bsn_aanwezig(self) -> bool:
        return any(kind is TokenType.BSN for kind, _ in self.tokens)

    @property
    def empty(self) -> bool:
        """Nothing to match on."""
        return not self.tokens and not self.composed

    def __repr__(self) -> str:
        return f"Prepared(tokens={len(self.tokens)}, blocks={len(self.blocks)})"


@dataclass(frozen=True, slots=True)
class Encoding:
    """The tokens (type, P of 32 bytes) and blocks (type, id of 16 bytes, sketch of 128 bytes) of one identity, each
    value once; `held` of the blocks are real, the others dummies."""

    tokens: tuple[tuple[TokenType, bytes], ...]
    blocks: tuple[tuple[BlokType, bytes, bytes], ...]
    held: int = 0

    @property
    def wire_tokens(self) -> tuple[Token, ...]:
        return tuple(sorted((Token(type=t, waarde=encode_token(p)) for t, p in self.tokens), key=lambda x: x.waarde))

    @property
    def wire_blocks(self) -> tuple[Blok, ...]:
        """Blocks of a row, which do not say what they are of."""
        found = (Blok(blok=b64u(block), schets=b64u(bits)) for _, block, bits in self.blocks)
        return tuple(sorted(found, key=lambda item: item.blok))

    @property
    def asked_blocks(self) -> tuple[GevraagdBlok, ...]:
        """Blocks of a question's subject."""
        found = (GevraagdBlok(type=kind, blok=b64u(block), schets=b64u(bits)) for kind, block, bits in self.blocks)
        return tuple(sorted(found, key=lambda item: item.blok))


def prepare(raw: RawIdentity, *, bsn: bool, composite: bool) -> Prepared:
    """`bsn`: whether this party has the right to it, else that trait is dropped here (matrix row 49); `composite`:
    whether blocks are wanted (RIEC and ZVH, not MONITOR)."""
    norm = normalise(raw)
    tokens = tuple(
        (TokenType(item.type), encode_message(item.type, item.value))
        for item in identifiers(norm)
        if bsn or item.type != TokenType.BSN
    )
    blocks = block_messages(norm) if composite else ()
    rare = usual(len(set(norm.words)), nation=norm.nationality is not None)
    return Prepared(norm, tokens, blocks, rare)


def block_messages(norm: NormalisedIdentity) -> tuple[tuple[BlokType, bytes], ...]:
    """The composites of an identity with their messages."""
    return tuple((BlokType(item.type), encode_message(item.type, item.value)) for item in composites(norm))


def messages_by_class(people: Sequence[Prepared]) -> dict[TokenKlasse, list[bytes]]:
    """The distinct messages per class, in order of first appearance; classes without any are left out."""
    found: dict[TokenKlasse, dict[bytes, None]] = {klasse: {} for klasse in TokenKlasse}
    for person in people:
        for kind, message in person.tokens:
            found[kind.klasse][message] = None
        for _, message in person.blocks:
            found[TokenKlasse.CX][message] = None
    return {klasse: list(messages) for klasse, messages in found.items() if messages}


def tokenise(
    people: Sequence[Prepared],
    evaluate: Evaluate,
    random: Random,
    claim: Claim | None = None,
    steady: bytes | None = None,
) -> list[Encoding]:
    """Tokens and blocks per identity, in order; without `claim` each carries all of its blocks.

    `steady`: a secret of this party under which one identity has the same dummies each time, for questions: the gateway
    counts subjects by all of their entries, and one that is asked about again is to be the same.
    Whatever `evaluate` raises passes through; then there is no token.
    """
    values: dict[bytes, bytes | None] = {}
    for klasse, messages in messages_by_class(people).items():
        values.update(zip(messages, evaluate(klasse, messages), strict=True))
    found = [_blocks(person, values) for person in people]
    held: Sequence[AbstractSet[bytes]] = [set(blocks) for blocks in found]
    if claim is not None:
        held = claim([sorted(blocks) for blocks in found])
    return [
        Encoding(_tokens(person, values), _entries(person, blocks, mine, _filler(random, steady, blocks)), len(mine))
        for person, blocks, mine in zip(people, found, held, strict=True)
    ]


def _filler(random: Random, steady: bytes | None, blocks: Iterable[bytes]) -> Random:
    """Randomness for what a record does not have: fresh, or (SHAKE-256 under HMAC) always the same for these blocks."""
    if steady is None:
        return random
    seed, calls = hmac.digest(steady, b"".join(sorted(blocks)), "sha256"), count()
    return lambda size: hashlib.shake_256(seed + next(calls).to_bytes(4, "big")).digest(size)


def _tokens(person: Prepared, values: dict[bytes, bytes | None]) -> tuple[tuple[TokenType, bytes], ...]:
    tokens: dict[bytes, TokenType] = {}
    for kind, message in person.tokens:
        if (element := values[message]) is not None:
            tokens[element] = kind
    return tuple((tokens[element], element) for element in sorted(tokens))


def _blocks(person: Prepared, values: dict[bytes, bytes | None]) -> dict[bytes, tuple[BlokType, bytes]]:
    """Type and key by block id."""
    blocks: dict[bytes, tuple[BlokType, bytes]] = {}
    for block, message in person.blocks:
        if (finalized := values[message]) is not None:
            blocks[block_id(finalized)] = (block, block_key(finalized))
    return blocks


def _entries(
    person: Prepared, blocks: dict[bytes, tuple[BlokType, bytes]], held: AbstractSet[bytes], random: Random
) -> tuple[tuple[BlokType, bytes, bytes], ...]:
    """The entries that are held and dummies, by block id; none at all for who has no composite."""
    if not person.composed:
        return ()
    real = sorted(held)
    made = sketches([blocks[name][1] for name in real], person.norm, random(32), person.rare)
    entries = [(blocks[name][0], name, sketch) for name, sketch in zip(real, made, strict=True)]
    used = Counter(kind for kind, _, _ in entries)
    missing = [BlokType(kind) for kind, slots in SLOTS.items() for _ in range(slots - used[BlokType(kind)])]
    width = BLOCK_BYTES + SKETCH_BYTES
    noise = random(width * len(missing))
    dummies = [noise[at : at + width] for at in range(0, len(noise), width)]
    entries += [(kind, dummy[:BLOCK_BYTES], dummy[BLOCK_BYTES:]) for kind, dummy in zip(missing, dummies, strict=True)]
    if len(entries) != ENTRIES:
        raise ValueError(f"{len(entries)} entries instead of {ENTRIES}")
    return tuple(sorted(entries, key=lambda entry: entry[1]))
