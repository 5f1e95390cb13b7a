"""Templates, print jobs with their lines, and what became of every label."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.masterdata.models import Item
from traceability.identifiers.models import DeviceIdentifier, Level
from traceability.labels.layout import NARROWEST_X, WIDEST_X
from traceability.labels.states import JOB, TEMPLATE, JobState, TemplateState

LONGEST_CONTENT = 400


class LabelTemplateQuerySet(RegulatedQuerySet["LabelTemplate"]):
    """Templates are master data of the whole company, as items are."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep all."""
        return self.all()


class LabelTemplate(Regulated):
    """One version of the artwork of a label. Approved it never changes; a new version is drafted.

    It is for one item, or for every item of a kind, in one language and for one market.
    """

    class For(models.TextChoices):
        """What each label stands on."""

        UNIT = "unit", _("one unit")
        LOT = "lot", _("the lot")

    class Carrier(models.TextChoices):
        """The symbol; values as in ``carrier.Carrier``."""

        GS1 = "gs1-datamatrix", "GS1 DataMatrix"
        HIBC = "hibc-datamatrix", "HIBC DataMatrix"

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    name = models.CharField(_("name"), max_length=200)
    item = models.ForeignKey(
        Item,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="label_templates",
        verbose_name=_("item"),
    )
    item_kind = models.CharField(
        _("every item of the kind"), max_length=10, choices=Item.Kind, blank=True
    )
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    market = models.CharField(_("market"), max_length=2, blank=True)
    level = models.CharField(_("packaging level"), max_length=12, choices=Level, default=Level.BASE)
    label_for = models.CharField(
        _("a label for"), max_length=4, choices=For.choices, default=For.UNIT
    )
    carrier = models.CharField(
        _("symbol"), max_length=20, choices=Carrier.choices, default=Carrier.GS1
    )
    width_mm = models.DecimalField(_("width in mm"), max_digits=6, decimal_places=2)
    height_mm = models.DecimalField(_("height in mm"), max_digits=6, decimal_places=2)
    module_mm = models.DecimalField(
        _("module width in mm"), max_digits=5, decimal_places=3, default=Decimal("0.5")
    )
    limit_percent = models.DecimalField(
        _("labels that may be missing, in percent"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
    )
    layout: models.JSONField[Any, Any] = models.JSONField(_("layout"), default=list)
    state = models.CharField(
        _("state"), max_length=10, choices=TEMPLATE.choices(), default=TemplateState.DRAFT
    )
    drafted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("drafted by")
    )
    approved_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    approved_at = models.DateTimeField(_("approved"), null=True)

    objects = LabelTemplateQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("label template")
        verbose_name_plural = _("label templates")
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="label_template_version_once"),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="approved"), name="one_approved_label_template"
            ),
            models.UniqueConstraint(
                fields=["code"], condition=Q(state="draft"), name="one_draft_label_template"
            ),
            models.CheckConstraint(
                condition=Q(item__isnull=True) ^ Q(item_kind=""),
                name="label_template_for_item_or_kind",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(TemplateState)), name="label_template_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approved_label_template_has_approver",
            ),
            models.CheckConstraint(
                condition=Q(module_mm__range=(NARROWEST_X, WIDEST_X)),
                name="label_module_in_range",
            ),
            models.CheckConstraint(
                condition=Q(width_mm__gt=0, height_mm__gt=0), name="label_size_positive"
            ),
            models.CheckConstraint(
                condition=Q(limit_percent__range=(0, 100)), name="label_limit_is_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version}"


class LabelJobQuerySet(RegulatedQuerySet["LabelJob"]):
    """Print jobs by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the jobs of sites the actor may see."""
        return self.filter(site_filter(actor))


class LabelJob(Regulated):
    """One print of labels for a lot: which, by whom, when, why, and what became of them."""

    class Output(models.TextChoices):
        """What the printer takes; dots per inch for thermal printers."""

        PDF = "pdf", "PDF"
        ZPL_203 = "zpl-203", "ZPL, 203 dpi"
        ZPL_300 = "zpl-300", "ZPL, 300 dpi"
        ZPL_600 = "zpl-600", "ZPL, 600 dpi"

    number = models.CharField(_("number"), max_length=40, unique=True)
    lot = models.ForeignKey(
        "traceability.Lot", models.PROTECT, related_name="label_jobs", verbose_name=_("lot or unit")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    template = models.ForeignKey(
        LabelTemplate, models.PROTECT, related_name="jobs", verbose_name=_("template")
    )
    identifier = models.ForeignKey(
        DeviceIdentifier, models.PROTECT, related_name="+", verbose_name="UDI-DI"
    )
    quantity = models.PositiveIntegerField(pgettext_lazy("count of labels", "labels"))
    first = models.CharField(_("from"), max_length=60)
    last = models.CharField(_("to"), max_length=60)
    output = models.CharField(_("output"), max_length=8, choices=Output.choices)
    printer = models.CharField(_("printer"), max_length=80, blank=True)
    shown: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """What every label of the job shows, as it was when the job was asked for."""
    reprint_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reprints",
        verbose_name=_("printed again of"),
    )
    reason = models.TextField(_("why printed again"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=JOB.choices(), default=JobState.QUEUED
    )
    printed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("printed by")
    )
    printed_at = models.DateTimeField(_("printed"))
    verified_at = models.DateTimeField(_("read back"), null=True)
    faults: models.JSONField[Any, Any] = models.JSONField(_("what was wrong"), default=list)
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    pdf_size = models.PositiveBigIntegerField(default=0)
    zpl_sha256 = models.CharField(max_length=64, blank=True)
    zpl_size = models.PositiveBigIntegerField(default=0)
    missing = models.IntegerField(_("not accounted for"), null=True)
    """Printed less used, destroyed, retained and returned, when the job was reconciled."""
    reconciled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("reconciled by")
    )
    reconciled_at = models.DateTimeField(_("reconciled"), null=True)

    objects = LabelJobQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("print job")
        verbose_name_plural = _("print jobs")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(JobState)), name="label_job_state_known"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="label_job_prints_something"),
            models.CheckConstraint(
                condition=Q(reprint_of__isnull=True) | ~Q(reason=""),
                name="label_reprint_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "refused"])
                | (~Q(pdf_sha256="") & Q(verified_at__isnull=False)),
                name="printed_labels_were_read_back",
            ),
            models.CheckConstraint(
                condition=~Q(state="reconciled")
                | Q(
                    missing__isnull=False,
                    reconciled_by__isnull=False,
                    reconciled_at__isnull=False,
                ),
                name="reconciled_labels_are_counted",
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "state"], name="label_job_by_lot"),
            models.Index(fields=["state", "site"], name="label_job_by_state"),
        ]

    def __str__(self) -> str:
        return self.number


