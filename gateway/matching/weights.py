"""Published weights: a versioned data file, fixed between releases, that says exactly what a score is made of.

No learning happens in production (Wgs: validated, testable models). `deploy/linkage/fit.py` makes the file on invented
people and `deploy/linkage/validation.md` says what it reaches on data that it was not fitted on.
"""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Final

CURRENT: Final = "weights-4.json"


class WeightsError(ValueError):
    """The weights file does not fit this version of the scorer; nothing may be scored with it."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Lower bounds of a score in log odds: `match` (precision 99.9 %), `possible` (to review), `written` (kept)."""

    match: float
    possible: float
    written: float

    def name(self, score: float) -> str:
        """`match`, `possible` or `none`."""
        return "match" if score >= self.match else "possible" if score >= self.possible else "none"


@dataclass(frozen=True, slots=True)
class Weights:
    """Log-odds weights. `encoder` is the pseudonymizer's encoder whose link files they were fitted on."""

    version: str
    encoder: str
    intercept: float
    features: tuple[str, ...]
    values: tuple[float, ...]
    zones: Zones


def parse(text: str, expected: tuple[str, ...]) -> Weights:
    """Read a weights file for a scorer with the features `expected`. Raises WeightsError when anything is off."""
    try:
        raw = json.loads(text)
        zones = Zones(**{name: float(raw["zones"][name]) for name in ("match", "possible", "written")})
        names, values = tuple(raw["weights"]), tuple(float(value) for value in raw["weights"].values())
        weights = Weights(str(raw["version"]), str(raw["encoder"]), float(raw["intercept"]), names, values, zones)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise WeightsError(f"not a weights file: {type(problem).__name__}") from None
    if weights.features != expected:
        raise WeightsError("the weights file names other features than this scorer has")
    if not zones.match >= zones.possible >= zones.written:
        raise WeightsError("zones must be ordered match >= possible >= written")
    return weights


def published(expected: tuple[str, ...]) -> Weights:
    """The weights that are shipped with this version."""
    return parse(resources.files("gateway.matching").joinpath(CURRENT).read_text(encoding="utf-8"), expected)
