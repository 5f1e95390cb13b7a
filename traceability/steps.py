"""Writes made inside operations: new lots, state changes, trace events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from erp.accounts.models import Site
from erp.accounts.queries import zone_of
from erp.core import clock
from erp.core.bulk import copy_rows, copy_values, maker
from erp.core.context import Context
from erp.masterdata.models import Item, Location
from traceability.corrections.queries import never_made
from traceability.errors import BeforeItExisted, NumberTaken
from traceability.events import LotStateChanged
from traceability.identifiers.marking import mark
from traceability.locking import lock_lots
from traceability.models import (
    EventInput,
    EventOutput,
    EventSubject,
    EventUnit,
    Lot,
    LotSite,
    TraceEvent,
)
from traceability.queries import first_seen
from traceability.states import LOT, LotState

CHUNK = 5000


def create_lots(ctx: Context, lots: Sequence[Lot], *, again: bool = False) -> list[Lot]:
    """Write new lots or units in bulk, our own products with their production identifier; raise
    ``NumberTaken`` naming every double number.

    With ``again``, a number whose making was declared wrong may be made once more: the goods bear
    it, so it stays one lot with one history.
    """
    known = _known_numbers(lots)
    revived = never_made(known.values()) if again and known else frozenset()
    if revived:
        # Locked, then looked at again: two reports of the same serial numbers wait here.
        lock_lots(ctx, revived)
        revived = never_made(revived)
    _refuse_doubles(lots, {key for key, pk in known.items() if pk not in revived})
    mark(lots)
    once_more = [_as_known(lot, known[_key(lot)]) for lot in lots if _key(lot) in known]
    if once_more:
        Lot.objects.bulk_update(once_more, MADE_ANEW, batch_size=CHUNK)
    new = [lot for lot in lots if _key(lot) not in known]
    copy_rows(Lot, new)
    return list(lots)


MADE_ANEW = (
    "revision", "batch", "supplier_lot", "udi_pi", "site", "state", "manufactured_on", "expires_on",
)  # fmt: skip
LotKey = tuple[int, int | None, str]


def _key(lot: Lot) -> LotKey:
    return (lot.item_id, lot.manufacturer_id, lot.number)


def _as_known(lot: Lot, pk: int) -> Lot:
    lot.pk = pk
    lot.state = LotState.QUARANTINE
    return lot


def _known_numbers(lots: Sequence[Lot]) -> dict[LotKey, int]:
    """Return the lots that bear one of these numbers already."""
    wanted = {_key(lot) for lot in lots}
    # One question for all items; numbers that meet by chance under another item are no doubles.
    same = Lot.objects.filter(
        item_id__in={item_id for item_id, _maker, _number in wanted},
        number__in={number for _item, _maker, number in wanted},
    )
    rows = same.values_list("item_id", "manufacturer_id", "number", "pk")
    return {(item, maker, n): pk for item, maker, n, pk in rows if (item, maker, n) in wanted}


def _refuse_doubles(lots: Sequence[Lot], known: Collection[LotKey]) -> None:
    seen: set[LotKey] = set()
    doubles = {number for _item, _maker, number in known}
    for lot in lots:
        key = _key(lot)
        if key in seen:
            doubles.add(lot.number)
        seen.add(key)
    if doubles:
        raise NumberTaken(numbers=", ".join(sorted(doubles)[:20]))


def expiry_of(item: Item, manufactured_on: dt.date | None) -> dt.date | None:
    """Return the expiry date by the item's shelf life, ``None`` where there is none."""
    if item.shelf_life_days is None or manufactured_on is None:
        return None
    return manufactured_on + dt.timedelta(days=item.shelf_life_days)


def change_state(ctx: Context, lots: Iterable[Lot], verb: str) -> None:
    """Take locked lots along one step of their state table; one illegal step refuses all."""
    by_state: dict[str, list[int]] = {}
    for lot in lots:
        lot.state = LOT.next(lot.state, verb)  # type: ignore[arg-type]
        by_state.setdefault(lot.state, []).append(lot.pk)
    for state, pks in by_state.items():
        Lot.objects.filter(pk__in=pks).update(state=state)
        ctx.emit(LotStateChanged(tuple(pks), verb, state))


def note_site(lots: Iterable[Lot], site: Site) -> None:
    """Remember that lots of another site came to ``site``."""
    rows = [LotSite(lot_id=lot.pk, site_id=site.pk) for lot in lots if lot.site_id != site.pk]
    LotSite.objects.bulk_create(rows, ignore_conflicts=True, batch_size=CHUNK)


