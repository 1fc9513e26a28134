"""Spot proofs: each row is bound to its source record by a secret that the partner keeps, so that drawn rows can be
opened before its own data protection officer (cryptography page, "Rogue partner")."""

import hmac


def spot_proof(secret: bytes, record_id: str, row_digest: bytes, case_ref: str) -> bytes:
    """HMAC-SHA-256(s, "schakel1 spot" ‖ record_id ‖ SHA-256(JCS(row without bewijs)) ‖ u16 len ‖ case_ref), 32 bytes.

    `record_id`: its 36 ASCII characters; `row_digest`: 32 bytes; `case_ref`: UTF-8, at most 65,535 bytes, length
    big-endian; the reference of the case in the partner's own system.
    """
    reference = case_ref.encode()
    message = b"schakel1 spot" + record_id.encode("ascii") + row_digest + len(reference).to_bytes(2, "big") + reference
    return hmac.digest(secret, message, "sha256")
