"""kill -9 of a real custodian process at each commit point: nothing is lost and nothing is charged twice."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from pseudonymizer.custodian.log import verify_chain
from pseudonymizer.custodian.store import DEBITS, LOG, check_books, open_store, read_log, reading
from tests.custodian.doors import points
from tests.custodian.small_federation import POLICE, SmallFederation, small_federation

# Runs the shipped command line, but dies by SIGKILL when the named step is reached.
DYING = """
import os, signal, sys
import pseudonymizer.custodian.admission as admission
from pseudonymizer.custodian.cli import app
step, when = sys.argv.pop(1), sys.argv.pop(1)
real = getattr(admission, step)
def dying(*arguments, **named):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    real(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(admission, step, dying)
app()
"""
STEPS = [
    ("debit", "before", 0),
    ("debit", "after", 16),
    ("evaluate_batch", "after", 16),
    ("append_evaluated", "before", 16),
    ("append_evaluated", "after", 16),
]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def federation(tmp_path: Path) -> SmallFederation:
    """With windows around the real clock, because a real process reads it."""
    federation = small_federation(tmp_path, (_free_port(), _free_port()))
    now = datetime.now(UTC)
    window = {"van": now - timedelta(days=2), "tot": now + timedelta(days=1), "overlap_tot": now + timedelta(days=2)}
    keys = tuple(item.model_copy(update=window) for item in federation.federation.sleutels)
    parties = tuple(
        item.model_copy(
            update={"deelnames": tuple(m.model_copy(update={"van": window["van"]}) for m in item.deelnames)}
        )
        for item in federation.federation.partijen
    )
    return federation.with_content(sleutels=keys, partijen=parties).with_caseload(POLICE, 10)


@contextmanager
def _running(federation: SmallFederation, *prefix: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = federation.settings_file(1)
    command = [sys.executable, *(prefix or ("-m", "pseudonymizer.custodian.cli")), "serve", "--settings", str(settings)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=Path(__file__).resolve().parents[2])
    try:
        _wait_until_ready(federation)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.wait()


def _wait_until_ready(federation: SmallFederation) -> None:
    for _ in range(600):
        with suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{federation.ports[0]}/readyz").status_code == 200:
                return
        time.sleep(0.05)
    raise TimeoutError("the custodian did not become ready")


def _post(federation: SmallFederation, body: bytes, ticket: str) -> httpx.Response:
    headers = federation.headers(body, ticket, changed={"iat": int(datetime.now(UTC).timestamp())})
    url = f"http://127.0.0.1:{federation.ports[0]}/v1/evaluate/id"
    return httpx.post(url, content=body, headers=headers, timeout=30)


def _ticket(federation: SmallFederation) -> str:
    moment = int(datetime.now(UTC).timestamp())
    return federation.ticket(iat=moment, exp=moment + 600)


def _debited(federation: SmallFederation) -> int:
    with open_store(federation.settings(1).store).begin() as connection:
        return connection.scalar(sa.select(sa.func.coalesce(sa.func.sum(DEBITS.c.n), 0)))


@pytest.mark.parametrize(("step", "when", "debited"), STEPS)
def test_a_request_cut_by_kill_9_is_charged_once_and_answered_on_retry(
    federation: SmallFederation, step: str, when: str, debited: int
) -> None:
    """Whatever commit the process died at, the same request afterwards is answered for one debit and one charge."""
    body, ticket = points(), _ticket(federation)
    with _running(federation, "-c", DYING, step, when) as process:
        with pytest.raises(httpx.TransportError):
            _post(federation, body, ticket)
        assert process.wait() == -signal.SIGKILL
    assert _debited(federation) == debited
    with _running(federation):
        assert _post(federation, body, ticket).status_code == 200
    assert _debited(federation) == 16
    with reading(open_store(federation.settings(1).store)) as connection:
        verify_chain(read_log(connection), {})
        assert check_books(connection) == 0
        assert connection.scalar(sa.select(sa.func.sum(LOG.c.charged))) == 16


def test_the_listening_process_makes_no_core_dump(federation: SmallFederation) -> None:
    """A core file would hold the keys."""
    with _running(federation) as process:
        limits = Path(f"/proc/{process.pid}/limits")
        if not limits.exists():
            pytest.skip("no /proc on this system")
        core = next(line for line in limits.read_text().splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]


def test_a_killed_process_leaves_no_library_file_behind(federation: SmallFederation, tmp_path: Path) -> None:
    """rbcl unpacks libsodium into the temporary folder; ours is gone as soon as it is loaded."""
    empty = tmp_path / "temporary"
    empty.mkdir()
    code = "import pseudonymizer.oprf.sodium"
    environment = os.environ | {"TMPDIR": str(empty)}
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=root)
    assert list(empty.iterdir()) == []
