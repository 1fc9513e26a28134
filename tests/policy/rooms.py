"""Policy rooms for tests: a fixed lease, and addresses with time for a busy machine."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gateway.policy.opa_address import opa_address
from gateway.policy.room import Lease, PolicyRoom

ROOT = Path(__file__).resolve().parents[2]
VERIFIED = datetime(2026, 11, 23, 9, tzinfo=UTC)


def patient(url):
    """An address with a deadline that a loaded test machine keeps."""
    return replace(opa_address(url), deadline=20.0)


def room_on(bundle, engine, signed=True):
    """A room with a fresh lease and one decision id."""
    return PolicyRoom(bundle, engine, lambda: Lease(VERIFIED, signed=signed), lambda: "besluit-1")
