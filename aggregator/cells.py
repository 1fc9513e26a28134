"""From micro-data, spec and earlier releases to one suppression problem: every cell once, its state and its demands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy import sparse

from aggregator import rules
from aggregator.asked import Secret, demands_of
from aggregator.attack import Fact
from aggregator.demands import EXACT, Bools, Demand, Floats, Problem, State, View
from aggregator.history import Finding, PublishedRelease, Reading, fits, read, words
from aggregator.lattice import Ints, Lattice, build_lattice
from aggregator.solver import SolverRefused
from aggregator.tables import CountTable, Region, ReleaseSpec, Universe, universe_of
from aggregator.tabulate import MicroData, tabulate

# A cell withheld in an earlier release of the same cases is this much cheaper to withhold again: stable patterns.
DISCOUNT = 0.9


class Refused(RuntimeError):
    """The release cannot be made safe; the reasons are words for people."""

    def __init__(self, reason: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(reason)
        self.reason, self.findings = reason, findings


@dataclass(frozen=True)
class Board:
    """All cells of the release and of earlier releases of the same cases, once each, as a suppression problem.

    `place[t][i]` is the cell number of row i of table t. `parts[v]` are the cases per cell that view v knows.
    """

    tables: tuple[CountTable, ...]
    place: tuple[Ints, ...]
    regions: tuple[Region, ...]
    words: tuple[str, ...]
    universe: Universe
    lattice: Lattice
    earlier: tuple[Reading, ...]
    problem: Problem
    parts: tuple[Ints, ...]


def lay_out(
    micro: MicroData, spec: ReleaseSpec, earlier: Sequence[PublishedRelease], also: Sequence[Secret] = ()
) -> Board:
    """Lay out the problem; `also` are sensitive cells beside those of the spec's rules.

    Raises Refused when the total, or an earlier release, gives a sensitive cell away; BadInput on a wrong `also`.
    """
    related = [release for release in earlier if release.population == spec.population]
    mergers = {name: dimension.mergers for name, dimension in spec.dimensions.items()}
    universe = universe_of(
        [*(r.hierarchies for r in related), micro.hierarchies], [*(r.mergers for r in related), mergers]
    )
    own = len(related)
    tables = tuple(tabulate(micro, table) for table in spec.tables)
    cells = Cells()
    place = tuple(
        np.array(
            [
                cells.add(universe.region(own, table.dims, codes), words(table.dims, codes, micro.hierarchies), count)
                for codes, count in zip(table.codes, table.counts, strict=True)
            ],
            dtype=np.int64,
        )
        for table in tables
    )
    fresh = len(cells.values)
    readings = [read(release, index, universe) for index, release in enumerate(related)]
    lattice = _lattice(
        [*cells.number, *(region for r in readings for region in (*(f.region for f in r.facts), *r.withheld))], universe
    )
    atoms = _atoms(micro, universe, own)
    current = _current(cells, spec, micro)
    same = [
        r
        for r in readings
        if _same_cases(r, current, universe, lattice, None if atoms is None else lattice.fill(atoms, micro.counts))
    ]
    for reading in same:
        for region, text in [
            *((f.region, f.words) for f in reading.facts),
            *((g, t) for g, (t, _) in reading.withheld.items()),
        ]:
            cells.add(region, f"{text} ({reading.release.name})", None)
    rows = lattice.matrix(list(cells.number))
    values = np.array([np.nan if value is None else float(value) for value in cells.values])
    if atoms is not None:
        counted = np.asarray(rows @ lattice.fill(atoms, micro.counts))
        if (np.abs(counted - values) > EXACT).any():
            raise SolverRefused("an equation is missing: the lattice does not add up to the tables")
        values = counted
    views = _views(micro, spec, lattice, atoms)
    parts = tuple(np.rint(rows @ view.known).astype(np.int64) for view in views)
    draft = Draft(spec, micro, tables, place, fresh, cells, values, rows, views, parts)
    numbers = {
        (t.id, codes): int(n) for t, at in zip(tables, place, strict=True) for codes, n in zip(t.codes, at, strict=True)
    }
    draft = replace(draft, also=demands_of(also, numbers, values, views, parts, micro.partners))
    problem = _problem(draft, lattice, same, [r for r in readings if r not in same])
    return Board(tables, place, tuple(cells.number), tuple(cells.words), universe, lattice, tuple(same), problem, parts)


class Cells:
    """The cells met so far, each region once, numbered in order."""

    def __init__(self) -> None:
        self.number: dict[Region, int] = {}
        self.words: list[str] = []
        self.values: list[int | None] = []

    def add(self, region: Region, text: str, value: int | None) -> int:
        """The cell's number; new when its region is."""
        if region not in self.number:
            self.number[region] = len(self.number)
            self.words.append(text)
            self.values.append(value)
        return self.number[region]


@dataclass(frozen=True)
class Draft:
    """All that is known before states and demands are decided; the first `fresh` cells are this release's own."""

    spec: ReleaseSpec
    micro: MicroData
    tables: tuple[CountTable, ...]
    place: tuple[Ints, ...]
    fresh: int
    cells: Cells
    values: Floats
    rows: sparse.csr_array
    views: tuple[View, ...]
    parts: tuple[Ints, ...]
    also: tuple[Demand, ...] = ()


