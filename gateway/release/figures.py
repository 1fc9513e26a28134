"""From the input of a release to figures that the aggregator's gate let through, or to why it did not. Pure.

No table leaves this module but as `SafeTable`; the micro-data stay here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from aggregator import protect as gate
from aggregator.asked import Secret
from aggregator.history import PublishedRelease
from aggregator.protect import SafeRelease, Withheld
from aggregator.tables import Dimension, ReleaseSpec, SafeTable, TableSpec
from aggregator.tabulate import MicroData, read_micro
from connectors.contract.canonical import sha256
from connectors.contract.codes import Partnertype, TabelId
from connectors.contract.releases import (
    AangevallenGroep,
    Achterhouden,
    Concept,
    Publiek,
    PubliekeCel,
    PubliekeTabel,
    ReleaseAanvraag,
)
from gateway.errors import Malformed
from gateway.release.catalogue import SMALLEST, Tabel, Telregel, Wanted, left_out
from gateway.release.dominance import contributions, secrets
from gateway.release.earlier import Figures, impossible, population_of
from gateway.release.external import External, as_facts, clash_with_cases, finer, named, of_population
from gateway.release.gathering import Invoer
from gateway.release.hierarchies import Parents, breakdown, cannot_exist, counted_as, dimensions, on_the_wire
from gateway.release.measures import Measures, measure
from gateway.release.micro import PARTNER, TOGETHER, micro_data
from gateway.release.seats import cells_of_tables, kept_at_the_table, opened_at_the_table, seats, seen
from gateway.release.shelf import Maat
from gateway.release.size import Size, size_of
from gateway.release.trial import only_small_withheld
from gateway.release.words import Blocked

Halt = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Made:
    """Figures that withstood the gate, what policy is asked about them, and what the gate's attack looked like."""

    concept: Concept
    maten: tuple[Maat, ...]
    groups: tuple[AangevallenGroep, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Tables protected together."""

    tables: tuple[Tabel, ...]
    population: str
    dimensions: Mapping[str, Dimension]
    safe: SafeRelease
    measures: Mapping[str, Measures]


@dataclass(frozen=True, slots=True)
class Known:
    """What the figures are made with beside the input: hierarchies, the kinds of the parties, earlier releases for
    whomever, and what others published."""

    parents: Parents
    kinds: Mapping[str, Partnertype]
    earlier: tuple[Figures, ...]
    extern: tuple[External, ...] = ()


def make(aanvraag: ReleaseAanvraag, wanted: Wanted, invoer: Invoer, known: Known, halt: Halt) -> Made | Blocked:
    """Compute and protect every table asked; `halt`: once True the search for a better pattern stops.

    Raises Malformed (`empty_table`) when there is nothing to count.
    """
    groups = []
    for tables in wanted.groups:
        group = _protect(aanvraag, tables, invoer, known, halt)
        if isinstance(group, Blocked):
            return group
        groups.append(group)
    size = size_of(invoer.groups, aanvraag.jaar, known.kinds, halt) if wanted.estimate else None
    if size is not None and size.public.waargenomen < SMALLEST[aanvraag.publiek]:
        return Blocked((TabelId.GESCHATTE_OMVANG.value,), ("the region's total is itself sensitive",), ())
    concept = _concept(aanvraag, invoer, groups, size, known)
    return Made(concept, _maten(aanvraag, groups, size), tuple(_views(group) for group in groups))


def _protect(
    aanvraag: ReleaseAanvraag, tables: tuple[Tabel, ...], invoer: Invoer, known: Known, halt: Halt
) -> _Group | Blocked:
    names = tuple(table.id.value for table in tables)
    ground = _ground(aanvraag, tables, invoer, known)
    if isinstance(ground, Blocked):
        return ground
    micro, spec = ground.micro, ground.spec
    own, *table = ground.sights
    if aanvraag.achterhouden is Achterhouden.ALLEEN_KLEIN:
        tried = only_small_withheld(micro, spec, own, aanvraag.release_id)
        if tried is not None:
            return Blocked(names, tried.reasons, tried.findings, ground.sources)
    kept = kept_at_the_table(ground.cases, spec, table[0], own) if table else ()
    outcome = gate.protect(micro, spec, own, halt, also=(*ground.dominated, *kept))
    if isinstance(outcome, Withheld):
        return Blocked(names, outcome.reasons, outcome.findings, ground.sources)
    for sees in table:
        at_table = spec.model_copy(update={"k": SMALLEST[Publiek.REGIONALE_TAFEL]})
        opened = opened_at_the_table(micro, at_table, sees, ground.dominated, outcome.tables)
        if opened is not None:
            return Blocked(names, opened.reasons, opened.findings, ground.sources)
    by_id = {each.id: each for each in outcome.tables}
    measures = {name: measure(by_id[name], micro, PARTNER, outcome.hierarchies, own) for name in names}
    return _Group(tables, spec.population, dict(spec.dimensions), outcome, measures)


@dataclass(frozen=True, slots=True)
class _Ground:
    """What tables are protected on: the cases, the rules, the dominated cells, and what is seen from each seat, the one
    that they are made for first. `sources`: what others' publications are called."""

    micro: pd.DataFrame
    cases: MicroData
    spec: ReleaseSpec
    dominated: tuple[Secret, ...]
    sights: tuple[tuple[PublishedRelease, ...], ...]
    sources: tuple[str, ...]


def _ground(aanvraag: ReleaseAanvraag, tables: tuple[Tabel, ...], invoer: Invoer, known: Known) -> _Ground | Blocked:
    """Count, and hold what others published against it; raises Malformed when there is nothing to count."""

    def coded(name: str, code: str) -> str:
        return counted_as(name, code, known.parents, aanvraag.grover)

    population = population_of(tables[0].id, tables[0].telregel.value, aanvraag.jaar)
    extern = of_population(known.extern, population)
    views = seats(aanvraag.publiek, known.earlier)
    beside = {name for seat in views for release in seen(seat, population) for name in release.hierarchies}
    beside |= {name for each in extern for name in each.dims}
    micro = micro_data(tables, aanvraag.jaar, invoer.people, invoer.reports, invoer.counted, coded, beside)
    if micro.empty:
        raise Malformed("tabellen: there is nothing to count for one of the tables in that year", code="empty_table")
    names = beside | {name for table in tables for name in table.dimensies}
    spec = _spec(tables, population, dimensions(names, known.parents, aanvraag.grover), SMALLEST[aanvraag.publiek])
    cases = read_micro(micro, spec)
    own = cells_of_tables(spec, cases.hierarchies) if aanvraag.publiek is Publiek.REGIONALE_TAFEL else ()
    clash = finer(extern, cases, known.parents) or clash_with_cases(extern, cases)
    if clash is not None:
        return Blocked(tuple(table.id.value for table in tables), (clash.words,), (), (clash.source,))
    sights = tuple(
        (
            *impossible(tables, micro, cases.hierarchies, population, seat.k),
            *seen(seat, population, own),
            *(as_facts(each, cases.hierarchies, seat.k) for each in extern),
        )
        for seat in views
    )
    return _Ground(
        micro, cases, spec, _dominated(tables, micro, cases), sights, tuple(dict.fromkeys(each.name for each in extern))
    )


def _dominated(tables: Sequence[Tabel], micro: pd.DataFrame, cases: MicroData) -> tuple[Secret, ...]:
    """Cells of efforts in which one contributor could be estimated; persons are counted, never measured."""
    efforts = [table for table in tables if table.telregel is Telregel.INSPANNING]
    return tuple(
        secret
        for table in efforts
        for secret in secrets(table.id.value, contributions(micro, table.dimensies, cases.hierarchies))
    )


def _spec(tables: Sequence[Tabel], population: str, made: Mapping[str, Dimension], k: int) -> ReleaseSpec:
    return ReleaseSpec(
        k=k,
        group=any("uitbuitingsvorm" in table.dimensies for table in tables),  # a year or quarter tells nobody's trait
        partner=PARTNER,
        partner_separator=TOGETHER,
        population=population,
        dimensions=dict(made),
        tables=tuple(TableSpec(id=table.id.value, dims=table.dimensies) for table in tables),
    )


def _concept(
    aanvraag: ReleaseAanvraag, invoer: Invoer, groups: Sequence[_Group], size: Size | None, known: Known
) -> Concept:
    made = {name: dimension for group in groups for name, dimension in group.dimensions.items()}
    return Concept(
        release_id=aanvraag.release_id,
        jaar=aanvraag.jaar,
        epoch=aanvraag.epoch,
        revisie=aanvraag.revisie,
        vervangt=aanvraag.vervangt,
        reden=aanvraag.reden,
        grover=aanvraag.grover,
        partners=len(invoer.parties),
        patroon=sha256("|".join(group.safe.pattern for group in groups).encode()),
        hierarchieen=on_the_wire(made),
        tabellen=tuple(_public(table, group, aanvraag.publiek) for group in groups for table in group.tables),
        schatting=None if size is None else size.public,
        publiek="regionale_tafel" if aanvraag.publiek is Publiek.REGIONALE_TAFEL else None,
        extern=named(known.extern) or None,
    )


def _public(tabel: Tabel, group: _Group, publiek: Publiek) -> PubliekeTabel:
    safe = next(table for table in group.safe.tables if table.id == tabel.id.value)
    return PubliekeTabel.model_validate(
        {
            "tabel": tabel.id,
            "telregel": tabel.telregel.value,
            "k": SMALLEST[publiek],
            "dimensies": tabel.dimensies,
            "cellen": tuple(_cells(safe, group, tabel.telregel)),
        }
    )


def _cells(safe: SafeTable, group: _Group, telregel: Telregel) -> Iterator[PubliekeCel]:
    for codes, count in zip(safe.codes, safe.counts, strict=True):
        if count == 0 and cannot_exist(safe.dims, codes, group.safe.hierarchies):
            yield PubliekeCel(codes=codes, onmogelijk=True)
        elif count == 0 and left_out(telregel, safe.dims, codes):
            yield PubliekeCel(codes=codes, niet_geteld=True)
        else:
            yield PubliekeCel(codes=codes, aantal=count)


def _maten(aanvraag: ReleaseAanvraag, groups: Sequence[_Group], size: Size | None) -> tuple[Maat, ...]:
    found = [
        Maat(
            tabel=table.id.value,
            min_cel=group.measures[table.id.value].smallest,
            min_verschil=group.measures[table.id.value].difference,
            dominantie=group.measures[table.id.value].dominance,
            uitsplitsing=tuple(breakdown((d for d in table.dimensies if d != "type"), aanvraag.grover)),
        )
        for group in groups
        for table in group.tables
    ]
    if size is not None:
        observed = size.public.waargenomen
        found.append(
            Maat(
                tabel=TabelId.GESCHATTE_OMVANG.value,
                min_cel=observed,
                min_verschil=observed,
                dominantie=size.dominance,
                uitsplitsing=(),
            )
        )
    return tuple(found)


def _views(group: _Group) -> AangevallenGroep:
    """From how many views the gate attacked a group; its cells are told when the stored figures have been attacked."""
    transcript = group.safe.transcript
    return AangevallenGroep(
        telling=group.population,
        eerdere=(),
        blikken=transcript.views,
        blikken_zonder_doel=transcript.skipped,
        dubbel_gecontroleerd=transcript.checked_twice,
        cellen=(),
    )
