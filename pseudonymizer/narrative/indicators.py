"""Coded indicators of human trafficking: the closed list, after IOM's HTCDS control methods and the Dutch signal card.

Only a code and its status may leave a partner; no snippet, offset, length or hash of the text does.
"""

from dataclasses import dataclass
from enum import StrEnum


class SignalStatus(StrEnum):
    """How sure the text is of the signal, from weak to strong."""

    VERMOED = "vermoed"
    VERKLAARD = "verklaard"
    WAARGENOMEN = "waargenomen"


class Indicator(StrEnum):
    """The signals that a text may show."""

    SCHULDBINDING = "schuldbinding"


@dataclass(frozen=True, slots=True, order=True)
class Signal:
    """One indicator found in a text, with its status."""

    code: Indicator
    status: SignalStatus
