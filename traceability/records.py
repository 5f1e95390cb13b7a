"""Pages and API forms of lots, units and trace events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.accounts.queries import sites_visible_to
from erp.core import clock
from erp.core.actor import Actor
from erp.core.quantities import plain
from erp.masterdata.models import Item
from erp.ui.page import Column, Fact, Link, Number, Pill, Row, Section, Table, TimelineEntry
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, add_badges, register
from traceability.identifiers.queries import carried
from traceability.models import EventInput, EventOutput, EventSubject, Lot, TraceEvent, uncorrected
from traceability.states import LOT, LotState
from traceability.words import event_words

TIMELINE_SHOWN = 100


def lot_pill(lot: Lot) -> Pill:
    """Return what quality decided about the lot."""
    state = LotState(lot.state)
    return Pill(LOT.labels[state], LOT.tones[state])


def lot_link(lot: Lot) -> Link:
    """Return the link to a lot by its number."""
    return Link(lot.number, f"/lots/{lot.pk}/", mono=True)


def _lots(actor: Actor) -> QuerySet[Lot]:
    rows = Lot.objects.visible_to(actor)
    return rows.select_related(
        "item", "site", "batch", "revision", "revision__item", "manufacturer"
    ).prefetch_related("item__identifiers")


def _title(lot: Lot) -> Any:
    return lot.item.name


def _facts(view: View) -> Sequence[Fact]:
    """Return what a lot is; an empty fact is one that is expected and was not recorded."""
    lot: Lot = view.record
    is_product = lot.item.kind == Item.Kind.PRODUCT
    identifier = _identifier_link(lot)
    return [
        *(
            [Fact(_("Lot"), lot_link(lot.batch) if lot.batch else None)]
            if lot.kind == Lot.Kind.SERIAL
            else []
        ),
        Fact(_("Item"), Link(lot.item.code, f"/items/{lot.item_id}/", mono=True)),
        *([Fact(_("Revision"), lot.revision.revision)] if lot.revision else []),
        Fact(_("Kind"), lot.get_kind_display()),
        *_supplier_facts(lot),
        Fact(_("Manufactured"), str(lot.manufactured_on) if lot.manufactured_on else None),
        Fact(_("Expires"), str(lot.expires_on) if lot.expires_on else _no_expiry(lot)),
        *([Fact("UDI-DI", identifier)] if identifier or is_product else []),
        *([Fact(_("UDI-PI"), Link(lot.udi_pi, mono=True))] if lot.udi_pi else []),
        Fact(_("Site"), lot.site.code),
    ]


def _batch_fact(lot: Lot) -> list[Fact]:
    if lot.kind != Lot.Kind.SERIAL:
        return []
    return [Fact(_("Lot"), lot_link(lot.batch) if lot.batch else None)]


def _supplier_facts(lot: Lot) -> list[Fact]:
    if lot.supplier_lot:
        return [Fact(_("Supplier's lot"), Link(lot.supplier_lot, mono=True))]
    bought = lot.item.kind == Item.Kind.MATERIAL and lot.kind != Lot.Kind.SERIAL
    return [Fact(_("Supplier's lot"), None)] if bought else []


def _no_expiry(lot: Lot) -> str | None:
    """Say of an item without a shelf life that it does not expire."""
    return None if lot.item.shelf_life_days else "–"


def _identifier_link(lot: Lot) -> Link | None:
    found = carried(lot, lot.item.identifiers.all())
    return Link(found.di, f"/device-identifiers/{found.pk}/", mono=True) if found else None


def _expiry_badges(view: View) -> Sequence[Pill]:
    lot: Lot = view.record
    if lot.expires_on and lot.expires_on < clock.today():
        return [Pill(_("expired"), "bad")]
    return []


add_badges("traceability.Lot", _expiry_badges)


def events_of(lot: Lot) -> QuerySet[TraceEvent]:
    """Return every event that touched this lot, its batch's events included, oldest first; not the
    making of other units of the batch.
    """
    # Three parts of a union, each found by its index, not three outer joins over all events.
    ids = (
        EventInput.objects.filter(lot=lot)
        .values("event")
        .union(
            EventOutput.objects.filter(lot=lot).values("event"),
            EventSubject.objects.filter(lot=lot).values("event"),
            EventSubject.objects.filter(~_makes_units(), lot=lot.batch_id).values("event"),
        )
    )
    return (
        TraceEvent.objects.filter(pk__in=ids)
        .select_related("performed_by", "site", "location")
        .order_by("event_time", "pk")
    )


def _makes_units() -> Exists:
    """Return the condition that the event of a line brought units of its lot into being."""
    return Exists(EventOutput.objects.filter(event=OuterRef("event"), lot__batch=OuterRef("lot")))


def _story(view: View) -> Section:
    shown, count = view.counted(events_of(view.record), TIMELINE_SHOWN)
    declared = TraceEvent.objects.filter(corrects__in=[e.pk for e in shown])
    wrong = set(declared.values_list("corrects_id", flat=True))
    entries = [
        TimelineEntry(
            at=e.event_time,
            title=_story_title(e, wrong),
            detail=" · ".join(part for part in (str(e.location or e.site.code), e.note) if part),
            who=str(e.performed_by),
            tone="bad" if e.corrects_id or e.pk in wrong else "info",
            url=f"/trace-events/{e.pk}/",
        )
        for e in shown
    ]
    note = ""
    if count > len(entries):
        note = _now("The first %(shown)s of %(count)s; the trace shows all.") % {
            "shown": len(entries),
            "count": count,
        }
    # On the page the story comes first, told apart: every app is asked for it. A pack prints the
    # events.
    body = {"lot": view.record}
    return Section(
        "story",
        _("What happened"),
        timeline=entries,
        count=count,
        note=note,
        template="traceability/_happened.html",
        context=body,
    )


def _story_title(event: TraceEvent, wrong: Collection[int]) -> str:
    """Say what happened, and beside it when that was declared wrong."""
    said = str(event_words(event))
    if event.corrects_id is not None:
        return _now("Declared wrong: %(step)s") % {"step": said}
    return _now("%(step)s (declared wrong)") % {"step": said} if event.pk in wrong else said


def _members(view: View) -> Section | None:
    lot: Lot = view.record
    if lot.kind != Lot.Kind.LOT:
        return None
    rows = Lot.objects.filter(batch=lot).order_by("number")
    shown, count = view.counted(rows)
    if not count:
        return None
    table = Table(
        columns=[
            Column("number", _("Unit"), "mono"),
            Column("state", _("State"), "state"),
            Column("udi", _("UDI-PI"), "mono"),
        ],
        rows=[
            Row(
                [lot_link(u), lot_pill(u), Link(u.udi_pi, mono=True) if u.udi_pi else None],
                f"/lots/{u.pk}/",
            )
            for u in shown
        ],
        more=Link(_now("All %(count)s units") % {"count": count}, f"/lots/?search={lot.number}")
        if count > len(shown)
        else None,
    )
    return Section("units", _("Units"), table=table, count=count)


CHAIN_COLUMNS = [
    Column("lot", _("Lot or unit"), "mono"),
    Column("item", _("Item"), "mono"),
    Column("name", _("Name")),
    Column("quantity", _("Quantity"), "number"),
    Column("known", _("Link")),
]


def _neighbours(view: View, lines: QuerySet[Any], more: Link) -> tuple[Table, int]:
    """Return the direct neighbours in the chain and their number; ``more`` leads to the trace."""
    lines = lines.select_related("lot__item", "event").order_by("event_id", "lot_id")
    shown, count = view.counted(lines)
    rows = [
        Row(
            [
                lot_link(x.lot),
                Link(x.lot.item.code, f"/items/{x.lot.item_id}/", mono=True),
                x.lot.item.name,
                Number(plain(x.quantity), x.lot.item.get_unit_display()),
                x.event.get_precision_display(),
            ],
            f"/lots/{x.lot_id}/",
        )
        for x in shown
    ]
    return Table(CHAIN_COLUMNS, rows, more=more), count


def _chain(view: View) -> Section:
    body = {"lot": view.record}
    return Section("chain", _("Chain"), template="traceability/_chain.html", context=body)


def _made_from(view: View) -> Section | None:
    lot: Lot = view.record
    lines = EventInput.objects.filter(uncorrected(), event__outputs__lot=lot).exclude(lot=lot)
    whole = Link(
        _now("Trace it back to its materials"), f"/trace/?start=lot:{lot.pk}&direction=backward"
    )
    table, count = _neighbours(view, lines, whole)
    return Section("made-from", _("Made from"), table=table, count=count) if count else None


def _went_into(view: View) -> Section | None:
    lot: Lot = view.record
    lines = EventOutput.objects.filter(uncorrected(), event__inputs__lot=lot).exclude(lot=lot)
    whole = Link(
        _now("Trace it on to units and customers"), f"/trace/?start=lot:{lot.pk}&direction=forward"
    )
    table, count = _neighbours(view, lines, whole)
    return Section("went-into", _("Went into"), table=table, count=count) if count else None


def lot_api(lot: Lot) -> dict[str, Any]:
    """Return the JSON form of a lot."""
    identifier = carried(lot, lot.item.identifiers.all())
    return {
        "number": lot.number,
        "kind": lot.kind,
        "item": lot.item.code,
        "item_id": lot.item_id,
        "batch_id": lot.batch_id,
        "state": lot.state,
        "supplier_lot": lot.supplier_lot,
        "udi_di": identifier.di if identifier else "",
        "udi_pi": lot.udi_pi,
        "manufactured_on": lot.manufactured_on.isoformat() if lot.manufactured_on else None,
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "site_id": lot.site_id,
    }


def site_choices(actor: Actor) -> list[tuple[str, str]]:
    """Return the sites the actor may filter by."""
    return [
        (str(pk), code)
        for pk, code in sites_visible_to(actor).order_by("code").values_list("pk", "code")
    ]


register(
    RecordKind(
        model="traceability.Lot",
        noun="lots",
        nav="stock",
        icon="barcode",
        label=_("lot or unit"),
        plural=_("Lots and units"),
        rows=_lots,
        number=lambda lot: lot.number,
        title=_title,
        state=lot_pill,
        columns=[
            ColumnSpec("state", _("State"), lot_pill, "state"),
            ColumnSpec("number", _("Number"), lot_link, "mono", "number"),
            ColumnSpec(
                "item",
                _("Item"),
                lambda x: Link(x.item.code, f"/items/{x.item_id}/", mono=True),
                "mono",
            ),
            ColumnSpec("name", _("Name"), lambda x: x.item.name),
            ColumnSpec("kind", _("Kind"), lambda x: x.get_kind_display()),
            ColumnSpec("batch", _("Lot"), lambda x: lot_link(x.batch) if x.batch else None, "mono"),
            ColumnSpec(
                "expires",
                _("Expires"),
                lambda x: str(x.expires_on) if x.expires_on else None,
                sort="expires_on",
            ),
            ColumnSpec("site", _("Site"), lambda x: x.site.code),
        ],
        facts=_facts,
        sections=[_chain, _made_from, _went_into, _story, _members],
        search=("number", "batch__number", "supplier_lot", "item__code", "item__name"),
        filters=[
            FilterSpec("state", _("State"), lambda a: LOT.choices(), "state"),
            FilterSpec("kind", _("Kind"), lambda a: Lot.Kind.choices, "kind"),
            FilterSpec("site", _("Site"), site_choices, "site_id"),
        ],
        scan=("number", "supplier_lot"),
        api=lot_api,
        evidence=True,
        empty=_("Lots and units stand here as soon as goods are received or made."),
    )
)
