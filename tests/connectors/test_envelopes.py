"""Envelopes: only the addressed partner opens them, for that request, from that sender."""

from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.answers import Envelope
from connectors.contract.canonical import b64u, b64u_decode, canonical_json
from connectors.contract.codes import Convenant, PartijDomein, Partnertype
from connectors.contract.federation import Deelname, Partij
from connectors.contract.signing import HpkeJwk, SigningKey
from connectors.envelopes import MAX_CONTENT_BYTES, open_envelope, seal
from connectors.errors import InputRefused, NotVerified
from tests.connectors.moments import LONG_AGO

REQUEST = "00000000-0000-4000-8000-000000000007"
OTHER = "00000000-0000-4000-8000-000000000008"


@dataclass(frozen=True)
class Member:
    """A party with its secrets."""

    party: Partij
    key: SigningKey
    hpke: X25519PrivateKey


def member(number: int) -> Member:
    key, hpke = SigningKey(bytes([number, *range(31)])), X25519PrivateKey.from_private_bytes(bytes([number] * 32))
    party = Partij(
        oin=f"{number:020d}",
        domein=PartijDomein.OPSPORING,
        partnertype=Partnertype.POLITIE,
        naam=f"Partner {number}",
        contactpunt="loket@partner.example",
        deelnames=(Deelname(convenant=Convenant.RIEC, van=LONG_AGO),),
        sleutel=key.public,
        hpke=HpkeJwk(x=b64u(hpke.public_key().public_bytes_raw())),
        caseload=1,
        bsn_recht=False,
    )
    return Member(party, key, hpke)


SOURCE, ASKER, THIRD = member(1), member(2), member(3)


def sealed(content: bytes = b"inhoud") -> Envelope:
    return seal(content, REQUEST, SOURCE.party, SOURCE.key, ASKER.party)


def opened(envelope: Envelope, request: str = REQUEST, sender: Member = SOURCE, receiver: Member = ASKER) -> bytes:
    return open_envelope(envelope, request, sender.party, receiver.party, receiver.hpke)


@given(content=st.binary(min_size=1, max_size=2000))
def test_what_was_sealed_is_opened(content: bytes) -> None:
    """The receiver gets the sender's bytes."""
    assert opened(sealed(content)) == content


def test_the_content_does_not_show() -> None:
    """Neither the content nor a hash that repeats shows: two envelopes of one content differ."""
    one, two = sealed(), sealed()
    assert b"inhoud" not in one.model_dump_json().encode()
    assert (one.enc, one.ct) != (two.enc, two.ct)


def test_another_party_cannot_open_it() -> None:
    """A third partner's key does not open it, even when the address is forged for him."""
    forged = sealed().model_copy(update={"aan": THIRD.party.id.replace("/", ":")})
    with pytest.raises(NotVerified):
        opened(forged, receiver=THIRD)
    with pytest.raises(NotVerified):
        opened(sealed(), receiver=THIRD)


def test_it_is_for_one_request() -> None:
    """An envelope cannot be moved to another request."""
    with pytest.raises(NotVerified):
        opened(sealed(), request=OTHER)
    with pytest.raises(NotVerified):
        opened(sealed().model_copy(update={"verzoek_id": OTHER}), request=OTHER)


def test_another_sender_is_refused() -> None:
    """An envelope signed by a third party does not pass for the source's."""
    forged = seal(b"inhoud", REQUEST, SOURCE.party, THIRD.key, ASKER.party)
    with pytest.raises(NotVerified):
        opened(forged)


@pytest.mark.parametrize("part", ["enc", "ct", "handtekening"])
def test_a_flipped_bit_is_noticed(part: str) -> None:
    """One changed bit anywhere refuses the whole."""
    envelope = sealed()
    raw = bytearray(b64u_decode(getattr(envelope, part)))
    raw[0] ^= 1
    with pytest.raises(NotVerified):
        opened(envelope.model_copy(update={part: b64u(bytes(raw))}))


@pytest.mark.parametrize("size", [0, MAX_CONTENT_BYTES + 1])
def test_nothing_and_too_much_are_refused(size: int) -> None:
    """An envelope has content, and not more than the wire takes."""
    with pytest.raises(InputRefused):
        sealed(bytes(size))


def test_the_largest_content_fits_the_wire() -> None:
    """What may be sealed is also a valid envelope of the contract."""
    envelope = sealed(bytes(MAX_CONTENT_BYTES))
    assert Envelope.model_validate_json(envelope.model_dump_json()) == envelope


def test_an_envelope_does_not_move_to_another_request_even_by_its_sender() -> None:
    """The seal itself is bound to the request: relabelled and signed anew by who sealed it, it does not open."""
    moved = sealed().model_copy(update={"verzoek_id": OTHER})
    unsigned = moved.model_dump(mode="json", exclude_none=True)
    del unsigned["handtekening"]
    signature = SOURCE.key.sign(b"schakel1 env signature" + canonical_json(unsigned))
    with pytest.raises(NotVerified, match="seal"):
        opened(moved.model_copy(update={"handtekening": b64u(signature)}), OTHER)