def _lattice(regions: Sequence[Region], universe: Universe) -> Lattice:
    crossed = {frozenset(dim for dim, _ in region) for region in regions}
    maximal = [c for c in crossed if not any(c < other for other in crossed)]
    return build_lattice({dim: len(atoms) for dim, atoms in universe.atoms.items()}, maximal)


def _atoms(micro: MicroData, universe: Universe, own: int) -> dict[str, Ints] | None:
    """Every case's atom number per dimension, or None when a merger leaves a case's atom open."""
    out: dict[str, Ints] = {}
    for dim in universe.atoms:
        if dim not in micro.codes:
            return None
        meaning = universe.meaning[own][dim]
        if any(len(meaning[code]) != 1 for code in set(micro.codes[dim])):
            return None
        out[dim] = np.array([min(meaning[code]) for code in micro.codes[dim]], dtype=np.int64)
    return out


def _current(cells: Cells, spec: ReleaseSpec, micro: MicroData) -> Reading:
    """This release's true counts, as if all were published: only to see whether an earlier release agrees with them."""
    facts = tuple(
        Fact(region, float(value or 0), float(value or 0), "this release", text)
        for region, text, value in zip(cells.number, cells.words, cells.values, strict=True)
    )
    return Reading(PublishedRelease("this release", spec.k, spec.population, micro.hierarchies, ()), facts, {})


def _same_cases(reading: Reading, current: Reading, universe: Universe, lattice: Lattice, truth: Floats | None) -> bool:
    """Whether an earlier release's numbers are those of the cases at hand."""
    if truth is None:
        return fits([reading, current], universe)
    counted = np.asarray(lattice.matrix([fact.region for fact in reading.facts]) @ truth)
    return all(f.low - EXACT <= n <= f.high + EXACT for f, n in zip(reading.facts, counted, strict=True))


def _views(micro: MicroData, spec: ReleaseSpec, lattice: Lattice, atoms: Mapping[str, Ints] | None) -> tuple[View, ...]:
    """The outsider, then every partner, then every pair of partners."""
    views = [View("outsider", np.zeros(lattice.width))]
    if not spec.partner:
        return tuple(views)
    if atoms is None:
        raise Refused("partners' viewpoints need cases at the codes from before a merger; give the older codes")
    own = [lattice.fill(atoms, np.where(micro.known_to((p,)), micro.counts, 0)) for p in range(len(micro.partners))]
    views += [View(name, own[p], (p,)) for p, name in enumerate(micro.partners)]
    for a, b in combinations(range(len(own)), 2):
        both = lattice.fill(atoms, np.where(micro.known_to((a, b)), micro.counts, 0))
        views.append(View(f"{micro.partners[a]} with {micro.partners[b]}", both, (a, b)))
    return tuple(views)


def _primary(draft: Draft) -> Bools:
    """Sensitive cells of this release by any rule, over all cells (earlier ones false)."""
    spec, values = draft.spec, np.nan_to_num(draft.values).astype(np.int64)
    out = rules.small(values, spec.k)
    for table, rows in zip(draft.tables, draft.place, strict=True):
        if spec.group:
            # A cell may stand in several rows (a parent with one child): it is sensitive when any of them is.
            out[rows[rules.group(table, draft.micro.hierarchies)]] = True
    if spec.partner:
        singles = draft.parts[1 : 1 + len(draft.micro.partners)]
        total = _total(draft)
        by_partner = rules.partners(values, singles, spec.k)
        by_partner[total] = False
        out |= by_partner
        for part in draft.parts[1:]:
            out |= rules.small(values - part, spec.k)
    return out


def _total(draft: Draft) -> int:
    return int(draft.place[0][0])


def _problem(draft: Draft, lattice: Lattice, same: Sequence[Reading], revised: Sequence[Reading]) -> Problem:
    spec, values = draft.spec, draft.values
    cap = float(np.nanmax(values[: draft.fresh]))
    floor, ceiling = np.zeros(len(values)), np.full(len(values), cap)
    state = np.full(len(values), State.FREE, dtype=np.int64)
    state[draft.fresh :] = State.WITHHELD
    weights = np.where(state == State.FREE, 1.0 + np.nan_to_num(values) / max(cap, 1.0), 0.0)
    for reading in same:
        for region in reading.withheld:
            at = draft.cells.number[region]
            weights[at] *= DISCOUNT
            if not reading.release.rounded:
                state[at] = State.WITHHELD  # by which rule is not known here (group, partners, hours): it stays so
    for reading in same:
        for fact in reading.facts:
            at = draft.cells.number[fact.region]
            floor[at], ceiling[at] = max(floor[at], fact.low), min(ceiling[at], fact.high)
            if fact.low == fact.high:
                state[at] = State.SHOWN
    primary = _primary(draft)
    primary[[demand.cell for demand in draft.also]] = True
    told = _told_by_others(draft, same)
    primary[told] = False
    total = _total(draft)
    state[total], floor[total], ceiling[total] = State.SHOWN, cap, cap
    _refuse_open(draft, primary, state, same)
    state[primary] = State.WITHHELD
    demands = [demand for demand in _demands(draft, primary, state) if not told[demand.cell]]
    for changed, low, high in _changes(draft, revised, state):
        state[changed] = State.WITHHELD
        demands.append(Demand(changed, 0, low, high))
    weights[state != State.FREE] = 0.0
    return Problem(
        draft.rows,
        lattice.links,
        _relations(draft),
        values,
        floor,
        ceiling,
        weights,
        state,
        draft.views,
        tuple(demands),
        float(spec.k),
    )


