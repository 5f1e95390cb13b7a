"""The report from the line: what was made, what went into it, unit by unit where that is known.

A report is one transformation for the whole (material used, everything made) and, for each unit
whose own components are given, one further transformation of that unit alone; both name the unit as
output. A report costs the same number of statements for one unit and for a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipment.gates import USE as INSTRUMENT_USE
from equipment.steps import note_use
from erp import gates
from erp.core.context import Context
from erp.core.errors import Blocked, Blocker, FieldFault, InvalidInput
from erp.core.quantities import ZERO, plain
from erp.inventory.queries import with_batches
from erp.inventory.steps import check_fineness
from erp.masterdata.models import Tracking
from erp.operations import operation
from erp.production import locking, queries, steps
from erp.production.errors import ComponentsMissing, MoreThanPlanned
from erp.production.events import ProductionReported
from erp.production.inputs import ReportProduction
from erp.production.models import MaterialEntry, ProductionReport, WorkOrder
from erp.production.operations.material import refuse_more_than_issued
from erp.production.states import WORK_ORDER, WorkOrderState
from traceability.errors import WrongTracking
from traceability.gates import ISSUE, ref
from traceability.locking import lock_lots
from traceability.models import Lot, TraceEvent
from traceability.states import LotState
from traceability.steps import Happening, record_all

ONE = Decimal(1)
LotQuantities = dict[Lot, Decimal]


@dataclass(frozen=True)
class Report:
    """What the caller says, added up. Quantities by lot id."""

    quantity: Decimal
    serials: Sequence[str]
    unit_components: Sequence[Mapping[int, Decimal]]
    consumed: Mapping[int, Decimal]
    scrapped: Decimal
    scrap_reason: str
    instrument_ids: Sequence[int]
    parameters: str
    used: dict[int, Decimal] = field(default_factory=dict)

    @property
    def made(self) -> Decimal:
        """Return how many good ones there are."""
        return Decimal(len(self.serials)) if self.serials else self.quantity


class Given(TypedDict, total=False):
    """The fields of :class:`ReportProduction` as the operation receives them."""

    units: Sequence[Mapping[str, Any]]
    quantity: Decimal | None
    consumed: Sequence[Mapping[str, Any]]
    scrapped: Decimal | None
    scrap_reason: str
    instrument_ids: Sequence[int]
    parameters: str


def _read(given: Given) -> Report:
    units = given.get("units") or ()
    consumed = steps.total_per_lot(given.get("consumed") or ())
    components = [steps.total_per_lot(u.get("components") or ()) for u in units]
    used = dict(consumed)
    for parts in components:
        for pk, quantity in parts.items():
            used[pk] = used.get(pk, ZERO) + quantity
    return Report(
        quantity=given.get("quantity") or ZERO,
        serials=[u["serial"].strip() for u in units],
        unit_components=components,
        consumed=consumed,
        scrapped=given.get("scrapped") or ZERO,
        scrap_reason=(given.get("scrap_reason") or "").strip(),
        instrument_ids=given.get("instrument_ids") or (),
        parameters=given.get("parameters") or "",
        used=used,
    )


@operation(
    "production.report_production",
    title=gettext_lazy("Report production"),
    sentence=gettext_lazy(
        "What was made goes into the lot in quarantine; the material used leaves the line."
    ),
    noun="work-orders",
    verb="report",
    subject="production.WorkOrder",
    subject_arg="work_order_id",
    input=ReportProduction,
    states=WORK_ORDER,
    step="report",
    primary=True,
    machine=True,
    tells_time=True,
)
def report_production(ctx: Context, *, work_order_id: int, **given: Unpack[Given]) -> WorkOrder:
    """Report units or a quantity with the material that really went in (ISO 13485, 7.5.1, 7.5.9).

    ``given`` are the fields of :class:`ReportProduction`.
    """
    report = _read(given)
    batch_id = WorkOrder.objects.values_list("batch_id", flat=True).get(pk=work_order_id)
    lots = lock_lots(ctx, with_batches([*report.used, *([batch_id] if batch_id else [])]))
    order = locking.lock_work_order(ctx, work_order_id)
    WORK_ORDER.next(WorkOrderState(order.state), "report")
    batch = lots[batch_id]  # A started order has its batch: a constraint says so.
    _refuse_wrong_shape(order, report)
    _refuse_over_plan(order, report)
    _refuse_missing_components(order, report, lots)
    refuse_more_than_issued(order, {lots[pk]: q for pk, q in report.used.items()})
    _ask(ctx, order, report, batch)
    _write(ctx, order, report, lots, batch)
    return order


def _refuse_wrong_shape(order: WorkOrder, report: Report) -> None:
    by_serial = order.item.tracking in {Tracking.SERIAL, Tracking.BOTH}
    if (by_serial and report.quantity) or (not by_serial and report.serials):
        raise WrongTracking(
            item=order.item.code,
            tracking=order.item.get_tracking_display(),
            given=_("a quantity") if by_serial else _("serial numbers"),
        )
    if not report.made and not report.scrapped:
        raise InvalidInput(
            faults=[FieldFault("units" if by_serial else "quantity", _("Say what was made."))]
        )
    if report.scrapped and not report.scrap_reason:
        raise InvalidInput(faults=[FieldFault("scrap_reason", _("Say why it was scrapped."))])
    for quantity in (report.quantity, report.scrapped):
        check_fineness(order.item, quantity)


def _refuse_over_plan(order: WorkOrder, report: Report) -> None:
    done = sum(queries.output_of(order), ZERO)
    more = report.made + report.scrapped
    if done + more > order.quantity:
        raise MoreThanPlanned(
            order=order.number, planned=plain(order.quantity), done=plain(done), more=plain(more)
        )


def _refuse_missing_components(order: WorkOrder, report: Report, lots: Mapping[int, Lot]) -> None:
    """Where the bill of material says "recorded per unit", every unit names its own component."""
    if not report.serials:
        return
    per_unit = dict(
        order.materials.filter(per_unit=True).values_list("component_id", "component__code")
    )
    faults = []
    for row, (serial, parts) in enumerate(
        zip(report.serials, report.unit_components, strict=True), start=1
    ):
        missing = per_unit.keys() - {lots[pk].item_id for pk in parts}
        if missing:
            names = ", ".join(sorted(per_unit[pk] for pk in missing))
            facts = {"serial": serial, "items": names}
            reason = _("%(serial)s: say which %(items)s is in this unit.") % facts
            faults.append(FieldFault("units.components", reason, row))
    if faults:
        raise ComponentsMissing(faults=faults)


def _ask(ctx: Context, order: WorkOrder, report: Report, batch: Lot) -> None:
    """Ask all gates before raising, so that everything in the way is seen at once."""
    found: list[Blocker] = []
    if batch.state != LotState.QUARANTINE:
        sentence = _("Lot %(lot)s is decided already: nothing can be added to it.") % {
            "lot": batch.number
        }
        found.append(Blocker("production.batch_decided", sentence, ref(batch)))
    # Material issued in good order may have been held or have expired since.
    for gate, ids in ((ISSUE, report.used), (INSTRUMENT_USE, report.instrument_ids)):
        try:
            gates.ask(ctx, gate, ids, work_order=order.pk)
        except Blocked as refusal:
            found += refusal.blockers
    if found:
        raise Blocked(blockers=found)


def _write(
    ctx: Context, order: WorkOrder, report: Report, lots: Mapping[int, Lot], batch: Lot
) -> None:
    units = steps.create_units(ctx, batch, report.serials) if report.serials else []
    made: LotQuantities = dict.fromkeys(units, ONE)
    if report.quantity:
        made = {batch: report.quantity}
    whole = _whole(order, report, made, batch)
    single = [
        _assembly(order, unit, parts)
        for unit, parts in zip(units, report.unit_components, strict=True)
        if parts
    ]
    event, *others = record_all(ctx, [whole, *single])
    steps.link_events(order, [event, *others])
    used = {lots[pk]: quantity for pk, quantity in report.used.items()}
    steps.consume_and_produce(ctx, order, event, used, made)
    steps.enter_material(order, event, MaterialEntry.Kind.CONSUMED, report.used)
    _keep(ctx, order, report, event)
    if report.instrument_ids:
        note_use(ctx, event, report.instrument_ids)
    ctx.emit(ProductionReported(order.pk, batch.pk, tuple(lot.pk for lot in made)))


def _whole(order: WorkOrder, report: Report, made: LotQuantities, batch: Lot) -> Happening:
    """Return the event of the whole report; its kind follows from what flowed."""
    outputs = {lot.pk: quantity for lot, quantity in made.items()}
    kind, action, biz_step, disposition = "transformation", "", "commissioning", "active"
    if not outputs:
        kind, action, biz_step, disposition = "object", "DELETE", "destroying", "destroyed"
    elif not report.consumed:
        kind, action = "object", "ADD"
    scrap = f" – {plain(report.scrapped)}: {report.scrap_reason}" if report.scrapped else ""
    return Happening(
        kind=kind,
        action=action,
        biz_step=biz_step,
        disposition=disposition,
        site_id=order.site_id,
        location=order.line,
        inputs=report.consumed,
        outputs=outputs,
        # A lot of units is no output itself, but this happened to it as well.
        subjects={} if batch in made else {batch.pk: None},
        note=f"{order.number}{scrap}",
    )


def _assembly(order: WorkOrder, unit: Lot, parts: Mapping[int, Decimal]) -> Happening:
    return Happening(
        kind="transformation",
        biz_step="assembling",
        disposition="in_progress",
        site_id=order.site_id,
        location=order.line,
        inputs=parts,
        outputs={unit.pk: ONE},
        note=order.number,
    )


def _keep(ctx: Context, order: WorkOrder, report: Report, event: TraceEvent) -> None:
    ProductionReport.objects.create(
        work_order=order,
        event=event,
        made=report.made,
        scrapped=report.scrapped,
        scrap_reason=report.scrap_reason,
        parameters=report.parameters,
        reported_at=event.event_time,
        reported_by_id=ctx.actor.user_id,
    )
