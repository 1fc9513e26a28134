"""No part of a scan opens a socket: shown in a child process where the kernel kills whoever tries."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A seccomp filter (kernel documentation, "Seccomp BPF"): socket(2) kills the process, all else is allowed. The audit
# hook stands beside it for machines without seccomp.
GUARD = r"""
import ctypes, platform, struct, sys

def forbid_sockets():
    number = {"x86_64": 41, "aarch64": 198}.get(platform.machine())
    def hook(event, _):
        if event.startswith("socket."):
            raise SystemExit("socket opened: " + event)
    sys.addaudithook(hook)
    if sys.platform != "linux" or number is None:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    steps = b"".join([
        struct.pack("HBBI", 0x20, 0, 0, 0),            # load the syscall number
        struct.pack("HBBI", 0x15, 0, 1, number),       # socket?
        struct.pack("HBBI", 0x06, 0, 0, 0x80000000),   # kill the process
        struct.pack("HBBI", 0x06, 0, 0, 0x7FFF0000),   # allow
    ])
    code = ctypes.create_string_buffer(steps)
    program = struct.pack("HxxxxxxP", 4, ctypes.addressof(code))
    libc.prctl(38, 1, 0, 0, 0)                         # no new privileges
    libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0)  # seccomp filter

forbid_sockets()
"""

SCAN = r"""
from pseudonymizer.narrative.scan import NarrativeLine, Scanner
from pseudonymizer.narrative.tripwire import Tripwire, TripwireHit
from pseudonymizer.narrative.known import KnownValues
text = "Mail ioana@post.example of kasia@zorg.nl, zie https://dates.example/x en www.kamers.nl, tel 06-12345678."
labels = {s.label.value for s in Scanner().scan_one(NarrativeLine("x", text, ("Ioana",))).spans}
assert {"EMAIL", "URL", "PHONE"} <= labels, labels
try:
    Tripwire(["zorg"]).check([("route", "ioana@post.example")], KnownValues.of(()))
except TripwireHit:
    print("clean")
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_scan_and_tripwire_open_no_socket() -> None:
    """A scan full of e-mail and web addresses ends well in a process that may not open a socket."""
    done = run(GUARD + SCAN)
    assert (done.returncode, done.stdout.strip()) == (0, "clean"), done.stderr[-500:]


def test_the_guard_bites() -> None:
    """The same child dies when it does open one, so the test above proves something."""
    assert run(GUARD + "import socket\nsocket.socket()").returncode != 0


@pytest.mark.parametrize("name", ["spacy_nlp_engine", "email_recognizer"])
def test_upstream_defaults_are_not_used(name: str) -> None:
    """Our engine names neither spaCy's loader nor the upstream e-mail recogniser."""
    sources = (ROOT / "pseudonymizer" / "narrative").rglob("*.py")
    assert all(f"import {name}" not in path.read_text("utf-8") for path in sources)
