"""The stock ledger, the balances a trigger keeps, and holds."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet, append_only
from erp.core.privileges import Derived
from erp.core.quantities import DIGITS, PLACES
from erp.masterdata.models import Location
from traceability.models import Lot, TraceEvent


class StockStatus(models.TextChoices):
    """What may be done with a quantity; empty at virtual places."""

    QUARANTINE = "quarantine", _("quarantine")
    AVAILABLE = "available", _("available")
    BLOCKED = "blocked", _("blocked")
    RECALL = "recall", _("on recall hold")
    IN_TRANSIT = "in_transit", _("in transit")


KEEP_BALANCES = """
    WITH delta AS (
        SELECT m.lot_id, m.location_id, m.status, sum(m.quantity) AS quantity
        FROM (SELECT lot_id, from_location_id AS location_id, from_status AS status,
                     -quantity AS quantity
              FROM new_rows
              UNION ALL
              SELECT lot_id, to_location_id, to_status, quantity FROM new_rows) m
        JOIN masterdata_location l ON l.id = m.location_id AND NOT l.virtual
        GROUP BY 1, 2, 3 HAVING sum(m.quantity) <> 0 ORDER BY 1, 2, 3),
    changed AS (
        UPDATE inventory_balance b SET quantity = b.quantity + d.quantity FROM delta d
        WHERE b.lot_id = d.lot_id AND b.location_id = d.location_id AND b.status = d.status
        RETURNING b.lot_id, b.location_id, b.status)
    INSERT INTO inventory_balance (lot_id, location_id, status, quantity)
    SELECT d.lot_id, d.location_id, d.status, d.quantity FROM delta d
    WHERE NOT EXISTS (SELECT FROM changed c WHERE c.lot_id = d.lot_id
                      AND c.location_id = d.location_id AND c.status = d.status);
    RETURN NULL;
"""


class StockMove(AppendOnly):
    """A quantity of a lot from place and status to place and status, by a trace event."""

    event = models.ForeignKey(TraceEvent, models.PROTECT, related_name="moves")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="moves")
    quantity = models.DecimalField(_("quantity"), max_digits=DIGITS, decimal_places=PLACES)
    from_location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    from_status = models.CharField(max_length=10, choices=StockStatus, blank=True)
    to_location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    to_status = models.CharField(max_length=10, choices=StockStatus, blank=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("stock move")
        verbose_name_plural = _("stock moves")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="move_quantity_positive"),
            models.CheckConstraint(
                condition=~Q(from_location=F("to_location"), from_status=F("to_status")),
                name="move_goes_somewhere",
            ),
        ]
        triggers = [
            *append_only(),
            pgtrigger.Trigger(
                name="keep_balances",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),  # type: ignore[no-untyped-call]
                func=KEEP_BALANCES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id}: {self.quantity}"


class BalanceQuerySet(models.QuerySet["Balance"]):
    """Balances by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the balances at sites the actor may see."""
        return self.filter(site_filter(actor, "location__site"))


class Balance(Derived):
    """What lies where in which status. Written only by the ledger's trigger; never below zero."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="balances")
    location = models.ForeignKey(Location, models.PROTECT, related_name="balances")
    status = models.CharField(_("status"), max_length=10, choices=StockStatus)
    quantity = models.DecimalField(_("quantity"), max_digits=DIGITS, decimal_places=PLACES)

    objects = BalanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.UniqueConstraint(fields=["lot", "location", "status"], name="balance_once"),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="stock_never_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} at {self.location_id}: {self.quantity}"


class HoldQuerySet(RegulatedQuerySet["Hold"]):
    """Holds by who may see them, and open ones."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep holds that reach a lot the actor may see."""
        if actor.sees_everything:
            return self
        reached = HoldLine.objects.filter(
            hold=OuterRef("pk"), lot__in=Lot.objects.visible_to(actor)
        )
        return self.filter(Exists(reached))

    def open(self) -> Self:
        """Keep the holds in force."""
        return self.filter(released_at__isnull=True)


class Hold(Regulated):
    """One reason why lots must not move. Holds stack: releasing one leaves the others in force."""

    class Cause(models.TextChoices):
        """Why."""

        QUALITY = "quality", _("quality decision")
        DEVIATION = "deviation", _("deviation")
        CALIBRATION = "calibration", _("calibration failure")
        SUPPLIER = "supplier", _("supplier notice")
        RECALL = "recall", _("recall")

    number = models.CharField(_("number"), max_length=40, unique=True)
    cause = models.CharField(_("cause"), max_length=12, choices=Cause.choices)
    reason = models.TextField(_("reason"))
    placed_at = models.DateTimeField(_("placed"))
    placed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("placed by")
    )
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    released_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("released by")
    )
    release_reason = models.TextField(_("why released"), blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="hold_release_has_person",
            )
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def state(self) -> str:
        """Return ``open`` or ``released``."""
        return "released" if self.released_at else "open"


class HoldLine(AppendOnly):
    """A lot under a hold; a hold on a lot reaches every unit in it."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="lines")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="hold_lines")

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["hold", "lot"], name="hold_line_once")]

    def __str__(self) -> str:
        return f"{self.hold_id}: {self.lot_id}"


# The table of a sub-domain; it refers to nothing above.
from erp.inventory.removal.models import Removal  # noqa: E402

__all__ = [
    "Balance",
    "BalanceQuerySet",
    "Hold",
    "HoldLine",
    "HoldQuerySet",
    "Removal",
    "StockMove",
    "StockStatus",
]
