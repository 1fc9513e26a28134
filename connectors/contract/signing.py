"""Signatures of the wire: compact JWS with Ed25519 (RFC 7515, RFC 8037), one key per party, from the federation file.

The algorithm is never read from a message to decide how to verify it: a header that is not exactly the expected one is
refused before any cryptography.
"""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, ValidationError

from connectors.contract.canonical import NotCanonical, b64u, b64u_decode, canonical_bytes, canonical_json
from connectors.contract.model import Bytes32, Wire

MAX_JWS: Final = 20_000
"""Characters; longer is refused before decoding."""

Claims = TypeVar("Claims", bound=Wire)


class Unverified(ValueError):
    """A signature, key or claim set that does not verify. The message never holds a value."""


class PublicJwk(Wire):
    """An Ed25519 public key as JWK (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    x: Bytes32

    @property
    def thumbprint(self) -> str:
        """RFC 7638 thumbprint, SHA-256, 43 characters."""
        return b64u(hashlib.sha256(canonical_json({"crv": self.crv, "kty": self.kty, "x": self.x})).digest())

    def key(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(b64u_decode(self.x))


class HpkeJwk(Wire):
    """An X25519 public key as JWK: where sealed envelopes for a party go."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["X25519"] = "X25519"
    x: Bytes32


class JwsHeader(Wire):
    """The only header a Schakel signature has."""

    alg: Literal["EdDSA"] = "EdDSA"
    typ: Annotated[str, Field(pattern=r"^schakel-[a-z-]{1,32}\+jwt$")]
    kid: Bytes32


class SigningKey:
    """An Ed25519 private key that stays out of repr, logs and pickles."""

    __slots__ = ("_key", "public")

    def __init__(self, seed: bytes) -> None:
        """`seed`: the 32 secret bytes of RFC 8032. Raises Unverified when they are not 32 or all equal."""
        if len(seed) != 32 or len(set(seed)) == 1:
            raise Unverified("a signing key is 32 random bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = PublicJwk(x=b64u(self._key.public_key().public_bytes_raw()))

    def sign(self, data: bytes) -> bytes:
        """64 bytes."""
        return self._key.sign(data)

    def __repr__(self) -> str:
        return f"SigningKey({self.public.thumbprint[:8]}…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a signing key is not pickled")


def read_key_file(path: Path) -> SigningKey:
    """The key in `path`: 32 raw bytes, mode 0600. Raises Unverified when the file is anything else."""
    return SigningKey(read_secret_file(path))


def read_secret_file(path: Path) -> bytes:
    """32 secret bytes of a file with mode 0600; raises Unverified when it is not that."""
    try:
        with path.open("rb") as handle:
            mode = stat.S_IMODE(os.fstat(handle.fileno()).st_mode)
            secret = handle.read(33)
    except OSError as error:
        raise Unverified(
            f"{path.name}: cannot be read ({error.strerror}); create it or fix the path in the settings"
        ) from error
    if mode & 0o077:
        raise Unverified(f"{path.name}: mode {mode:04o}; a secret file must be 0600 (chmod 600)")
    if len(secret) != 32 or len(set(secret)) == 1:
        raise Unverified(f"{path.name}: not 32 random bytes")
    return secret


def write_secret_file(path: Path, secret: bytes) -> None:
    """Create `path` with mode 0600 and 32 bytes, durably, in a folder that is made with mode 0700 when absent.

    Raises FileExistsError rather than overwrite a key, OSError when the system refuses to write; then there is no file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Written aside and linked into place: a full disk or a crash leaves no half key, and of two writers one wins.
    aside = path.with_name(f".{path.name}.{os.urandom(8).hex()}.new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secret)
        os.fsync(handle)
        os.link(aside, path)
    finally:
        os.close(handle)
        aside.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The name of a new file is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sign_jws(claims: Wire, key: SigningKey, typ: str) -> str:
    """Compact JWS over the canonical bytes of `claims`; `typ` names the kind, so one kind never passes for another."""
    header = canonical_bytes(JwsHeader(typ=typ, kid=key.public.thumbprint))
    signed = b64u(header) + "." + b64u(canonical_bytes(claims))
    return signed + "." + b64u(key.sign(signed.encode("ascii")))


def verify_jws(unverified: str, keys: tuple[PublicJwk, ...], typ: str, claims: type[Claims]) -> Claims:
    """The claims of a JWS that one of `keys` signed as a `typ`; raises Unverified on anything else.

    No expiry, audience or replay is judged here: the caller has the clock and the store.
    """
    if len(unverified) > MAX_JWS or unverified.count(".") != 2:
        raise Unverified("not a compact JWS")
    signed, _, signature = unverified.rpartition(".")
    head, _, body = signed.partition(".")
    try:
        header = JwsHeader.model_validate_json(b64u_decode(head))
        if header.typ != typ:
            raise Unverified("a signature of another kind")
        key = next((key for key in keys if key.thumbprint == header.kid), None)
        if key is None:
            raise Unverified("signed by a key that is not pinned for this party")
        key.key().verify(b64u_decode(signature), signed.encode("ascii"))
        return claims.model_validate_json(b64u_decode(body))
    except (NotCanonical, ValidationError, InvalidSignature, UnicodeEncodeError) as error:
        raise Unverified("the signature or its claims do not verify") from error


def unverified_kid(unverified: str) -> str | None:
    """The key id that an unverified JWS names, only to look a pinned key up; None when it names none."""
    try:
        kid = json.loads(b64u_decode(unverified.partition(".")[0])).get("kid")
    except (NotCanonical, ValueError, AttributeError, RecursionError):
        return None
    return kid if isinstance(kid, str) else None
