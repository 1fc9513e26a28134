"""Starts a real connector process that kills itself (SIGKILL) at one call of one function: before it or after it.

Test code only: the shipped connector has no fault hook. Usage: MODULE:QUALNAME before|after NTH ARGUMENTS
"""

import functools
import importlib
import os
import signal
import sys
from typing import Any


def die_at(place: str, moment: str, nth: int) -> None:
    """Replace the function at `place` by one that kills this process at its nth call."""
    module_name, _, name = place.partition(":")
    owner: Any = importlib.import_module(module_name)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    original, calls = getattr(owner, last), [0]

    @functools.wraps(original)
    def deadly(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        if calls[0] == nth and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*args, **kwargs)
        if calls[0] == nth and moment == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, last, deadly)


if __name__ == "__main__":
    import connectors.run

    connectors.run.CHUNK_ROWS = 5  # several batches from a small file
    die_at(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    from connectors.cli import app

    app(sys.argv[4:])
