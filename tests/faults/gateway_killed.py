"""Starts a real gateway that kills itself (SIGKILL) at one named moment; run by the fault tests, never shipped.

`python gateway_killed.py SETTINGS MOMENT`: MOMENT is `module:function:before|after`, or `commit:N:before|after` for the
N-th commit that touches the receipts' table, or `none`.
"""

import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from gateway.operating import serve_command

STATEMENT = "INSERT INTO receipts"


def die(*_: Any, **__: Any) -> None:
    """No goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm_function(module_name: str, name: str, when: str) -> None:
    """Die before or after a function that the intake calls by this name."""
    module = importlib.import_module(module_name)
    original = getattr(module, name)

    def armed(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            die()
        result = original(*args, **kwargs)
        die()
        return result

    setattr(module, name, armed)


def arm_commit(when: str) -> None:
    """Die around the commit of the transaction that stores a receipt."""
    from sqlalchemy.engine import Engine

    def note(conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(STATEMENT):
            conn.info["receipt"] = True

    event.listen(Engine, "before_cursor_execute", note)
    if when == "before":
        event.listen(Engine, "commit", lambda conn: die() if conn.info.get("receipt") else None)
        return
    original = Connection._commit_impl

    def committed(self: Connection) -> None:
        original(self)
        if self.info.get("receipt"):
            die()

    Connection._commit_impl = committed  # type: ignore[method-assign]


def main(settings: str, moment: str) -> None:
    """Arm and serve."""
    first, _, rest = moment.partition(":")
    if first == "commit":
        arm_commit(rest)
    elif first != "none":
        name, _, when = rest.partition(":")
        arm_function(first, name, when)
    serve_command(Path(settings))


if __name__ == "__main__":
    main(*sys.argv[1:])
