"""Data sheets: the answers that a registration database wants and the system does not know."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import User
from erp.core.actor import Actor
from erp.core.history import Regulated, RegulatedQuerySet
from traceability.datasheets.states import DATA_SHEET, DataSheetState
from traceability.identifiers.models import DeviceIdentifier


class Registry(models.TextChoices):
    """Databases that device identifiers are reported to."""

    GUDID = "GUDID", "GUDID (US)"
    EUDAMED = "EUDAMED", "EUDAMED (EU)"
    NMPA = "NMPA", _("NMPA UDID (China)")


class DataSheetQuerySet(RegulatedQuerySet["DataSheet"]):
    """Data sheets are visible as the identifiers they describe are."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep all."""
        return self.all()


class DataSheet(Regulated):
    """One version of what a registry is told about an identifier.

    ``answers`` holds only what the system cannot know (by field code); the rest is read from item,
    identifier and authorisations. ``content`` is everything as it was when declared ready: later
    changes of master data do not change what was signed.
    """

    identifier = models.ForeignKey(
        DeviceIdentifier,
        models.PROTECT,
        related_name="data_sheets",
        verbose_name=_("device identifier"),
    )
    registry = models.CharField(_("registry"), max_length=8, choices=Registry)
    version = models.PositiveIntegerField(_("version"), default=1)
    state = models.CharField(
        _("state"), max_length=10, choices=DATA_SHEET.choices(), default=DataSheetState.DRAFT
    )
    answers = models.JSONField(_("answers"), default=dict)
    content = models.JSONField(_("content as declared ready"), null=True, blank=True)
    drafted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("drafted by")
    )
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    reference = models.CharField(_("reference of the registry"), max_length=120, blank=True)

    objects = DataSheetQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("data sheet")
        verbose_name_plural = _("data sheets")
        constraints = [
            models.UniqueConstraint(
                fields=["identifier", "registry", "version"], name="data_sheet_version_once"
            ),
            models.UniqueConstraint(
                fields=["identifier", "registry"],
                condition=~Q(state="superseded"),
                name="one_data_sheet_in_force",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(DataSheetState)), name="data_sheet_state_known"
            ),
            models.CheckConstraint(
                condition=Q(registry__in=Registry.values), name="data_sheet_registry_known"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(content__isnull=False),
                name="ready_sheet_has_content",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(submitted_on__isnull=False),
                name="submitted_sheet_has_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.identifier.di} {self.registry} {self.version}"
