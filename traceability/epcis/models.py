"""Events as they are exchanged, how they came in, and who is told of new ones.

An :class:`EpcisEvent` is written once, ours when it is published, a partner's when it is captured.
What it says is its document; the columns beside it and the two narrow tables only make it findable.
"""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.masterdata.models import Partner
from traceability.epcis.states import CAPTURE, SUBSCRIPTION, CaptureState, SubscriptionState

URI = 1000
"""The longest identifier that is kept: longer ones cannot be indexed."""
WORD = 300


class CaptureJobQuerySet(RegulatedQuerySet["CaptureJob"]):
    """Captures."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the captures of sites the actor may see."""
        return self.filter(site_filter(actor))


class CaptureJob(Regulated):
    """One document that somebody sent, and what became of it (EPCIS 2.0, capture interface).

    The document itself is kept unchanged under its hash, with the stored files.
    """

    class Behaviour(models.TextChoices):
        """What happens to the sound events of a document that holds a bad one."""

        ROLLBACK = "rollback", _("all or none")
        PROCEED = "proceed", _("as many as possible")

    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, related_name="+", verbose_name=_("partner")
    )
    captured_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("captured by")
    )
    sender = models.CharField(_("sender"), max_length=WORD, blank=True)
    behaviour = models.CharField(
        _("in case of errors"), max_length=8, choices=Behaviour, default=Behaviour.ROLLBACK
    )
    state = models.CharField(
        _("state"), max_length=10, choices=CAPTURE.choices(), default=CaptureState.WAITING
    )
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size"))
    received = models.PositiveIntegerField(_("events received"))
    captured = models.PositiveIntegerField(_("events captured"), default=0)
    repeated = models.PositiveIntegerField(_("events known before"), default=0)
    faulty = models.PositiveIntegerField(_("events with errors"), default=0)
    errors: models.JSONField[Any, Any] = models.JSONField(_("errors"), default=list)
    created_at = models.DateTimeField(_("received"))
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects = CaptureJobQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("capture")
        verbose_name_plural = _("captures")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(CaptureState)), name="capture_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=CaptureState.WAITING, finished_at__isnull=True)
                | Q(~Q(state=CaptureState.WAITING), finished_at__isnull=False),
                name="capture_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """Return what the capture is called; a counter row would make captures wait in line."""
        return f"CAP-{self.pk}"


class EpcisEventQuerySet(models.QuerySet["EpcisEvent"]):
    """Exchanged events."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the events of sites the actor may see."""
        return self.filter(site_filter(actor))

    def unlinked(self) -> Self:
        """Keep partners' events that name lots or units and are not part of any trace yet."""
        named = EpcisThing.objects.filter(event=OuterRef("pk"), tracked=True)
        linked = EpcisLink.objects.filter(event=OuterRef("pk"))
        return self.filter(Exists(named), ~Exists(linked), job__isnull=False, declares_error=False)


