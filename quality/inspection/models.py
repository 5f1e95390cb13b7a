"""Inspection plans, inspections and their results."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Cast, Coalesce, Greatest, Least
from django.utils.translation import gettext_lazy as _

from equipment.models import Instrument
from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.masterdata.models import Item, Unit
from quality.inspection.states import INSPECTION, PLAN, InspectionState, PlanState
from traceability.models import Lot, TraceEvent


class Stage(models.TextChoices):
    """When goods are inspected."""

    INCOMING = "incoming", _("at receipt")
    FINAL = "final", _("final")


class PlanQuerySet(RegulatedQuerySet["InspectionPlan"]):
    """Plans; like items they belong to no site."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep everything: what is to be inspected is master data."""
        return self

    def effective(self) -> Self:
        """Keep the plans in force."""
        return self.filter(state=PlanState.EFFECTIVE)


class InspectionPlan(Regulated):
    """What is inspected of an item at a stage. A change is a new revision, never an edit."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    item = models.ForeignKey(
        Item, models.PROTECT, related_name="inspection_plans", verbose_name=_("item")
    )
    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    revision = models.PositiveIntegerField(_("revision"))
    state = models.CharField(
        _("state"), max_length=12, choices=PLAN.choices(), default=PlanState.EFFECTIVE
    )
    basis = models.TextField(_("basis of the sample size"), blank=True)
    written_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written"))

    objects = PlanQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("inspection plan")
        verbose_name_plural = _("inspection plans")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "stage", "revision"], name="plan_revision_once"
            ),
            models.UniqueConstraint(
                fields=["item", "stage"], condition=Q(state="effective"), name="one_effective_plan"
            ),
            models.CheckConstraint(condition=Q(state__in=list(PlanState)), name="plan_state_known"),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="plan_stage_known"),
        ]

    def __str__(self) -> str:
        return self.number


class CharacteristicQuerySet(models.QuerySet["Characteristic"]):
    """Characteristics, and what of them is still to be inspected."""

    def unfinished(self) -> Self:
        """Keep those with fewer results than the plan asks for, of rows met by their inspection.

        Filter by ``plan__inspections`` before. Each row says its ``inspection``, the samples
        ``needed`` and those ``done``. Of pieces no more are asked for than were presented.
        """
        whole = models.BigIntegerField()
        presented = Greatest(Cast("plan__inspections__quantity", whole), 1, output_field=whole)
        at_most = Least("samples", presented, output_field=whole)
        pieces = When(plan__inspections__lot__item__unit=Unit.PIECE, then=at_most)
        done = InspectionResult.objects.filter(
            inspection=OuterRef("plan__inspections"), characteristic=OuterRef("pk")
        )
        counted = done.order_by().values("characteristic").values(n=Count("sample", distinct=True))
        return self.annotate(
            inspection=F("plan__inspections"),
            needed=Case(pieces, default="samples", output_field=whole),
            done=Coalesce(Subquery(counted), 0),
        ).filter(done__lt=F("needed"))


class Characteristic(AppendOnly):
    """One thing that is looked at: measured against limits, or judged good or bad."""

    class Kind(models.TextChoices):
        """Measured or judged."""

        MEASURED = "measured", _("measured")
        ATTRIBUTE = "attribute", _("judged")

    plan = models.ForeignKey(InspectionPlan, models.PROTECT, related_name="characteristics")
    position = models.PositiveSmallIntegerField(_("position"))
    code = models.CharField(_("code"), max_length=50, unique=True)
    name = models.CharField(_("characteristic"), max_length=120)
    method = models.CharField(_("method"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    lower = models.DecimalField(
        _("lower limit"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True
    )
    upper = models.DecimalField(
        _("upper limit"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    instrument_class = models.CharField(_("instrument class"), max_length=60, blank=True)
    samples = models.PositiveIntegerField(_("samples"), default=1)

    objects = CharacteristicQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("characteristic")
        verbose_name_plural = _("characteristics")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "position"], name="characteristic_position_once"
            ),
            models.UniqueConstraint(fields=["plan", "name"], name="characteristic_name_once"),
            models.CheckConstraint(
                condition=Q(kind="attribute", lower__isnull=True, upper__isnull=True)
                | Q(kind="measured", lower__isnull=False)
                | Q(kind="measured", upper__isnull=False),
                name="measured_has_a_limit",
            ),
            models.CheckConstraint(
                condition=Q(lower__isnull=True) | Q(upper__isnull=True) | Q(lower__lte=F("upper")),
                name="lower_not_above_upper",
            ),
            models.CheckConstraint(condition=Q(samples__gte=1), name="at_least_one_sample"),
        ]

    def __str__(self) -> str:
        return self.name


class InspectionQuerySet(RegulatedQuerySet["Inspection"]):
    """Inspections by who may see them and by what they wait for."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep inspections at sites the actor may see."""
        return self.filter(site_filter(actor))

    def open(self) -> Self:
        """Keep what is not decided yet."""
        return self.filter(state=InspectionState.OPEN)

    def to_measure(self) -> Self:
        """Keep open inspections that lack a plan or a result of a sample."""
        return self.open().filter(Q(plan__isnull=True) | Exists(_unfinished()))

    def to_decide(self) -> Self:
        """Keep open inspections with all the results their plan asks for."""
        return self.open().filter(~Exists(_unfinished()), plan__isnull=False)