def _demands(draft: Draft, primary: Bools, state: Ints) -> list[Demand]:
    """What must stay possible: 0 to k of every sensitive cell, and as much beyond what each partner and pair know."""
    k, counts = draft.spec.k, np.nan_to_num(draft.values).astype(np.int64)
    older = np.flatnonzero(rules.small(counts, k) & (state == State.WITHHELD))
    cells = [*np.flatnonzero(primary), *(cell for cell in older if cell >= draft.fresh)]
    demands = [Demand(int(cell), 0, 0.0, float(k)) for cell in cells]
    for number, part in enumerate(draft.parts[1:], start=1):
        demands += [
            Demand(int(cell), number, float(part[cell]), float(part[cell] + k))
            for cell in np.flatnonzero(rules.small(counts - part, k))
        ]
    return [*demands, *draft.also]


def _told_by_others(draft: Draft, same: Sequence[Reading]) -> Bools:
    """Cells whose count others published: no pattern of ours takes it back. Of this release's own cells only those of k
    cases or more, because a smaller count would stand on our page too."""
    out = np.zeros(len(draft.values), dtype=np.bool_)
    for reading in same:
        if reading.release.margin is not None:
            out[[draft.cells.number[fact.region] for fact in reading.facts if fact.low == fact.high]] = True
    out[: draft.fresh] &= draft.values[: draft.fresh] >= draft.spec.k
    return out


def _relations(draft: Draft) -> sparse.csr_array:
    """Every sub-total with its parts, along every dimension of every table of this release."""
    entries: dict[tuple[int, ...], None] = {}
    for table, rows in zip(draft.tables, draft.place, strict=True):
        row = dict(zip(table.codes, rows.tolist(), strict=True))
        for codes, parent in row.items():
            for axis, dim in enumerate(table.dims):
                below = draft.micro.hierarchies[dim].children.get(codes[axis], ())
                parts = sorted({row[(*codes[:axis], child, *codes[axis + 1 :])] for child in below} - {parent})
                if len(parts) == len(below) and parts:
                    entries[(parent, *parts)] = None
    data = [(i, cell, 1.0 if n == 0 else -1.0) for i, cells in enumerate(entries) for n, cell in enumerate(cells)]
    i, j, x = (np.array(column) for column in zip(*data, strict=True)) if data else (np.zeros(0),) * 3
    shape = (len(entries), len(draft.values))
    return sparse.csr_array(sparse.coo_array((x, (i.astype(np.int64), j.astype(np.int64))), shape=shape))


def _refuse_open(draft: Draft, primary: Bools, state: Ints, same: Sequence[Reading]) -> None:
    """Raise when a sensitive cell is shown whatever we do: the region's total, or a number that is already out."""
    if primary[_total(draft)]:
        raise Refused(
            "the region's total is itself sensitive, and it is never withheld: release nothing on so few cases"
        )
    shown = np.flatnonzero(primary & (state == State.SHOWN))
    if len(shown):
        cell = int(shown[0])
        region = list(draft.cells.number)[cell]
        source = next(f.source for r in same for f in r.facts if f.region == region)
        text = draft.cells.words[cell]
        finding = Finding("outsider", text, draft.values[cell], draft.values[cell], f"already shown in {source}")
        raise Refused(f"{text} is sensitive and already shown in {source}", (finding,))


def _changes(draft: Draft, revised: Sequence[Reading], state: Ints) -> list[tuple[int, float, float]]:
    """Cells that differ from an earlier version by 1..k-1 cases, with the interval that hides the change."""
    k, out = draft.spec.k, []
    for reading in revised:
        for fact in reading.facts:
            cell = draft.cells.number.get(fact.region)
            if cell is None or cell >= draft.fresh or fact.low != fact.high:
                continue
            change = draft.values[cell] - fact.low
            if not 0 < abs(change) < k:
                continue
            if state[cell] == State.SHOWN:
                text = draft.cells.words[cell]
                how = f"this release minus {fact.source} = {text}: fewer than {k} cases came or went in between"
                finding = Finding("outsider", f"change in {text}", abs(change), abs(change), how)
                raise Refused(f"{how}; wait until more cases changed", (finding,))
            out.append((cell, fact.low, fact.low + k) if change > 0 else (cell, max(0.0, fact.low - k), fact.low))
    return out
