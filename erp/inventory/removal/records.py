"""Pages and API forms of removals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.inventory.models import Removal
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, add_section, register
from traceability.corrections.records import event_link
from traceability.records import lot_link, site_choices

Kind = Removal.Kind
TONES = {
    Kind.SCRAP: "bad",
    Kind.SAMPLE: "info",
    Kind.SUPPLIER: "draft",
    Kind.SHORTAGE: "waiting",
    Kind.SURPLUS: "waiting",
}


def removal_pill(removal: Removal) -> Pill:
    """Return how goods left stock."""
    return Pill(removal.get_kind_display(), TONES[Kind(removal.kind)])


def _quantity(removal: Removal) -> Number:
    return Number(plain(removal.quantity), removal.lot.item.get_unit_display())


def _rows(actor: Actor) -> Any:
    rows = Removal.objects.visible_to(actor)
    return rows.select_related("lot__item", "event__location", "event__site", "removed_by")


def _facts(view: View) -> Sequence[Fact]:
    removal: Removal = view.record
    return [
        Fact(_("Lot or unit"), lot_link(removal.lot)),
        Fact(_("Item"), removal.lot.item.name),
        Fact(_("Quantity"), _quantity(removal)),
        Fact(_("Location"), str(removal.event.location) if removal.event.location else None),
        Fact(_("Reason"), removal.reason),
        Fact(_("Witness"), removal.witness or None),
        Fact(_("Certificate"), removal.certificate_number or None),
        Fact(_("Cost"), Number(plain(removal.cost)) if removal.cost is not None else None),
        Fact(_("Done by"), str(removal.removed_by)),
        Fact(_("Happened"), Moment(removal.event.event_time)),
        Fact(_("Trace event"), event_link(removal.event)),
    ]


def removal_api(removal: Removal) -> Mapping[str, Any]:
    """Return the JSON form of a removal."""
    return {
        "number": removal.number,
        "kind": removal.kind,
        "lot_id": removal.lot_id,
        "lot": removal.lot.number,
        "quantity": plain(removal.quantity),
        "unit": removal.lot.item.unit,
        "reason": removal.reason,
        "witness": removal.witness,
        "certificate_number": removal.certificate_number,
        "cost": plain(removal.cost) if removal.cost is not None else None,
        "event_id": removal.event_id,
        "event_time": removal.event.event_time.isoformat(),
    }


register(
    RecordKind(
        model="inventory.Removal",
        noun="removals",
        nav="stock",
        icon="trash",
        label=_("removal"),
        plural=_("Removals"),
        rows=_rows,
        number=lambda r: r.number,
        title=lambda r: r.lot.item.name,
        state=removal_pill,
        columns=[
            ColumnSpec("kind", _("Kind"), removal_pill, "state"),
            ColumnSpec(
                "number",
                _("Number"),
                lambda r: Link(r.number, f"/removals/{r.pk}/", mono=True),
                "mono",
                "number",
            ),
            ColumnSpec("lot", _("Lot or unit"), lambda r: lot_link(r.lot), "mono"),
            ColumnSpec("name", _("Name"), lambda r: r.lot.item.name),
            ColumnSpec("quantity", _("Quantity"), _quantity, "number", "quantity"),
            ColumnSpec("reason", _("Reason"), lambda r: r.reason),
            ColumnSpec("witness", _("Witness"), lambda r: r.witness or None),
            ColumnSpec("at", _("Happened"), lambda r: Moment(r.event.event_time), "moment"),
        ],
        facts=_facts,
        search=("number", "lot__number", "lot__item__code", "reason", "certificate_number"),
        filters=[
            FilterSpec("kind", _("Kind"), lambda a: Kind.choices, "kind"),
            FilterSpec("site", _("Site"), site_choices, "event__site_id"),
        ],
        scan=("number",),
        api=removal_api,
        evidence=True,
        empty=_("What is scrapped, sampled, sent back or missing at a count stands here."),
    )
)


def _lot_removals(view: View) -> Section | None:
    rows = Removal.objects.filter(lot=view.record).select_related("lot__item", "event")
    count = rows.count()
    if not count:
        return None
    table = Table(
        columns=[
            Column("kind", _("Kind"), "state"),
            Column("number", _("Number"), "mono"),
            Column("q", _("Quantity"), "number"),
            Column("why", _("Reason")),
            Column("at", _("Happened"), "moment"),
        ],
        rows=[
            Row(
                [
                    removal_pill(r),
                    Link(r.number, f"/removals/{r.pk}/", mono=True),
                    _quantity(r),
                    r.reason,
                    Moment(r.event.event_time),
                ]
            )
            for r in view.first(rows.order_by("-pk"))
        ],
    )
    return Section("removals", _("Removals"), table=table, count=count)


add_section("traceability.Lot", 57, _lot_removals)
