"""The attack on stored figures: read back as anyone reads them, together with everything published before. Pure.

The gate attacks what it makes; this attacks the very bytes that two people approve, and does so again when something
was published in between.
"""

from collections.abc import Sequence
from math import ceil, floor, inf

from aggregator.history import CellResult, attack_releases
from aggregator.solver import SolverRefused
from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.releases import AangevallenCel, AangevallenGroep, Aanvalsverslag, Concept
from gateway.release.earlier import Figures, as_read, as_read_all, populations
from gateway.release.words import Blocked


def attack(concept: Concept, gate: Sequence[AangevallenGroep], earlier: Sequence[Figures]) -> Aanvalsverslag | Blocked:
    """The record of an attack that opened nothing, or what was opened.

    `gate`: from how many views the gate attacked each group; `earlier`: everything published, oldest first.
    """
    by_population = {group.telling: group for group in gate}
    attacked = []
    for population in populations(concept):
        fresh = as_read(concept, population)
        if fresh is None:
            continue
        before = as_read_all(earlier, population)
        names = tuple(table.id for table in fresh.tables)
        try:
            found = attack_releases([*before, fresh], newest_only=True)
        except SolverRefused as error:
            return Blocked(names, (str(error),), ())
        if found.broken:
            return Blocked(names, (f"our own attack opens {len(found.broken)} cells",), found.broken)
        views = by_population.get(population)
        attacked.append(
            AangevallenGroep(
                telling=population,
                eerdere=tuple(release.name for release in before),
                blikken=1 if views is None else views.blikken,
                blikken_zonder_doel=0 if views is None else views.blikken_zonder_doel,
                dubbel_gecontroleerd=0 if views is None else views.dubbel_gecontroleerd,
                cellen=tuple(_cell(cell) for cell in found.cells),
            )
        )
    return Aanvalsverslag(cijfers=sha256(canonical_bytes(concept)), groepen=tuple(attacked))


def _cell(cell: CellResult) -> AangevallenCel:
    """Bounds as whole numbers, rounded outward."""
    return AangevallenCel(
        cel=cell.cell, laag=max(0, floor(cell.low)), hoog=None if cell.high == inf else max(0, ceil(cell.high))
    )
