"""kill -9 at every step of an activation, with the real command: the old rules or the new, never neither or both, and
the same command again ends in the new."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from deploy.demo.federation import Layout
from gateway.app import open_ground
from gateway.ledger.append import current_head
from gateway.ledger.verify import verify
from gateway.permit.activation import Ground, in_force
from gateway.policy.bundle import load_bundle
from gateway.policy.changes import CHANGES
from gateway.policy.shelf import kept
from gateway.settings import read_settings
from gateway.store import migrate, reading
from tests.gateway.gateway_world import ROOT, make_layout

ROOM = "gateway.permit.activation"
MOMENTS = [
    (f"{ROOM}:add_change", "after"),
    (f"{ROOM}:_write", "after"),
    pytest.param((f"{ROOM}:keep", "before"), marks=pytest.mark.full),
    pytest.param((f"{ROOM}:keep", "after"), marks=pytest.mark.full),
    pytest.param((f"{ROOM}:append", "before"), marks=pytest.mark.full),
    pytest.param((f"{ROOM}:append", "after"), marks=pytest.mark.full),
    pytest.param(("gateway.policy.shelf:os.fsync", "before"), marks=pytest.mark.full),
]
COMMITTED = (f"{ROOM}:_write", "after")


def activate(layout: Layout, place: str, when: str, nth: int) -> int:
    """The exit code of `bundle activate`, which kills itself at a call of the function at `place`."""
    command = [sys.executable, "-m", "tests.promises.gateway_killed", place, when, str(nth), "bundle", "activate"]
    for path in layout.bundle_signatures:
        command += ["--signature", str(path)]
    command += ["--settings", str(layout.gateway / "gateway.toml")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=120).returncode


def state(ground: Ground) -> tuple[int, int, bool]:
    """Entries of the ledger, changes of the rules, and whether what is in force can be read from the shelf."""
    with reading(ground.store) as transaction:
        verify(transaction)
        size, _ = current_head(transaction)
        changes = transaction.execute(select(func.count()).select_from(CHANGES)).scalar_one()
    found = in_force(ground)
    return size, changes, found is not None and kept(found.digest, ground.shelf).digest == found.digest


@pytest.mark.parametrize("moment", MOMENTS, ids=str)
def test_a_killed_activation_is_all_or_nothing(tmp_path: Path, moment: tuple[str, str]) -> None:
    """Entry and change are both there or both absent; the command again puts the rules in force, entered once."""
    layout = make_layout(tmp_path / "federation", now=datetime.now(UTC))
    ground = open_ground(read_settings(layout.gateway / "gateway.toml", {}))
    migrate(ground.store)
    assert activate(layout, *moment, 1) == -9
    assert state(ground) == ((1, 1, True) if moment == COMMITTED else (0, 0, False))
    assert activate(layout, *moment, 0) == 0
    assert state(ground) == (1, 1, True)
    found = in_force(ground)
    assert found is not None
    assert found.digest == load_bundle(ROOT / "policies" / "opa").digest
    ground.store.dispose()
