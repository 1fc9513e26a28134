"""Identities in, tokens and blocks of the wire out. The raw identity ends here.

`prepare` normalises and says what will be evaluated, so that tickets can ask for the right number; `tokenise` has it
evaluated and encodes the answers. What goes to an evaluator are messages `m` (cryptography page, bytes 2); it answers Z
for classes `bsn` and `id`, and F for class `cx`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from connectors.contract.canonical import b64u
from connectors.contract.codes import BlokType, TokenKlasse, TokenType
from connectors.contract.record import Blok, Token
from pseudonymizer.identity import NormalisedIdentity, RawIdentity
from pseudonymizer.linkage import clks, composites
from pseudonymizer.normalise import normalise
from pseudonymizer.oprf.message import block_id, block_key, encode_message, encode_token
from pseudonymizer.tokens import identifiers


class Evaluate(Protocol):
    """Has messages of one class evaluated; answers in order, None where a message has no token."""

    def __call__(self, klasse: TokenKlasse, messages: Sequence[bytes], /) -> list[bytes | None]: ...


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """One identity, normalised, with the messages it will be asked about; hidden from repr."""

    norm: NormalisedIdentity
    tokens: tuple[tuple[TokenType, bytes], ...]
    blocks: tuple[tuple[BlokType, bytes], ...]

    @property
    def bsn_aanwezig(self) -> bool:
        return any(kind is TokenType.BSN for kind, _ in self.tokens)

    @property
    def empty(self) -> bool:
        """Nothing to match on."""
        return not self.tokens and not self.blocks

    def __repr__(self) -> str:
        return f"Prepared(tokens={len(self.tokens)}, blocks={len(self.blocks)})"


@dataclass(frozen=True, slots=True)
class Encoding:
    """The tokens (type, P of 32 bytes) and blocks (type, id of 16 bytes, filter of 128 bytes) of one identity, each
    value once."""

    tokens: tuple[tuple[TokenType, bytes], ...]
    blocks: tuple[tuple[BlokType, bytes, bytes], ...]

    @property
    def wire_tokens(self) -> tuple[Token, ...]:
        return tuple(sorted((Token(type=t, waarde=encode_token(p)) for t, p in self.tokens), key=lambda x: x.waarde))

    @property
    def wire_blocks(self) -> tuple[Blok, ...]:
        found = (Blok(type=kind, blok=b64u(block), clk=b64u(bits)) for kind, block, bits in self.blocks)
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
    blocks = tuple((BlokType(item.type), encode_message(item.type, item.value)) for item in composites(norm))
    return Prepared(norm, tokens, blocks if composite else ())


def messages_by_class(people: Sequence[Prepared]) -> dict[TokenKlasse, list[bytes]]:
    """The distinct messages per class, in order of first appearance; classes without any are left out."""
    found: dict[TokenKlasse, dict[bytes, None]] = {klasse: {} for klasse in TokenKlasse}
    for person in people:
        for kind, message in person.tokens:
            found[kind.klasse][message] = None
        for _, message in person.blocks:
            found[TokenKlasse.CX][message] = None
    return {klasse: list(messages) for klasse, messages in found.items() if messages}


def tokenise(people: Sequence[Prepared], evaluate: Evaluate) -> list[Encoding]:
    """Tokens and blocks per identity, in order. Whatever `evaluate` raises passes through; then there is no token."""
    values: dict[bytes, bytes | None] = {}
    for klasse, messages in messages_by_class(people).items():
        values.update(zip(messages, evaluate(klasse, messages), strict=True))
    return [_encoding(person, values) for person in people]


def _encoding(person: Prepared, values: dict[bytes, bytes | None]) -> Encoding:
    tokens: dict[bytes, TokenType] = {}
    for kind, message in person.tokens:
        if (element := values[message]) is not None:
            tokens[element] = kind
    blocks: dict[bytes, tuple[BlokType, bytes]] = {}
    for block, message in person.blocks:
        if (finalized := values[message]) is not None:
            blocks[block_id(finalized)] = (block, block_key(finalized))
    names = sorted(blocks)
    filters = clks([blocks[name][1] for name in names], person.norm) if names else ()
    return Encoding(
        tuple((tokens[element], element) for element in sorted(tokens)),
        tuple((blocks[name][0], name, bits) for name, bits in zip(names, filters, strict=True)),
    )
