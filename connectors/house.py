"""The composition root of the partner's house: settings in, everything a command needs out."""

import os
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from connectors.calls import GatewayCalls
from connectors.contract.codes import TokenDomein
from connectors.contract.federation import Federatie, Partij, load_federation
from connectors.contract.signing import SigningKey, Unverified
from connectors.errors import InputRefused, NotVerified
from connectors.files import read_whole
from connectors.keyring import Keyring
from connectors.outbox import Outbox
from connectors.settings import Settings

Clock = Callable[[], datetime]
USER_AGENT = "schakel-connector"
CONNECTOR_PSN = "psn:connector"
"""Who acts where no member of staff is named (the agreed chain); policy says what it may do."""


@dataclass(frozen=True)
class House:
    """What a command works with. `http` has no proxies, follows no redirects and has time-outs."""

    settings: Settings
    federatie: Federatie
    party: Partij
    keyring: Keyring
    key: SigningKey
    outbox: Outbox
    calls: GatewayCalls
    http: httpx.Client
    clock: Clock
    random: Callable[[int], bytes]
    workers: Executor

    def domein(self, asked: TokenDomein | None) -> TokenDomein:
        """The token domain of a command: as asked, else the first of the settings. Raises InputRefused when this
        party does not take part in its convenant according to the settings."""
        if asked is None:
            return self.settings.domains[0]
        if asked not in self.settings.domains:
            raise InputRefused(f"domain {asked} is not among the domains of the settings")
        return asked


def system_clock() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_house(settings: Settings, *, http: httpx.Client | None = None, clock: Clock = system_clock) -> Iterator[House]:
    """Open everything, and close it again. `http` is handed in by tests only.

    Raises InputRefused, NotVerified (federation file or keys) or OutboxBroken.
    """
    federatie = read_federation(settings)
    party = federatie.partij(settings.party)
    if party is None:
        raise NotVerified("this party does not stand in the federation file; send the owners your public keys")
    keyring = Keyring(settings.keys)
    key = keyring.signing_key()
    if key.public != party.sleutel:
        raise NotVerified("party.key is not the key that the federation file has for this party")
    client = http or _client(settings)
    outbox = Outbox(settings.outbox)
    workers = ThreadPoolExecutor(settings.workers or os.cpu_count() or 1)
    try:
        yield House(
            settings=settings,
            federatie=federatie,
            party=party,
            keyring=keyring,
            key=key,
            outbox=outbox,
            calls=GatewayCalls(federatie.gateway.url, party.id, key, keyring.signing_seed(), client, clock),
            http=client,
            clock=clock,
            random=os.urandom,
            workers=workers,
        )
    finally:
        workers.shutdown(wait=False, cancel_futures=True)
        outbox.close()
        if http is None:
            client.close()


def read_federation(settings: Settings) -> Federatie:
    """The federation file that two pinned owners signed. Raises InputRefused or NotVerified."""
    raw = read_whole(settings.federation)
    try:
        return load_federation(raw, settings.owners)
    except Unverified as error:
        raise NotVerified(str(error)) from error


def _client(settings: Settings) -> httpx.Client:
    try:
        context = ssl.create_default_context(cafile=str(settings.ca) if settings.ca else None)
    except OSError as error:  # ssl.SSLError is one
        name = settings.ca.name if settings.ca else "certificates of the system"
        raise InputRefused("not certificates that can be read (PEM)", file=name) from error
    return httpx.Client(
        verify=context,
        timeout=httpx.Timeout(settings.timeout_seconds),
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": USER_AGENT},
    )
