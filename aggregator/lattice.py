"""The micro-lattice: the unknown counts that every published number is a sum of.

The full lattice is the product of all dimensions and explodes. It is kept as blocks over the cliques of a junction tree
instead, tied by equal margins on what neighbours share. This loses nothing: tables over the cliques of a decomposable
hypergraph that agree on the separators always come from one joint table, over the reals and over the whole numbers
(Vorob'ev, "Consistent families of measures and their extensions", 1962; Lauritzen, Graphical Models, 1996, ch. 3).
Dimensions that are crossed pairwise in a cycle are filled in first, so bounds on the blocks are bounds on the lattice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np
import numpy.typing as npt
from scipy import sparse

from aggregator.tables import BadInput, Region

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

# Above this many unknowns the exact attack is not practical on two cores; the release is refused, not approximated.
LARGEST_LATTICE = 400_000


@dataclass(frozen=True)
class Lattice:
    """Blocks of unknowns >= 0. Block b holds the product of the atoms of `cliques[b]`, row-major, from `offsets[b]` on.

    `links` (rows x unknowns, entries +1 and -1) has one row for every shared margin cell; each row sums to zero.
    """

    sizes: Mapping[str, int]
    cliques: tuple[tuple[str, ...], ...]
    offsets: tuple[int, ...]
    width: int
    links: sparse.csr_array

    def members(self, region: Region) -> Ints:
        """The unknowns that sum to the cell of `region`; raises BadInput when no block holds its dimensions."""
        wanted = {dim for dim, _ in region}
        held = [
            (prod(self.sizes[dim] for dim in clique), b) for b, clique in enumerate(self.cliques) if wanted <= {*clique}
        ]
        if not held:
            raise BadInput(f"no table of the release holds {sorted(wanted)} together")
        block = min(held)[1]
        clique = self.cliques[block]
        chosen = dict(region)
        axes = [np.array(sorted(chosen.get(dim, range(self.sizes[dim]))), dtype=np.int64) for dim in clique]
        shape = tuple(self.sizes[dim] for dim in clique)
        places = np.ravel_multi_index(np.meshgrid(*axes, indexing="ij"), shape).reshape(-1) if axes else np.zeros(1)
        return places.astype(np.int64) + self.offsets[block]

    def matrix(self, regions: Sequence[Region]) -> sparse.csr_array:
        """0/1 matrix (regions x unknowns): row i sums the cell of region i."""
        rows = [self.members(region) for region in regions]
        starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
        columns = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
        return sparse.csr_array((np.ones(len(columns)), columns, starts), shape=(len(rows), self.width))

    def fill(self, codes: Mapping[str, Ints], counts: Ints) -> Floats:
        """The unknowns' values for given cases: `codes[dim][i]` is the atom number of case i, weight `counts[i]`."""
        out = np.zeros(self.width)
        for clique, offset in zip(self.cliques, self.offsets, strict=True):
            shape = tuple(self.sizes[dim] for dim in clique)
            if len(counts):
                places = np.ravel_multi_index(tuple(codes[dim] for dim in clique), shape) + offset
                np.add.at(out, np.broadcast_to(places, counts.shape), counts)  # no dimension left: one place for all
        return out


def build_lattice(sizes: Mapping[str, int], crossings: Iterable[frozenset[str]]) -> Lattice:
    """The smallest-first junction tree over the dimensions crossed by the tables, as blocks and links.

    Raises BadInput when even so it has more than LARGEST_LATTICE unknowns.
    """
    cliques = _cliques(sizes, sorted({frozenset(c) for c in crossings}, key=sorted))
    widths = [prod(sizes[dim] for dim in clique) for clique in cliques]
    if sum(widths) > LARGEST_LATTICE:
        raise BadInput(
            f"the tables together need {sum(widths)} unknowns; the limit is {LARGEST_LATTICE}: release fewer crossings"
        )
    offsets = tuple(int(n) for n in np.concatenate([[0], np.cumsum(widths)])[:-1])
    bare = Lattice(dict(sizes), cliques, offsets, int(sum(widths)), sparse.csr_array((0, sum(widths))))
    blocks = [_tie(bare, a, b) for a, b in _tree(cliques, sizes)]
    links = sparse.csr_array(sparse.vstack(blocks)) if blocks else bare.links
    return Lattice(bare.sizes, cliques, offsets, bare.width, links)


def _cliques(sizes: Mapping[str, int], edges: Sequence[frozenset[str]]) -> tuple[tuple[str, ...], ...]:
    """Maximal cliques after eliminating dimensions, the one that makes the smallest clique first."""
    near = {dim: {other for edge in edges if dim in edge for other in edge} - {dim} for edge in edges for dim in edge}
    found: list[frozenset[str]] = []
    while near:
        dim = min(near, key=lambda d: (prod(sizes[x] for x in near[d]) * sizes[d], d))
        clique = frozenset({dim, *near[dim]})
        if not any(clique <= other for other in found):
            found.append(clique)
        for a, b in combinations(sorted(near[dim]), 2):
            near[a].add(b)
            near[b].add(a)
        for other in near.pop(dim):
            near[other].discard(dim)
    return tuple(sorted(tuple(sorted(clique)) for clique in found)) or ((),)


def _tree(cliques: Sequence[tuple[str, ...]], sizes: Mapping[str, int]) -> list[tuple[int, int]]:
    """A maximum spanning tree by shared dimensions (it has the running-intersection property; Jensen & Jensen 1994)."""
    inside, edges = {0}, []
    while len(inside) < len(cliques):
        outside = [b for b in range(len(cliques)) if b not in inside]
        shared = {(a, b): {*cliques[a]} & {*cliques[b]} for a in inside for b in outside}
        a, b = max(shared, key=lambda ab: (len(shared[ab]), -prod(sizes[d] for d in shared[ab]), -ab[0], -ab[1]))
        edges.append((a, b))
        inside.add(b)
    return edges


def _tie(lattice: Lattice, a: int, b: int) -> sparse.csr_array:
    """Rows that set the margins of blocks a and b on their shared dimensions equal."""
    shared = [dim for dim in lattice.cliques[a] if dim in lattice.cliques[b]]
    height = prod(lattice.sizes[dim] for dim in shared)
    parts = []
    for block, sign in ((a, 1.0), (b, -1.0)):
        clique = lattice.cliques[block]
        shape = tuple(lattice.sizes[dim] for dim in clique)
        grid = np.indices(shape).reshape(len(clique), -1)
        margin = np.zeros(grid.shape[1], dtype=np.int64)
        for dim in shared:
            margin = margin * lattice.sizes[dim] + grid[clique.index(dim)]
        columns = np.arange(grid.shape[1]) + lattice.offsets[block]
        parts.append(sparse.coo_array((np.full(len(columns), sign), (margin, columns)), shape=(height, lattice.width)))
    return sparse.csr_array(parts[0] + parts[1])
