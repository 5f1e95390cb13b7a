"""Work orders with their material account and reports; cycles of special processes."""

from __future__ import annotations

from typing import Any, Self, cast

from django.db import models
from django.db.models import DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.masterdata.models import Item, ItemRevision, Location, Partner
from erp.production.rules import PI_NUMBER_LENGTH
from erp.production.states import PROCESS_CYCLE, WORK_ORDER, CycleState, WorkOrderState
from traceability.models import Lot, TraceEvent, uncorrected


def _quantity(label: Any, **more: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(label, max_digits=DIGITS, decimal_places=PLACES, **more)


class ProcessKind(models.TextChoices):
    """Special processes: their result cannot be fully checked afterwards (ISO 13485, 7.5.6)."""

    STERILISATION = "sterilisation", _("sterilisation")
    CLEANING = "cleaning", _("cleaning")
    COATING = "coating", _("coating")
    HEAT_TREATMENT = "heat_treatment", _("heat treatment")
    PASSIVATION = "passivation", _("passivation")
    SEALING = "sealing", _("sealing")


class WorkOrderQuerySet(RegulatedQuerySet["WorkOrder"]):
    """Work orders by who may see them, and with what came of them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the orders of sites the actor may see."""
        return self.filter(site_filter(actor))

    def with_output(self) -> Self:
        """Add ``made`` and ``scrapped``, summed over the order's reports."""
        return self.annotate(made=_summed("made"), scrapped=_summed("scrapped"))


def _summed(field: str) -> Coalesce:
    rows = (
        ProductionReport.objects.standing()
        .filter(work_order=OuterRef("pk"))
        .order_by()
        .values("work_order")
    )
    number: DecimalField[Any, Any] = DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    return Coalesce(
        Subquery(rows.annotate(total=Sum(field)).values("total")), Value(0), output_field=number
    )


class WorkOrder(Regulated):
    """An order to make a quantity of an item, by the revision effective when it was planned.

    ``batch`` is the lot that everything made under it belongs to; it exists from the start on.
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    item = models.ForeignKey(
        Item, models.PROTECT, related_name="work_orders", verbose_name=_("item")
    )
    revision = models.ForeignKey(
        ItemRevision, models.PROTECT, related_name="+", verbose_name=_("revision")
    )
    quantity = _quantity(_("planned quantity"))
    batch_number = models.CharField(_("lot number"), max_length=PI_NUMBER_LENGTH)
    batch = models.OneToOneField(
        Lot, models.PROTECT, null=True, related_name="made_by", verbose_name=_("lot")
    )
    line = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="+", verbose_name=_("production line")
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=WORK_ORDER.choices(), default=WorkOrderState.PLANNED
    )
    planned_at = models.DateTimeField(_("planned"))
    started_at = models.DateTimeField(_("started"), null=True)
    completed_at = models.DateTimeField(_("completed"), null=True)

    objects = WorkOrderQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="work_order_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(WorkOrderState)), name="work_order_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "cancelled"])
                | Q(batch__isnull=False, line__isnull=False, started_at__isnull=False),
                name="started_order_has_batch",
            ),
            models.CheckConstraint(
                condition=~Q(state="completed") | Q(completed_at__isnull=False),
                name="completed_order_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="work_order_by_due"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def at_line(self) -> Location:
        """Return the line of a started order (a constraint says that it has one)."""
        return cast(Location, self.line)


class WorkOrderMaterial(Regulated):
    """What an order needs of one component, taken from the bill of material when it was planned."""

    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="materials")
    component = models.ForeignKey(
        Item, models.PROTECT, related_name="+", verbose_name=_("component")
    )
    quantity = _quantity(_("planned quantity"))
    per_unit = models.BooleanField(_("recorded per unit"), default=False)

    objects = RegulatedQuerySet["WorkOrderMaterial"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("material of a work order")
        verbose_name_plural = _("material of work orders")
        constraints = [
            models.UniqueConstraint(fields=["work_order", "component"], name="order_material_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="order_material_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.work_order_id}: {self.component_id}"


class HappenedQuerySet(models.QuerySet[Any]):
    """Rows that an event brought about, and those whose event stands."""

    def standing(self) -> Self:
        """Keep the rows whose event was not declared wrong: only they count."""
        return self.filter(uncorrected())


class MaterialEntry(AppendOnly):
    """One entry of an order's material account: what came to the line, went back or went in.

    Issued material stays accountable: issued = returned + consumed + what still lies at the line.
    """

    class Kind(models.TextChoices):
        """What happened to the quantity."""

        ISSUED = "issued", _("issued")
        RETURNED = "returned", _("returned")
        CONSUMED = "consumed", _("consumed")

    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="entries")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="material_entries")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    quantity = _quantity(_("quantity"))
    event = models.ForeignKey(TraceEvent, models.PROTECT, related_name="+")

    objects = HappenedQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("material entry")
        verbose_name_plural = _("material entries")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="material_entry_positive"),
            models.UniqueConstraint(fields=["event", "lot", "kind"], name="material_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.work_order_id}: {self.kind} {self.quantity}"


class ProductionReport(AppendOnly):
    """One report from the line: how many were made and scrapped, and under which parameters."""

    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="reports")
    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="production_report")
    made = _quantity(_("made"))
    scrapped = _quantity(_("scrapped"))
    scrap_reason = models.TextField(_("why scrapped"), blank=True)
    parameters = models.TextField(_("process parameters"), blank=True)
    reported_at = models.DateTimeField(_("reported"))
    reported_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("reported by")
    )

    objects = HappenedQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("production report")
        verbose_name_plural = _("production reports")
        constraints = [
            models.CheckConstraint(
                condition=Q(made__gte=0, scrapped__gte=0) & ~Q(made=0, scrapped=0),
                name="report_says_something",
            ),
            models.CheckConstraint(
                condition=Q(scrapped=0) | ~Q(scrap_reason=""), name="scrap_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.work_order_id}: {self.made} + {self.scrapped}"


class WorkOrderEvent(AppendOnly):
    """A trace event that happened under a work order."""

    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="work_order_link")
    work_order = models.ForeignKey(WorkOrder, models.PROTECT, related_name="event_links")

    class Meta(AppendOnly.Meta):
        verbose_name = _("event of a work order")

    def __str__(self) -> str:
        return f"{self.work_order_id}: {self.event_id}"


class ItemProcess(Regulated):
    """A special process that every batch of an item goes through before release."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="processes", verbose_name=_("item"))
    kind = models.CharField(_("process"), max_length=20, choices=ProcessKind)
    required = models.BooleanField(_("required before release"), default=True)

    objects = RegulatedQuerySet["ItemProcess"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("required process")
        verbose_name_plural = _("required processes")
        constraints = [
            models.UniqueConstraint(fields=["item", "kind"], name="item_process_once"),
            models.CheckConstraint(
                condition=Q(kind__in=ProcessKind.values), name="item_process_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.kind}"


class ProcessCycleQuerySet(RegulatedQuerySet["ProcessCycle"]):
    """Process cycles by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the cycles of sites the actor may see."""
        return self.filter(site_filter(actor))


class ProcessCycle(Regulated):
    """A load of one batch that went to a subcontractor for a special process, and its record.

    ``parameters`` is a list of ``{name, value, unit, lower, upper}`` with decimals as text.
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    partner = models.ForeignKey(
        Partner, models.PROTECT, related_name="process_cycles", verbose_name=_("subcontractor")
    )
    place = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("place at the subcontractor")
    )
    batch = models.ForeignKey(
        Lot, models.PROTECT, related_name="process_cycles", verbose_name=_("lot")
    )
    kind = models.CharField(_("process"), max_length=20, choices=ProcessKind)
    state = models.CharField(
        _("state"), max_length=10, choices=PROCESS_CYCLE.choices(), default=CycleState.SENT
    )
    sent_at = models.DateTimeField(_("sent"))
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    received_at = models.DateTimeField(_("received back"), null=True)
    received_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("received by")
    )
    cycle_number = models.CharField(_("subcontractor's cycle number"), max_length=60, blank=True)
    certificate_number = models.CharField(_("certificate number"), max_length=80, blank=True)
    parameters: models.JSONField[Any, Any] = models.JSONField(_("parameters"), default=list)
    conforming = models.BooleanField(_("conforming"), null=True)

    objects = ProcessCycleQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("process cycle")
        verbose_name_plural = _("process cycles")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ProcessKind.values), name="cycle_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", received_at__isnull=True, conforming__isnull=True)
                | Q(
                    state="received",
                    received_at__isnull=False,
                    received_by__isnull=False,
                    conforming__isnull=False,
                ),
                name="received_cycle_has_verdict",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True) | Q(received_at__gte=F("sent_at")),
                name="cycle_returns_after_sending",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ProcessLoad(AppendOnly):
    """A lot or unit in the load of a cycle, with its quantity and the place it left."""

    cycle = models.ForeignKey(ProcessCycle, models.PROTECT, related_name="load")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="process_loads")
    quantity = _quantity(_("quantity"))
    taken_from = models.ForeignKey(Location, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        verbose_name = _("load of a process cycle")
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "lot", "taken_from"], name="process_load_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="process_load_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.lot_id}"


class CycleEvent(AppendOnly):
    """A trace event of a process cycle: it was sent, it came back."""

    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="cycle_link")
    cycle = models.ForeignKey(ProcessCycle, models.PROTECT, related_name="event_links")

    class Meta(AppendOnly.Meta):
        verbose_name = _("event of a process cycle")

    def __str__(self) -> str:
        return f"{self.cycle_id}: {self.event_id}"
