"""The base of every wire shape, and the only string types the wire knows: bounded, patterned, never free text."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints


class Wire(BaseModel):
    """Frozen, closed, strict: an unknown field, a wrong type or a coercible value is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset (RFC 3339)")
    return moment


Tijd = Annotated[datetime, AfterValidator(_aware)]
"""RFC 3339 with offset."""

Oin = Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")]
"""Organisatie-identificatienummer, 20 digits."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:._-]{1,128}$")]
"""An identifier or code as policy.md defines it."""

Psn = Annotated[str, StringConstraints(pattern=r"^psn:[A-Za-z0-9._-]{1,60}$")]
"""Partner-scoped pseudonym of a member of staff."""

Uuid = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
"""RFC 9562, lower case."""

Epoch = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[a-z])?$")]
"""Key epoch: a year, or a year with a letter after an emergency."""

Kwartaal = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-Q[1-4]$")]

Gemeente = Annotated[str, StringConstraints(pattern=r"^GM[0-9]{4}$")]

GemeenteOfOnbekend = Annotated[str, StringConstraints(pattern=r"^(GM[0-9]{4}|onbekend)$")]

Bytes16 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{21}[AQgw]$")]
"""16 bytes, canonical base64url (the last character carries two bits)."""

Bytes32 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$")]
"""32 bytes, canonical base64url (the last character carries four bits)."""

Bytes128 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{170}[AEIMQUYcgkosw048]$")]
"""128 bytes, canonical base64url: a sketch of 1024 bits."""

B64u = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=262_144)]
"""Ciphertext, base64url."""

Jws = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{86}$", max_length=20_000)
]
"""Compact JWS with an Ed25519 signature (RFC 7515, RFC 8037)."""
