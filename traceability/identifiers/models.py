"""Device identifiers: one row per DI that was ever given, for ever."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import User
from erp.core.actor import Actor
from erp.core.history import Regulated, RegulatedQuerySet
from erp.masterdata.models import Item, ItemRevision
from traceability.identifiers.states import IDENTIFIER, IdentifierState

DI_LENGTH = 60


class Issuer(models.TextChoices):
    """Agencies whose rules a DI follows; GS1 China gives GS1 numbers and is not a further one."""

    GS1 = "GS1", "GS1"
    HIBCC = "HIBCC", "HIBCC"
    ICCBBA = "ICCBBA", "ICCBBA"
    MA = "MA", "MA"
    AHM = "AHM", "AHM"


class Level(models.TextChoices):
    """What an identifier stands on, from the single use up to the pallet."""

    UNIT_OF_USE = "unit_of_use", _("unit of use")
    DIRECT_MARK = "direct_mark", _("direct mark on the device")
    BASE = "base", _("base package")
    INNER = "inner", _("inner package")
    CASE = "case", _("shipping case")
    PALLET = "pallet", _("pallet")


PACKAGES = (Level.INNER, Level.CASE, Level.PALLET)
"""Levels that contain another level."""
PARTS = (Level.UNIT_OF_USE, Level.DIRECT_MARK)
"""Levels inside a base package: they belong to a base identifier."""


class DeviceIdentifierQuerySet(RegulatedQuerySet["DeviceIdentifier"]):
    """Identifiers are master data of the whole company, as items are."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep all: whoever may sign in may look up a device."""
        return self.all()


class DeviceIdentifier(Regulated):
    """A UDI-DI: issuer and number stand for one device, revision, package and market.

    A DI is given once and never again, not even after it was withdrawn (21 CFR 830.40); a new
    version, model or package gets a new one (830.50).
    """

    item = models.ForeignKey(
        Item, models.PROTECT, related_name="identifiers", verbose_name=_("item")
    )
    revision = models.ForeignKey(
        ItemRevision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="identifiers",
        verbose_name=_("from revision"),
    )
    level = models.CharField(_("packaging level"), max_length=12, choices=Level, default=Level.BASE)
    market = models.CharField(_("market"), max_length=2, blank=True)
    issuer = models.CharField(_("issuing agency"), max_length=8, choices=Issuer)
    di = models.CharField("UDI-DI", max_length=DI_LENGTH)
    primary = models.BooleanField(
        _("on the label"),
        default=True,
        help_text=_("A secondary identifier of another issuing agency is kept beside it"),
    )
    company_prefix_length = models.PositiveSmallIntegerField(
        _("length of the GS1 company prefix"), null=True, blank=True
    )
    check_accepted = models.BooleanField(_("accepted with a warning"), default=False)
    """True where a wrong or doubtful check character was taken over knowingly (legacy data)."""
    contains = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="packed_in",
        verbose_name=_("contains"),
    )
    contained_quantity = models.PositiveIntegerField(_("how many"), null=True, blank=True)
    belongs_to = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("belongs to"),
    )
    replaces = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        verbose_name=_("replaces"),
    )
    prior_di = models.CharField(
        _("identifier before relabelling"), max_length=DI_LENGTH, blank=True
    )
    state = models.CharField(
        _("state"), max_length=10, choices=IDENTIFIER.choices(), default=IdentifierState.DRAFT
    )
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    registered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("registered by")
    )

    objects = DeviceIdentifierQuerySet.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("device identifier")
        verbose_name_plural = _("device identifiers")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "di"], name="di_never_reassigned"),
            models.UniqueConstraint(
                fields=["item", "revision", "level", "market", "contains", "contained_quantity"],
                condition=Q(state="active", primary=True),
                nulls_distinct=False,
                name="one_di_on_a_label",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(IdentifierState)), name="di_state_known"
            ),
            models.CheckConstraint(condition=Q(level__in=Level.values), name="di_level_known"),
            models.CheckConstraint(condition=Q(issuer__in=Issuer.values), name="di_issuer_known"),
            models.CheckConstraint(
                condition=Q(contains__isnull=True, contained_quantity__isnull=True)
                | Q(contained_quantity__gt=0, contains__isnull=False, level__in=PACKAGES),
                name="di_contains_with_quantity",
            ),
            models.CheckConstraint(
                condition=~Q(contains=F("pk")) & ~Q(belongs_to=F("pk")) & ~Q(replaces=F("pk")),
                name="di_not_of_itself",
            ),
            models.CheckConstraint(
                condition=Q(belongs_to__isnull=True) | Q(level__in=PARTS),
                name="only_parts_belong_to_a_di",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(valid_from__isnull=False),
                name="active_di_has_date",
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_on__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_on__isnull=True)),
                name="withdrawn_di_has_date",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(withdrawn_on__gte=F("valid_from")),
                name="di_withdrawn_after_valid",
            ),
            models.CheckConstraint(
                condition=Q(company_prefix_length__isnull=True)
                | Q(issuer="GS1", company_prefix_length__range=(6, 12)),
                name="di_prefix_length_of_gs1",
            ),
        ]
        indexes = [models.Index(fields=["di"], name="identifier_by_di")]

    def __str__(self) -> str:
        return self.di
