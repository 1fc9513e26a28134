"""The use case of approving: an officer's word on a privacy receipt. No approval, no send."""

from pydantic import ValidationError

from connectors.contract.answers import Geregistreerd, Goedkeuring
from connectors.contract.codes import Actie
from connectors.contract.ticket import Handelende
from connectors.delivery import new_id
from connectors.errors import InputRefused, NotVerified, complaint
from connectors.house import CONNECTOR_PSN, House
from connectors.privacy_receipt import Oordeel, PrivacyReceipt, last_judgement, sign_judgement


def judge(house: House, receipt: PrivacyReceipt, name: str, approve: bool, officer: Handelende | None) -> Oordeel:
    """Sign an officer's decision. With `officer` the gateway registers the approval too, for where policy asks four
    eyes. Raises NotVerified when the receipt is not one that this connector made, InputRefused when `name` is none or
    the clock stands before an earlier judgement: the last one counts, so their order must be known."""
    receipts, now = house.outbox.receipts(), house.clock()
    last = last_judgement(receipts, house.key.public)
    if last is not None and now < last:
        raise InputRefused("the clock stands before the last judgement given here; set the clock and judge again")
    if all(stored.receipt_digest != receipt.digest for stored in receipts):
        raise NotVerified(
            "this receipt was not made by this connector, or it was changed afterwards; run preview again"
        )
    try:
        judgement = Oordeel(
            bewijs=receipt.digest, oordeel="goedgekeurd" if approve else "geweigerd", naam=name, tijd=now
        )
    except ValidationError as error:
        raise InputRefused(complaint(error)) from error
    goedkeuring_id = None
    if officer is not None and approve:
        goedkeuring_id = new_id(house.random)
        request = Goedkeuring(
            goedkeuring_id=goedkeuring_id,
            actie=Actie.RECORDS_INDIENEN,
            onderwerp=receipt.digest,
            aanvrager=CONNECTOR_PSN,
        )
        house.calls.post("/v1/approvals", request, Geregistreerd, officer)
    house.outbox.approve(receipt.digest, sign_judgement(judgement, house.key), goedkeuring_id)
    return judgement


def read_receipt(raw: bytes, file: str) -> PrivacyReceipt:
    """A receipt file; raises InputRefused when it is not one."""
    try:
        return PrivacyReceipt.model_validate_json(raw)
    except ValueError as error:
        raise InputRefused("not a privacy receipt; give the file that `preview --out` wrote", file=file) from error
