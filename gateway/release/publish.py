"""`POST /v1/releases`: draft → protected → attacked → judged with the privacy officer's approval → sealed → published.

Rules this module upholds (disclosure page, pipeline; promise P6)
1. Only tables of the catalogue, computed here from records and counts; no query of a caller reaches a record.
2. Only what `aggregator.protect` gives back as safe is judged, stored or shown; a draft is kept nowhere.
3. Policy judges every table, on figures that this module measured on the protected table, never on a caller's.
4. A blocked draft is answered with the attack in words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
from sqlalchemy import insert, select

from aggregator import protect as gate
from aggregator.history import PublishedRelease
from aggregator.protect import SafeRelease, Withheld
from aggregator.tables import Dimension, ReleaseSpec, SafeTable, TableSpec, hierarchy_of
from connectors.contract.answers import Publicatie, PubliekeCel, PubliekeTabel, ReleaseAanvraag, ReleaseStand
from connectors.contract.canonical import b64u_decode, canonical_bytes, sha256
from connectors.contract.codes import Actie, Convenant, Doel, TabelId, Thema, TokenDomein
from connectors.contract.record import Inspanning, Telling
from gateway.caller import Caller
from gateway.clock import to_ms
from gateway.errors import Conflict, Malformed, ReleaseBlocked
from gateway.house import House
from gateway.ledger.append import append
from gateway.ledger.entries import ReleaseEntry
from gateway.permit.ask import Ask
from gateway.permit.judge import Judged, judge, require
from gateway.registry.records import find_approval
from gateway.release.catalogue import CATALOGUE, PUBLIC_K, Tabel
from gateway.release.entities import persons, registrations
from gateway.release.measures import Measures, measure
from gateway.release.micro import PARTNER, Counted, micro_data
from gateway.release.published import TOTAL, published_releases
from gateway.release.tables import RELEASES
from gateway.store import reading, writing
from gateway.vault.rows import stored_rows
from gateway.vault.sealing import Place

Halt = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Protected:
    """A group of tables that withstood the attackers, with the micro-data it was made from (never stored)."""

    tables: tuple[Tabel, ...]
    safe: SafeRelease
    micro: pd.DataFrame


def release(house: House, caller: Caller, aanvraag: ReleaseAanvraag, halt: Halt) -> ReleaseStand:
    """Publish the tables of a year. `halt`: once True, the search for a better suppression pattern stops.

    Raises ReleaseBlocked (our own attacker opens the draft), PolicyRefused, Malformed, Conflict, NotFound. An equal
    request after publication gets the same answer.
    """
    known = _published(house, aanvraag)
    if known is not None:
        return known
    now = house.clock()
    groups = _protect(house, caller, aanvraag, halt, now)
    judged = _judge(house, caller, aanvraag, groups, now)
    require(house, judged, now)
    return _seal(house, caller, aanvraag, groups, judged)


def _published(house: House, aanvraag: ReleaseAanvraag) -> ReleaseStand | None:
    with reading(house.store) as transaction:
        where = RELEASES.c.release_id == aanvraag.release_id
        row = transaction.execute(select(RELEASES.c.sealed, RELEASES.c.stand).where(where)).one_or_none()
    if row is None:
        return None
    before = Publicatie.model_validate_json(bytes(row.sealed))
    if before.jaar != aanvraag.jaar or {t.tabel for t in before.tabellen} != set(aanvraag.tabellen):
        raise Conflict("that release id was used for other tables: choose another", code="id_taken")
    return ReleaseStand.model_validate_json(bytes(row.stand))


def _protect(
    house: House, caller: Caller, aanvraag: ReleaseAanvraag, halt: Halt, now: datetime
) -> tuple[_Protected, ...]:
    present = house.present(TokenDomein.MONITOR, aanvraag.epoch, now)
    grouped = house.index.entities(TokenDomein.MONITOR.value, aanvraag.epoch, present)
    people, reports = persons(grouped), registrations(known for group in grouped for known in group)
    counted = tuple(_counts(house, aanvraag.epoch, present, now))
    groups = []
    for tables in _groups(aanvraag.tabellen):
        micro = micro_data(tables, aanvraag.jaar, people, reports, counted)
        if micro.empty:
            raise Malformed(
                "tabellen: there is nothing to count for one of the tables in that year", code="empty_table"
            )
        outcome = gate.protect(micro, _spec(tables, aanvraag.jaar), _earlier(house, tables), halt)
        if isinstance(outcome, Withheld):
            _log_blocked(house, caller, aanvraag, outcome, now)
            raise ReleaseBlocked(_in_words(outcome))
        groups.append(_Protected(tables, outcome, micro))
    return tuple(groups)


def _groups(wanted: Sequence[str]) -> tuple[tuple[Tabel, ...], ...]:
    """Tables that count the same cases are protected together; those of registrations each have their own counts."""
    if len(set(wanted)) != len(wanted):
        raise Malformed("tabellen: name each table once")
    groups: dict[str, list[Tabel]] = {}
    for name in wanted:
        if name not in {t.value for t in CATALOGUE}:
            raise Malformed("tabellen: a table that is not in the catalogue", code="unknown_table")
        tabel = CATALOGUE[TabelId(name)]
        key = tabel.telregel.value if tabel.telregel.value == "uniek_slachtoffer" else tabel.id.value
        groups.setdefault(key, []).append(tabel)
    return tuple(tuple(sorted(group, key=lambda t: t.id)) for _, group in sorted(groups.items()))


def _spec(tables: Sequence[Tabel], jaar: int) -> ReleaseSpec:
    names = sorted({dimension for table in tables for dimension in table.dimensies})
    return ReleaseSpec(
        k=PUBLIC_K,
        group=any(
            "uitbuitingsvorm" in table.dimensies for table in tables
        ),  # a year or quarter discloses nobody's trait
        partner=PARTNER,
        population=_population(tables[0].telregel, jaar),
        dimensions={name: Dimension(total=TOTAL) for name in names},
        tables=tuple(TableSpec(id=table.id.value, dims=table.dimensies) for table in tables),
    )


def _population(telregel: str, jaar: int) -> str:
    """Releases of one population share cases and are attacked together."""
    return f"{telregel} {jaar}"


def _earlier(house: House, tables: Sequence[Tabel]) -> tuple[PublishedRelease, ...]:
    """What anyone can already read of the same kind of cases, oldest first."""
    earlier = []
    for publicatie in reversed(published_releases(house)):
        same = [t for t in publicatie.tabellen if t.telregel == tables[0].telregel.value]
        seen: dict[str, set[str]] = {}
        for tabel in same:
            for cel in tabel.cellen:
                for name, code in zip(tabel.dimensies, cel.codes, strict=True):
                    seen.setdefault(name, set()).add(code)
        if same:
            earlier.append(
                PublishedRelease(
                    name=publicatie.release_id,
                    k=PUBLIC_K,
                    population=_population(tables[0].telregel, publicatie.jaar),
                    hierarchies={n: hierarchy_of(n, Dimension(total=TOTAL), codes) for n, codes in seen.items()},
                    tables=tuple(_as_safe(tabel) for tabel in same),
                )
            )
    return tuple(earlier)


def _as_safe(tabel: PubliekeTabel) -> SafeTable:
    codes = tuple(cel.codes for cel in tabel.cellen)
    return SafeTable(tabel.tabel.value, tabel.dimensies, codes, tuple(cel.aantal for cel in tabel.cellen))


def _counts(house: House, epoch: str, present: Sequence[str], now: datetime) -> Iterator[Counted]:
    """Counts of the parties that are present, opened row by row with their leased shares."""
    for party in present:
        place = Place(party, TokenDomein.MONITOR.value, epoch)
        key = house.leases.key(place, now)
        if key is None:
            continue
        with reading(house.store) as transaction:
            for row in stored_rows(transaction, place, ("telling", "inspanning")):
                plain = key.open(row.sealed, row.record_id, row.batch_id)
                model: type[Telling] | type[Inspanning] = Telling if row.kind == "telling" else Inspanning
                yield Counted(party, model.model_validate_json(plain))


def _judge(
    house: House, caller: Caller, aanvraag: ReleaseAanvraag, groups: Sequence[_Protected], now: datetime
) -> tuple[Judged, ...]:
    with reading(house.store) as transaction:
        approval = find_approval(
            transaction, caller.id, Actie.AGGREGAAT_VRIJGEVEN, aanvraag.release_id, caller.act.sub, now
        )
    asks = []
    for group in groups:
        for tabel, safe in _pairs(group):
            figures: Measures = measure(safe, group.micro, PARTNER, TOTAL)
            asks.append(
                Ask(
                    actie=Actie.AGGREGAAT_VRIJGEVEN,
                    convenant=Convenant.MONITOR,
                    thema=Thema.MENSENHANDEL_EN_SMOKKEL,
                    doel=Doel.MONITOR,
                    soort="aggregaat",
                    id=aanvraag.release_id,
                    eigenschappen={
                        "tabel_id": tabel.id.value,
                        "beschermd": True,  # only a SafeTable comes this far
                        "min_cel": figures.smallest,
                        "min_verschil": figures.smallest,
                        "dominantie_promille": figures.dominance,
                        "uitsplitsing": [d for d in tabel.dimensies if d != "type"],
                        "vrije_tekst": False,
                    },
                    vierogen=approval,
                )
            )
    return tuple(judge(house, caller, ask, now) for ask in asks)


def _seal(
    house: House, caller: Caller, aanvraag: ReleaseAanvraag, groups: Sequence[_Protected], judged: Sequence[Judged]
) -> ReleaseStand:
    now = house.clock().astimezone(UTC).replace(microsecond=0)
    publicatie = Publicatie(
        release_id=aanvraag.release_id,
        jaar=aanvraag.jaar,
        gepubliceerd=now,
        partners=len(house.present(TokenDomein.MONITOR, aanvraag.epoch, now)),
        patroon=sha256("|".join(group.safe.pattern for group in groups).encode()),
        tabellen=tuple(_public(tabel, safe) for group in groups for tabel, safe in _pairs(group)),
    )
    sealed = canonical_bytes(publicatie)
    besluiten = tuple(j.entry.besluit for j in judged)
    stand = ReleaseStand(
        release_id=aanvraag.release_id, stap="gepubliceerd", digest=sha256(sealed), besluiten=besluiten
    )
    entry = ReleaseEntry(
        release_id=aanvraag.release_id,
        partij=caller.id,
        stap="gepubliceerd",
        digest=stand.digest,
        besluit=besluiten[0],
    )
    row = {
        "release_id": aanvraag.release_id,
        "party": caller.id,
        "jaar": aanvraag.jaar,
        "published_ms": to_ms(now),
        "digest": b64u_decode(stand.digest),
        "sealed": sealed,
        "stand": canonical_bytes(stand),
    }
    with writing(house.store) as transaction:
        transaction.execute(insert(RELEASES).values(row))
        append(transaction, (*(j.entry for j in judged), entry), now, house.random)
    return stand


def _pairs(group: _Protected) -> Iterator[tuple[Tabel, SafeTable]]:
    by_id = {table.id: table for table in group.safe.tables}
    return ((tabel, by_id[tabel.id.value]) for tabel in group.tables)


def _public(tabel: Tabel, safe: SafeTable) -> PubliekeTabel:
    return PubliekeTabel.model_validate(
        {
            "tabel": tabel.id,
            "telregel": tabel.telregel.value,
            "k": PUBLIC_K,
            "dimensies": tabel.dimensies,
            "cellen": tuple(
                PubliekeCel(codes=codes, aantal=count) for codes, count in zip(safe.codes, safe.counts, strict=True)
            ),
        }
    )


def _log_blocked(house: House, caller: Caller, aanvraag: ReleaseAanvraag, outcome: Withheld, now: datetime) -> None:
    words = sha256(_in_words(outcome).encode())
    entry = ReleaseEntry(release_id=aanvraag.release_id, partij=caller.id, stap="geblokkeerd", digest=words)
    with writing(house.store) as transaction:
        append(transaction, (entry,), now, house.random)


def _in_words(outcome: Withheld) -> str:
    found = [f"{f.view}: {f.cell} ({f.how})" for f in outcome.findings[:5]]
    return "; ".join((*outcome.reasons, *found))[:1900]