@dataclass(frozen=True)
class Happening:
    """A trace event to be written. ``inputs``, ``outputs``, ``subjects`` map lot id to quantity.

    ``at`` is the event time (default: now). Told with an offset of its own it keeps that (a
    partner's clock), in UTC it gets the one of the site where it happened.
    """

    kind: str
    biz_step: str
    site_id: int
    action: str = ""
    disposition: str = ""
    location: Location | None = None
    at: dt.datetime | None = None
    inputs: Mapping[int, Decimal] = field(default_factory=dict)
    outputs: Mapping[int, Decimal] = field(default_factory=dict)
    subjects: Mapping[int, Decimal | None] = field(default_factory=dict)
    note: str = ""
    corrects_id: int | None = None
    performed_by_id: int | None = None
    carrier_id: int | None = None
    assembly_id: int | None = None
    units: Collection[int] = ()
    """Logistic units that were packed, unpacked, moved or shipped as a whole."""


def observe(
    biz_step: str, site_id: int, subjects: Mapping[int, Decimal | None], **more: object
) -> Happening:
    """Return an object event that looks at lots without changing them."""
    made = Happening(
        kind="object", action="OBSERVE", biz_step=biz_step, site_id=site_id, subjects=subjects
    )
    return replace(made, **more)  # type: ignore[arg-type]


def record(ctx: Context, happening: Happening) -> TraceEvent:
    """Write one trace event with its lines."""
    return record_all(ctx, [happening])[0]


def record_all(ctx: Context, happenings: Sequence[Happening]) -> list[TraceEvent]:
    """Write many trace events with their lines in five statements, whatever their number."""
    _refuse_before_it_existed(ctx, happenings)
    sites = Site.objects.filter(pk__in={h.site_id for h in happenings})
    zones = {site.pk: zone_of(site) for site in sites}
    events = copy_rows(TraceEvent, (_event(ctx, h, zones[h.site_id]) for h in happenings))
    told = [(event.pk, h) for event, h in zip(events, happenings, strict=True)]
    for model, lines in (
        (EventInput, ((pk, lot, q) for pk, h in told for lot, q in h.inputs.items())),
        (EventOutput, ((pk, lot, q) for pk, h in told for lot, q in h.outputs.items())),
        (EventSubject, ((pk, lot, q) for pk, h in told for lot, q in h.subjects.items())),
    ):
        copy_values(model, ("event_id", "lot_id", "quantity"), lines)
    units = ((pk, unit) for pk, h in told for unit in h.units)
    copy_values(EventUnit, ("event_id", "unit_id"), units)
    return events


def _refuse_before_it_existed(ctx: Context, happenings: Sequence[Happening]) -> None:
    """Refuse an event told for a moment when one of its lots was not there yet.

    Asked only where an earlier time is told: what happens now comes after everything recorded. What
    was only looked at is not asked about: a measurement may come with the file of a machine.
    """
    told = [(h, h.at or ctx.at) for h in happenings if h.at or ctx.at]
    lots = {pk: at for h, at in told for pk in _moved(h) if at is not None}
    if not lots:
        return
    late = {pk: seen for pk, seen in first_seen(lots).items() if lots[pk] < seen}
    if late:
        numbers = (
            Lot.objects.filter(pk__in=late).order_by("number").values_list("number", flat=True)
        )
        since = max(late.values())
        raise BeforeItExisted(lots=", ".join(numbers[:20]), since=f"{since:%Y-%m-%d %H:%M} UTC")


def _moved(h: Happening) -> set[int]:
    """Return the lots of which a quantity went into an event or was moved by it."""
    return {*h.inputs, *(pk for pk, quantity in h.subjects.items() if quantity is not None)}


def _event(ctx: Context, h: Happening, zone: dt.tzinfo) -> TraceEvent:
    at = h.at or ctx.at or clock.now()
    # Links are exact where one unit came out, or nothing was mixed: one output.
    exact = len(h.outputs) == 1
    return _make_event(
        h.kind,
        h.action,
        h.biz_step,
        h.disposition,
        at,
        clock.offset_of(at.astimezone(zone) if at.tzinfo is dt.UTC else at),
        h.site_id,
        h.location.pk if h.location else None,
        h.performed_by_id or ctx.actor.user_id,
        ctx.operation_id,
        TraceEvent.Precision.UNIT if exact else TraceEvent.Precision.LOT,
        h.corrects_id,
        h.carrier_id,
        h.assembly_id,
        h.note,
    )


_make_event = maker(
    TraceEvent, "kind", "action", "biz_step", "disposition", "event_time", "zone_offset", "site_id",
    "location_id", "performed_by_id", "operation_id", "precision", "corrects_id", "carrier_id",
    "assembly_id", "note",
)  # fmt: skip