def _unfinished() -> models.QuerySet[Characteristic]:
    return Characteristic.objects.filter(plan__inspections=OuterRef("pk")).unfinished()


class Inspection(Regulated):
    """One lot presented for a decision at one stage."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="inspections", verbose_name=_("lot"))
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    stage = models.CharField(_("stage"), max_length=10, choices=Stage)
    plan = models.ForeignKey(
        InspectionPlan,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="inspections",
        verbose_name=_("inspection plan"),
    )
    quantity = models.DecimalField(_("presented"), max_digits=DIGITS, decimal_places=PLACES)
    accepted_quantity = models.DecimalField(
        _("accepted"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True
    )
    rejected_quantity = models.DecimalField(
        _("rejected"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True
    )
    state = models.CharField(
        _("state"), max_length=16, choices=INSPECTION.choices(), default=InspectionState.OPEN
    )
    opened_at = models.DateTimeField(_("opened"))
    inspector = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True)

    objects = InspectionQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("inspection")
        verbose_name_plural = _("inspections")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(InspectionState)), name="inspection_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", inspector__isnull=True, decided_at__isnull=True)
                | Q(~Q(state="open"), inspector__isnull=False, decided_at__isnull=False),
                name="decided_inspection_has_person",
            ),
            models.CheckConstraint(
                condition=Q(accepted_quantity__isnull=True)
                | Q(quantity=F("accepted_quantity") + F("rejected_quantity")),
                name="inspection_quantities_balance",
            ),
            models.UniqueConstraint(
                fields=["lot", "stage"], condition=Q(state="open"), name="one_open_inspection"
            ),
        ]
        indexes = [models.Index(fields=["state", "site"], name="inspection_by_state")]

    def __str__(self) -> str:
        return self.number


class ResultQuerySet(models.QuerySet["InspectionResult"]):
    """Results, and those that count."""

    def standing(self) -> Self:
        """Keep the results that no retest replaced."""
        return self.filter(retest__isnull=True)


class InspectionResult(AppendOnly):
    """One result of one sample. Never changed: a retest is a new result that cites the old one."""

    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="results")
    characteristic = models.ForeignKey(Characteristic, models.PROTECT, related_name="results")
    sample = models.PositiveIntegerField(_("sample"))
    value = models.DecimalField(_("value"), max_digits=DIGITS, decimal_places=PLACES, null=True)
    passed = models.BooleanField(_("passed"), null=True)
    within = models.BooleanField(_("within limits"))
    instrument = models.ForeignKey(
        Instrument,
        models.PROTECT,
        null=True,
        related_name="inspection_results",
        verbose_name=_("instrument"),
    )
    measured_at = models.DateTimeField(_("measured"))
    measured_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("measured by")
    )
    event = models.ForeignKey(TraceEvent, models.PROTECT, related_name="+")
    retest_of = models.OneToOneField("self", models.PROTECT, null=True, related_name="retest")

    objects = ResultQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("inspection result")
        verbose_name_plural = _("inspection results")
        constraints = [
            models.UniqueConstraint(
                fields=["inspection", "characteristic", "sample"],
                condition=Q(retest_of__isnull=True),
                name="first_result_once",
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=False, passed__isnull=True)
                | Q(value__isnull=True, passed__isnull=False),
                name="result_is_value_or_verdict",
            ),
        ]
        indexes = [models.Index(fields=["instrument", "-measured_at"], name="result_by_instrument")]

    def __str__(self) -> str:
        return f"{self.characteristic_id} #{self.sample}"
