"""From which seats figures are attacked: everybody's, and those at the Regionale Tafel, whose members see more. Pure.

Who reads a release sees it, whoever else does not. Public figures are therefore attacked twice once the Tafel has a
release of the same cases: as the public sees them, and as its members do, from whom only counts below 5 are kept.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import pandas as pd

from aggregator.asked import Secret
from aggregator.cells import Refused, lay_out
from aggregator.history import PublishedRelease
from aggregator.protect import Withheld, attack_both
from aggregator.solver import SolverRefused
from aggregator.tables import Hierarchy, ReleaseSpec, SafeTable
from aggregator.tabulate import MicroData, read_micro, tabulate
from connectors.contract.releases import Publiek
from gateway.release.catalogue import SMALLEST
from gateway.release.codes import TOTAL
from gateway.release.earlier import Figures, as_read

Cell = frozenset[tuple[str, str]]
"""(dimension, code) of everything that a cell restricts: the same cell in whichever table."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who attacks: what he sees beside the figures at hand, oldest first, and the smallest count he may know."""

    publiek: Publiek
    sees: tuple[Figures, ...]

    @property
    def k(self) -> int:
        """Smallest count that may be known here."""
        return SMALLEST[self.publiek]


def seats(kring: Publiek, earlier: Sequence[Figures]) -> tuple[Seat, ...]:
    """The seats from which figures for `kring` are seen; the first is the one that they are made for."""
    everyone = tuple(each for each in earlier if each.kring is Publiek.OPENBAAR)
    table = Seat(Publiek.REGIONALE_TAFEL, tuple(earlier))
    if kring is Publiek.REGIONALE_TAFEL:
        return (table,)
    public = Seat(Publiek.OPENBAAR, everyone)
    return (public, table) if len(everyone) < len(earlier) else (public,)


def seen(seat: Seat, population: str, own: Iterable[Cell] = ()) -> tuple[PublishedRelease, ...]:
    """What is read of a population from a seat, oldest first; `own`: the cells of figures that are made for the Tafel.

    A cell that a release of the Tafel shows, or that its next one is about to judge, is no secret at the table because
    the public may not see it: the public's k is larger.
    """
    read = [(figures.kring, as_read(figures, population, seat.k)) for figures in seat.sees]
    found = [(kring, release) for kring, release in read if release is not None]
    if seat.publiek is Publiek.OPENBAAR:
        return tuple(release for _, release in found)
    known = theirs(seat, population).union(own)
    return tuple(release if kring is seat.publiek else told_at_table(release, known) for kring, release in found)


def theirs(seat: Seat, population: str) -> frozenset[Cell]:
    """The cells that releases of the Tafel show."""
    tafel = [figures for figures in seat.sees if figures.kring is Publiek.REGIONALE_TAFEL]
    read = [release for figures in tafel if (release := as_read(figures, population, seat.k)) is not None]
    return shown(read)


def shown(releases: Iterable[PublishedRelease]) -> frozenset[Cell]:
    """The cells of which some of these releases tells the count."""
    return frozenset(cell for release in releases for cell, count in _cells(release) if count is not None)


def told_at_table(release: PublishedRelease, known: Container[Cell]) -> PublishedRelease:
    """A public release without the rows that withhold a cell of `known`."""
    return replace(release, tables=tuple(_told(table, known) for table in release.tables))


def _told(table: SafeTable, known: Container[Cell]) -> SafeTable:
    kept = [
        (codes, count)
        for codes, count in zip(table.codes, table.counts, strict=True)
        if count is not None or _cell(table.dims, codes) not in known
    ]
    return SafeTable(table.id, table.dims, tuple(c for c, _ in kept), tuple(n for _, n in kept))


def cells_of(release: PublishedRelease | None) -> frozenset[Cell]:
    """The cells that a release has a row for."""
    return frozenset() if release is None else frozenset(cell for cell, _ in _cells(release))


def cells_of_tables(spec: ReleaseSpec, trees: Mapping[str, Hierarchy]) -> frozenset[Cell]:
    """The cells that figures by this spec have a row for."""
    return frozenset(
        _cell(table.dims, codes) for table in spec.tables for codes in product(*(trees[d].order for d in table.dims))
    )


def kept_at_the_table(
    cases: MicroData, spec: ReleaseSpec, table: Sequence[PublishedRelease], public: Sequence[PublishedRelease]
) -> tuple[Secret, ...]:
    """Cells that the Tafel's releases withhold, for public figures to withhold too: members would else find in the
    public table what their own keeps from them. Cells that they read somewhere are left free."""
    read = shown((*table, *public))
    kept = {cell for release in table for cell, count in _cells(release) if count is None} - read
    secrets: dict[Cell, Secret] = {}
    for wanted in spec.tables:
        counted = tabulate(cases, wanted)
        for codes, count in zip(counted.codes, counted.counts, strict=True):
            cell = _cell(wanted.dims, codes)
            if cell in kept:
                secrets.setdefault(cell, Secret(wanted.id, codes, float(count), float(count)))
    return tuple(secrets.values())


def opened_at_the_table(
    micro: pd.DataFrame,
    spec: ReleaseSpec,
    everything: Sequence[PublishedRelease],
    dominated: Sequence[Secret],
    tables: tuple[SafeTable, ...],
) -> Withheld | None:
    """What the Tafel's members, each with its own cases and in pairs, open in public `tables` with all that they see;
    None when nothing. `spec` has the Tafel's k."""
    try:
        cases = read_micro(micro, spec)
        board = lay_out(cases, spec, everything, dominated)
        known = shown(everything)
        found = attack_both(board, cases, spec, everything, tuple(_told(table, known) for table in tables))
    except Refused as refusal:
        return Withheld((refusal.reason,), refusal.findings)
    except SolverRefused as error:
        return Withheld((str(error),))
    return Withheld((f"our own attack opens {len(found.broken)} cells",), found.broken) if found.broken else None


def _cells(release: PublishedRelease) -> list[tuple[Cell, int | None]]:
    return [
        (_cell(table.dims, codes), count)
        for table in release.tables
        for codes, count in zip(table.codes, table.counts, strict=True)
    ]


def _cell(dims: Sequence[str], codes: Sequence[str]) -> Cell:
    return frozenset((dim, code) for dim, code in zip(dims, codes, strict=True) if code != TOTAL)
