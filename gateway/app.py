"""The composition root of the gateway's house: settings in, a running application out. Parts meet here only.

Tests call `create_app` with their own `House`, so that they hold the clock, the ids and the engines.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

import structlog
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection

from gateway.canaries.index import CanaryIndex
from gateway.canaries.standing import notices, recall_notices
from gateway.clock import Clock, system_clock
from gateway.era import Era
from gateway.errors import BadSettings, OurFault, StoreUnavailable
from gateway.house import House
from gateway.ids import random_id
from gateway.journal import Journal
from gateway.ledger.append import append
from gateway.ledger.entries import StartEntry
from gateway.matching.index import JoinIndex
from gateway.permit.activation import Ground, in_force
from gateway.policy.bundle import PolicyBundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import PolicyError
from gateway.policy.opa_server import OpaServerEngine
from gateway.policy.opening import answers, parties_agree, passes_self_test, stands
from gateway.policy.room import PolicyRoom
from gateway.policy.shelf import kept
from gateway.policy.standing import open_in_force
from gateway.registry.records import counts_any, recall_subjects
from gateway.settings import (
    Settings,
    opa_server_address,
    pinned_owners,
    read_epoch_keys,
    read_federation,
    read_signing_key,
)
from gateway.store import open_store, reading, schema_is_current, writing
from gateway.vault.leases import Leases
from gateway.vault.sealing import Place
from gateway.web import health, pages, problems
from gateway.web.access import access_routes
from gateway.web.api import BODIES, case_routes, delivery_routes, keeper_routes, public_routes, spot_routes
from gateway.web.documents import document
from gateway.web.headers import Headers
from gateway.web.own import own_routes

_LOG: Final = structlog.get_logger("gateway")


def open_ground(settings: Settings, clock: Clock = system_clock) -> Ground:
    """What a change of the rules rests on, from files; raises BadSettings."""
    federatie = read_federation(settings)
    owners = pinned_owners(settings, federatie)
    store = open_store(settings.database)
    return Ground(store, federatie, owners, settings.bundles, clock, random_id, os.urandom)


def open_house(settings: Settings, clock: Clock = system_clock) -> House:
    """The parts, from files. Raises BadSettings rather than run weak, or without rules that owners put in force."""
    ground = open_ground(settings, clock)
    federatie = ground.federatie
    settings.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    index, canaries = JoinIndex(), CanaryIndex()

    def lease_ended(place: Place) -> None:
        index.drop_party(place.domain, place.epoch, place.party)
        canaries.drop(place.domain, place.epoch, place.party)

    return House(
        federatie=federatie,
        signing=read_signing_key(settings, federatie),
        epoch_keys=read_epoch_keys(settings, federatie),
        store=ground.store,
        policy=open_policy(settings, ground),
        leases=Leases(lease_ended),
        index=index,
        clock=clock,
        ids=random_id,
        random=os.urandom,
        spool=settings.spool,
        era=Era(os.urandom),
        journal=Journal(settings.limits),
        canaries=canaries,
    )


def open_policy(settings: Settings, ground: Ground) -> PolicyRoom:
    """The policy room on the rules in force; raises BadSettings when there are none, or they cannot be read."""
    address = opa_server_address(settings)

    def engine(bundle: PolicyBundle) -> PolicyEngine:
        return EmbeddedEngine(bundle) if address is None else OpaServerEngine(address, bundle.revision)

    def read(digest: str) -> PolicyBundle:
        return kept(digest, ground.shelf)

    try:
        return open_in_force(lambda: in_force(ground), read, ground.owners, engine, ground.clock, ground.ids)
    except PolicyError as error:
        raise BadSettings(str(error)) from error


def create_app(house: House) -> FastAPI:
    """The application on top of a house. Starting it appends an entry that says which federation it serves."""
    registry = CollectorRegistry()
    requests = health.Requests(registry)
    app = FastAPI(
        title="Schakel gateway",
        summary="Federated gateway against human trafficking",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    partners = (delivery_routes(house), case_routes(house), spot_routes(house), keeper_routes(house))
    api = (*partners, public_routes(house), access_routes(house))
    for router in (*api, pages.page_routes(house)):
        app.include_router(router)
    app.include_router(own_routes(house))
    app.include_router(health.health_routes(readiness(house), registry))
    app.mount("/static", pages.static_files())

    @app.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(document(app, BODIES))

    app.add_middleware(Headers, observe=requests.observe)
    return app


def recall(house: House) -> None:
    """Count once more what was asked and touched since the backup that the database may have been restored from.

    Raises BadSettings when the journal's folder is gone though the database counts something, StoreUnavailable.
    """
    with writing(house.store) as transaction:
        if not _remembers(house, transaction):
            raise BadSettings(
                f"{house.journal.folder}: this folder is gone, and with it what a restored database forgets: put it "
                "back. For a gateway of an earlier version that never had one, make an empty one"
            )
        house.journal.begin()
        facts = tuple(house.journal.read())
        subjects = recall_subjects(transaction, facts, house.clock())
        touches = recall_notices(transaction, facts)
    if subjects or touches:
        _LOG.warning("limits_recalled", subjects=subjects, notices=touches)


def _remembers(house: House, transaction: Connection) -> bool:
    """Whether the journal's folder is there, or there is nothing yet that it should remember."""
    return house.journal.exists() or not (counts_any(transaction) or notices(transaction).meldingen)


def announce(house: House) -> None:
    """Enter in the ledger that the gateway started, with which federation file and which rules."""
    entry = StartEntry(federatie=house.federatie.digest, beleid=house.policy.bundle.revision)
    with writing(house.store) as transaction:
        append(transaction, (entry,), house.clock(), house.random)


def readiness(house: House) -> Mapping[str, Callable[[], bool]]:
    """What must hold before this gateway may be asked anything; each check answers False rather than raise."""
    return {
        "schema": lambda: schema_is_current(house.store),
        "parties": lambda: parties_agree(house.policy.bundle, house.federatie),
        "owners": lambda: stands(house.policy, house.clock()),
        "policy": lambda: answers(house.policy),
        "alone": lambda: _alone(house),
    }


def _alone(house: House) -> bool:
    """Whether no other process can have taken the database over."""
    try:
        if house.hold is not None:
            house.hold.demand()
    except StoreUnavailable:
        return False
    return True


def _limits(house: House) -> bool:
    try:
        with reading(house.store) as transaction:
            return _remembers(house, transaction)
    except OurFault:
        return False


def start_checks(house: House) -> Mapping[str, Callable[[], bool]]:
    """What must hold before the gateway starts: readiness, what limits rest on, every golden case of the policy."""
    return {
        **readiness(house),
        "limits": lambda: _limits(house),
        "golden": lambda: passes_self_test(house.policy),
    }
