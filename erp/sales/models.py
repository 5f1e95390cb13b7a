"""Orders, allocations, shipments and returns."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.inventory.models import Hold
from erp.masterdata.models import Item, Location, Partner
from erp.sales.states import (
    ACTIVE,
    ALLOCATION,
    SALES_ORDER,
    SHIPMENT,
    AllocationState,
    OrderState,
    ShipmentState,
)
from traceability.models import Lot, TraceEvent, uncorrected


def _quantity(**more: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(_("quantity"), max_digits=DIGITS, decimal_places=PLACES, **more)


class CustomerTerms(Regulated):
    """What a customer asks of every delivery."""

    customer = models.OneToOneField(
        Partner, models.PROTECT, related_name="terms", verbose_name=_("customer")
    )
    minimum_life_days = models.PositiveIntegerField(_("minimum remaining life in days"), default=0)

    objects = RegulatedQuerySet["CustomerTerms"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("customer's terms")
        verbose_name_plural = _("customers' terms")

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.minimum_life_days}"


class SalesOrderQuerySet(RegulatedQuerySet["SalesOrder"]):
    """Sales orders by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the orders of sites the actor may see."""
        return self.filter(site_filter(actor))


class SalesOrder(Regulated):
    """A customer's order, delivered from one site to one address."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    customer = models.ForeignKey(
        Partner, models.PROTECT, related_name="sales_orders", verbose_name=_("customer")
    )
    reference = models.CharField(_("customer's reference"), max_length=60, blank=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    ship_to_name = models.CharField(_("consignee"), max_length=200)
    ship_to_address = models.TextField(_("delivery address"))
    country = models.CharField(_("country of delivery"), max_length=2)
    due_on = models.DateField(_("wanted by"), null=True, blank=True)
    ordered_at = models.DateTimeField(pgettext_lazy("moment", "ordered"))
    state = models.CharField(
        _("state"), max_length=10, choices=SALES_ORDER.choices(), default=OrderState.OPEN
    )

    objects = SalesOrderQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("sales order")
        verbose_name_plural = _("sales orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(OrderState)), name="sales_order_state_known"
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="sales_order_by_due")]

    def __str__(self) -> str:
        return self.number


class SalesOrderLine(Regulated):
    """A quantity of one item on an order; an item stands on an order once."""

    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="lines")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    quantity = _quantity()

    objects = RegulatedQuerySet["SalesOrderLine"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("line of a sales order")
        verbose_name_plural = _("lines of sales orders")
        constraints = [
            models.UniqueConstraint(fields=["order", "item"], name="sales_order_item_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="sales_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.item_id}"


class AllocationQuerySet(RegulatedQuerySet["Allocation"]):
    """Allocations by who may see them, and those in force."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the allocations of orders at sites the actor may see."""
        return self.filter(site_filter(actor, "line__order__site"))

    def active(self) -> Self:
        """Keep those that take their quantity from everyone else."""
        return self.filter(state__in=ACTIVE)


class Allocation(Regulated):
    """A quantity of a lot at a place, promised to an order line until a hold breaks it."""

    number = models.CharField(_("number"), max_length=50, unique=True)
    line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="allocations")
    lot = models.ForeignKey(
        Lot,
        models.PROTECT,
        related_name="allocations",
        db_index=False,
        verbose_name=_("lot or unit"),
    )
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("location")
    )
    quantity = _quantity()
    state = models.CharField(
        _("state"), max_length=10, choices=ALLOCATION.choices(), default=AllocationState.HELD
    )
    allocated_at = models.DateTimeField(_("reserved"))
    picked_at = models.DateTimeField(_("picked"), null=True)
    picked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    broken_by = models.ForeignKey(
        Hold, models.PROTECT, null=True, related_name="broken_allocations", verbose_name=_("hold")
    )
    put_back_at = models.DateTimeField(_("put back"), null=True)

    objects = AllocationQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="allocation_positive"),
            models.CheckConstraint(
                condition=Q(state__in=list(AllocationState)), name="allocation_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="broken") | Q(broken_by__isnull=False),
                name="broken_allocation_has_hold",
            ),
            models.CheckConstraint(
                condition=~Q(state="picked") | Q(picked_at__isnull=False, picked_by__isnull=False),
                name="picked_allocation_has_person",
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "location"], name="allocation_by_lot"),
            models.Index(fields=["line", "state"], name="allocation_by_line"),
        ]

    def __str__(self) -> str:
        return self.number


