"""The rules, both engines and the oracle for the policy tests."""

import os
from pathlib import Path

import pytest

from gateway.policy.archive import read_system
from gateway.policy.bundle import PolicyBundle, load_bundle
from gateway.policy.embedded import EmbeddedEngine
from gateway.policy.opa_process import find_opa, opa_server
from gateway.policy.opa_server import OpaServerEngine
from tests.policy.oracle import Oracle
from tests.policy.questions import POLICY
from tests.policy.rooms import ROOT, patient, room_on


@pytest.fixture(scope="session")
def bundle() -> PolicyBundle:
    """The rules of this checkout."""
    return load_bundle(POLICY)


@pytest.fixture(scope="session")
def room(bundle):
    """The policy room on the embedded engine."""
    return room_on(bundle, EmbeddedEngine(bundle))


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """The plain-Python reading."""
    return Oracle(POLICY / "bron")


@pytest.fixture(scope="session")
def opa_binary() -> Path:
    """OPA from `make opa` or PATH; its absence fails in CI and skips elsewhere."""
    return _binary("opa", find_opa(ROOT / ".tools"))


@pytest.fixture(scope="session")
def regal_binary() -> Path:
    """Regal from `make opa`."""
    built = ROOT / ".tools" / "regal"
    return _binary("regal", built if built.is_file() else None)


def _binary(name, found):
    if found is None:
        reason = f"no {name}: run `make opa`"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def opa_url(opa_binary, bundle):
    """A real OPA server with the signed bundle."""
    with opa_server(opa_binary, bundle, read_system(ROOT / "deploy" / "opa" / "system")) as url:
        yield url


@pytest.fixture(scope="session")
def opa_room(bundle, opa_url):
    """The policy room on the real OPA server, with time for a busy machine."""
    return room_on(bundle, OpaServerEngine(patient(opa_url), bundle.revision))
