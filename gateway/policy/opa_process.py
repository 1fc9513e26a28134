"""A real OPA server on loopback, started with the hardened options for as long as a command runs.

The bundle is signed with a key that lives only for this run, so that the server checks what it loads as it does in
production (`deploy/opa/config.yaml`).
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.policy.archive import bundle_archive
from gateway.policy.bundle import PolicyBundle
from gateway.policy.errors import EngineUnavailable

_START_SECONDS: Final = 20.0
_STOP_SECONDS: Final = 5.0


def find_opa(tools: Path) -> Path | None:
    """The `opa` that `make opa` built in `tools`, else the one on PATH, else nothing."""
    built = tools / "opa"
    if built.is_file():
        return built
    found = shutil.which("opa")
    return Path(found) if found else None


@contextmanager
def opa_server(binary: Path, bundle: PolicyBundle, system: dict[str, str], config: Path | None = None) -> Iterator[str]:
    """The URL of a server that serves `bundle`; raises EngineUnavailable when it does not come up.

    `config`: OPA's own settings, for what a run of a command has no use for, such as masked decision logs.
    """
    key = Ed25519PrivateKey.generate()
    with tempfile.TemporaryDirectory(prefix="schakel-opa-") as name:
        folder = Path(name)
        (folder / "bundle.tar.gz").write_bytes(bundle_archive(bundle, system, key))
        (folder / "bundle.pub.pem").write_bytes(
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        port = _free_port()
        process = subprocess.Popen(
            _command(binary, port, config),
            cwd=folder,
            env={"HOME": name, "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _await_health(process, url)
            yield url
        finally:
            _stop(process)


def _command(binary: Path, port: int, config: Path | None) -> list[str]:
    settings = [] if config is None else ["--config-file", str(config.resolve())]
    return [
        str(binary.resolve()),
        "run",
        "--server",
        *settings,
        "--addr",
        f"127.0.0.1:{port}",
        "--authorization=basic",
        "--skip-version-check",
        "--log-level=error",
        "--bundle",
        "bundle.tar.gz",
        "--verification-key",
        "bundle.pub.pem",
        "--signing-alg",
        "EdDSA",
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _await_health(process: subprocess.Popen[bytes], url: str) -> None:
    until = time.monotonic() + _START_SECONDS
    with requests.Session() as session:
        session.trust_env = False
        while time.monotonic() < until and process.poll() is None:
            try:
                if session.get(f"{url}/health", timeout=1, allow_redirects=False).status_code == 200:
                    return
            except requests.exceptions.RequestException:
                pass
            time.sleep(0.05)
    raise EngineUnavailable("the OPA server did not start")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
