"""The commands of the demo, typed as a user would type them: `schakel-connector …` beside each partner's own files."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BIN = Path(sys.executable).parent


class CommandFailed(RuntimeError):
    """A command that did not end as the demo expects; the message is the command's own."""


@dataclass(frozen=True)
class Done:
    """How a command ended: its exit code, the JSON object it printed if any, and what it said on stderr."""

    code: int
    result: dict[str, Any]
    said: str


@dataclass(frozen=True)
class Connector:
    """One party's connector: the folder with its settings and keys."""

    folder: Path

    def command(self, *words: str | Path) -> list[str]:
        """The command line, with this party's settings and JSON output."""
        settings = str(self.folder / "connector.toml")
        return [str(BIN / "schakel-connector"), *map(str, words), "--settings", settings, "--json"]

    def run(self, *words: str | Path, expect: int = 0) -> Done:
        """Run a command to its end. Raises CommandFailed when it exits with anything but `expect`."""
        ended = subprocess.run(self.command(*words), capture_output=True, text=True, check=False)
        lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
        done = Done(ended.returncode, json.loads(lines[-1]) if lines else {}, ended.stderr.strip())
        if done.code != expect:
            raise CommandFailed(f"{words[0]} ended with {done.code}, not {expect}: {done.said or ended.stdout[-500:]}")
        return done

    def deliver(self, source: str | Path, mapping: Path, officer: str, *, register_as: str | None = None) -> Done:
        """Preview, approve by the officer, send: what every delivery takes.

        `register_as`: also register the approval at the gateway, where policy asks four eyes (minors).
        """
        receipt = self.folder / f"{mapping.stem}.receipt.json"
        self.run("preview", source, "--mapping", mapping, "--out", receipt)
        self.run("approve", receipt, "--name", officer, *(("--as", register_as) if register_as else ()))
        return self.run("send", source, "--mapping", mapping)
