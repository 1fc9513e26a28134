"""Exit codes that every command of every house shares; scripts rely on them."""

from enum import IntEnum


class Exit(IntEnum):
    """What a command's exit code says to the script that called it."""

    DONE = 0
    BAD_INPUT = 2  # wrong use or bad input; nothing changed
    REFUSED = 3  # refused by policy; reason codes printed
    PROTECTED = 4  # the tripwire or the release protection refused
    UNAVAILABLE = 5  # a peer is unavailable; nothing lost, retry is safe
    UNVERIFIED = 6  # a signature, proof or chain did not verify
