"""An OPA server for as long as a command runs: the one at a URL, else the `opa` that is found, started on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.policy.archive import read_system
from gateway.policy.bundle import PolicyBundle
from gateway.policy.engine import PolicyEngine
from gateway.policy.errors import EngineUnavailable
from gateway.policy.opa_address import opa_address
from gateway.policy.opa_process import find_opa, opa_server
from gateway.policy.opa_server import OpaServerEngine


@contextmanager
def reached_opa(url: str | None, bundle: PolicyBundle, system: Path, tools: Path) -> Iterator[PolicyEngine]:
    """The engine; raises PolicySourceError for an unsafe URL, EngineUnavailable when there is no `opa` to start."""
    if url is not None:
        yield OpaServerEngine(opa_address(url), bundle.revision)
        return
    binary = find_opa(tools)
    if binary is None:
        raise EngineUnavailable("no opa found; run `make opa` or put one on PATH")
    with opa_server(binary, bundle, read_system(system)) as started:
        yield OpaServerEngine(opa_address(started), bundle.revision)
