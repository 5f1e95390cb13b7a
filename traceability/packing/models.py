"""Logistic units and the lines that say which of them went into another."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.masterdata.models import Location
from traceability.chain import TraceEvent
from traceability.packing.states import CARRIER, CarrierState


class LogisticUnitQuerySet(RegulatedQuerySet["LogisticUnit"]):
    """Logistic units by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the units of sites the actor may see."""
        return self.filter(site_filter(actor))


class LogisticUnit(Regulated):
    """A box or pallet that is moved and shipped as one, named by its SSCC.

    What lies in it is told by aggregation events, never stored: so it can be asked for any moment.
    """

    class Kind(models.TextChoices):
        """What it is."""

        BOX = "box", _("box")
        PALLET = "pallet", _("pallet")

    sscc = models.CharField(_("SSCC"), max_length=18, unique=True)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    location = models.ForeignKey(
        Location, models.PROTECT, related_name="+", verbose_name=_("location")
    )
    state = models.CharField(
        _("state"), max_length=10, choices=CARRIER.choices(), default=CarrierState.OPEN
    )

    objects = LogisticUnitQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("logistic unit")
        verbose_name_plural = _("logistic units")
        constraints = [
            models.CheckConstraint(
                condition=Q(sscc__regex=r"^[0-9]{18}$"), name="sscc_has_18_digits"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["box", "pallet"]), name="carrier_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(CarrierState)), name="carrier_state_known"
            ),
        ]

    def __str__(self) -> str:
        return self.sscc


class EventUnit(AppendOnly):
    """A logistic unit that an event put into another, took out, moved or shipped as a whole."""

    event = models.ForeignKey(TraceEvent, models.PROTECT, related_name="units", db_index=False)
    unit = models.ForeignKey(LogisticUnit, models.PROTECT, related_name="happenings")

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(fields=["event", "unit"], name="event_unit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.unit_id}"
