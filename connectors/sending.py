"""The use case of sending: preview and send. Introduces the rooms of this house to each other."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from connectors.contract.record import Profiel
from connectors.delivery import Delivered, deliver, lend_share
from connectors.errors import Tripped
from connectors.evaluation import CachedEvaluation
from connectors.files import alone_with
from connectors.house import House
from connectors.minimise import Draft
from connectors.outbox_rows import StoredReceipt
from connectors.plan import Delivery, Plan, evaluation_for, plan_for
from connectors.privacy_receipt import PrivacyReceipt, approved_receipt, make_receipt
from connectors.progress import Tick
from connectors.run import Means, RunCounts, make_batches, make_count_batches
from connectors.survey import ReadRow, Survey, count_traits, survey
from connectors.wire_codes import wire_codes
from pseudonymizer.narrative.known import KnownValues
from pseudonymizer.narrative.scan import NarrativeLine, Scanner
from pseudonymizer.narrative.tripwire import Tripwire, TripwireHit, fields_of


@dataclass(frozen=True)
class Sent:
    """What `send` did."""

    levering_id: str
    made: RunCounts
    delivered: Delivered
    held: dict[str, int]


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
    plan = plan_for(house, delivery, approval.goedkeuring_id)
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


def _means(house: House, plan: Plan) -> Means:
    keys = house.keyring.local_keys()

    def evaluate_for(profielen: tuple[Profiel, ...]) -> CachedEvaluation:
        return evaluation_for(house, plan, profielen)

    return Means(
        outbox=house.outbox,
        evaluate_for=evaluate_for,
        tripwire=Tripwire(wire_codes()),
        row_key=keys.row,
        spot=house.keyring.spot_secret(),
        random=house.random,
    )


def _previous(house: House, delivery: Delivery) -> PrivacyReceipt | None:
    for stored in house.outbox.receipts():
        if stored.domein == delivery.domein and stored.source_digest != delivery.source_digest:
            receipt = PrivacyReceipt.model_validate_json(stored.receipt)
            if receipt.mapping == delivery.mapping.file:
                return receipt
    return None
