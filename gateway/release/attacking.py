"""The attack on stored figures: read back as anyone reads them, together with everything published before. Pure.

The gate attacks what it makes; this attacks the very bytes that two people approve, and does so again when something
was published in between: from everybody's seat and, for public figures, from the Regionale Tafel's too (`seats.py`).
"""

from collections.abc import Sequence
from math import ceil, floor, inf

from aggregator.history import CellResult, Finding, PublishedRelease, Transcript, attack_releases
from aggregator.solver import SolverRefused
from connectors.contract.canonical import canonical_bytes, sha256
from connectors.contract.releases import AangevallenCel, AangevallenGroep, Aanvalsverslag, Concept, Publiek
from gateway.release.earlier import Figures, as_read, populations
from gateway.release.external import External, as_facts, clash_of, of_population, trees_for, unknown_codes
from gateway.release.hierarchies import Parents
from gateway.release.seats import Seat, cells_of, seats, seen, theirs, told_at_table
from gateway.release.words import AT_TABLE, Blocked


def attack(
    concept: Concept,
    gate: Sequence[AangevallenGroep],
    earlier: Sequence[Figures],
    extern: Sequence[External],
    parents: Parents,
) -> Aanvalsverslag | Blocked:
    """The record of an attack that opened nothing, or what was opened.

    `gate`: from how many views the gate attacked each group; `earlier`: everything published for whomever, oldest
    first; `extern`: what others published; `parents`: the hierarchies of dimensions that only others used.
    """
    by_population = {group.telling: group for group in gate}
    attacked = []
    for population in populations(concept):
        fresh = as_read(concept, population)
        if fresh is None:
            continue
        names = tuple(table.id for table in fresh.tables)
        facts = of_population(extern, population)
        sources = tuple(dict.fromkeys(each.name for each in facts))
        views = seats(concept.kring, earlier)
        transcripts = []
        for seat in views:
            found = _from(seat, concept, population, facts, parents)
            if isinstance(found, str):
                return Blocked(names, (found,), (), sources)
            if found.broken:
                opened = tuple(_seen_from(seat, concept.kring, finding) for finding in found.broken)
                return Blocked(names, (f"our own attack opens {len(opened)} cells",), opened, sources)
            transcripts.append(found)
        before = tuple(release.name for release in seen(views[0], population))
        group = _group(population, before, facts, by_population.get(population), transcripts[0])
        attacked.append(group.model_copy(update={"ook_aan_tafel": True if len(views) > 1 else None}))
    return Aanvalsverslag(cijfers=sha256(canonical_bytes(concept)), groepen=tuple(attacked))


def _from(
    seat: Seat, concept: Concept, population: str, extern: Sequence[External], parents: Parents
) -> Transcript | str:
    """What is found from one seat, or why nothing can be told."""
    fresh = as_read(concept, population, seat.k)
    if fresh is None:
        return "there is nothing to attack"
    if seat.publiek is Publiek.REGIONALE_TAFEL:
        own = cells_of(fresh) if concept.kring is Publiek.REGIONALE_TAFEL else frozenset()
        before = seen(seat, population, own)
        if concept.kring is Publiek.OPENBAAR:
            fresh = told_at_table(fresh, theirs(seat, population))
    else:
        before = seen(seat, population)
    try:
        if not extern:
            return attack_releases([*before, fresh], newest_only=True)
        trees = trees_for(extern, parents, (*before, fresh))
        facts = [as_facts(each, trees, seat.k) for each in extern]
        clash = unknown_codes(extern, trees) or clash_of([fresh, *facts])
        return clash.words if clash is not None else _with_others(before, facts, fresh)
    except SolverRefused as error:
        return str(error)


def _with_others(
    before: Sequence[PublishedRelease], facts: Sequence[PublishedRelease], fresh: PublishedRelease
) -> Transcript:
    """The attack with others' numbers in it. They are of the same cases as the new figures, so earlier releases of
    those cases are taken together with both, and releases of other cases (versions of before) are subtracted."""
    agree = [release for release in before if clash_of([fresh, *facts, release]) is None]
    others = [release for release in before if release not in agree]
    found = attack_releases([*agree, *facts, fresh], newest_only=True)
    if not others:
        return found
    apart = attack_releases([*others, fresh], newest_only=True)
    return Transcript(found.cells, (*found.broken, *apart.broken))


def opened_by(
    new: External, standing: Sequence[External], earlier: Sequence[Figures], parents: Parents
) -> tuple[Finding, ...]:
    """What a publication of others opens in releases that are out already; nothing can be taken back, but it can be
    told. Raises SolverRefused."""
    found: list[Finding] = []
    others = [each for each in standing if each.population == new.population]
    for publiek in Publiek:
        seat = next(each for each in seats(publiek, earlier) if each.publiek is publiek)
        before = seen(seat, new.population)
        if not before:
            continue
        trees = trees_for([*others, new], parents, before)
        facts = [as_facts(each, trees, seat.k) for each in (*others, new)]
        agree = [release for release in before if clash_of([facts[-1], release]) is None]
        opened = attack_releases([*facts[:-1], *agree, facts[-1]], newest_only=True).broken
        found += [_seen_from(seat, Publiek.OPENBAAR, finding) for finding in opened]
    return tuple({finding.cell: finding for finding in reversed(found)}.values())


def _seen_from(seat: Seat, kring: Publiek, finding: Finding) -> Finding:
    """The finding with who finds it, where that is not whoever the figures are for."""
    if seat.publiek is kring or finding.view != "outsider":
        return finding
    return Finding(AT_TABLE, finding.cell, finding.low, finding.high, finding.how)


def _group(
    population: str,
    before: tuple[str, ...],
    extern: Sequence[External],
    gate: AangevallenGroep | None,
    found: Transcript,
) -> AangevallenGroep:
    return AangevallenGroep(
        telling=population,
        eerdere=before,
        extern=tuple(each.publicatie.extern_id for each in extern) or None,
        blikken=1 if gate is None else gate.blikken,
        blikken_zonder_doel=0 if gate is None else gate.blikken_zonder_doel,
        dubbel_gecontroleerd=0 if gate is None else gate.dubbel_gecontroleerd,
        cellen=tuple(_cell(cell) for cell in found.cells),
    )


def _cell(cell: CellResult) -> AangevallenCel:
    """Bounds as whole numbers, rounded outward."""
    return AangevallenCel(
        cel=cell.cell, laag=max(0, floor(cell.low)), hoog=None if cell.high == inf else max(0, ceil(cell.high))
    )
