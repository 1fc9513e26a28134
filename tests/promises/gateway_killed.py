"""Starts a real gateway process that kills itself (SIGKILL) at one call of one function: before it or after it.

Test code only: the shipped gateway has no fault hook. Usage: MODULE:QUALNAME before|after NTH ARGUMENTS
"""

import sys

from tests.faults.connector_killed import die_at

if __name__ == "__main__":
    die_at(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    from gateway.cli import app

    app(sys.argv[4:])
