"""The two tables every app needs and no app owns: the outbox and the number series."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """Something that must leave the system, written with the change that causes it.

    Carried out by Celery after commit; ``key`` makes a message unique, so a repeated operation or a
    repeated delivery does nothing twice.
    """

    class State(models.TextChoices):
        """Life of a message."""

        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    topic = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    operation_id = models.UUIDField(null=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)
    delivered_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name = _("outgoing message")
        constraints = [
            models.UniqueConstraint(fields=["topic", "key"], name="outbox_message_once"),
            models.CheckConstraint(
                condition=Q(state="delivered", delivered_at__isnull=False) | ~Q(state="delivered"),
                name="outbox_delivered_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before", "id"], name="outbox_waiting", condition=Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class NumberSeries(models.Model):
    """A counter row; taking a number locks it, so numbers have no gaps and no doubles."""

    code = models.CharField(max_length=40, unique=True)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("number series")

    def __str__(self) -> str:
        return f"{self.code} {self.last}"
