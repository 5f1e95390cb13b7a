"""Releases and rejections of lots, as they were decided."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly
from erp.core.quantities import DIGITS, PLACES
from traceability.models import Lot, TraceEvent


class LotReleaseQuerySet(models.QuerySet["LotRelease"]):
    """Releases by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the releases at sites the actor may see."""
        return self.filter(site_filter(actor))


class LotRelease(AppendOnly):
    """One release or rejection: who authorised it, of how much, on which evidence (8.2.6).

    ``checks`` maps every check of the release gate to ``ok`` or to the concession that let it pass;
    ``content`` is the evidence as it was when the person signed.
    """

    class Decision(models.TextChoices):
        """What was decided."""

        RELEASED = "released", _("released")
        REJECTED = "rejected", _("rejected")

    number = models.CharField(_("number"), max_length=40, unique=True)
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="releases", verbose_name=_("lot or unit")
    )
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices)
    quantity = models.DecimalField(_("quantity"), max_digits=DIGITS, decimal_places=PLACES)
    comment = models.TextField(_("comment"), blank=True)
    checks: models.JSONField[Any, Any] = models.JSONField(_("checks"), default=dict)
    content: models.JSONField[Any, Any] = models.JSONField(_("evidence"), default=dict)
    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="lot_release")
    decided_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("authorised by")
    )
    decided_at = models.DateTimeField(_("decided"))

    objects = LotReleaseQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=["released", "rejected"]), name="release_decision_known"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=0), name="release_quantity_sane"),
        ]
        indexes = [models.Index(fields=["lot", "-id"], name="release_by_lot")]

    def __str__(self) -> str:
        return self.number

    @property
    def signed_with(self) -> tuple[Lot, uuid.UUID | None]:
        """Return the record that was signed when this was decided, and the operation."""
        return self.lot, self.event.operation_id
