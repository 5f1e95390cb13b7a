"""Supplier approvals, purchase orders and receipts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Self

from django.db import models
from django.db.models import DecimalField, Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES, ZERO
from erp.masterdata.models import Item, ItemRevision, Location, Partner
from procurement.states import APPROVAL, ORDER, ApprovalState, OrderState
from traceability.models import Lot, TraceEvent, uncorrected


class SupplierApprovalQuerySet(RegulatedQuerySet["SupplierApproval"]):
    """Approvals by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep all for whoever works at some site: a supplier is approved for the whole company."""
        return self if actor.read_sites else self.none()


class SupplierApproval(Regulated):
    """That a supplier may deliver certain items, decided on evidence (ISO 13485, 7.4.1)."""

    class Risk(models.TextChoices):
        """How much product quality depends on what is supplied."""

        LOW = "low", _("low")
        MEDIUM = "medium", _("medium")
        HIGH = "high", _("high")

    class Method(models.TextChoices):
        """How the supplier was judged."""

        AUDIT = "audit", _("audit")
        QUESTIONNAIRE = "questionnaire", _("questionnaire")
        FIRST_ARTICLE = "first_article", _("first article inspection")
        CERTIFICATE = "certificate", _("certificate")
        HISTORY = "history", _("delivery history")

    number = models.CharField(_("number"), max_length=40, unique=True)
    supplier = models.ForeignKey(
        Partner, models.PROTECT, related_name="supplier_approvals", verbose_name=_("supplier")
    )
    risk_class = models.CharField(_("risk class"), max_length=6, choices=Risk.choices)
    method = models.CharField(_("judged by"), max_length=16, choices=Method.choices)
    basis = models.TextField(_("evidence"), blank=True)
    conditions = models.TextField(_("conditions"), blank=True)
    valid_until = models.DateField(_("valid until"))
    state = models.CharField(
        _("state"), max_length=12, choices=APPROVAL.choices(), default=ApprovalState.DRAFT
    )
    drafted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    drafted_at = models.DateTimeField(_("drafted"))
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True)

    objects = SupplierApprovalQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("supplier approval")
        verbose_name_plural = _("supplier approvals")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(ApprovalState)), name="supplier_approval_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="approved_supplier_has_approver",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("drafted_by")),
                name="supplier_approved_by_another",
            ),
        ]
        indexes = [models.Index(fields=["state", "valid_until"], name="approval_by_validity")]

    def __str__(self) -> str:
        return self.number


class SupplierApprovalItem(Regulated):
    """An item within the scope of an approval."""

    approval = models.ForeignKey(SupplierApproval, models.PROTECT, related_name="scope")
    item = models.ForeignKey(Item, models.PROTECT, related_name="supplier_approvals")

    objects = RegulatedQuerySet["SupplierApprovalItem"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("approved item")
        constraints = [
            models.UniqueConstraint(fields=["approval", "item"], name="approval_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.approval_id}: {self.item_id}"


class PurchaseOrderQuerySet(RegulatedQuerySet["PurchaseOrder"]):
    """Orders by who may see them and what is late."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the orders of sites the actor may see."""
        return self.filter(site_filter(actor))

    def overdue(self, day: dt.date) -> Self:
        """Keep open orders with a line that was due before ``day`` and is not fully received."""
        late = PurchaseOrderLine.objects.open().filter(order=OuterRef("pk"), due_on__lt=day)
        return self.filter(Exists(late), state=OrderState.ORDERED)

    def with_due(self) -> Self:
        """Add ``due_on``: the earliest date at which something still open is due."""
        lines = PurchaseOrderLine.objects.open().filter(order=OuterRef("pk"))
        return self.annotate(due_on=Subquery(lines.order_by("due_on").values("due_on")[:1]))


