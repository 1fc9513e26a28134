"""Ids and randomness are arguments: the composition root hands their sources down, and tests fix them."""

import os
import uuid
from collections.abc import Callable

Ids = Callable[[], str]
"""Gives a fresh RFC 9562 version 4 id, lower case."""

Random = Callable[[int], bytes]
"""Gives so many bytes from a cryptographic source."""


def random_id() -> str:
    """A fresh version 4 id from the operating system's random source."""
    return str(uuid.UUID(bytes=os.urandom(16), version=4))


def id_bytes(identifier: str) -> bytes:
    """The 16 bytes of a UUID, as the store keys it."""
    return uuid.UUID(identifier).bytes


def id_text(raw: bytes) -> str:
    """The text of a UUID that the store keyed by its 16 bytes."""
    return str(uuid.UUID(bytes=bytes(raw)))
