"""How long work tells how far it is."""

from collections.abc import Callable

Tick = Callable[[int], None]
"""Hears how many rows were done since the last call: a progress bar, or nothing."""
