"""Saved traces: the question, the answer's sums and hash, and its lots and links as rows."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly
from erp.core.quantities import DIGITS, PLACES
from traceability.chain import Lot, TraceEvent
from traceability.states import LOT


class SavedTraceQuerySet(models.QuerySet["SavedTrace"]):
    """Saved traces by who may see everything in them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep one's own, and those whose every lot belongs to a site the actor may see.

        The heading of a saved trace tells numbers and counts, so part of it cannot be shown.
        """
        if actor.sees_everything:
            return self
        elsewhere = SavedTraceSite.objects.filter(~site_filter(actor), saved=OuterRef("pk"))
        return self.filter(~Exists(elsewhere) | Q(saved_by=actor.user_id))


class SavedTrace(AppendOnly):
    """A question and its answer as it was. Never changed; what is known later is compared."""

    class Direction(models.TextChoices):
        """Which way the question went, as the trace says it."""

        BACKWARD = "backward", _("What went into it?")
        FORWARD = "forward", _("Where did it go?")
        BOTH = "both", _("Both ways")

    number = models.CharField(_("number"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    start: models.JSONField[Any, Any] = models.JSONField(_("start"))
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    depth = models.PositiveIntegerField(null=True)
    known_at = models.DateTimeField(_("as known at"))
    question = models.TextField(_("question"))
    answer = models.TextField(_("answer"))
    complete = models.BooleanField(_("complete"))
    gaps: models.JSONField[Any, Any] = models.JSONField(default=list)
    lots = models.PositiveIntegerField(_("lots"))
    units = models.PositiveIntegerField(_("units"))
    links = models.PositiveIntegerField(_("links"))
    sha256 = models.CharField("SHA-256", max_length=64)
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("saved by"))
    saved_at = models.DateTimeField(_("saved"))

    objects = SavedTraceQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("saved trace")
        verbose_name_plural = _("saved traces")
        constraints = [
            models.CheckConstraint(
                condition=Q(direction__in=["backward", "forward", "both"]),
                name="saved_trace_direction_known",
            )
        ]
        indexes = [models.Index(fields=["-saved_at"], name="saved_trace_by_time")]

    def __str__(self) -> str:
        return self.number


class SavedTraceSite(AppendOnly):
    """A site to which lots of a saved trace belong: who does not see it does not see the trace."""

    saved = models.ForeignKey(SavedTrace, models.PROTECT, related_name="sites", db_index=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["saved", "site"], name="saved_trace_site_once")
        ]

    def __str__(self) -> str:
        return f"{self.saved_id} at {self.site_id}"


class SavedTraceLot(AppendOnly):
    """A lot of the answer with its distance and why it is in: the link it was first reached by."""

    saved = models.ForeignKey(SavedTrace, models.PROTECT, related_name="nodes", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="+")
    level = models.IntegerField(_("steps"))
    whole = models.BooleanField(default=True)
    state = models.CharField(_("state"), max_length=12, choices=LOT.choices())
    why_lot = models.ForeignKey(Lot, models.PROTECT, null=True, related_name="+", db_index=False)
    why_event = models.ForeignKey(
        TraceEvent, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("lot of a saved trace")
        constraints = [
            models.UniqueConstraint(fields=["saved", "lot"], name="saved_trace_lot_once")
        ]

    def __str__(self) -> str:
        return f"{self.saved_id}: {self.lot_id} at {self.level}"


class SavedTraceLink(AppendOnly):
    """A link of the answer; without an event it says that a unit belongs to a lot."""

    saved = models.ForeignKey(SavedTrace, models.PROTECT, related_name="edges", db_index=False)
    event = models.ForeignKey(
        TraceEvent, models.PROTECT, null=True, related_name="+", db_index=False
    )
    input_lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", db_index=False)
    output_lot = models.ForeignKey(Lot, models.PROTECT, related_name="+", db_index=False)
    input_quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    output_quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("link of a saved trace")
        constraints = [
            models.UniqueConstraint(
                fields=["saved", "input_lot", "output_lot", "event"],
                nulls_distinct=False,
                name="saved_trace_link_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.saved_id}: {self.input_lot_id} → {self.output_lot_id}"
