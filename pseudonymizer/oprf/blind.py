"""Blinding and unblinding by multiplication (RFC 9497 3.3.1, rule 5); never additive blinding."""

from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Never

from pseudonymizer.oprf.group import ELEMENT_BYTES, RandomBytes, products, random_scalars, scalar_inverses


@dataclass(frozen=True)
class Blinded:
    """n blinded elements for the first custodian, and the secret blinds that undo them. Used for one attempt only."""

    elements: bytes
    blinds: bytes = field(repr=False)

    def __reduce__(self) -> Never:
        raise TypeError("blinds are never stored")


def blind(packed: bytes, random: RandomBytes, workers: Executor | None = None) -> Blinded:
    """B_j = r_j * E_j with a fresh r_j in [1, l-1] for every element and every attempt (Blind, after HashToGroup)."""
    blinds = random_scalars(len(packed) // ELEMENT_BYTES, random)
    return Blinded(products(blinds, packed, workers), blinds)


def unblind(blinds: bytes, packed: bytes, workers: Executor | None = None) -> bytes:
    """Z_j = r_j^-1 * B2_j, serialised: N of Finalize (RFC 9497 3.3.2). Call it with verified elements only."""
    return products(scalar_inverses(blinds), packed, workers)
