"""Instruments, their calibrations, and which trace event used which instrument."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from equipment.states import INSTRUMENT, InstrumentState
from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.masterdata.models import Location
from traceability.models import TraceEvent


class InstrumentQuerySet(RegulatedQuerySet["Instrument"]):
    """Instruments by who may see them and by their calibration."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the instruments of sites the actor may see."""
        return self.filter(site_filter(actor))

    def with_calibration(self) -> Self:
        """Add ``calibrated_at``, ``due_on``, ``verdict`` of the latest calibration, or nothing."""
        latest = Calibration.objects.filter(instrument=OuterRef("pk")).newest_first()
        return self.annotate(
            calibrated_at=Subquery(latest.values("performed_at")[:1]),
            due_on=Subquery(latest.values("due_on")[:1]),
            verdict=Subquery(latest.values("verdict")[:1]),
        )

    def to_calibrate(self, by: dt.date) -> Self:
        """Keep those due before or on ``by`` or never calibrated, retired ones apart."""
        kept = self.exclude(state=InstrumentState.RETIRED).with_calibration()
        return kept.filter(Q(due_on__lte=by) | Q(due_on__isnull=True))


class Instrument(Regulated):
    """Something that measures. What it may be used for follows from its state and calibration."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    instrument_class = models.CharField(_("class"), max_length=60)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("location"),
    )
    maker = models.CharField(_("manufacturer"), max_length=200, blank=True)
    serial_number = models.CharField(_("serial number"), max_length=60, blank=True)
    measuring_range = models.CharField(_("range"), max_length=80, blank=True)
    resolution = models.CharField(_("resolution"), max_length=80, blank=True)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("owner")
    )
    interval_days = models.PositiveIntegerField(_("calibration interval in days"))
    state = models.CharField(
        _("state"), max_length=16, choices=INSTRUMENT.choices(), default=InstrumentState.IN_SERVICE
    )

    objects = InstrumentQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(InstrumentState)), name="instrument_state_known"
            ),
            models.CheckConstraint(
                condition=Q(interval_days__gt=0), name="instrument_interval_positive"
            ),
        ]
        indexes = [models.Index(fields=["site", "state"], name="instrument_by_site")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class CalibrationQuerySet(models.QuerySet["Calibration"]):
    """Calibrations by who may see them, and in the order that decides which one counts."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the calibrations of instruments the actor may see."""
        return self.filter(site_filter(actor, "instrument__site"))

    def newest_first(self) -> Self:
        """Order by time of calibration; of two at the same instant the later recorded counts."""
        return self.order_by("-performed_at", "-pk")

    def latest_of(self, instrument_ids: models.QuerySet[Instrument] | set[int]) -> Self:
        """Keep the latest calibration of each of these instruments."""
        mine = self.filter(instrument_id__in=instrument_ids)
        ordered = mine.order_by("instrument_id", "-performed_at", "-pk")
        return ordered.distinct("instrument_id")


class Calibration(AppendOnly):
    """One calibration as it was done (ISO 13485, 7.6). A wrong one is followed by another."""

    class AsFound(models.TextChoices):
        """How the instrument was when it came, before any adjustment."""

        WITHIN = "within", _("within tolerance")
        OUT = "out", _("out of tolerance")

    class Verdict(models.TextChoices):
        """Whether it may be used from now on."""

        PASS = "pass", _("pass")
        FAIL = "fail", _("fail")

    number = models.CharField(_("number"), max_length=40, unique=True)
    instrument = models.ForeignKey(
        Instrument, models.PROTECT, related_name="calibrations", verbose_name=_("instrument")
    )
    performed_at = models.DateTimeField(_("performed"))
    due_on = models.DateField(_("next due"))
    as_found = models.CharField(_("as found"), max_length=6, choices=AsFound.choices)
    verdict = models.CharField(_("verdict"), max_length=4, choices=Verdict.choices)
    adjusted = models.BooleanField(_("adjusted"), default=False)
    performed_by = models.CharField(_("performed by"), max_length=200)
    standard_used = models.CharField(_("standard used"), max_length=200)
    certificate_number = models.CharField(_("certificate"), max_length=80, blank=True)
    conditions = models.CharField(_("environment"), max_length=200, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(_("recorded"), auto_now_add=True)

    objects = CalibrationQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("calibration")
        verbose_name_plural = _("calibrations")
        constraints = [
            models.CheckConstraint(
                condition=Q(as_found__in=["within", "out"]), name="calibration_as_found_known"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["pass", "fail"]), name="calibration_verdict_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["instrument", "-performed_at", "-id"], name="calibration_by_instrument"
            )
        ]

    def __str__(self) -> str:
        return self.number


class CalibrationPoint(AppendOnly):
    """One measured point, before (as found) or after (as left) adjustment."""

    class Phase(models.TextChoices):
        """When it was measured."""

        AS_FOUND = "as_found", _("as found")
        AS_LEFT = "as_left", _("as left")

    calibration = models.ForeignKey(Calibration, models.PROTECT, related_name="points")
    phase = models.CharField(_("phase"), max_length=8, choices=Phase.choices)
    position = models.PositiveSmallIntegerField()
    nominal = models.DecimalField(_("nominal"), max_digits=DIGITS, decimal_places=PLACES)
    reading = models.DecimalField(_("reading"), max_digits=DIGITS, decimal_places=PLACES)
    tolerance = models.DecimalField(_("tolerance ±"), max_digits=DIGITS, decimal_places=PLACES)
    uncertainty = models.DecimalField(
        _("uncertainty"), max_digits=DIGITS, decimal_places=PLACES, null=True
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("calibration point")
        constraints = [
            models.UniqueConstraint(
                fields=["calibration", "phase", "position"], name="calibration_point_once"
            ),
            models.CheckConstraint(
                condition=Q(tolerance__gte=0), name="calibration_tolerance_sane"
            ),
            models.CheckConstraint(
                condition=Q(phase__in=["as_found", "as_left"]), name="calibration_phase_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phase} {self.nominal}"


class InstrumentUseQuerySet(models.QuerySet["InstrumentUse"]):
    """Uses, and the calibration each of them relied on."""

    def with_calibration(self) -> Self:
        """Add ``calibration_id``: the latest calibration done before the instrument was used."""
        before = Calibration.objects.filter(
            instrument=OuterRef("instrument"), performed_at__lte=OuterRef("event__event_time")
        ).newest_first()
        return self.annotate(calibration_id=Subquery(before.values("pk")[:1]))


class InstrumentUse(AppendOnly):
    """An instrument that a trace event used, recorded when it happens, never inferred."""

    event = models.ForeignKey(
        TraceEvent, models.PROTECT, related_name="instrument_uses", db_index=False
    )
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="uses", db_index=False)
    calibration_id: int | None
    """The calibration it relied on; only there after ``with_calibration``."""

    objects = InstrumentUseQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("use of an instrument")
        constraints = [
            models.UniqueConstraint(fields=["event", "instrument"], name="instrument_use_once")
        ]
        indexes = [models.Index(fields=["instrument"], include=["event"], name="use_by_instrument")]

    def __str__(self) -> str:
        return f"{self.instrument_id} in {self.event_id}"
