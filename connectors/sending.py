"""The use case of sending: preview, approve, send. Introduces the rooms of this house to each other."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from pydantic import ValidationError

from connectors.contract.answers import Geregistreerd, Goedkeuring
from connectors.contract.codes import Actie, Doel, Thema, TokenDomein, TokenKlasse
from connectors.contract.record import Profiel
from connectors.contract.ticket import Handelende, TicketAanvraag
from connectors.delivery import Delivered, deliver, lend_share, new_id
from connectors.errors import InputRefused, NotVerified, Tripped, complaint
from connectors.evaluation import CachedEvaluation, RemoteEvaluation
from connectors.files import alone_with
from connectors.house import CONNECTOR_PSN, House
from connectors.mapping import BoundMapping, Mapping
from connectors.minimise import DOELEN, Draft
from connectors.outbox_rows import StoredReceipt
from connectors.privacy_receipt import (
    Oordeel,
    PrivacyReceipt,
    approved_receipt,
    last_judgement,
    make_receipt,
    sign_judgement,
)
from connectors.progress import Tick
from connectors.run import MAX_PROFILES, Means, Plan, RunCounts, make_batches, make_count_batches
from connectors.sources.opening import open_source
from connectors.sources.source import Source
from connectors.survey import ReadRow, Survey, count_traits, survey
from connectors.wire_codes import wire_codes
from pseudonymizer.narrative.known import KnownValues
from pseudonymizer.narrative.scan import NarrativeLine, Scanner
from pseudonymizer.narrative.tripwire import Tripwire, TripwireHit, fields_of


@dataclass(frozen=True)
class Delivery:
    """A source bound to a mapping for one token domain."""

    source: Source
    bound: BoundMapping
    domein: TokenDomein
    doel: Doel
    thema: Thema
    source_digest: str

    @property
    def mapping(self) -> Mapping:
        return self.bound.mapping


@dataclass(frozen=True)
class Sent:
    """What `send` did."""

    levering_id: str
    made: RunCounts
    delivered: Delivered
    held: dict[str, int]


def open_delivery(house: House, location: str, mapping: Mapping, asked: TokenDomein | None) -> Delivery:
    """Open and check the source. The domain: as asked, else as the mapping says, else the settings' first."""
    counted = TokenDomein.MONITOR if mapping.content.tellingen is not None else None
    domein = house.domein(counted or asked or mapping.domein)
    source = open_source(mapping.source, location)
    bound = mapping.bind(source.name, source.columns, house.clock().date())
    return Delivery(
        source=source,
        bound=bound,
        domein=domein,
        doel=mapping.doel or DOELEN[domein.convenant],
        thema=Thema.MENSENHANDEL_EN_SMOKKEL,
        source_digest=source.digest(),
    )


def preview(
    house: House, delivery: Delivery, tick: Tick, show: Callable[[ReadRow], None], scanner: Scanner | None
) -> PrivacyReceipt:
    """Make the privacy receipt and keep it; `show` is handed each row for the officer's screen.

    `scanner`: looks through narratives, None when there are none. Raises InputRefused, or Tripped when something that
    would leave looks like an identifier.
    """
    labels, signals, wire = Counter[str](), Counter[str](), Tripwire(wire_codes())
    counted = Survey()

    def see(row: ReadRow) -> None:
        count_traits(counted, row.mapped)
        if isinstance(row.outcome, Draft):
            look(wire, row, delivery.source.name)
        if scanner is not None:
            for text in row.mapped.narrative:
                result = scanner.scan_one(NarrativeLine("", text, row.mapped.own_values))
                labels.update(span.label.value for span in result.spans)
                signals.update({signal.code.value for signal in result.indicators})
        show(row)

    found = survey(
        delivery.source, delivery.bound, delivery.domein, house.settings.domein, house.clock().date(), tick, see
    )
    found.usable, found.unusable = counted.usable, counted.unusable
    receipt = make_receipt(
        found,
        delivery.source,
        delivery.mapping,
        party=house.party.id,
        name=house.party.naam,
        domein=delivery.domein,
        doel=delivery.doel,
        epoch=house.settings.epoch,
        federatie=house.federatie.digest,
        source_digest=delivery.source_digest,
        labels=labels,
        signals=signals,
        previous=_previous(house, delivery),
        now=house.clock(),
    )
    house.outbox.keep_receipt(_unsigned(receipt), house.clock())
    return receipt


