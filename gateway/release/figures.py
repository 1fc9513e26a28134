"""From the input of a release to figures that the aggregator's gate let through, or to why it did not. Pure.

No table leaves this module but as `SafeTable`; the micro-data stay here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aggregator import protect as gate
from aggregator.protect import SafeRelease, Withheld
from aggregator.tables import Dimension, ReleaseSpec, SafeTable, TableSpec
from connectors.contract.canonical import sha256
from connectors.contract.codes import Partnertype, TabelId
from connectors.contract.releases import (
    AangevallenGroep,
    Achterhouden,
    Concept,
    PubliekeCel,
    PubliekeTabel,
    ReleaseAanvraag,
)
from gateway.errors import Malformed
from gateway.release.catalogue import PUBLIC_K, Tabel, Wanted
from gateway.release.earlier import Figures, as_read_all, impossible, population_of
from gateway.release.gathering import Invoer
from gateway.release.hierarchies import Parents, breakdown, cannot_exist, counted_as, dimensions, on_the_wire, tree
from gateway.release.measures import Measures, measure
from gateway.release.micro import PARTNER, TOGETHER, micro_data
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
    """What the figures are made with beside the input: hierarchies, the kinds of the parties, earlier releases."""

    parents: Parents
    kinds: Mapping[str, Partnertype]
    earlier: tuple[Figures, ...]


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
    if size is not None and size.public.waargenomen < PUBLIC_K:
        return Blocked((TabelId.GESCHATTE_OMVANG.value,), ("the region's total is itself sensitive",), ())
    concept = _concept(aanvraag, invoer, groups, size)
    return Made(concept, _maten(aanvraag, groups, size), tuple(_views(group) for group in groups))


def _protect(
    aanvraag: ReleaseAanvraag, tables: tuple[Tabel, ...], invoer: Invoer, known: Known, halt: Halt
) -> _Group | Blocked:
    def coded(name: str, code: str) -> str:
        return counted_as(name, code, known.parents, aanvraag.grover)

    micro = micro_data(tables, aanvraag.jaar, invoer.people, invoer.reports, invoer.counted, coded)
    if micro.empty:
        raise Malformed("tabellen: there is nothing to count for one of the tables in that year", code="empty_table")
    population = population_of(tables[0].id, tables[0].telregel.value, aanvraag.jaar)
    made = dimensions({name for table in tables for name in table.dimensies}, known.parents, aanvraag.grover)
    spec = _spec(tables, population, made)
    earlier = as_read_all(known.earlier, population)
    names = tuple(table.id.value for table in tables)
    if aanvraag.achterhouden is Achterhouden.ALLEEN_KLEIN:
        tried = only_small_withheld(micro, spec, earlier, aanvraag.release_id)
        if tried is not None:
            return Blocked(names, tried.reasons, tried.findings)
    trees = {
        name: tree(name, {*micro[name], *(dimension.codes or ())}, {name: dimension.parents})
        for name, dimension in made.items()
    }
    nowhere = impossible([table.dimensies for table in tables], micro, trees, population)
    outcome = gate.protect(micro, spec, (*nowhere, *earlier), halt)
    if isinstance(outcome, Withheld):
        return Blocked(names, outcome.reasons, outcome.findings)
    by_id = {table.id: table for table in outcome.tables}
    measures = {name: measure(by_id[name], micro, PARTNER, outcome.hierarchies, earlier) for name in names}
    return _Group(tables, population, made, outcome, measures)


def _spec(tables: Sequence[Tabel], population: str, made: Mapping[str, Dimension]) -> ReleaseSpec:
    return ReleaseSpec(
        k=PUBLIC_K,
        group="uitbuitingsvorm" in made,  # a year or quarter discloses nobody's trait
        partner=PARTNER,
        partner_separator=TOGETHER,
        population=population,
        dimensions=dict(made),
        tables=tuple(TableSpec(id=table.id.value, dims=table.dimensies) for table in tables),
    )


def _concept(aanvraag: ReleaseAanvraag, invoer: Invoer, groups: Sequence[_Group], size: Size | None) -> Concept:
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
        tabellen=tuple(_public(table, group) for group in groups for table in group.tables),
        schatting=None if size is None else size.public,
    )


def _public(tabel: Tabel, group: _Group) -> PubliekeTabel:
    safe = next(table for table in group.safe.tables if table.id == tabel.id.value)
    return PubliekeTabel.model_validate(
        {
            "tabel": tabel.id,
            "telregel": tabel.telregel.value,
            "k": PUBLIC_K,
            "dimensies": tabel.dimensies,
            "cellen": tuple(_cells(safe, group)),
        }
    )


def _cells(safe: SafeTable, group: _Group) -> Iterator[PubliekeCel]:
    for codes, count in zip(safe.codes, safe.counts, strict=True):
        if count == 0 and cannot_exist(safe.dims, codes, group.safe.hierarchies):
            yield PubliekeCel(codes=codes, onmogelijk=True)
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
