"""A gateway on a real port, to which its own settings lead, for commands that ask the serving process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from gateway.app import create_app
from gateway.house import House


@contextmanager
def on_a_port(house: House, settings: Path) -> Iterator[int]:
    """Serve until the end of the block; `settings` (gateway.toml) gets the port, which is also what is given back."""
    server = uvicorn.Server(uvicorn.Config(create_app(house), port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.05)
    port = int(server.servers[0].sockets[0].getsockname()[1])
    lines = [line for line in settings.read_text().splitlines() if not line.startswith(("port", "host"))]
    settings.write_text("\n".join([f"port = {port}", *lines]) + "\n")
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join()
