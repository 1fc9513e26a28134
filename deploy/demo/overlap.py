"""`make overlap`: a known answer through the whole chain.

The published Dutch overlap table is expanded into six partners' files of invented people. Each goes through its own
connector, both custodians and the gateway; the persons that the gateway then finds in MONITOR tokens, counted per
combination of lists, must equal the published table cell by cell. An overlap table is never published, so this gateway
runs inside this process, where its rooms can be asked.
"""

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from rich.console import Console
from rich.table import Table

from connectors.contract.codes import TokenDomein
from deploy.demo.commands import Connector
from deploy.demo.federation import Layout, lay_out
from deploy.demo.overlap_sources import PARTIES, expand, read_table
from deploy.demo.policy import with_parties
from deploy.demo.processes import free_ports, running
from gateway.app import create_app, open_ground, open_house
from gateway.house import House
from gateway.permit.activation import Given, activate
from gateway.policy.bundle import load_bundle
from gateway.release.entities import overlap_table
from gateway.settings import read_settings
from gateway.store import migrate

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
EPOCH = "2026"


def reproduce(table: dict[frozenset[str], int], folder: Path) -> dict[frozenset[str], int]:
    """Run six partners' files through the chain under `folder`; returns the gateway's overlap table, by list."""
    gateway, *custodians = (f"http://127.0.0.1:{port}" for port in free_ports(3))
    layout = lay_out(
        folder,
        HERE / "overlap_parties.json",
        gateway,
        (custodians[0], custodians[1]),
        datetime.now(UTC),
        epoch=EPOCH,
        policy_dir=with_parties(ROOT / "policies" / "opa", HERE / "overlap_parties.json", folder / "policy"),
    )
    files = expand(table, folder)
    with running(layout, folder / "logs") as federation:
        federation.start_custodian(1)
        federation.start_custodian(2)
        with _gateway(layout) as house:
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(lambda name: _deliver(layout, name, files[name]), PARTIES))
            present = house.present(TokenDomein.MONITOR, EPOCH, house.clock())
            found = overlap_table(house.index.entities(TokenDomein.MONITOR.value, EPOCH, present))
    lists = {party: name for name, party in PARTIES.items()}
    return {frozenset(lists[party] for party in parties): count for parties, count in found.items()}


def _deliver(layout: Layout, name: str, source: Path) -> None:
    connector = Connector(layout.partner(PARTIES[name]))
    connector.deliver(source, HERE / "mappings" / "slachtoffers_monitor.toml", "psn:officer", register_as="psn:officer")


@contextmanager
def _gateway(layout: Layout) -> Iterator[House]:
    """The gateway of the layout, served on loopback by a thread of this process."""
    settings = read_settings(layout.gateway / "gateway.toml", {})
    ground = open_ground(settings)
    migrate(ground.store)
    signed = [Given(path.name, path.read_text(encoding="ascii").strip()) for path in layout.bundle_signatures]
    activate(ground, None, load_bundle(settings.policy_dir), signed)
    house = open_house(settings)
    config = uvicorn.Config(create_app(house), host=settings.host, port=settings.port, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield house
    finally:
        server.should_exit = True
        thread.join()


def main() -> int:
    """Print both tables beside each other; exit 0 only when every cell is equal."""
    published = read_table(HERE / "overlap_nl_2010_2015.csv")
    folder = Path(tempfile.mkdtemp(prefix="schakel-overlap-"))
    try:
        found = reproduce(published, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    shown = Table("lists", "published", "gateway")
    for lists in sorted(published.keys() | found.keys(), key=lambda s: (len(s), sorted(s))):
        shown.add_row(" ".join(sorted(lists)), str(published.get(lists, 0)), str(found.get(lists, 0)))
    console = Console(highlight=False)
    console.print(shown)
    several = sum(count for lists, count in found.items() if len(lists) > 1)
    equal = found == published
    verdict = "equal, cell by cell" if equal else "NOT equal"
    console.print(f"{sum(found.values())} people, {several} on more than one list: {verdict}")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
