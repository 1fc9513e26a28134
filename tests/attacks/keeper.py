"""A federation with a keeper of canaries: the demo's parties, one of them appointed, the file signed anew."""

from collections.abc import Sequence
from dataclasses import replace

from httpx import Response

from connectors.contract.canaries import Kanaries
from connectors.contract.canonical import canonical_bytes
from connectors.contract.codes import Rol, TokenDomein, TokenType
from connectors.contract.federation import sign_federation
from connectors.contract.signing import read_key_file
from connectors.contract.ticket import Handelende
from deploy.demo.federation import OWNERS, Layout
from tests.gateway.gateway_world import World, element, lend, new_id, person

KEEPER = "00000099000000055000/opsporing"
"""The public prosecution's privacy officer keeps the canaries of RIEC here."""
OFFICER = person("psn:fg01", Rol.PRIVACY_OFFICER)
SECOND_OFFICER = person("psn:fg02", Rol.PRIVACY_OFFICER)
CLERK = person("psn:kh07", Rol.BEHEERDER)


def appoint(layout: Layout, keeper: str = KEEPER, caseload: int | None = None) -> Layout:
    """The same federation in which `keeper` keeps canaries, and all parties declared `caseload` when it is given."""
    changed = {} if caseload is None else {"caseload": caseload}
    parties = tuple(
        party.model_copy(update={"kanariehouder": party.id == keeper, **changed}) for party in layout.federatie.partijen
    )
    allowances = layout.federatie.toeslagen if caseload is None else ()
    federatie = layout.federatie.model_copy(update={"partijen": parties, "toeslagen": allowances})
    owners = tuple(read_key_file(layout.root / "owners" / f"{oin}.key") for oin in OWNERS)
    layout.federation_file.write_bytes(canonical_bytes(sign_federation(federatie, owners)))
    return replace(layout, federatie=federatie)


def canary_set(world: World, names: Sequence[str], kind: TokenType = TokenType.BSN) -> Kanaries:
    """A set of made-up elements under these names, as `tokens(bsn=name)` makes them."""
    return Kanaries(
        kanarie_id=new_id(),
        domein=TokenDomein.RIEC,
        epoch="2026",
        federatie=world.federatie.digest,
        type=kind,
        waarden=tuple(sorted(element(f"{kind.removeprefix('id.')} {name}") for name in names)),
    )


def put(world: World, body: Kanaries, party: str = KEEPER, act: Handelende | None = OFFICER) -> Response:
    """Send a set, signed by `party`."""
    raw = canonical_bytes(body)
    sender = world.party(party)
    headers = sender.headers("PUT", "/v1/kanaries", raw, act) | {"Content-Type": "application/json"}
    return sender.http.put("/v1/kanaries", content=raw, headers=headers)


def put_canaries(world: World, names: Sequence[str], kind: TokenType = TokenType.BSN) -> Response:
    """Lend the keeper's share and put canaries."""
    assert lend(world, KEEPER).status_code == 200
    done = put(world, canary_set(world, names, kind))
    assert done.status_code == 201, done.text
    return done
