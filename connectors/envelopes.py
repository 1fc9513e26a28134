"""Envelopes: content from one partner to another, through a gateway that cannot read it.

HPKE (RFC 9180, base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-128-GCM) to the receiver's key in the federation
file, info = "schakel1 env" ‖ request id (its 36 ASCII characters); then signed by the sender, so that an envelope
cannot be moved to another request, receiver or sender. Keys never come from the gateway. Pure.
"""

from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from connectors.contract.answers import Envelope
from connectors.contract.canonical import NotCanonical, b64u, b64u_decode, canonical_json
from connectors.contract.federation import Partij
from connectors.contract.signing import SigningKey
from connectors.errors import InputRefused, NotVerified

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
ENC_BYTES: Final = 32
TAG_BYTES: Final = 16
MAX_CONTENT_BYTES: Final = 128 * 1024
"""Largest content: its ciphertext still fits the contract's field."""
_UNSIGNED: Final = "A" * 86


def seal(content: bytes, request_id: str, sender: Partij, key: SigningKey, receiver: Partij) -> Envelope:
    """An envelope that only `receiver` opens and that `key` of `sender` signed.

    Raises InputRefused when there is nothing to send or too much of it.
    """
    if not 1 <= len(content) <= MAX_CONTENT_BYTES:
        raise InputRefused(f"an envelope holds 1 to {MAX_CONTENT_BYTES} bytes")
    public = X25519PublicKey.from_public_bytes(b64u_decode(receiver.hpke.x))
    sealed = SUITE.encrypt(content, public, info=_info(request_id))
    unsigned = Envelope(
        verzoek_id=request_id,
        van=_name(sender),
        aan=_name(receiver),
        enc=b64u(sealed[:ENC_BYTES]),
        ct=b64u(sealed[ENC_BYTES:]),
        handtekening=_UNSIGNED,
    )
    return unsigned.model_copy(update={"handtekening": b64u(key.sign(_signed_bytes(unsigned)))})


def open_envelope(
    unverified: Envelope, request_id: str, sender: Partij, receiver: Partij, key: X25519PrivateKey
) -> bytes:
    """The content of an envelope for this request, from this sender, to us. The signature is checked before the seal.

    Raises NotVerified when request, sender, receiver, signature or seal is another.
    """
    if (unverified.verzoek_id, unverified.van, unverified.aan) != (request_id, _name(sender), _name(receiver)):
        raise NotVerified("the envelope is for another request, sender or receiver")
    try:
        sender.sleutel.key().verify(b64u_decode(unverified.handtekening), _signed_bytes(unverified))
        sealed = b64u_decode(unverified.enc) + b64u_decode(unverified.ct)
        if len(sealed) < ENC_BYTES + TAG_BYTES:
            raise NotVerified("the envelope is too short to hold anything")
        return SUITE.decrypt(sealed, key, info=_info(request_id))
    except (InvalidSignature, InvalidTag, NotCanonical, ValueError) as error:
        raise NotVerified("the envelope's signature or seal does not verify") from error


def _info(request_id: str) -> bytes:
    return b"schakel1 env" + request_id.encode("ascii")


def _name(party: Partij) -> str:
    """`oin:domein`: the wire's codes have no slash."""
    return party.id.replace("/", ":")


def _signed_bytes(envelope: Envelope) -> bytes:
    """What the sender signs: all of the envelope but the signature, with a label of its own."""
    content = envelope.model_dump(mode="json", exclude_none=True)
    del content["handtekening"]
    return b"schakel1 env signature" + canonical_json(content)
