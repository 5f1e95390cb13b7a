"""What lots and events alone tell of a story: what went in, what came of it, what is not known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext, ngettext, pgettext_lazy

from erp.core.quantities import plain
from erp.masterdata.models import Item
from traceability.models import EventInput, EventOutput, EventSubject, Lot
from traceability.origins import Ids, Line, Scope, telling
from traceability.phrases import FEW, links, listed, names, number
from traceability.trace.balance import balance

BALANCED = 20


@telling("made-from", title=pgettext_lazy("stage of a story", "Made from"), order=30)
def made_from(scope: Scope) -> Sequence[Line]:
    """Say how many lots of material and components it was made from."""
    lots = Lot.objects.filter(pk__in=scope.before, kind=Lot.Kind.LOT)
    units = Lot.objects.filter(pk__in=scope.before, kind=Lot.Kind.SERIAL)
    raw = lots.filter(item__kind=Item.Kind.MATERIAL)
    parts = [
        *_counted(raw, "%(n)s lot of material", "%(n)s lots of material"),
        *_counted(
            lots.exclude(item__kind=Item.Kind.MATERIAL),
            "%(n)s lot of components",
            "%(n)s lots of components",
        ),
        *_counted(units, "%(n)s unit", "%(n)s units"),
    ]
    if not parts:
        return []
    said = gettext("It was made from %(list)s.") % {"list": listed(parts)}
    return [Line(said, _links(raw))]


def _counted(rows: QuerySet[Lot], one: str, many: str) -> Iterator[str]:
    count = rows.count()
    if count:
        yield ngettext(one, many, count) % {"n": number(count)}


def _links(rows: QuerySet[Lot]) -> Sequence[tuple[str, str]]:
    first = rows.order_by("number", "pk").values_list("number", "pk")[: FEW + 1]
    return links((label, f"/lots/{pk}/") for label, pk in first)


@telling("went-into", title=pgettext_lazy("stage of a story", "Went into"), order=40)
def went_into(scope: Scope) -> Sequence[Line]:
    """Say what was made of it, kind of item by kind of item."""
    came_of = Lot.objects.filter(pk__in=scope.after)
    made = came_of.filter(kind=Lot.Kind.LOT).exclude(item__kind=Item.Kind.MATERIAL)
    by_item = (
        made.order_by()
        .values("item__code", "item__name")
        .annotate(n=Count("pk"))
        .order_by("-n", "item__code")
    )
    groups = [
        ngettext("%(n)s lot of %(item)s", "%(n)s lots of %(item)s", row["n"])
        % {"n": number(row["n"]), "item": row["item__name"]}
        for row in by_item
    ]
    parts = [names(groups)] if groups else []
    parts += _counted(came_of.filter(kind=Lot.Kind.SERIAL), "%(n)s unit", "%(n)s units")
    if not parts:
        return []
    said = gettext("It went into %(list)s.") % {"list": listed(parts)}
    return [Line(said, _links(made))]


@telling("not-known", title=pgettext_lazy("stage of a story", "Not known"), order=900)
def not_known(scope: Scope) -> Sequence[Line]:
    """Say what no record tells, and what the reader is not told."""
    return [*_from_nowhere(scope.own), *_unbalanced(scope.own), *_elsewhere(scope.elsewhere)]


def _elsewhere(count: int) -> Iterator[Line]:
    if count:
        said = ngettext(
            "%(n)s lot or unit next to it belongs to a site you do not see.",
            "%(n)s lots and units next to it belong to sites you do not see.",
            count,
        )
        yield Line(said % {"n": number(count)}, missing=True)


def _from_nowhere(own: Ids) -> Iterator[Line]:
    made = EventOutput.objects.filter(lot=OuterRef("pk"))
    made_as_lot = EventOutput.objects.filter(lot=OuterRef("batch_id"))
    # A lot of units is no output itself; that its units were made is its making.
    units = EventOutput.objects.filter(lot__batch=OuterRef("pk"))
    nowhere = Lot.objects.filter(~Exists(made), ~Exists(made_as_lot), ~Exists(units), pk__in=own)
    labels = list(nowhere.order_by("number", "pk").values_list("number", "pk")[: FEW + 1])
    if labels:
        said = gettext("Nothing is recorded about where %(lots)s came from.")
        yield Line(
            said % {"lots": names(label for label, _pk in labels)},
            links((label, f"/lots/{pk}/") for label, pk in labels),
            missing=True,
        )


def _unbalanced(own: Ids) -> Iterator[Line]:
    lots = Lot.objects.filter(pk__in=own).select_related("item")
    few = {lot.pk: lot for lot in lots[: BALANCED + 1]}
    if len(few) > BALANCED:
        return
    touched = set(EventSubject.objects.filter(lot__in=few).values_list("lot_id", flat=True)) | set(
        EventInput.objects.filter(lot__in=few).values_list("lot_id", flat=True)
    )
    for line in balance([pk for pk in few if pk in touched]):
        if line.closed or not any(line.figures.values()):
            continue
        lot = few[line.lot_id]
        facts = {"lot": lot.number, "q": plain(line.gap), "unit": lot.item.get_unit_display()}
        said = gettext("The quantities of %(lot)s do not add up: %(q)s %(unit)s not accounted for.")
        yield Line(said % facts, [(lot.number, f"/lots/{lot.pk}/")], missing=True)
