"""The federation's processes on loopback: started through the same commands that an operator types."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.demo.federation import Layout

BIN = Path(sys.executable).parent
START_SECONDS = 60


class NotStarted(RuntimeError):
    """A process that did not answer; the message holds the end of its log."""


@dataclass
class Running:
    """The processes of one federation."""

    layout: Layout
    logs: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str], cwd: Path, ready: str) -> None:
        """Start `command` in `cwd` and wait until `ready` answers 200. Raises NotStarted."""
        self.logs.mkdir(parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        with log.open("ab") as output:
            process = subprocess.Popen(command, cwd=cwd, stdout=output, stderr=output, env=os.environ)
        self.processes[name] = process
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise NotStarted(f"{name} stopped:\n{_tail(log)}")
            if _answers(ready):
                return
            time.sleep(0.05)
        raise NotStarted(f"{name} does not answer:\n{_tail(log)}")

    def start_custodian(self, nr: int) -> str:
        """Start a custodian; returns its address."""
        url = self.layout.federatie.custodians[nr - 1].url
        command = [str(BIN / "schakel-custodian"), "serve", "--settings", "custodian.toml"]
        self.start(f"custodian{nr}", command, self.layout.custodian(nr), f"{url}/readyz")
        return url

    def start_gateway(self) -> str:
        """Bring the database up to date, put the rules in force that two owners signed, and start the gateway; returns
        its address."""
        url = self.layout.federatie.gateway.url
        folder = self.layout.gateway
        command = [str(BIN / "schakel-gateway")]
        subprocess.run([*command, "migrate", "--settings", "gateway.toml"], cwd=folder, check=True, capture_output=True)
        if not (folder / "bundles").exists():
            signed = [part for path in self.layout.bundle_signatures for part in ("--signature", str(path))]
            activate = [*command, "bundle", "activate", *signed, "--settings", "gateway.toml"]
            subprocess.run(activate, cwd=folder, check=True, capture_output=True)
        self.start("gateway", [*command, "serve", "--settings", "gateway.toml"], folder, f"{url}/readyz")
        return url

    def verify_ledger(self) -> int:
        """The number of entries of the gateway's ledger, every leaf and body verified."""
        command = [str(BIN / "schakel-gateway"), "verify-ledger", "--settings", "gateway.toml", "--json"]
        done = subprocess.run(command, cwd=self.layout.gateway, check=True, capture_output=True, text=True)
        return int(json.loads(done.stdout)["size"])

    def release_command(self, *words: str) -> int:
        """The exit code of `schakel-gateway release …`."""
        command = [str(BIN / "schakel-gateway"), "release", *words, "--settings", "gateway.toml"]
        return subprocess.run(command, cwd=self.layout.gateway, check=False, capture_output=True).returncode

    def kill(self, name: str) -> None:
        """kill -9: no goodbye, no flush."""
        process = self.processes.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """Ask every process to stop, and make sure it did."""
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()


@contextmanager
def running(layout: Layout, logs: Path) -> Iterator[Running]:
    """A federation whose processes end with the block, however it ends."""
    federation = Running(layout, logs)
    try:
        yield federation
    finally:
        federation.stop()


def free_ports(count: int) -> list[int]:
    """Ports of loopback that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]