class PurchaseOrder(Regulated):
    """What was ordered from a supplier for one site (ISO 13485, 7.4.2)."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    supplier = models.ForeignKey(
        Partner, models.PROTECT, related_name="purchase_orders", verbose_name=_("supplier")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    state = models.CharField(
        _("state"), max_length=10, choices=ORDER.choices(), default=OrderState.DRAFT
    )
    requirements = models.TextField(_("quality requirements"), blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    ordered_at = models.DateTimeField(pgettext_lazy("moment", "ordered"), null=True)
    ordered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("ordered by")
    )

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("purchase order")
        verbose_name_plural = _("purchase orders")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(OrderState)), name="purchase_order_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "cancelled"])
                | Q(ordered_at__isnull=False, ordered_by__isnull=False),
                name="purchase_order_ordered_by_someone",
            ),
        ]
        indexes = [models.Index(fields=["site", "state"], name="purchase_order_by_site")]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLineQuerySet(RegulatedQuerySet["PurchaseOrderLine"]):
    """Order lines with what came of them."""

    def with_received(self) -> Self:
        """Add ``received``: the quantity received so far, derived from the receipts."""
        came = ReceiptLine.objects.standing().filter(order_line=OuterRef("pk")).order_by()
        total = came.values("order_line").annotate(total=Sum("quantity")).values("total")
        kind: DecimalField[int, int] = DecimalField(max_digits=DIGITS, decimal_places=PLACES)
        return self.annotate(received=Coalesce(Subquery(total), Value(ZERO), output_field=kind))

    def open(self) -> Self:
        """Keep the lines of which something is still to come."""
        return self.with_received().filter(received__lt=F("quantity"))


class PurchaseOrderLine(Regulated):
    """One item of an order, by the revision that was effective when it was ordered."""

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField(_("line"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))
    revision = models.ForeignKey(
        ItemRevision, models.PROTECT, related_name="+", verbose_name=_("revision")
    )
    approval = models.ForeignKey(
        SupplierApproval,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("ordered under approval"),
        help_text=_("Empty where a concession stood in for the approval."),
    )
    quantity = models.DecimalField(_("quantity"), max_digits=DIGITS, decimal_places=PLACES)
    unit_price = models.DecimalField(
        _("unit price"), max_digits=DIGITS, decimal_places=PLACES, null=True
    )
    due_on = models.DateField(_("due"))
    received: Decimal
    """What came so far; only there after ``with_received``."""

    objects = PurchaseOrderLineQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("purchase order line")
        constraints = [
            models.UniqueConstraint(fields=["order", "position"], name="purchase_order_line_once"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="purchase_order_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__isnull=True) | Q(unit_price__gte=0),
                name="purchase_order_price_sane",
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="purchase_order_line_by_due")]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.position}"


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    """Receipts by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the receipts of sites the actor may see."""
        return self.filter(site_filter(actor))

    def with_wrong(self) -> Self:
        """Add ``declared_wrong``: whether a correction says that it did not happen."""
        wrong = ReceiptEvent.objects.filter(
            receipt=OuterRef("pk"), event__corrections__isnull=False
        )
        return self.annotate(declared_wrong=Exists(wrong))


class Receipt(AppendOnly):
    """That goods of an order came in: once, at one place (ISO 13485, 7.4.3). Never changed."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    order = models.ForeignKey(
        PurchaseOrder, models.PROTECT, related_name="receipts", verbose_name=_("purchase order")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("put into")
    )
    received_at = models.DateTimeField(_("received"))
    received_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    delivery_note = models.CharField(_("delivery note"), max_length=80, blank=True)

    objects = ReceiptQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        indexes = [models.Index(fields=["site", "-received_at"], name="receipt_by_site")]

    def __str__(self) -> str:
        return self.number


class ReceiptLineQuerySet(models.QuerySet["ReceiptLine"]):
    """Lines of receipts, and those that count."""

    def standing(self) -> Self:
        """Keep the lines of receipts that were not declared wrong."""
        return self.filter(uncorrected("receipt__events__event"))


class ReceiptLine(AppendOnly):
    """A lot that a receipt brought, with its certificate; units inside a lot follow their lot.

    A lot comes in once. Where its receipt was declared wrong, another one may bring it again.
    """

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", db_index=False)
    order_line = models.ForeignKey(PurchaseOrderLine, models.PROTECT, related_name="receipts")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="receipt_lines")
    quantity = models.DecimalField(_("quantity"), max_digits=DIGITS, decimal_places=PLACES)
    certificate_number = models.CharField(_("certificate"), max_length=80, blank=True)

    objects = ReceiptLineQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("receipt line")
        constraints = [
            models.UniqueConstraint(fields=["receipt", "lot"], name="receipt_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="receipt_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_id}: {self.lot_id}"


class ReceiptEvent(AppendOnly):
    """The trace event of a receipt."""

    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="receipt_link")
    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="events")

    class Meta(AppendOnly.Meta):
        verbose_name = _("receipt event")

    def __str__(self) -> str:
        return f"{self.receipt_id} as {self.event_id}"
