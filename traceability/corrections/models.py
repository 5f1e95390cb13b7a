"""Declarations that an event is wrong, shaped like the EPCIS 2.0 error declaration."""

from __future__ import annotations

import uuid
from typing import Self

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly
from traceability.chain import TraceEvent


class ErrorDeclarationQuerySet(models.QuerySet["ErrorDeclaration"]):
    """Declarations by who may see them, and by what they wait for."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep what is declared of events at sites the actor may see."""
        return self.filter(site_filter(actor, "wrong__site"))

    def waiting(self) -> Self:
        """Keep those of wrong data of which the right data are not recorded yet."""
        return self.filter(error=ErrorDeclaration.Error.INCORRECT_DATA, correctives__isnull=True)


class ErrorDeclaration(AppendOnly):
    """That an event is wrong: which one, why, who says so, since when it is known.

    ``event`` is the further event that takes the wrong one out of the chain. Where the data were
    wrong, the events with the right data are named as they are recorded (:class:`CorrectiveEvent`).
    """

    class Error(models.TextChoices):
        """The reasons of EPCIS."""

        DID_NOT_OCCUR = "did_not_occur", _("it did not happen")
        INCORRECT_DATA = "incorrect_data", _("it happened otherwise")

    number = models.CharField(_("number"), max_length=40, unique=True)
    wrong = models.OneToOneField(
        TraceEvent, models.PROTECT, related_name="declared_wrong", verbose_name=_("wrong event")
    )
    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="error_declaration")
    error = models.CharField(_("what is wrong"), max_length=14, choices=Error.choices)
    explanation = models.TextField(_("explanation"))
    declared_at = models.DateTimeField(_("declared"), db_default=TransactionNow(), editable=False)
    declared_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("declared by")
    )

    objects = ErrorDeclarationQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("correction")
        verbose_name_plural = _("corrections")
        constraints = [
            models.CheckConstraint(
                condition=Q(error__in=["did_not_occur", "incorrect_data"]),
                name="declared_error_known",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def signed_with(self) -> tuple[TraceEvent, uuid.UUID | None]:
        """Return the event that was declared wrong with a signature, and the operation."""
        return self.wrong, self.event.operation_id


class CorrectiveEvent(AppendOnly):
    """An event that says rightly what a wrong one said wrongly."""

    declaration = models.ForeignKey(
        ErrorDeclaration, models.PROTECT, related_name="correctives", db_index=False
    )
    event = models.OneToOneField(TraceEvent, models.PROTECT, related_name="corrective_of")

    class Meta(AppendOnly.Meta):
        verbose_name = _("corrective event")
        constraints = [
            models.UniqueConstraint(
                fields=["declaration", "event"], name="corrective_event_named_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.declaration_id}: {self.event_id}"
