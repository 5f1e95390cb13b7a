"""The physical truth: lots and units, and the append-only events that touched them (design 2)."""

from __future__ import annotations

from typing import Self

from django.contrib.postgres.functions import TransactionNow
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import AppendOnly, Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.masterdata.models import Item, ItemRevision, Location, Partner
from traceability.states import LOT, LotState


class LotQuerySet(RegulatedQuerySet["Lot"]):
    """Lots by who may see them."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep lots that belong to, or have been at, a site the actor may see."""
        if actor.sees_everything:
            return self
        been = LotSite.objects.filter(site_filter(actor), lot=OuterRef("pk"))
        return self.filter(site_filter(actor) | Exists(been))


class Lot(Regulated):
    """A lot, or one serial-numbered unit that may belong to a lot (``batch``)."""

    class Kind(models.TextChoices):
        """Lot or unit."""

        LOT = "lot", _("lot")
        SERIAL = "serial", pgettext_lazy("one product with its own number", "unit")

    item = models.ForeignKey(Item, models.PROTECT, related_name="lots", verbose_name=_("item"))
    revision = models.ForeignKey(
        ItemRevision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("revision"),
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=60)
    batch = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("lot"),
        db_index=False,
    )
    manufacturer = models.ForeignKey(
        Partner,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("manufacturer"),
    )
    supplier_lot = models.CharField(_("supplier's lot"), max_length=60, blank=True)
    udi_pi = models.CharField(_("UDI-PI"), max_length=200, blank=True)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    state = models.CharField(
        _("state"), max_length=12, choices=LOT.choices(), default=LotState.QUARANTINE
    )
    manufactured_on = models.DateField(_("manufactured"), null=True, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    # Said by the database, as everything that tells when a fact was known here.
    created_at = models.DateTimeField(_("recorded"), db_default=TransactionNow(), editable=False)

    objects = LotQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("lot or unit")
        verbose_name_plural = _("lots and units")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "manufacturer", "number"],
                nulls_distinct=False,
                name="lot_number_once",
            ),
            models.CheckConstraint(condition=Q(state__in=list(LotState)), name="lot_state_known"),
            models.CheckConstraint(
                condition=Q(kind="serial") | Q(batch__isnull=True), name="only_units_belong_to_lots"
            ),
            models.CheckConstraint(
                condition=Q(expires_on__isnull=True)
                | Q(manufactured_on__isnull=True)
                | Q(expires_on__gte=F("manufactured_on")),
                name="lot_expires_after_made",
            ),
        ]
        indexes = [
            models.Index(fields=["number"], name="lot_by_number"),
            # Only units: the walk asks every lot for its units, and most lots have none.
            models.Index(fields=["batch"], name="lot_by_batch", condition=Q(batch__isnull=False)),
            models.Index(
                fields=["supplier_lot"], name="lot_by_supplier_lot", condition=~Q(supplier_lot="")
            ),
            models.Index(fields=["state", "site"], name="lot_by_state"),
        ]

    def __str__(self) -> str:
        return self.number


class LotSite(AppendOnly):
    """A site, other than its own, where a lot has been: there people may see it from then on."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="other_sites")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")

    class Meta(AppendOnly.Meta):
        constraints = [models.UniqueConstraint(fields=["lot", "site"], name="lot_site_once")]

    def __str__(self) -> str:
        return f"{self.lot_id} at {self.site_id}"


def uncorrected(event: str = "event") -> Q:
    """Return the condition that the event at this path was not declared wrong.

    NOT EXISTS, because of a LEFT JOIN with IS NULL PostgreSQL expects a single row and then walks
    all events.
    """
    return Q(~Exists(TraceEvent.objects.filter(corrects=OuterRef(event))))


def standing(event: str = "event") -> Q:
    """Return the condition that the event at this path happened: it was neither declared wrong nor
    is it such a declaration.
    """
    return uncorrected(event) & Q(**{f"{event}__corrects__isnull": True})


class TraceEventQuerySet(models.QuerySet["TraceEvent"]):
    """Events by who may see them, and those that stand."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep what happened at sites the actor may see."""
        return self.filter(site_filter(actor))

    def standing(self) -> Self:
        """Keep what happened: neither what was declared wrong nor the declarations themselves."""
        return self.filter(uncorrected("pk"), corrects__isnull=True)


