"""Why goods left stock for good, who saw it, and the paper that proves it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly
from erp.core.quantities import DIGITS, PLACES
from traceability.models import Lot, TraceEvent, uncorrected


class RemovalQuerySet(models.QuerySet["Removal"]):
    """Removals by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the removals at sites the actor may see."""
        return self.filter(site_filter(actor, "event__site"))

    def standing(self) -> Self:
        """Keep those whose event was not declared wrong."""
        return self.filter(uncorrected())


class Removal(AppendOnly):
    """A quantity of a lot that left stock other than by use or shipment (INV-05)."""

    class Kind(models.TextChoices):
        """How it left, or came to light."""

        SCRAP = "scrap", _("scrapped")
        SAMPLE = "sample", _("sampled")
        SUPPLIER = "supplier", _("returned to the supplier")
        SHORTAGE = "shortage", _("missing at the count")
        SURPLUS = "surplus", _("found at the count")

    number = models.CharField(_("number"), max_length=40, unique=True)
    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="removal")
    lot = models.ForeignKey(
        Lot, models.PROTECT, related_name="removals", verbose_name=_("lot or unit")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    quantity = models.DecimalField(_("quantity"), max_digits=DIGITS, decimal_places=PLACES)
    reason = models.TextField(_("reason"))
    witness = models.CharField(_("witness"), max_length=120, blank=True)
    certificate_number = models.CharField(_("certificate number"), max_length=80, blank=True)
    cost = models.DecimalField(
        _("cost"), max_digits=DIGITS, decimal_places=PLACES, null=True, blank=True
    )
    removed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("done by")
    )

    objects = RemovalQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("removal")
        verbose_name_plural = _("removals")
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="removal_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=["scrap", "sample", "supplier", "shortage", "surplus"]),
                name="removal_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind="scrap") | ~Q(witness=""), name="scrap_has_witness"
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0), name="removal_cost_sane"
            ),
        ]

    def __str__(self) -> str:
        return self.number
