"""The invitation with which a new party sets up its connector: who it will be, and whom it may trust.

It holds no secret. It comes from a convenant owner out of band; the party answers with its public keys, which the
owners put in the next federation file.
"""

from typing import Annotated, Literal

from pydantic import Field

from connectors.contract.codes import PartijDomein, TokenDomein
from connectors.contract.model import Bytes32, Epoch, Oin, Wire
from connectors.contract.signing import HpkeJwk, PublicJwk


class Uitnodiging(Wire):
    """`schakel-connector init INVITE`: a JSON file of this shape."""

    versie_schema: Literal["schakel-uitnodiging-1"] = "schakel-uitnodiging-1"
    oin: Oin
    domein: PartijDomein
    eigenaren: Annotated[tuple[Bytes32, ...], Field(min_length=2, max_length=8)]
    """Thumbprints (RFC 7638) of the owners whose signatures this party will accept."""
    domeinen: Annotated[tuple[TokenDomein, ...], Field(min_length=1, max_length=4)]
    epoch: Epoch


class Aanmelding(Wire):
    """What `init` prints for the owners: the public keys of the new party."""

    versie_schema: Literal["schakel-aanmelding-1"] = "schakel-aanmelding-1"
    oin: Oin
    domein: PartijDomein
    sleutel: PublicJwk
    hpke: HpkeJwk