class EpcisEvent(AppendOnly):
    """An event as it was told to partners or by them.

    ``job`` is how a partner's came in; one without is ours. An error declaration bears the id of
    the event it declares wrong (EPCIS 2.0, 7.4.1.3), hence the pair that is unique. ``event_hash``
    is the CBV hash id by the rules of ``hash_version``.
    """

    event_id = models.CharField(_("event id"), max_length=URI)
    event_hash = models.CharField(_("event hash"), max_length=100)
    hash_version = models.CharField(max_length=12)
    document: models.JSONField[Any, Any] = models.JSONField()
    context: models.JSONField[Any, Any] = models.JSONField(default=list)
    event_type = models.CharField(_("type"), max_length=WORD)
    action = models.CharField(_("action"), max_length=8, blank=True)
    event_time = models.DateTimeField(_("happened"))
    zone_offset = models.CharField(max_length=6)
    record_time = models.DateTimeField(_("recorded"))
    biz_step = models.CharField(_("business step"), max_length=WORD, blank=True)
    disposition = models.CharField(_("disposition"), max_length=WORD, blank=True)
    read_point = models.CharField(_("read point"), max_length=URI, blank=True)
    biz_location = models.CharField(_("business location"), max_length=URI, blank=True)
    transformation_id = models.CharField(_("transformation"), max_length=URI, blank=True)
    declares_error = models.BooleanField(_("declares an error"), default=False)
    error_time = models.DateTimeField(null=True)
    error_reason = models.CharField(max_length=WORD, blank=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    job = models.ForeignKey(
        CaptureJob,
        models.PROTECT,
        null=True,
        related_name="events",
        verbose_name=_("capture"),
    )

    objects = EpcisEventQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("exchanged event")
        verbose_name_plural = _("exchanged events")
        constraints = [
            models.UniqueConstraint(fields=["event_id", "declares_error"], name="epcis_event_once"),
            models.CheckConstraint(
                condition=Q(declares_error=True, error_time__isnull=False)
                | Q(declares_error=False, error_time__isnull=True),
                name="epcis_error_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["event_time", "id"], name="epcis_by_event_time"),
            models.Index(fields=["record_time", "id"], name="epcis_by_record_time"),
            models.Index(fields=["biz_step", "id"], name="epcis_by_step"),
            models.Index(fields=["disposition", "id"], name="epcis_by_disposition"),
            models.Index(
                fields=["read_point"], name="epcis_by_read_point", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(
                fields=["biz_location"], name="epcis_by_location", opclasses=["varchar_pattern_ops"]
            ),
            models.Index(
                fields=["transformation_id"],
                name="epcis_by_transformation",
                condition=~Q(transformation_id=""),
            ),
            models.Index(
                fields=["error_time"], name="epcis_by_error", condition=Q(declares_error=True)
            ),
        ]

    def __str__(self) -> str:
        return self.event_id


class EpcisThing(AppendOnly):
    """One object or class that an event names, by the canonical form of its identifier.

    ``tracked``: it names a lot or a unit, as against a product, a carton or an asset.
    """

    class Role(models.TextChoices):
        """In which list of the event it stands."""

        OBJECT = "object", _("concerned")
        PARENT = "parent", _("holds the others")
        CHILD = "child", _("held")
        INPUT = "input", _("in")
        OUTPUT = "output", _("came out")

    event = models.ForeignKey(EpcisEvent, models.PROTECT, related_name="things", db_index=False)
    role = models.CharField(max_length=6, choices=Role.choices)
    is_class = models.BooleanField()
    tracked = models.BooleanField()
    uri = models.CharField(max_length=URI)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    uom = models.CharField(max_length=8, blank=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("thing in an event")
        indexes = [
            models.Index(
                fields=["uri", "event"],
                name="thing_by_uri",
                opclasses=["varchar_pattern_ops", "int8_ops"],
            ),
            models.Index(fields=["event"], name="thing_by_event"),
            models.Index(
                fields=["quantity"], name="thing_by_quantity", condition=Q(quantity__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.uri


class EpcisReference(AppendOnly):
    """What else an event says that is asked for: transactions, parties, lasting dispositions,
    corrective events, and of sensors what they are and what they told.
    """

    class Kind(models.TextChoices):
        """Which member of the event it comes from."""

        TRANSACTION = "transaction", _("business transaction")
        SOURCE = "source", _("from")
        DESTINATION = "destination", _("to")
        SET = "set", _("disposition set")
        UNSET = "unset", _("disposition unset")
        CORRECTIVE = "corrective", _("corrected by")
        SENSOR = "sensor", _("sensor")

    event = models.ForeignKey(EpcisEvent, models.PROTECT, related_name="references", db_index=False)
    kind = models.CharField(max_length=11, choices=Kind.choices)
    type = models.CharField(max_length=WORD, blank=True)
    uri = models.CharField(max_length=URI)

    class Meta(AppendOnly.Meta):
        verbose_name = _("reference of an event")
        indexes = [
            models.Index(fields=["uri", "kind", "event"], name="reference_by_uri"),
            models.Index(fields=["event"], name="reference_by_event"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uri}"


class EpcisLink(AppendOnly):
    """The trace event that an exchanged event is: ours from the beginning, a partner's as soon as
    all lots it names are known.

    Events that are parts of one transformation (one ``transformationID``) share one trace event.
    """

    event = models.OneToOneField(EpcisEvent, models.PROTECT, related_name="link")
    trace_event = models.ForeignKey(
        "traceability.TraceEvent", models.PROTECT, related_name="epcis_links"
    )

    class Meta(AppendOnly.Meta):
        verbose_name = _("link of an event")

    def __str__(self) -> str:
        return f"{self.event_id} = {self.trace_event_id}"


class EventQuery(Regulated):
    """A query kept under a name, to be asked again or subscribed to."""

    name = models.CharField(_("name"), max_length=100)
    query: models.JSONField[Any, Any] = models.JSONField()
    defined_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("defined by")
    )
    created_at = models.DateTimeField(_("defined"), auto_now_add=True)
    removed_at = models.DateTimeField(_("removed"), null=True)

    objects = RegulatedQuerySet["EventQuery"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("event query")
        verbose_name_plural = _("event queries")
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(removed_at__isnull=True), name="event_query_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class EventSubscription(Regulated):
    """Somebody who is told of new events that match a query: at once, or by a timetable.

    They see what ``subscribed_by`` may see. ``password`` is the shared secret that signs what is
    sent: the one field whose values no history keeps.
    """

    number = models.CharField(_("number"), max_length=40, unique=True)
    query = models.ForeignKey(
        EventQuery, models.PROTECT, related_name="subscriptions", verbose_name=_("query")
    )
    dest = models.URLField(_("address"), max_length=URI)
    password = models.CharField(max_length=200)
    stream = models.BooleanField(_("at once"), default=False)
    schedule: models.JSONField[Any, Any] = models.JSONField(_("timetable"), default=dict)
    report_if_empty = models.BooleanField(_("also when nothing is new"), default=False)
    epc_format = models.CharField(_("form of identifiers"), max_length=30)
    initial_record_time = models.DateTimeField(null=True)
    state = models.CharField(
        _("state"),
        max_length=6,
        choices=SUBSCRIPTION.choices(),
        default=SubscriptionState.ACTIVE,
    )
    subscribed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("subscribed by")
    )
    created_at = models.DateTimeField(_("subscribed"))
    last_notified_at = models.DateTimeField(_("last told"), null=True)
    last_run_at = models.DateTimeField(null=True)
    announced_upto = models.BigIntegerField(_("announced up to"), default=0)

    objects = RegulatedQuerySet["EventSubscription"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("event subscription")
        verbose_name_plural = _("event subscriptions")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(SubscriptionState)), name="subscription_state_known"
            ),
            models.CheckConstraint(
                condition=Q(stream=True, schedule={}) | Q(~Q(schedule={}), stream=False),
                name="subscription_streams_or_waits",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class SubscriptionMatch(AppendOnly):
    """An event found for a subscription, the moment it was recorded: told once, never lost.

    Announced by the order of these rows, not of the events: a capture that began earlier and ended
    later has smaller event ids.
    """

    subscription = models.ForeignKey(
        EventSubscription, models.PROTECT, related_name="matches", db_index=False
    )
    event = models.ForeignKey(EpcisEvent, models.PROTECT, related_name="+", db_index=False)

    class Meta(AppendOnly.Meta):
        verbose_name = _("event for a subscription")
        constraints = [models.UniqueConstraint(fields=["subscription", "event"], name="match_once")]

    def __str__(self) -> str:
        return f"{self.subscription_id}: {self.event_id}"


class SubscriptionDelivery(AppendOnly):
    """One attempt to tell a subscriber: when, up to which event, and what they answered."""

    subscription = models.ForeignKey(EventSubscription, models.PROTECT, related_name="deliveries")
    at = models.DateTimeField(_("when"))
    after = models.BigIntegerField(default=0)
    upto = models.BigIntegerField(default=0)
    count = models.PositiveIntegerField(_("events"))
    status = models.PositiveSmallIntegerField(_("answer"), null=True)
    delivered = models.BooleanField(_("delivered"))
    error = models.TextField(_("error"), blank=True)

    class Meta(AppendOnly.Meta):
        verbose_name = _("delivery of events")
        indexes = [models.Index(fields=["subscription", "-at"], name="delivery_by_time")]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.at:%Y-%m-%d %H:%M:%S}"