class LabelLine(AppendOnly):
    """One label of a job, or several alike: for which unit, and exactly what it must say."""

    job = models.ForeignKey(LabelJob, models.PROTECT, related_name="lines", db_index=False)
    row = models.PositiveIntegerField(_("row"))
    lot = models.ForeignKey(
        "traceability.Lot", models.PROTECT, related_name="label_lines", verbose_name=_("unit")
    )
    copies = models.PositiveIntegerField(_("copies"), default=1)
    content = models.CharField(_("content of the symbol"), max_length=LONGEST_CONTENT)
    plain = models.CharField(_("UDI in plain text"), max_length=LONGEST_CONTENT)
    shown: models.JSONField[Any, Any] = models.JSONField(default=dict)
    """What this label shows beyond the rest of the job."""

    class Meta(AppendOnly.Meta):
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        constraints = [
            models.UniqueConstraint(fields=["job", "row"], name="label_line_once"),
            models.UniqueConstraint(fields=["job", "lot"], name="label_line_one_per_unit"),
            models.CheckConstraint(condition=Q(copies__gt=0), name="label_line_copies_positive"),
        ]

    def __str__(self) -> str:
        return self.plain


class LabelCount(AppendOnly):
    """Some labels of a job and where they went. A wrong count is put right by its opposite."""

    class Fate(models.TextChoices):
        """Where labels can go."""

        USED = "used", _("used")
        DESTROYED = "destroyed", _("destroyed")
        RETAINED = "retained", _("kept as sample")
        RETURNED = "returned", _("returned unused")

    job = models.ForeignKey(LabelJob, models.PROTECT, related_name="counts", db_index=False)
    fate = models.CharField(_("what became of them"), max_length=10, choices=Fate.choices)
    quantity = models.IntegerField(pgettext_lazy("count of labels", "labels"))
    reason = models.TextField(_("why"), blank=True)
    counted_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("counted by")
    )
    counted_at = models.DateTimeField(_("counted"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("count of labels")
        verbose_name_plural = _("counts of labels")
        constraints = [
            models.CheckConstraint(
                condition=Q(fate__in=["used", "destroyed", "retained", "returned"]),
                name="label_fate_known",
            ),
            models.CheckConstraint(condition=~Q(quantity=0), name="label_count_not_zero"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0) | ~Q(reason=""), name="label_correction_has_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["job", "fate"], include=["quantity"], name="label_count_by_job")
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.quantity} {self.fate}"


class LabelExamination(AppendOnly):
    """The examination of printed labels before use, check by check (21 CFR 820.45)."""

    class Decision(models.TextChoices):
        """What was decided."""

        RELEASED = "released", _("released")
        REJECTED = "rejected", _("rejected")

    job = models.OneToOneField(LabelJob, models.PROTECT, related_name="examination")
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices)
    checks: models.JSONField[Any, Any] = models.JSONField(_("checks"), default=list)
    examined = models.PositiveIntegerField(_("labels examined"))
    scanned = models.CharField(_("read from a label"), max_length=LONGEST_CONTENT, blank=True)
    comment = models.TextField(_("comment"), blank=True)
    examined_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("examined by")
    )
    examined_at = models.DateTimeField(_("examined"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("examination of labels")
        verbose_name_plural = _("examinations of labels")
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["released", "rejected"]), name="label_decision_known"
            ),
            models.CheckConstraint(
                condition=Q(decision="rejected") | ~Q(scanned=""),
                name="released_labels_were_scanned",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.decision}"
