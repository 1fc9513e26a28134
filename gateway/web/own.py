"""Commands of this gateway that need what only its serving process has: the leased shares, which are in its memory.

The command proves that it is this gateway's own by the gateway's signing key, over method, path and moment; it carries
no body, and its answers hold no figures. A proof lives 60 s and is accepted once, like a party's (`gateway.caller`);
it is bound to no token, so it is remembered until no clock can bring it back.
"""

from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response

from connectors.contract.canonical import canonical_json
from connectors.contract.model import Uuid, Wire
from connectors.contract.signing import SigningKey, Unverified, sign_jws, verify_jws
from connectors.contract.ticket import PROOF_SKEW, Numericdate
from gateway.caller import REPLAYS
from gateway.clock import to_ms
from gateway.errors import UnverifiedCaller
from gateway.hits.expiry import expire_hits
from gateway.house import House
from gateway.ids import id_bytes
from gateway.intake.retention import retain
from gateway.store import insert_once, writing

OWN_HEADER: Final = "schakel-zelf"
RETENTION: Final = "/v1/retention"
_REMEMBERED: Final = timedelta(days=3650)
"""A command or two a day."""
_TYP: Final = "schakel-zelf+jwt"
_SELF: Final = "gateway"
"""In the table of replays, where parties stand by their ids."""


class _Own(Wire):
    """What the command signs."""

    htm: str
    pad: str
    iat: Numericdate
    jti: Uuid


def own_headers(signing: SigningKey, method: str, path: str, jti: str, now: datetime) -> dict[str, str]:
    """The headers of one command; `jti`: a fresh id."""
    claims = _Own(htm=method, pad=path, iat=int(now.timestamp()), jti=jti)
    return {OWN_HEADER: sign_jws(claims, signing, _TYP)}


def own_routes(house: House) -> APIRouter:
    """What no party may ask: the retention run, by the process whose index must follow."""
    router = APIRouter(include_in_schema=False)

    @router.post(RETENTION)
    def post_retention(request: Request) -> Response:
        demand_own(house, request)
        erased = retain(house) + expire_hits(house)
        return Response(canonical_json({"erased": erased}), media_type="application/json")

    return router


def demand_own(house: House, request: Request) -> None:
    """Raises UnverifiedCaller unless a header proves that this is a command of this gateway's own, and StoreUnavailable
    when another process may serve the database by now."""
    now = house.clock()
    try:
        claims = verify_jws(request.headers.get(OWN_HEADER, ""), (house.signing.public,), _TYP, _Own)
    except Unverified as error:
        raise UnverifiedCaller("not signed by this gateway's key") from error
    if (claims.htm, claims.pad) != (request.method, request.url.path):
        raise UnverifiedCaller("signed for another method or path")
    if abs(now.timestamp() - claims.iat) > PROOF_SKEW.total_seconds():
        raise UnverifiedCaller("signed too long ago, or the clock is wrong")
    if house.hold is not None:
        house.hold.demand()
    row = {"party": _SELF, "jti": id_bytes(claims.jti), "expires_ms": to_ms(now + _REMEMBERED)}
    with writing(house.store) as transaction:
        if not insert_once(transaction, REPLAYS, row):
            raise UnverifiedCaller("that proof was used before")
