"""What proves a change: the operation log, signatures, attachments, evidence packs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site, User
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.ids import made_at

TOLD_AT_ONCE = dt.timedelta(minutes=2)
"""So far the clocks of a caller and of the server may differ, and nothing is said of it."""


class OperationLog(AppendOnly):
    """One row per operation that was done: who, through which door, why, on what, with what."""

    id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=120)
    channel = models.CharField(max_length=10)
    address = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    subject_model = models.CharField(max_length=80, blank=True)
    subject_pk = models.CharField(max_length=40, blank=True)
    subject_label = models.CharField(max_length=200, blank=True)
    input: models.JSONField[Any, Any] = models.JSONField(default=dict)
    notes: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta(AppendOnly.Meta):
        verbose_name = _("operation log entry")
        verbose_name_plural = _("operation log")
        indexes = [
            models.Index(fields=["subject_model", "subject_pk", "at"], name="log_by_subject"),
            models.Index(fields=["actor", "at"], name="log_by_actor"),
            # In the order of its list, ties included.
            models.Index(fields=["-at", "-id"], name="log_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject_label}"

    @property
    def recorded_later(self) -> dt.datetime | None:
        """Return when it was really recorded, where that is not when it is told to have been."""
        recorded = made_at(self.id)
        return recorded if abs(recorded - self.at) > TOLD_AT_ONCE else None


class Signature(AppendOnly):
    """An electronic signature bound to the exact content signed (21 CFR 11.50, 11.70)."""

    operation = models.ForeignKey(OperationLog, models.PROTECT, related_name="signatures")
    signer = models.ForeignKey(User, models.PROTECT, related_name="+")
    username = models.CharField(max_length=60)
    printed_name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=40)
    statement = models.TextField()
    signed_at = models.DateTimeField()
    zone_offset = models.CharField(max_length=6)
    subject_model = models.CharField(max_length=80)
    subject_pk = models.CharField(max_length=40)
    content: models.JSONField[Any, Any] = models.JSONField()
    content_hash = models.CharField(max_length=64)

    class Meta(AppendOnly.Meta):
        verbose_name = _("electronic signature")
        verbose_name_plural = _("electronic signatures")
        indexes = [
            models.Index(fields=["subject_model", "subject_pk"], name="signature_by_subject"),
            models.Index(fields=["-signed_at", "-id"], name="signature_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.printed_name}, {self.meaning}, {self.signed_at:%Y-%m-%d %H:%M}"


class IdempotencyRecord(AppendOnly):
    """The answer given to an idempotency key, so that a repeated call does nothing twice."""

    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    code = models.CharField(max_length=80)
    input_hash = models.CharField(max_length=64)
    operation_id = models.UUIDField()
    result_model = models.CharField(max_length=80, blank=True)
    result_pk = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("idempotency record")
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.key}"


class Attachment(AppendOnly):
    """A document attached to a record by the hash of its content; the file is stored by that
    hash.
    """

    subject_model = models.CharField(max_length=80)
    subject_pk = models.CharField(max_length=40)
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    filename = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    attached_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    attached_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        indexes = [
            models.Index(fields=["subject_model", "subject_pk"], name="attachment_by_subject")
        ]

    def __str__(self) -> str:
        return self.title


class EvidencePack(Regulated):
    """A PDF with everything known of one record, made in the background and kept as issued."""

    class State(models.TextChoices):
        """Life of a pack."""

        QUEUED = "queued", _("waiting")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    number = models.CharField(_("number"), max_length=40, unique=True)
    subject_model = models.CharField(max_length=80)
    subject_pk = models.CharField(max_length=40)
    subject_label = models.CharField(_("subject"), max_length=200)
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    language = models.CharField(_("language"), max_length=10, default="en")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(_("requested"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    pages = models.PositiveIntegerField(_("pages"), default=0)
    error = models.TextField(blank=True)

    objects = RegulatedQuerySet["EvidencePack"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("evidence pack")
        verbose_name_plural = _("evidence packs")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(sha256=""), name="ready_pack_has_hash"
            )
        ]

    def __str__(self) -> str:
        return self.number
