"""Check runs with their scores, findings, and the events that repaired them."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.masterdata.models import Item
from traceability.chain import Lot, LotSite, TraceEvent
from traceability.completeness.states import CHECK_RUN, FINDING, FindingState, RunState


class CheckRunQuerySet(RegulatedQuerySet["CheckRun"]):
    """Check runs; their figures are kept by site and shown by site."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep everything: that a check ran concerns everybody, what it counted is by site."""
        return self

    def done(self) -> Self:
        """Keep the runs that came to their end."""
        return self.filter(state=RunState.DONE)


class CheckRun(Regulated):
    """One search for broken evidence, over all lots or over those touched since the last one."""

    number = models.CharField(_("number"), max_length=40, unique=True)
    full = models.BooleanField(_("all lots"), default=True)
    state = models.CharField(
        _("state"), max_length=8, choices=CHECK_RUN.choices(), default=RunState.QUEUED
    )
    requested_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    lots = models.PositiveBigIntegerField(_("lots and units checked"), default=0)
    milliseconds = models.PositiveBigIntegerField(_("duration"), default=0)
    error = models.TextField(blank=True)

    objects = CheckRunQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("evidence check")
        verbose_name_plural = _("evidence checks")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(RunState)), name="check_run_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="queued") | Q(finished_at__isnull=False),
                name="ended_check_run_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class CheckCount(AppendOnly):
    """What one check of one run came to at one site: open now, of these new, and closed."""

    run = models.ForeignKey(CheckRun, models.PROTECT, related_name="counts", db_index=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    check_code = models.CharField(max_length=60)
    open = models.PositiveIntegerField()
    opened = models.PositiveIntegerField()
    closed = models.PositiveIntegerField()

    class Meta(AppendOnly.Meta):
        verbose_name = _("result of an evidence check")
        constraints = [
            models.UniqueConstraint(fields=["run", "check_code", "site"], name="check_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.check_code}: {self.open}"


class CheckScore(AppendOnly):
    """The lots of one item at one site at the end of a run: all, with open findings, explained."""

    run = models.ForeignKey(CheckRun, models.PROTECT, related_name="scores", db_index=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    lots = models.PositiveIntegerField()
    broken = models.PositiveIntegerField()
    explained = models.PositiveIntegerField()

    class Meta(AppendOnly.Meta):
        verbose_name = _("evidence score")
        constraints = [
            models.UniqueConstraint(fields=["run", "site", "item"], name="check_score_once"),
            models.CheckConstraint(
                condition=Q(lots__gte=models.F("broken") + models.F("explained")),
                name="check_score_parts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.broken} / {self.lots}"


class FindingQuerySet(RegulatedQuerySet["Finding"]):
    """Findings by who may see them, and open ones."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the findings on lots the actor may see: the same rule as for the lots."""
        if actor.sees_everything:
            return self
        been = LotSite.objects.filter(site_filter(actor), lot=OuterRef("lot"))
        return self.filter(site_filter(actor) | Exists(been))

    def open(self) -> Self:
        """Keep what is neither right again nor repaired nor explained."""
        return self.filter(state=FindingState.OPEN)


class Finding(Regulated):
    """One piece of evidence that a lot ought to have and has not, by one check.

    ``event`` is set where the check is about one event of the lot. ``facts`` fill the places of
    the check's sentence.
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    check_code = models.CharField(_("check"), max_length=60)
    lot = models.ForeignKey(
        Lot,
        models.PROTECT,
        related_name="findings",
        db_index=False,
        verbose_name=_("lot or unit"),
    )
    event = models.ForeignKey(
        TraceEvent, models.PROTECT, null=True, related_name="+", verbose_name=_("trace event")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=10, choices=FINDING.choices(), default=FindingState.OPEN
    )
    opened_at = models.DateTimeField(_("found"))
    opened_by_run = models.ForeignKey(
        CheckRun, models.PROTECT, null=True, related_name="opened", verbose_name=_("evidence check")
    )
    closed_at = models.DateTimeField(_("closed"), null=True)
    explanation = models.TextField(_("explanation"), blank=True)
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("owner")
    )

    objects = FindingQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("evidence finding")
        verbose_name_plural = _("evidence findings")
        constraints = [
            models.UniqueConstraint(
                fields=["check_code", "lot", "event"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="finding_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(FindingState)), name="finding_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True)
                | Q(~Q(state="open"), closed_at__isnull=False),
                name="finding_end_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="explained") | ~Q(explanation=""),
                name="explained_finding_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["lot", "state"], name="finding_by_lot"),
            models.Index(fields=["state", "check_code", "site"], name="finding_by_state"),
        ]

    def __str__(self) -> str:
        return self.number


class Repair(AppendOnly):
    """A trace event that was recorded afterwards to mend a finding, with where it is known from.

    The event has the time when it really happened; its record time is that of the repair, so a
    trace asked for an earlier date of knowledge still shows the gap.
    """

    class Kind(models.TextChoices):
        """What was recorded."""

        ORIGIN = "origin", _("missing origin")
        MATERIAL = "material", _("missing material")
        EXPLANATION = "explanation", _("explanation")

    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="repair")
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="repairs")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    source = models.TextField(_("known from"))

    class Meta(AppendOnly.Meta):
        verbose_name = _("repair of evidence")
        verbose_name_plural = _("repairs of evidence")
        constraints = [
            models.UniqueConstraint(fields=["finding", "kind"], name="repair_kind_once"),
            models.CheckConstraint(condition=~Q(source=""), name="repair_names_its_source"),
        ]

    def __str__(self) -> str:
        return f"{self.finding_id}: {self.kind}"
