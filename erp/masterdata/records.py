"""Pages and API forms of master data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.masterdata.models import (
    Item,
    ItemRevision,
    Location,
    MarketAuthorisation,
    Partner,
    Tracking,
)
from erp.masterdata.states import REVISION, RevisionState
from erp.ui.page import Column, Fact, Link, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register


def yes_no(value: bool) -> Any:  # noqa: FBT001 - a formatter of one value
    """Return yes or no in words."""
    return _("yes") if value else _("no")


def revision_pill(revision: ItemRevision) -> Pill:
    """Return the state of a revision."""
    state = RevisionState(revision.state)
    return Pill(REVISION.labels[state], REVISION.tones[state])


def _item_facts(view: View) -> Sequence[Fact]:
    item: Item = view.record
    return [
        Fact(_("Kind"), item.get_kind_display()),
        Fact(_("Tracking"), item.get_tracking_display()),
        Fact(_("Unit"), item.get_unit_display()),
        Fact(_("Risk class"), item.get_risk_class_display() or None),
        Fact(_("Sterile"), yes_no(item.sterile)),
        Fact(_("Implant-grade traceability"), yes_no(item.implant_grade)),
        Fact(
            _("Shelf life"),
            Number(str(item.shelf_life_days), _("days")) if item.shelf_life_days else None,
        ),
        Fact(_("Storage conditions"), item.storage or None),
        Fact(_("Manufacturer"), item.manufacturer or None),
        Fact(_("Version or model"), item.catalogue or None),
    ]


def _revisions(view: View) -> Section:
    rows = [
        Row(
            [
                Link(r.revision, f"/item-revisions/{r.pk}/", mono=True),
                revision_pill(r),
                r.description or None,
            ]
        )
        for r in view.record.revisions.order_by("-pk")
    ]
    columns = [
        Column("revision", _("Revision"), "mono"),
        Column("state", _("State"), "state"),
        Column("d", _("What changed")),
    ]
    return Section(
        "revisions",
        _("Revisions"),
        table=Table(columns, rows, _("No revision yet. Draft the first one.")),
        count=len(rows),
    )


def _authorisations(view: View) -> Section | None:
    found: list[MarketAuthorisation] = list(view.record.authorisations.order_by("country"))
    if not found:
        return None
    rows = [
        Row(
            [
                a.country,
                a.kind,
                Link(a.number, mono=True),
                str(a.valid_from),
                str(a.valid_until) if a.valid_until else None,
            ]
        )
        for a in found
    ]
    columns = [
        Column("country", _("Country")),
        Column("kind", _("Kind")),
        Column("number", _("Number"), "mono"),
        Column("from", _("Valid from")),
        Column("until", _("Valid until")),
    ]
    return Section(
        "authorisations", _("Market authorisations"), table=Table(columns, rows), count=len(rows)
    )


def _item_api(item: Item) -> dict[str, Any]:
    names = (
        "code",
        "name",
        "name_zh",
        "kind",
        "tracking",
        "unit",
        "risk_class",
        "sterile",
        "implant_grade",
    )
    more = ("shelf_life_days", "storage", "manufacturer", "catalogue")
    return {name: getattr(item, name) for name in (*names, *more)}


def _items(actor: Actor) -> QuerySet[Item]:
    return Item.objects.all()


register(
    RecordKind(
        model="masterdata.Item",
        noun="items",
        nav="masterdata",
        icon="box",
        label=_("item"),
        plural=_("Items"),
        rows=_items,
        number=lambda i: i.code,
        title=lambda i: i.name,
        columns=[
            ColumnSpec("code", _("Item number"), lambda i: Link(i.code, mono=True), "mono", "code"),
            ColumnSpec("name", _("Name"), lambda i: i.name, sort="name"),
            ColumnSpec("kind", _("Kind"), lambda i: i.get_kind_display()),
            ColumnSpec("tracking", _("Tracking"), lambda i: i.get_tracking_display()),
            ColumnSpec("class", _("Risk class"), lambda i: i.get_risk_class_display() or None),
        ],
        facts=_item_facts,
        sections=[_revisions, _authorisations],
        search=("code", "name", "name_zh"),
        filters=[
            FilterSpec("kind", _("Kind"), lambda a: Item.Kind.choices, "kind"),
            FilterSpec("tracking", _("Tracking"), lambda a: Tracking.choices, "tracking"),
        ],
        scan=("code",),
        order="code",
        api=_item_api,
        empty=_("Items stand here: materials, components, products. Register the first one."),
    )
)


def _bom(view: View) -> Section:
    lines = view.record.bom.select_related("component").order_by("component__code")
    rows = [
        Row(
            [
                Link(x.component.code, f"/items/{x.component_id}/", mono=True),
                x.component.name,
                Number(plain(x.quantity), x.component.get_unit_display()),
                yes_no(x.per_unit),
            ]
        )
        for x in lines
    ]
    columns = [
        Column("code", _("Component"), "mono"),
        Column("name", _("Name")),
        Column("quantity", _("Quantity per unit"), "number"),
        Column("per_unit", _("Recorded per unit")),
    ]
    return Section(
        "bom",
        _("Bill of materials"),
        table=Table(columns, rows, _("No components.")),
        count=len(rows),
    )


register(
    RecordKind(
        model="masterdata.ItemRevision",
        noun="item-revisions",
        nav="masterdata",
        icon="versions",
        label=_("item revision"),
        plural=_("Item revisions"),
        rows=lambda a: ItemRevision.objects.select_related("item", "drafted_by"),
        number=lambda r: f"{r.item.code} {r.revision}",
        title=lambda r: r.item.name,
        state=revision_pill,
        columns=[
            ColumnSpec("state", _("State"), revision_pill, "state"),
            ColumnSpec(
                "item",
                _("Item"),
                lambda r: Link(r.item.code, f"/items/{r.item_id}/", mono=True),
                "mono",
                "item__code",
            ),
            ColumnSpec("revision", _("Revision"), lambda r: Link(r.revision, mono=True), "mono"),
            ColumnSpec("name", _("Name"), lambda r: r.item.name),
            ColumnSpec(
                "by", _("Drafted by"), lambda r: str(r.drafted_by) if r.drafted_by else None
            ),
        ],
        facts=lambda v: [
            Fact(_("Item"), Link(v.record.item.code, f"/items/{v.record.item_id}/", mono=True)),
            Fact(_("Revision"), v.record.revision),
            Fact(_("What changed"), v.record.description or None),
            Fact(_("Drafted by"), str(v.record.drafted_by) if v.record.drafted_by else None),
        ],
        sections=[_bom],
        search=("item__code", "item__name", "revision"),
        filters=[FilterSpec("state", _("State"), lambda a: REVISION.choices(), "state")],
        api=lambda r: {
            "item": r.item.code,
            "item_id": r.item_id,
            "revision": r.revision,
            "state": r.state,
        },
        in_nav=False,
    )
)


def _roles(partner: Partner) -> list[Any]:
    words = [
        (partner.is_supplier, _("supplier")),
        (partner.is_customer, _("customer")),
        (partner.is_subcontractor, _("subcontractor")),
    ]
    return [word for held, word in words if held]


register(
    RecordKind(
        model="masterdata.Partner",
        noun="partners",
        nav="masterdata",
        icon="building-community",
        label=_("partner"),
        plural=_("Partners"),
        rows=lambda a: Partner.objects.all(),
        number=lambda p: p.code,
        title=lambda p: p.name,
        columns=[
            ColumnSpec("code", _("Code"), lambda p: Link(p.code, mono=True), "mono", "code"),
            ColumnSpec("name", _("Name"), lambda p: p.name, sort="name"),
            ColumnSpec("roles", _("Roles"), _roles),
            ColumnSpec("country", _("Country"), lambda p: p.country, sort="country"),
        ],
        facts=lambda v: [
            Fact(_("Roles"), _roles(v.record) or None),
            Fact(_("Address"), v.record.address or None),
            Fact(_("Country"), v.record.country),
            Fact(_("Language"), v.record.language),
            Fact(_("E-mail"), v.record.email or None),
            Fact(_("Phone"), v.record.phone or None),
        ],
        search=("code", "name", "name_zh"),
        filters=[
            FilterSpec(
                "role",
                _("Role"),
                lambda a: [
                    ("supplier", _("supplier")),
                    ("customer", _("customer")),
                    ("subcontractor", _("subcontractor")),
                ],
                apply=lambda rows, value: rows.filter(**{f"is_{value}": True}),
            )
        ],
        scan=("code",),
        order="code",
        api=lambda p: {
            "code": p.code,
            "name": p.name,
            "country": p.country,
            "supplier": p.is_supplier,
            "customer": p.is_customer,
            "subcontractor": p.is_subcontractor,
        },
        empty=_("Suppliers, customers and subcontractors stand here."),
    )
)

register(
    RecordKind(
        model="masterdata.Location",
        noun="locations",
        nav="masterdata",
        icon="map-pin",
        label=_("location"),
        plural=_("Locations"),
        rows=lambda a: Location.objects.visible_to(a).select_related("site", "partner"),
        number=lambda x: x.code,
        title=lambda x: x.name,
        columns=[
            ColumnSpec("code", _("Code"), lambda x: Link(x.code, mono=True), "mono", "code"),
            ColumnSpec("name", _("Name"), lambda x: x.name),
            ColumnSpec("kind", _("Kind"), lambda x: x.get_kind_display()),
            ColumnSpec("site", _("Site"), lambda x: x.site.code),
        ],
        facts=lambda v: [
            Fact(_("Site"), Link(str(v.record.site), f"/sites/{v.record.site_id}/")),
            Fact(_("Kind"), v.record.get_kind_display()),
            Fact(_("In custody of"), str(v.record.partner) if v.record.partner else None),
        ],
        search=("code", "name"),
        filters=[FilterSpec("kind", _("Kind"), lambda a: Location.Kind.choices, "kind")],
        scan=("code",),
        order="code",
        api=lambda x: {
            "code": x.code,
            "name": x.name,
            "kind": x.kind,
            "site": x.site.code,
            "site_id": x.site_id,
        },
    )
)
