"""What can go wrong at the gateway, split by whose fault it is. Status codes live in `web/problems.py` only.

A message says what is wrong, where, and what to do; it never holds a value from a request or a record.
"""

from connectors.contract.answers import Reden


class GatewayError(Exception):
    """Everything the gateway refuses or cannot do. `code` is what a machine reads, `detail` what a person reads."""

    code = "gateway_error"

    def __init__(self, detail: str, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code


class CallersFault(GatewayError):
    """The caller sent something that cannot be accepted; the same again will be refused again."""

    code = "bad_request"


class UnverifiedCaller(CallersFault):
    """No valid proof of who calls: token, signature, audience, expiry or replay."""

    code = "unverified_caller"


class Malformed(CallersFault):
    """The body is not the shape that the contract names; `detail` names the line or field."""

    code = "malformed"


class TooLarge(CallersFault):
    """The body is larger than this address accepts."""

    code = "too_large"


class TooSlow(CallersFault):
    """The body came in slower than this address waits for."""

    code = "too_slow"


class WrongMediaType(CallersFault):
    """The body is declared as another media type."""

    code = "wrong_media_type"


class NotAllowed(CallersFault):
    """Who calls may not do this whatever policy says: not a member, not a person, the same person twice."""

    code = "not_allowed"


class NotFound(CallersFault):
    """Nothing of this caller by that name; another party's things look exactly like this."""

    code = "not_found"


class Conflict(CallersFault):
    """The request contradicts what is already registered."""

    code = "conflict"


class LeaseNeeded(Conflict):
    """The party's share for (domain, epoch) is not in memory: lease it first, then try again."""

    code = "lease_needed"


class ReleaseBlocked(Conflict):
    """The protection refuses the draft; `detail` and `redenen` name the attack in words and what would help."""

    code = "release_blocked"

    def __init__(self, detail: str, redenen: tuple[Reden, ...] = ()) -> None:
        super().__init__(detail)
        self.redenen = redenen


class PolicyRefused(GatewayError):
    """Policy answered, and the answer is no. `besluit` is the ledger's decision id; the reasons are for people."""

    code = "refused_by_policy"

    def __init__(self, besluit: str, redenen: tuple[Reden, ...]) -> None:
        super().__init__("the purpose rules do not allow this; see redenen")
        self.besluit = besluit
        self.redenen = redenen


class OurFault(GatewayError):
    """The gateway cannot answer now; nothing was changed and the same request may be tried again."""

    code = "unavailable"


class PolicyUnavailable(OurFault):
    """No usable answer from policy. That is a refusal: nothing happens."""

    code = "policy_unavailable"


class Unsettled(OurFault):
    """What an act rests on kept changing while policy was asked, or its turn did not come."""

    code = "unsettled"


class StoreUnavailable(OurFault):
    """The database does not answer or does not accept writes."""

    code = "store_unavailable"


class AlreadyServed(OurFault):
    """Another process serves this database."""

    code = "already_served"

    def __init__(self) -> None:
        super().__init__("another gateway serves this database: stop it first")


class Declined(GatewayError):
    """The serving gateway did not do what a command of its own asked; `ours`: the fault is on its side."""

    def __init__(self, detail: str, code: str, *, ours: bool) -> None:
        super().__init__(detail, code)
        self.ours = ours


class NotReady(OurFault):
    """A start-up check does not hold; `detail` says which."""

    code = "not_ready"


class BrokenLedger(OurFault):
    """The ledger's chain does not verify; `detail` names the first entry that is wrong."""

    code = "broken_ledger"


class BadSettings(Exception):
    """The settings would make the gateway run weak or not at all; it refuses to start."""
