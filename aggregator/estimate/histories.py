"""Designs over capture histories: an effect is a set of lists, written as a bit mask.

Effect 0 is the intercept, an effect with one bit is a list's main effect, with two bits a two-list effect, and so on.
The effect acts on every history that contains it (corner-point coding, so exp(intercept) is the expected dark figure).
In a design of `lists` lists the column number of an effect is its bit mask.
"""

from itertools import combinations

import numpy as np

from aggregator.estimate.loglinear import Design


def history_design(lists: int) -> Design:
    """Every effect over `lists` lists: observed cells of shape (2**lists - 1, 2**lists), one dark cell."""
    histories = np.arange(1, 2**lists)[:, None]
    effects = np.arange(2**lists)[None, :]
    dark = np.zeros((1, 2**lists))
    dark[0, 0] = 1.0
    return Design(observed=((histories & effects) == effects).astype(np.float64), dark=dark)


def main_effects(lists: int) -> tuple[int, ...]:
    """The intercept and one effect a list."""
    return (0, *(1 << index for index in range(lists)))


def two_list_effects(lists: int) -> tuple[int, ...]:
    """All two-list effects, in order of the first and then the second list."""
    return tuple(1 << first | 1 << second for first, second in combinations(range(lists), 2))


def members(effect: int) -> tuple[int, ...]:
    """The list numbers of an effect, ascending."""
    return tuple(index for index in range(effect.bit_length()) if effect >> index & 1)
