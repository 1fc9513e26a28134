"""A private PostgreSQL cluster for tests: initdb, pg_ctl, a unix socket, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest

_NUMBER = count(1)


@dataclass(frozen=True)
class Cluster:
    """A running server; its socket lies in `socket`."""

    socket: Path
    user: str

    @classmethod
    @contextmanager
    def start(cls, _folder: Path) -> Iterator["Cluster"]:
        """Start a server; skips the test without initdb, fails it when the environment says CI."""
        initdb = _program("initdb")
        if initdb is None:
            message = "PostgreSQL's initdb is not installed"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        folder = Path(tempfile.mkdtemp(prefix="schakel-pg-"))
        owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(folder, owner)
        data = folder / "data"
        _run(owner, initdb, "-D", str(data), "-A", "trust", "-U", "schakel", "--no-sync")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control = Path(initdb).with_name("pg_ctl")
        program = str(control) if control.exists() else (_program("pg_ctl") or "pg_ctl")
        _run(owner, program, "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield cls(folder, "schakel")
        finally:
            _run(owner, program, "-D", str(data), "-m", "immediate", "-w", "stop")
            shutil.rmtree(folder, ignore_errors=True)

    def fresh_database(self) -> str:
        """The URL of a new, empty database."""
        name = f"schakel_{next(_NUMBER)}"
        with psycopg.connect(host=str(self.socket), user=self.user, dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[call-overload]
        return f"postgresql+psycopg://{self.user}@/{name}?host={self.socket}"


def _program(name: str) -> str | None:
    found = shutil.which(name)
    if found:
        return found
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(versions[-1]) if versions else None


def _run(owner: str, *command: str) -> None:
    prefix = ["runuser", "-u", owner, "--"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/")