class ShipmentQuerySet(RegulatedQuerySet["Shipment"]):
    """Shipments by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the shipments from sites the actor may see."""
        return self.filter(site_filter(actor))


class Shipment(Regulated):
    """Goods that left for a customer. Name and address of the consignee are kept as they were."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    order = models.ForeignKey(
        SalesOrder, models.PROTECT, related_name="shipments", verbose_name=_("sales order")
    )
    customer = models.ForeignKey(
        Partner, models.PROTECT, related_name="shipments", verbose_name=_("customer")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    ship_to_name = models.CharField(_("consignee"), max_length=200)
    ship_to_address = models.TextField(_("delivery address"))
    country = models.CharField(_("country of delivery"), max_length=2)
    carrier = models.CharField(_("carrier"), max_length=120, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=80, blank=True)
    shipped_at = models.DateTimeField(pgettext_lazy("moment", "shipped"))
    shipped_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("shipped by")
    )
    state = models.CharField(
        _("state"), max_length=12, choices=SHIPMENT.choices(), default=ShipmentState.IN_TRANSIT
    )
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    received_by = models.CharField(_("received by"), max_length=120, blank=True)

    objects = ShipmentQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("shipment")
        verbose_name_plural = _("shipments")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["in_transit", "void"], delivered_at__isnull=True)
                | Q(state="delivered", delivered_at__isnull=False),
                name="delivered_shipment_has_time",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at__isnull=True) | Q(delivered_at__gte=F("shipped_at")),
                name="shipment_arrives_after_leaving",
            ),
        ]
        indexes = [models.Index(fields=["-shipped_at"], name="shipment_by_time")]

    def __str__(self) -> str:
        return self.number


class ShipmentLineQuerySet(models.QuerySet["ShipmentLine"]):
    """Lines of shipments, and those that count."""

    def standing(self) -> Self:
        """Keep the lines of shipments that happened."""
        return self.exclude(shipment__state=ShipmentState.VOID)


class ShipmentLine(AppendOnly):
    """A quantity of one lot in a shipment."""

    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="shipment_lines")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="shipment_lines")
    quantity = _quantity()

    objects = ShipmentLineQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("line of a shipment")
        verbose_name_plural = _("lines of shipments")
        constraints = [
            models.UniqueConstraint(fields=["shipment", "lot"], name="shipment_lot_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="shipment_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.shipment_id}: {self.lot_id}"


class ShipmentEvent(AppendOnly):
    """A trace event of a shipment: it left, something of it came back."""

    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="shipment_link")
    shipment = models.ForeignKey(Shipment, models.PROTECT, related_name="event_links")

    class Meta(AppendOnly.Meta):
        verbose_name = _("event of a shipment")

    def __str__(self) -> str:
        return f"{self.shipment_id}: {self.event_id}"


class CustomerReturnQuerySet(RegulatedQuerySet["CustomerReturn"]):
    """Returns by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the returns to sites the actor may see."""
        return self.filter(site_filter(actor))


class CustomerReturn(Regulated):
    """Goods of one shipment that came back, into quarantine."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    shipment = models.ForeignKey(
        Shipment, models.PROTECT, related_name="returns", verbose_name=_("shipment")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("quarantine store")
    )
    cause = models.TextField(_("why returned"))
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="customer_return")

    objects = CustomerReturnQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("customer return")
        verbose_name_plural = _("customer returns")

    def __str__(self) -> str:
        return self.number


class CustomerReturnLineQuerySet(models.QuerySet["CustomerReturnLine"]):
    """Lines of returns, and those that count."""

    def standing(self) -> Self:
        """Keep the lines of returns that were not declared wrong."""
        return self.filter(uncorrected("customer_return__event"))


class CustomerReturnLine(AppendOnly):
    """A quantity of one shipment line that came back."""

    customer_return = models.ForeignKey(CustomerReturn, models.PROTECT, related_name="lines")
    shipment_line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="returned")
    quantity = _quantity()

    objects = CustomerReturnLineQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("line of a customer return")
        constraints = [
            models.UniqueConstraint(
                fields=["customer_return", "shipment_line"], name="return_line_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_line_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_return_id}: {self.quantity}"
