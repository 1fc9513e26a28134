"""A receipt is believed only when the pinned gateway key signed it, for exactly what was sent."""

from connectors.contract.answers import RECEIPT_TYP, Ontvangst, SignedReceipt
from connectors.contract.signing import PublicJwk, Unverified, verify_jws
from connectors.errors import NotVerified


def verified_receipt(unverified: SignedReceipt, gateway: PublicJwk, *, soort: str, id: str, digest: str) -> Ontvangst:
    """The receipt for this batch or withdrawal. Raises NotVerified on another signer, kind, id or digest."""
    try:
        receipt = verify_jws(unverified.ontvangst, (gateway,), RECEIPT_TYP, Ontvangst)
    except Unverified as error:
        raise NotVerified(f"the gateway's receipt does not verify ({error}); it was not accepted") from error
    if (receipt.soort, receipt.id, receipt.digest) != (soort, id, digest):
        raise NotVerified("the gateway's receipt is for something else than what was sent; it was not accepted")
    return receipt
