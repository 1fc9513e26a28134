"""The partner in the middle: blind, custodian 1, custodian 2, verify both, unblind (rules 5 to 10).

Rules upheld here:
1. A batch is a power of two, 16 to 4096; what the messages leave open is filled with dummies at random places.
2. Equal messages are evaluated once and every message gets its own blind: neither custodian sees a repetition.
3. Both proofs hold or nothing of the batch is unblinded.
4. The order of the answers is the order of the messages.

The layer beside the RFC: mode VOPRF (0x01), suite ristretto255-SHA512, bytes and names the RFC's, so any tool that
implements it is an oracle (tests: A.1.2, the `voprf` package). Where each of its functions is:

    RFC 9497                                              here
    2.1   Order, Identity, ScalarMultGen                  group: GROUP_ORDER, IDENTITY, base_multiple
    2.1   HashToGroup, HashToScalar (as 4.1 has them)     hash: hash_to_group, hash_to_scalar
    2.1   RandomScalar (as 4.7.2, with 64 bytes)          group: random_scalar, random_scalars
    2.1   ScalarInverse                                   group: scalar_inverses
    2.1   SerializeElement, DeserializeElement            libsodium's own output; group: checked_elements
    2.1   SerializeScalar, DeserializeScalar              libsodium's own output; group: checked_public_scalar
    2.2.1 GenerateProof, ComputeCompositesFast            proof: prove, composite_weights; composite: sum_of_products
    2.2.2 VerifyProof, ComputeComposites                  proof: verified_outputs, and the same two
    3.1   CreateContextString                             hash: CONTEXT
    3.2.1 DeriveKeyPair                                   keys: derive_key_pair
    3.3.1 Blind                                           blind: blind, on elements hashed here
    3.3.2 BlindEvaluate, with a batched proof             evaluate: evaluate_batch
    3.3.2 Finalize                                        here: evaluate_messages; message: finalize

What the scheme adds to the RFC, or does otherwise (cryptography page):
1. Two servers in a row. Each runs BlindEvaluate with its own key and proof, the second on the first one's answer; the
   client verifies both proofs before it unblinds. Z = k1*k2*H(m) is what one server with the key k1*k2 would give.
2. For classes `bsn` and `id` the token is the serialised Z itself; only class `cx` goes on to Finalize's hash.
3. An input that hashes to the identity (2^-252) gives no token, where the RFC raises InvalidInputError.
4. Batches are powers of two, filled with random elements, so that their size says little (rule 6 of the page).
5. A key has an info string per custodian, domain, epoch and class; the RFC leaves `info` to the application.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, Protocol

from pseudonymizer.oprf.blind import blind, unblind
from pseudonymizer.oprf.errors import InvalidInput, ProofRefused
from pseudonymizer.oprf.evaluate import MIN_BATCH
from pseudonymizer.oprf.group import (
    ELEMENT_BYTES,
    IDENTITY,
    UNIFORM_BYTES,
    RandomBytes,
    checked_elements,
    element_from_uniform,
)
from pseudonymizer.oprf.hash import hash_all_to_group
from pseudonymizer.oprf.proof import MAX_BATCH, PROOF_BYTES, verified_outputs


class Hop(Protocol):
    """One custodian for one (domain, epoch, class), remote or in this process."""

    def evaluate(self, elements: bytes) -> bytes:
        """Send n * 32 bytes (n a power of two, 16 to 4096); get n * 32 bytes of outputs and 64 bytes of proof."""
        ...


@dataclass(frozen=True)
class PinnedKeys:
    """K_1 and K_2 of one (domain, epoch, class), 32 bytes each, as pinned in the federation file.

    Raises InvalidElement when one is not a valid element and InvalidInput when they are equal.
    """

    first: bytes
    second: bytes

    def __post_init__(self) -> None:
        checked_elements(self.first)
        checked_elements(self.second)
        if self.first == self.second:
            raise InvalidInput("the two custodians must not have the same public key")


def padded_size(count: int) -> int:
    """The size of the batch that `count` messages go in: the next power of two, 16 to 4096 (rule 6).

    Budgets count this number, dummies included.
    """
    if not 1 <= count <= MAX_BATCH:
        raise InvalidInput(f"a batch takes 1 to {MAX_BATCH} messages")
    return max(MIN_BATCH, 1 << (count - 1).bit_length())


def evaluate_messages(
    messages: Sequence[bytes],
    hops: tuple[Hop, Hop],
    keys: PinnedKeys,
    *,
    random: RandomBytes,
    workers: Executor | None = None,
) -> list[bytes | None]:
    """Z = k1*k2*H(m) per message, 32 bytes each, in order; None where H(m) is the identity (rule 5: no token).

    Any number of messages (`encode_message` makes one); batches of at most 4096 go one after another. `random` is
    `secrets.token_bytes` outside tests. `workers` is a thread pool that the group arithmetic is spread over (libsodium
    runs without Python's global lock); the result does not depend on it.
    Raises ProofRefused when a custodian's answer does not verify: no element of that batch was unblinded and the caller
    drops the whole upload (rule 10). Whatever a hop raises passes through.
    """
    outputs: dict[bytes, bytes | None] = dict.fromkeys(messages)
    waiting = list(outputs)
    for start in range(0, len(waiting), MAX_BATCH):
        part = waiting[start : start + MAX_BATCH]
        hashed = hash_all_to_group(part, workers)
        elements = {m: e for i, m in enumerate(part) if (e := hashed[32 * i : 32 * i + 32]) != IDENTITY}
        if elements:
            evaluated = _one_batch(list(elements.values()), hops, keys, random, workers)
            outputs.update(zip(elements, evaluated, strict=True))
    return [outputs[message] for message in messages]


def _one_batch(
    elements: Sequence[bytes],
    hops: tuple[Hop, Hop],
    keys: PinnedKeys,
    random: RandomBytes,
    workers: Executor | None,
) -> Iterator[bytes]:
    size = padded_size(len(elements))
    places = _random_places(len(elements), size, random)
    padded = [b""] * size
    for place, element in zip(places, elements, strict=True):
        padded[place] = element
    batch = b"".join(element or _dummy(random) for element in padded)
    blinded = blind(batch, random, workers)
    first = _hop(hops[0], keys.first, blinded.elements, workers)
    second = _hop(hops[1], keys.second, first, workers)
    unblinded = unblind(blinded.blinds, second, workers)
    return (unblinded[place * ELEMENT_BYTES : (place + 1) * ELEMENT_BYTES] for place in places)


def _hop(hop: Hop, public_key: bytes, elements: bytes, workers: Executor | None) -> bytes:
    answer = hop.evaluate(elements)
    if len(answer) != len(elements) + PROOF_BYTES:
        raise ProofRefused("a custodian's answer has the wrong length")
    return verified_outputs(public_key, elements, answer[:-PROOF_BYTES], answer[-PROOF_BYTES:], workers)


def _dummy(random: RandomBytes) -> bytes:
    element = IDENTITY
    while element == IDENTITY:
        element = element_from_uniform(random(UNIFORM_BYTES))
    return element


def _random_places(count: int, size: int, random: RandomBytes) -> list[int]:
    """`count` distinct places of `size` in random order: Fisher-Yates on 64-bit draws (bias below 2^-51)."""
    places, draws = list(range(size)), random(count * _DRAW_BYTES)
    for index in range(count):
        draw = int.from_bytes(draws[index * _DRAW_BYTES : (index + 1) * _DRAW_BYTES], "big")
        other = index + draw % (size - index)
        places[index], places[other] = places[other], places[index]
    return places[:count]


_DRAW_BYTES: Final = 8
