"""Signatures of the wire, broken in every way a sender could think of: each must be refused."""

import json
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract.canonical import NotCanonical, b64u, b64u_decode
from connectors.contract.codes import Doel, TokenDomein, TokenKlasse
from connectors.contract.federation import FederationDigest
from connectors.contract.signing import (
    SigningKey,
    Unverified,
    read_secret_file,
    sign_jws,
    verify_jws,
    write_secret_file,
)
from connectors.contract.ticket import (
    TICKET_TYP,
    Confirmation,
    Proof,
    Ticket,
    digest_of,
    prove,
    verify_proof,
    verify_ticket,
)

KEY = SigningKey(bytes(range(32)))
OTHER = SigningKey(bytes(range(1, 33)))
TYP = "schakel-federatie+jwt"
CLAIMS = FederationDigest(digest="A" * 43)
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
URL = "https://gateway.example/v1/tickets"


def _verify(jws: str) -> FederationDigest:
    return verify_jws(jws, (KEY.public,), TYP, FederationDigest)


def test_a_signed_claim_set_verifies() -> None:
    """What was signed comes back."""
    assert _verify(sign_jws(CLAIMS, KEY, TYP)) == CLAIMS


@given(st.data())
def test_any_changed_character_is_refused(data: st.DataObject) -> None:
    """No character of header, claims or signature can be changed."""
    jws = sign_jws(CLAIMS, KEY, TYP)
    at = data.draw(st.integers(0, len(jws) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda c: c != jws[at]))
    with pytest.raises(Unverified):
        _verify(jws[:at] + letter + jws[at + 1 :])


@pytest.mark.parametrize(
    "header", [{"alg": "none"}, {"alg": "HS256"}, {"jwk": KEY.public.model_dump()}, {"crit": ["exp"]}]
)
def test_another_header_is_refused(header: dict[str, object]) -> None:
    """The algorithm is ours to choose, and no header parameter adds a key."""
    jws = sign_jws(CLAIMS, KEY, TYP)
    head, body, _ = jws.split(".")
    forged = b64u(json.dumps(json.loads(b64u_decode(head)) | header).encode())
    signature = b64u(KEY.sign(f"{forged}.{body}".encode()))
    with pytest.raises(Unverified):
        _verify(f"{forged}.{body}.{signature}")


def test_an_unpinned_key_is_refused() -> None:
    """A valid signature by somebody else proves nothing."""
    with pytest.raises(Unverified):
        _verify(sign_jws(CLAIMS, OTHER, TYP))


def test_a_signature_of_another_kind_is_refused() -> None:
    """A ticket is not a federation file, though the same key signed both."""
    with pytest.raises(Unverified):
        _verify(sign_jws(CLAIMS, KEY, TICKET_TYP))


def test_an_oversized_jws_is_refused_before_decoding() -> None:
    """A megabyte of header costs nothing."""
    with pytest.raises(Unverified):
        _verify("A" * 1_000_000 + ".A.A")


def test_a_private_key_is_neither_printed_nor_pickled() -> None:
    """The seed stays out of logs and caches."""
    assert bytes(range(32)).hex() not in repr(KEY)
    with pytest.raises(TypeError):
        pickle.dumps(KEY)


@given(st.binary(max_size=64))
def test_base64url_has_one_spelling(data: bytes) -> None:
    """Every value decodes from its encoding, and from no other."""
    assert b64u_decode(b64u(data)) == data
    with pytest.raises(NotCanonical):
        b64u_decode(b64u(data) + "=")


def test_a_readable_secret_file_is_refused(tmp_path: Path) -> None:
    """Mode 0640 is one reader too many."""
    write_secret_file(tmp_path / "a.key", bytes(range(32)))
    (tmp_path / "a.key").chmod(0o640)
    with pytest.raises(Unverified, match="0600"):
        read_secret_file(tmp_path / "a.key")


@pytest.mark.parametrize("content", [b"", bytes(32), bytes(range(31)), bytes(range(33))])
def test_a_weak_secret_file_is_refused(tmp_path: Path, content: bytes) -> None:
    """Too short, too long or all equal: refuse to start."""
    path = tmp_path / "a.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(Unverified):
        read_secret_file(path)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    """Making a key twice keeps the first."""
    write_secret_file(tmp_path / "a.key", bytes(range(32)))
    with pytest.raises(FileExistsError):
        write_secret_file(tmp_path / "a.key", bytes(range(1, 33)))


def _ticket(**changes: object) -> str:
    moment = int(NOW.timestamp())
    ticket = Ticket(
        iss="00000099000000100000",
        sub="00000099000000020000/opsporing",
        jti=str(UUID(int=1, version=4)),
        iat=moment,
        exp=moment + 600,
        dom=TokenDomein.RIEC,
        epo="2026",
        cls=TokenKlasse.BSN,
        max=100,
        doel=Doel.AANPAK_GEORGANISEERDE_CRIMINALITEIT,
        besluit=str(UUID(int=2, version=4)),
        fed="A" * 43,
        cnf=Confirmation(jkt=OTHER.public.thumbprint),
    )
    return sign_jws(ticket.model_copy(update=changes), KEY, TICKET_TYP)


def test_a_ticket_in_force_verifies() -> None:
    """The gateway's own ticket, now."""
    assert verify_ticket(_ticket(), KEY.public, NOW).max == 100


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({}, NOW + timedelta(seconds=600)),
        ({}, NOW - timedelta(minutes=10)),
        ({"exp": int(NOW.timestamp()) + 601}, NOW),
        ({"exp": int(NOW.timestamp()) - 1}, NOW),
    ],
)
def test_a_ticket_out_of_force_is_refused(changes: dict[str, object], at: datetime) -> None:
    """Expired, not yet valid, too long-lived or backwards."""
    with pytest.raises(Unverified):
        verify_ticket(_ticket(**changes), KEY.public, at)


def _proof(**changes: object) -> str:
    proof = Proof(
        htm="POST",
        htu=URL,
        iat=int(NOW.timestamp()),
        jti=str(UUID(int=3, version=4)),
        tkt=digest_of(b"token"),
        bd=digest_of(b"body"),
    )
    return prove(KEY, proof.model_copy(update=changes))


def _check(jws: str, *, method: str = "POST", url: str = URL, token: str = "token", body: bytes = b"body") -> Proof:
    return verify_proof(jws, KEY.public, method=method, url=url, token=token, body_digest=digest_of(body), now=NOW)


def test_a_proof_for_this_request_verifies() -> None:
    """Key, method, address, token, body and time all fit."""
    assert _check(_proof()).htu == URL


@pytest.mark.parametrize(
    "request_",
    [{"method": "PUT"}, {"url": URL + "/x"}, {"token": "other"}, {"body": b"other"}],
)
def test_a_proof_for_another_request_is_refused(request_: dict[str, object]) -> None:
    """A stolen proof fits no other method, address, token or body."""
    with pytest.raises(Unverified):
        _check(_proof(), **request_)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-61, 61, 3600, -86400])
def test_a_proof_from_another_time_is_refused(seconds: int) -> None:
    """A clock a minute off is told to look at its clock."""
    with pytest.raises(Unverified, match="clock"):
        _check(_proof(iat=int(NOW.timestamp()) + seconds))
