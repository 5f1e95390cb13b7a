"""Items, revisions, bills of material, partners, locations."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from erp.accounts.models import Site, User
from erp.accounts.queries import site_filter
from erp.core.actor import Actor
from erp.core.history import Regulated, RegulatedQuerySet
from erp.core.quantities import DIGITS, PLACES
from erp.masterdata.states import REVISION, RevisionState


class Tracking(models.TextChoices):
    """How an item is followed."""

    LOT = "lot", _("by lot")
    SERIAL = "serial", _("by serial number")
    BOTH = "both", _("by serial number within a lot")
    NONE = "none", _("not followed")


class RiskClass(models.TextChoices):
    """Class of the device; empty for materials."""

    NONE = "", _("not a device")
    I = "I", "I"  # noqa: E741 - the name of the class
    IIA = "IIa", "IIa"
    IIB = "IIb", "IIb"
    II = "II", "II"
    III = "III", "III"


class Unit(models.TextChoices):
    """Units of measure in use, with the decimals they allow in ``UNIT_PLACES``."""

    PIECE = "pc", _("pc")
    GRAM = "g", "g"
    KILOGRAM = "kg", "kg"
    METRE = "m", "m"
    MILLILITRE = "mL", "mL"
    LITRE = "L", "L"


UNIT_PLACES = {"pc": 0, "g": 3, "kg": 6, "m": 3, "mL": 3, "L": 6}


class Item(Regulated):
    """A material, component or product."""

    class Kind(models.TextChoices):
        """What the item is."""

        MATERIAL = "material", _("material")
        COMPONENT = "component", _("component")
        SEMI_FINISHED = "semi", _("semi-finished")
        PRODUCT = "product", _("product")

    code = models.CharField(_("item number"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=300)
    name_zh = models.CharField(_("Chinese name"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    tracking = models.CharField(_("tracking"), max_length=8, choices=Tracking, default=Tracking.LOT)
    unit = models.CharField(_("unit"), max_length=4, choices=Unit, default=Unit.PIECE)
    risk_class = models.CharField(
        _("risk class"), max_length=4, choices=RiskClass, blank=True, default=RiskClass.NONE
    )
    sterile = models.BooleanField(_("sterile"), default=False)
    implant_grade = models.BooleanField(
        _("implant-grade traceability"),
        default=False,
        help_text=_("Implants and life-supporting devices (21 CFR 820.10(d))"),
    )
    shelf_life_days = models.PositiveIntegerField(_("shelf life in days"), null=True, blank=True)
    storage = models.CharField(_("storage conditions"), max_length=200, blank=True)
    manufacturer = models.CharField(_("manufacturer"), max_length=300, blank=True)
    catalogue = models.CharField(_("version or model"), max_length=200, blank=True)
    certificate_required = models.BooleanField(_("certificate required at receipt"), default=False)
    inspection_required = models.BooleanField(_("inspected at receipt"), default=True)

    objects = RegulatedQuerySet["Item"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.CheckConstraint(
                condition=Q(tracking__in=Tracking.values), name="item_tracking_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class ItemRevision(Regulated):
    """A revision of an item. Once effective its content never changes; a new one is made
    instead.
    """

    item = models.ForeignKey(Item, models.PROTECT, related_name="revisions", verbose_name=_("item"))
    revision = models.CharField(_("revision"), max_length=10)
    state = models.CharField(
        _("state"), max_length=12, choices=REVISION.choices(), default=RevisionState.DRAFT
    )
    description = models.TextField(_("what changed"), blank=True)
    effective_at = models.DateTimeField(_("effective from"), null=True, blank=True)
    drafted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = RegulatedQuerySet["ItemRevision"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("item revision")
        verbose_name_plural = _("item revisions")
        constraints = [
            models.UniqueConstraint(fields=["item", "revision"], name="item_revision_once"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(state="effective"), name="one_effective_revision"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(effective_at__isnull=False),
                name="effective_revision_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.code} rev. {self.revision}"


class BomLine(Regulated):
    """One component of a revision: ``quantity`` of ``component`` for one unit of the item."""

    revision = models.ForeignKey(ItemRevision, models.PROTECT, related_name="bom")
    component = models.ForeignKey(Item, models.PROTECT, related_name="used_in")
    quantity = models.DecimalField(_("quantity per unit"), max_digits=DIGITS, decimal_places=PLACES)
    per_unit = models.BooleanField(
        _("recorded per unit"),
        default=False,
        help_text=_("Which serial or lot went into which unit is recorded unit by unit"),
    )

    objects = RegulatedQuerySet["BomLine"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("bill of material line")
        constraints = [
            models.UniqueConstraint(fields=["revision", "component"], name="bom_component_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="bom_quantity_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.component.code} × {self.quantity}"


class Partner(Regulated):
    """A supplier, customer, subcontractor or carrier; one partner may be several of these."""

    code = models.CharField(_("code"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=200)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    address = models.TextField(_("address"), blank=True)
    country = models.CharField(_("country"), max_length=2)
    language = models.CharField(_("language"), max_length=10, default="en")
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    is_supplier = models.BooleanField(_("supplier"), default=False)
    is_customer = models.BooleanField(_("customer"), default=False)
    is_subcontractor = models.BooleanField(_("subcontractor"), default=False)

    objects = RegulatedQuerySet["Partner"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("partner")
        verbose_name_plural = _("partners")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SiteScoped(RegulatedQuerySet["Location"]):
    """Rows that belong to a site."""

    def visible_to(self, actor: Actor) -> Self:
        """Keep the rows of sites the actor may see."""
        return self.filter(site_filter(actor))


class Location(Regulated):
    """A place where goods lie; the virtual kinds are where goods come from and go to.

    Each site has one virtual place of each kind; a subcontractor's place is real stock of ours in
    their custody.
    """

    class Kind(models.TextChoices):
        """What the place is for."""

        STORAGE = "storage", _("storage")
        QUARANTINE = "quarantine", _("quarantine store")
        LINE = "line", _("production line")
        DISPATCH = "dispatch", _("dispatch")
        SUBCONTRACTOR = "subcontractor", _("at a subcontractor")
        SUPPLIER = "supplier", _("from suppliers")
        CUSTOMER = "customer", _("at customers")
        PRODUCTION = "production", _("used in production")
        SCRAP = "scrap", _("scrapped")
        ADJUSTMENT = "adjustment", _("count differences")

    VIRTUAL: ClassVar[frozenset[str]] = frozenset(
        {"supplier", "customer", "production", "scrap", "adjustment"}
    )

    site = models.ForeignKey(Site, models.PROTECT, related_name="locations", verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=14, choices=Kind.choices)
    virtual = models.BooleanField(_("virtual"), default=False)
    partner = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="locations"
    )

    objects = SiteScoped.as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("location")
        verbose_name_plural = _("locations")
        constraints = [
            models.UniqueConstraint(
                fields=["site", "kind"],
                condition=Q(virtual=True),
                name="one_virtual_place_per_site",
            ),
            models.CheckConstraint(
                condition=Q(kind="subcontractor", partner__isnull=False) | ~Q(kind="subcontractor"),
                name="subcontractor_place_has_partner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class MarketAuthorisation(Regulated):
    """The right to sell an item in a country, for a period."""

    item = models.ForeignKey(Item, models.PROTECT, related_name="authorisations")
    country = models.CharField(_("country"), max_length=2)
    kind = models.CharField(_("kind"), max_length=60)
    number = models.CharField(_("number"), max_length=80)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    objects = RegulatedQuerySet["MarketAuthorisation"].as_manager()

    class Meta(Regulated.Meta):
        verbose_name = _("market authorisation")
        verbose_name_plural = _("market authorisations")
        constraints = [
            models.UniqueConstraint(fields=["item", "country", "number"], name="authorisation_once")
        ]

    def __str__(self) -> str:
        return f"{self.number} ({self.country})"