def _unsigned(receipt: PrivacyReceipt) -> StoredReceipt:
    """As the outbox keeps it until an officer judges it."""
    return StoredReceipt(
        receipt_digest=receipt.digest,
        source_digest=receipt.bron_digest,
        mapping_digest=receipt.mapping_digest,
        domein=receipt.domein,
        epoch=receipt.epoch,
        receipt=receipt.model_dump_json(),
        signed=None,
        goedkeuring_id=None,
    )


def look(tripwire: Tripwire, row: ReadRow, file: str) -> None:
    """The tripwire over the codes of one row that would leave; raises Tripped."""
    if not isinstance(row.outcome, Draft):
        return
    try:
        tripwire.check(fields_of(row.outcome.wire()), KnownValues.of(row.mapped.own_values))
    except TripwireHit as hit:
        raise Tripped(
            f"{file}, row {row.source.number}: field {hit.field!r} would send what looks like {hit.rule};"
            " correct the source or its mapping"
        ) from hit


def judge(house: House, receipt: PrivacyReceipt, name: str, approve: bool, officer: Handelende | None) -> Oordeel:
    """Sign an officer's decision. With `officer` the gateway registers the approval too, for where policy asks four
    eyes. Raises NotVerified when the receipt is not one that this connector made, InputRefused when `name` is none or
    the clock stands before an earlier judgement: the last one counts, so their order must be known."""
    receipts, now = house.outbox.receipts(), house.clock()
    last = last_judgement(receipts, house.key.public)
    if last is not None and now < last:
        raise InputRefused("the clock stands before the last judgement given here; set the clock and judge again")
    if all(stored.receipt_digest != receipt.digest for stored in receipts):
        raise NotVerified(
            "this receipt was not made by this connector, or it was changed afterwards; run preview again"
        )
    try:
        judgement = Oordeel(
            bewijs=receipt.digest, oordeel="goedgekeurd" if approve else "geweigerd", naam=name, tijd=now
        )
    except ValidationError as error:
        raise InputRefused(complaint(error)) from error
    goedkeuring_id = None
    if officer is not None and approve:
        goedkeuring_id = new_id(house.random)
        request = Goedkeuring(
            goedkeuring_id=goedkeuring_id,
            actie=Actie.RECORDS_INDIENEN,
            onderwerp=receipt.digest,
            aanvrager=CONNECTOR_PSN,
        )
        house.calls.post("/v1/approvals", request, Geregistreerd, officer)
    house.outbox.approve(receipt.digest, sign_judgement(judgement, house.key), goedkeuring_id)
    return judgement


def send(house: House, delivery: Delivery, tick: Tick, on_batch: Callable[[int], None]) -> Sent:
    """Deliver what is queued, then make and deliver what this source has new.

    Raises NotPermitted without an approved receipt, InUse while another process sends, and what survey, run and
    delivery raise; nothing acknowledged is ever lost, and a repeat continues.
    """
    with alone_with(house.settings.outbox):
        return _sent(house, delivery, tick, on_batch)


def _sent(house: House, delivery: Delivery, tick: Tick, on_batch: Callable[[int], None]) -> Sent:
    found = survey(
        delivery.source, delivery.bound, delivery.domein, house.settings.domein, house.clock().date(), lambda _: None
    )
    approval = approved_receipt(
        house.outbox.receipts(),
        house.key.public,
        source_digest=delivery.source_digest,
        mapping_digest=delivery.mapping.digest,
        domein=delivery.domein,
        epoch=house.settings.epoch,
        content_digest=found.content_digest,
    )
    house.outbox.forget_cache(house.settings.epoch)
    plan = _plan(house, delivery, approval.goedkeuring_id)
    means = _means(house, plan)
    if delivery.mapping.content.tellingen is None:
        lend_share(house, delivery.domein)
        earlier = deliver(house, on_batch)
        made = make_batches(delivery.source, delivery.bound, plan, means, tick)
    else:
        earlier = deliver(house, on_batch)
        made = make_count_batches(found.cells, plan, means)
    later = deliver(house, on_batch)
    delivered = Delivered(
        earlier.batches + later.batches, earlier.rows + later.rows, earlier.withdrawals + later.withdrawals
    )
    return Sent(plan.levering_id, made, delivered, {reason.value: n for reason, n in sorted(found.held.items())})


