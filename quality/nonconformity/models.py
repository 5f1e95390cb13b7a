"""Deviations with the lots they concern, and the concessions approved under them."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from equipment.models import Calibration, Instrument
from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.inventory.models import Hold
from erp.masterdata.models import Item, Partner
from erp.production.models import ProcessCycle
from quality.inspection.models import Inspection
from quality.nonconformity.states import DEVIATION, DeviationState
from traceability.models import Lot


class DeviationQuerySet(RegulatedQuerySet["Deviation"]):
    """Deviations by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep deviations at sites the actor may see."""
        return self.filter(site_filter(actor))

    def open(self) -> Self:
        """Keep what is not closed."""
        return self.exclude(state=DeviationState.CLOSED)


class Deviation(Regulated):
    """A nonconformity that was found, or a departure that was planned (ISO 13485, 8.3)."""

    class Kind(models.TextChoices):
        """Found or planned."""

        NONCONFORMITY = "nonconformity", _("nonconformity")
        PLANNED = "planned", _("planned deviation")

    class Severity(models.TextChoices):
        """How grave."""

        MINOR = "minor", _("minor")
        MAJOR = "major", _("major")
        CRITICAL = "critical", _("critical")

    class Disposition(models.TextChoices):
        """What becomes of the goods."""

        USE_AS_IS = "use_as_is", _("use as is")
        REWORK = "rework", _("rework")
        RETURN = "return", _("return to supplier")
        SCRAP = "scrap", _("scrap")

    number = models.CharField(_("number"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("what was found"))
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    source = models.CharField(_("source"), max_length=200, blank=True)
    inspection = models.ForeignKey(
        Inspection,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deviations",
        verbose_name=_("inspection"),
    )
    calibration = models.ForeignKey(
        Calibration,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deviations",
        verbose_name=_("calibration"),
    )
    cycle = models.ForeignKey(
        ProcessCycle,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deviations",
        verbose_name=_("process cycle"),
    )
    hold = models.OneToOneField(
        Hold,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deviation",
        verbose_name=_("hold"),
    )
    state = models.CharField(
        _("state"), max_length=14, choices=DEVIATION.choices(), default=DeviationState.OPEN
    )
    detected_at = models.DateTimeField(_("detected"))
    opened_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("opened by")
    )
    evaluation = models.TextField(_("evaluation"), blank=True)
    notify = models.TextField(_("who outside must be told, or why nobody"), blank=True)
    reviewed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed"), null=True, blank=True)
    disposition = models.CharField(
        _("disposition"), max_length=10, choices=Disposition.choices, blank=True
    )
    justification = models.TextField(_("justification"), blank=True)
    instruction = models.CharField(_("rework instruction"), max_length=200, blank=True)
    decided_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("disposition by"),
    )
    decided_at = models.DateTimeField(_("disposition decided"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    outcome = models.TextField(_("what was done"), blank=True)

    objects = DeviationQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("deviation")
        verbose_name_plural = _("deviations")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(DeviationState)), name="deviation_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "under_review"], disposition="")
                | Q(~Q(state__in=["open", "under_review"]), ~Q(disposition="")),
                name="disposition_follows_state",
            ),
            models.CheckConstraint(
                condition=Q(disposition="") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="disposition_has_person",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("opened_by")),
                name="disposition_by_another",
            ),
            models.CheckConstraint(
                condition=Q(~Q(state="closed"), closed_by__isnull=True)
                | Q(state="closed", closed_by__isnull=False, closed_at__isnull=False),
                name="closed_deviation_has_person",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("decided_by")),
                name="closed_by_another",
            ),
        ]
        indexes = [models.Index(fields=["state", "site"], name="deviation_by_state")]

    def __str__(self) -> str:
        return self.number


class DeviationLot(AppendOnly):
    """A lot that a deviation concerns: all of it, or the ``quantity`` that was set aside."""

    deviation = models.ForeignKey(Deviation, models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="deviation_lots")
    quantity = models.DecimalField(
        _("quantity"), max_digits=DIGITS, decimal_places=PLACES, null=True
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("lot of a deviation")
        constraints = [
            models.UniqueConstraint(fields=["deviation", "lot"], name="deviation_lot_once"),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0),
                name="deviation_quantity_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deviation_id}: {self.lot_id}"


class Concession(AppendOnly):
    """A signed permission to pass one gate in a period, in spite of a blocker.

    It covers what it names and nothing else: lots, or items of a supplier, or instruments.
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    deviation = models.OneToOneField(Deviation, models.PROTECT, related_name="concession")
    gate = models.CharField(_("gate"), max_length=40)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    justification = models.TextField(_("justification"))
    approved_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("concession")
        verbose_name_plural = _("concessions")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="concession_period_not_empty"
            )
        ]

    def __str__(self) -> str:
        return self.number


class ConcessionLot(AppendOnly):
    """A lot that a concession covers, with every unit in it."""

    concession = models.ForeignKey(Concession, models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="concession_lots")

    class Meta(AppendOnly.Meta):
        verbose_name = _("lot of a concession")
        constraints = [
            models.UniqueConstraint(fields=["concession", "lot"], name="concession_lot_once")
        ]

    def __str__(self) -> str:
        return f"{self.concession_id}: {self.lot_id}"


class ConcessionSupply(AppendOnly):
    """An item that may come from a supplier who is not approved for it, by a concession."""

    concession = models.ForeignKey(Concession, models.PROTECT, related_name="supplies")
    supplier = models.ForeignKey(
        Partner, models.PROTECT, related_name="+", verbose_name=_("supplier")
    )
    item = models.ForeignKey(Item, models.PROTECT, related_name="+", verbose_name=_("item"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("supply under a concession")
        constraints = [
            models.UniqueConstraint(
                fields=["concession", "supplier", "item"], name="concession_supply_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.concession_id}: {self.item_id} of {self.supplier_id}"


class ConcessionInstrument(AppendOnly):
    """An instrument that may be used by a concession, as when its calibration is overdue."""

    concession = models.ForeignKey(Concession, models.PROTECT, related_name="instruments")
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="+", verbose_name=_("instrument")
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("instrument under a concession")
        constraints = [
            models.UniqueConstraint(
                fields=["concession", "instrument"], name="concession_instrument_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.concession_id}: {self.instrument_id}"