class TraceEvent(AppendOnly):
    """One physical happening, shaped like a GS1 EPCIS 2.0 event. Never changed: a wrong one is
    corrected by a further event that names it (``corrects``).
    """

    class Kind(models.TextChoices):
        """The five EPCIS event types."""

        OBJECT = "object", _("object")
        AGGREGATION = "aggregation", _("aggregation")
        TRANSFORMATION = "transformation", _("transformation")
        ASSOCIATION = "association", _("association")
        TRANSACTION = "transaction", _("transaction")

    class Action(models.TextChoices):
        """EPCIS action; empty for transformations."""

        ADD = "ADD", "ADD"
        OBSERVE = "OBSERVE", "OBSERVE"
        DELETE = "DELETE", "DELETE"

    class Precision(models.TextChoices):
        """How exactly the links of this event are known."""

        UNIT = "unit", _("known per unit")
        LOT = "lot", _("known per lot")

    kind = models.CharField(max_length=14, choices=Kind.choices)
    action = models.CharField(max_length=8, choices=Action.choices, blank=True)
    biz_step = models.CharField(_("business step"), max_length=40)
    disposition = models.CharField(_("disposition"), max_length=40, blank=True)
    event_time = models.DateTimeField(_("happened"))
    zone_offset = models.CharField(max_length=6, default="+00:00")
    # Said by the database: a program that tells an earlier event time cannot tell when it said so.
    record_time = models.DateTimeField(_("recorded"), db_default=TransactionNow(), editable=False)
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name=_("site"))
    location = models.ForeignKey(
        Location, models.PROTECT, null=True, related_name="+", verbose_name=_("location")
    )
    performed_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("done by")
    )
    operation_id = models.UUIDField(null=True)
    precision = models.CharField(max_length=4, choices=Precision.choices, default=Precision.LOT)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    carrier = models.ForeignKey(
        "LogisticUnit",
        models.PROTECT,
        null=True,
        related_name="aggregations",
        verbose_name=_("packed in"),
        db_index=False,
    )
    assembly = models.ForeignKey(
        Lot,
        models.PROTECT,
        null=True,
        related_name="associations",
        verbose_name=_("built into"),
        db_index=False,
    )
    note = models.TextField(blank=True)

    objects = TraceEventQuerySet.as_manager()

    class Meta(AppendOnly.Meta):
        verbose_name = _("trace event")
        verbose_name_plural = _("trace events")
        constraints = [
            # A declaration is final: what was declared wrong by mistake is recorded again.
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(corrects__isnull=False),
                name="event_corrected_once",
            ),
        ]
        indexes = [
            models.Index(fields=["performed_by", "event_time"], name="event_by_person"),
            models.Index(fields=["location", "event_time"], name="event_by_place"),
            models.Index(fields=["operation_id"], name="event_by_operation"),
            models.Index(
                fields=["carrier"], name="event_by_carrier", condition=Q(carrier__isnull=False)
            ),
            models.Index(
                fields=["assembly"], name="event_by_assembly", condition=Q(assembly__isnull=False)
            ),
            # Rows lie in the order of recording, so a few pages of index serve the whole table.
            BrinIndex(fields=["record_time"], name="event_by_record_time", autosummarize=True),
            # In the order of its list, ties included.
            models.Index(fields=["-event_time", "-id"], name="event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.biz_step} {self.event_time:%Y-%m-%d %H:%M}"


class EventInput(AppendOnly):
    """A lot that went into an event, with the quantity that really flowed."""

    event = models.ForeignKey(TraceEvent, models.PROTECT, related_name="inputs", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="went_into", db_index=False)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["event", "lot"], include=["quantity"], name="event_input_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="event_input_positive"),
        ]
        indexes = [models.Index(fields=["lot"], include=["event", "quantity"], name="input_by_lot")]

    def __str__(self) -> str:
        return f"{self.lot_id} → {self.event_id}"


class EventOutput(AppendOnly):
    """A lot that came out of an event, with the quantity that really flowed."""

    event = models.ForeignKey(TraceEvent, models.PROTECT, related_name="outputs", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="came_from", db_index=False)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["event", "lot"], include=["quantity"], name="event_output_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="event_output_positive"),
        ]
        indexes = [
            models.Index(fields=["lot"], include=["event", "quantity"], name="output_by_lot")
        ]

    def __str__(self) -> str:
        return f"{self.event_id} → {self.lot_id}"


class EventSubject(AppendOnly):
    """A lot that an event looked at or moved without anything flowing into or out of it."""

    event = models.ForeignKey(TraceEvent, models.PROTECT, related_name="subjects", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="happenings", db_index=False)
    quantity = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)

    class Meta(AppendOnly.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["event", "lot"], include=["quantity"], name="event_subject_once"
            )
        ]
        indexes = [models.Index(fields=["lot"], include=["event"], name="subject_by_lot")]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.lot_id}"
