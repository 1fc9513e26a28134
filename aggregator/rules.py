"""Primary rules: which cells of a count table are sensitive by themselves. Pure.

Sources: 0 < count < k and group disclosure, Hundepool et al., Statistical Disclosure Control (2012), ch. 4; fewer than
two partners or one above 80 % of the cases, the region's design page "Disclosure control", step 2.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from aggregator.tables import CountTable, Hierarchy

Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# One partner may hold at most this share of a cell's cases (design page, step 2).
LARGEST_PARTNER_SHARE = 0.80


def small(counts: Ints, k: int) -> Bools:
    """Cells with 0 < count < k. Zeros are not sensitive: nobody is in them."""
    return (counts > 0) & (counts < k)


def group(table: CountTable, hierarchies: Mapping[str, Hierarchy]) -> Bools:
    """Cells that hold the whole of a margin with two or more categories: all cases there are known to be alike."""
    number = {codes: place for place, codes in enumerate(table.codes)}
    out = np.zeros(len(table.codes), dtype=np.bool_)
    for codes, place in number.items():
        for axis, dim in enumerate(table.dims):
            children = hierarchies[dim].children.get(codes[axis], ())
            if len(children) < 2 or table.counts[place] == 0:
                continue
            for child in children:
                below = number[(*codes[:axis], child, *codes[axis + 1 :])]
                out[below] |= table.counts[below] == table.counts[place]
    return out


def partners(counts: Ints, by_partner: Sequence[Ints], k: int) -> Bools:
    """Cells with cases of fewer than two partners, or of one above 80 %, or small to somebody who knows its own.

    `by_partner[p]` holds partner p's cases per cell. The last part is the first rule from a partner's chair: when it
    takes its own cases off, 0 < rest < k must not be on the page.
    """
    if not by_partner:
        return np.zeros(len(counts), dtype=np.bool_)
    parts = np.array(by_partner, dtype=np.int64)
    few = (parts > 0).sum(axis=0) < 2
    heavy = parts.max(axis=0) > LARGEST_PARTNER_SHARE * counts
    exposed = small(counts - parts, k).any(axis=0)
    return np.asarray((counts > 0) & (few | heavy | exposed), dtype=np.bool_)