def offline_evaluation(house: House, delivery: Delivery) -> CachedEvaluation:
    """The evaluator for a whole file that is encoded and not sent; policy still judges its profiles for the ticket.

    Raises InputRefused when the mapping or a row is not fit to be sent either, or has too many profiles for a ticket.
    """
    found = survey(
        delivery.source, delivery.bound, delivery.domein, house.settings.domein, house.clock().date(), lambda _: None
    )
    both = {profile.model_copy(update={"bsn_aanwezig": bsn}) for profile in found.profiles for bsn in (False, True)}
    if not 0 < len(both) <= MAX_PROFILES:
        raise InputRefused(f"0 or more than {MAX_PROFILES} profiles in one file; split it", file=delivery.source.name)
    return _evaluation(house, _plan(house, delivery, None), tuple(both if house.party.bsn_recht else found.profiles))


def _plan(house: House, delivery: Delivery, goedkeuring_id: str | None) -> Plan:
    epoch = house.settings.epoch
    levering_id = house.outbox.levering(
        delivery.source_digest, delivery.mapping.digest, delivery.domein, epoch, new_id(house.random)
    )
    return Plan(
        levering_id=levering_id,
        bron=(house.party.oin, house.party.domein),
        domein=delivery.domein,
        doel=delivery.doel,
        thema=delivery.thema,
        epoch=epoch,
        federatie=house.federatie.digest,
        motivering=delivery.mapping.content.motivering,
        goedkeuring=goedkeuring_id,
        bsn=house.party.bsn_recht,
        today=house.clock().date(),
    )


def _means(house: House, plan: Plan) -> Means:
    keys = house.keyring.local_keys()

    def evaluate_for(profielen: tuple[Profiel, ...]) -> CachedEvaluation:
        return _evaluation(house, plan, profielen)

    return Means(
        outbox=house.outbox,
        evaluate_for=evaluate_for,
        tripwire=Tripwire(wire_codes()),
        row_key=keys.row,
        spot=house.keyring.spot_secret(),
        random=house.random,
    )


def _evaluation(house: House, plan: Plan, profielen: tuple[Profiel, ...]) -> CachedEvaluation:
    """The evaluator for records with these profiles: policy judges each of them before a ticket exists."""
    question = TicketAanvraag(
        domein=plan.domein,
        epoch=plan.epoch,
        klasse=TokenKlasse.ID,
        aantal=1,
        actie=Actie.RECORDS_INDIENEN,
        doel=plan.doel,
        profielen=profielen,
        motivering=plan.motivering,
        goedkeuring=plan.goedkeuring,
    )
    fresh = RemoteEvaluation(
        house.calls, house.federatie, question, None, house.key, house.http, house.clock, house.workers
    )
    return CachedEvaluation(house.outbox, house.keyring.local_keys(), plan.domein, plan.epoch, fresh)


def _previous(house: House, delivery: Delivery) -> PrivacyReceipt | None:
    for stored in house.outbox.receipts():
        if stored.domein == delivery.domein and stored.source_digest != delivery.source_digest:
            receipt = PrivacyReceipt.model_validate_json(stored.receipt)
            if receipt.mapping == delivery.mapping.file:
                return receipt
    return None


def read_receipt(raw: bytes, file: str) -> PrivacyReceipt:
    """A receipt file; raises InputRefused when it is not one."""
    try:
        return PrivacyReceipt.model_validate_json(raw)
    except ValueError as error:
        raise InputRefused("not a privacy receipt; give the file that `preview --out` wrote", file=file) from error
