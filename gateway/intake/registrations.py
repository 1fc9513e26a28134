"""What a party registers before it acts: casus, authorisation, approval. Questions are bound to these, not to claims.

A casus belongs to the party that registered it; another party's casus of the same name is another casus.
"""

from datetime import datetime

from sqlalchemy import Connection, select

from connectors.contract.answers import Autorisatie, Casus, Geregistreerd, Goedkeuring
from connectors.contract.canonical import canonical_bytes, sha256
from gateway.caller import Caller
from gateway.clock import to_ms
from gateway.errors import Conflict, NotAllowed
from gateway.house import House
from gateway.ids import id_bytes
from gateway.ledger.append import append
from gateway.ledger.entries import RegistrationEntry
from gateway.registry.records import find_casus
from gateway.registry.tables import APPROVALS, AUTHORISATIONS, CASES
from gateway.store import insert_into, insert_once, writing


def register_casus(house: House, caller: Caller, casus: Casus) -> Geregistreerd:
    """Register a casus or its newest state (a casus moves on from vermoeden to weging, casus, afgesloten)."""
    _require_person(caller)
    now, raw = house.clock(), canonical_bytes(casus)
    row = {"party": caller.id, "casus_id": casus.casus_id, "casus": raw, "registered_ms": to_ms(now)}
    with writing(house.store) as transaction:
        statement = insert_into(transaction, CASES).values(row)
        newer = {"casus": raw, "registered_ms": to_ms(now)}
        transaction.execute(statement.on_conflict_do_update(index_elements=["party", "casus_id"], set_=newer))
        return _entered(house, transaction, caller, "casus", casus.casus_id, raw, now)


def register_authorisation(house: House, caller: Caller, autorisatie: Autorisatie) -> Geregistreerd:
    """Register who may ask in a casus. Who authorises is not the one authorised; the same id is never another thing."""
    _require_person(caller)
    if caller.act.sub == autorisatie.subject:
        raise NotAllowed("nobody authorises himself: let a colleague register it", code="same_person")
    now, raw = house.clock(), canonical_bytes(autorisatie)
    with writing(house.store) as transaction:
        find_casus(transaction, caller.id, autorisatie.casus_id)
        row = {
            "party": caller.id,
            "autorisatie_id": autorisatie.autorisatie_id,
            "casus_id": autorisatie.casus_id,
            "autorisatie": raw,
            "door": caller.act.sub,
            "registered_ms": to_ms(now),
        }
        insert_once(transaction, AUTHORISATIONS, row)
        where = AUTHORISATIONS.c.party == caller.id, AUTHORISATIONS.c.autorisatie_id == autorisatie.autorisatie_id
        if bytes(transaction.execute(select(AUTHORISATIONS.c.autorisatie).where(*where)).scalar_one()) != raw:
            raise Conflict("that authorisation id is taken: choose another", code="id_taken")
        return _entered(house, transaction, caller, "autorisatie", autorisatie.autorisatie_id, raw, now)


def register_approval(house: House, caller: Caller, goedkeuring: Goedkeuring) -> Geregistreerd:
    """Register that a second person approves; his role is the one his party vouches for in the signed proof."""
    _require_person(caller)
    if caller.act.sub == goedkeuring.aanvrager:
        raise NotAllowed("nobody approves his own request: let a colleague do it", code="same_person")
    now, raw = house.clock(), canonical_bytes(goedkeuring)
    row = {
        "party": caller.id,
        "goedkeuring_id": id_bytes(goedkeuring.goedkeuring_id),
        "actie": goedkeuring.actie.value,
        "onderwerp": goedkeuring.onderwerp,
        "aanvrager": goedkeuring.aanvrager,
        "goedkeurder": caller.act.sub,
        "goedkeurder_rol": caller.act.rol.value,
        "at_ms": to_ms(now),
    }
    with writing(house.store) as transaction:
        if not insert_once(transaction, APPROVALS, row):
            raise Conflict("that approval id is taken: choose another", code="id_taken")
        return _entered(house, transaction, caller, "goedkeuring", goedkeuring.goedkeuring_id, raw, now)


def _entered(
    house: House, transaction: Connection, caller: Caller, soort: str, id_: str, raw: bytes, now: datetime
) -> Geregistreerd:
    entry = RegistrationEntry.model_validate(
        {"soort": soort, "partij": caller.id, "id": id_, "digest": sha256(raw), "door": caller.act.sub}
    )
    return Geregistreerd(grootboek=append(transaction, (entry,), now, house.random)[0])


def _require_person(caller: Caller) -> None:
    if not caller.is_person:
        raise NotAllowed("a member of staff does this: name him in the proof (act)", code="person_needed")
