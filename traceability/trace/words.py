"""The question and its answer in words, made from sums."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.masterdata.models import Item
from traceability.ids import IdSet
from traceability.models import Lot
from traceability.origins import TALLIES
from traceability.trace.answer import Direction, Group
from traceability.trace.query import Trace
from traceability.trace.siblings import Siblings
from traceability.trace.start import described

MATERIAL = Item.Kind.MATERIAL
PRODUCT = Item.Kind.PRODUCT
WAYS = 4


@dataclass(frozen=True)
class Summary:
    """What was asked and what came out, each as one sentence."""

    question: str
    answer: str
    parts: Sequence[str]


def summary(trace: Trace) -> Summary:
    """Return the question and the answer in words."""
    if trace.direction is Direction.BOTH:
        return _both(trace)
    if isinstance(trace, Siblings):
        return _siblings(trace)
    told = _came_from(trace) if trace.direction is Direction.BACKWARD else _went_to(trace)
    parts = [*told, *_tallied(trace, remark=False)]
    remarks = list(_tallied(trace, remark=True))
    return Summary(question(trace), _sentence(trace, parts, remarks), [*parts, *remarks])


def _both(trace: Trace) -> Summary:
    """Return one sentence for each way: a lot may well stand on both sides."""
    ways = [summary(replace(trace, direction=d)) for d in trace.shape.sides]
    answer = _(" ").join(way.answer for way in ways)
    return Summary(question(trace), answer, [part for way in ways for part in way.parts])


def _siblings(trace: Siblings) -> Summary:
    """Return how many lots shared an exposure, and through what."""
    groups = [g for g in trace.groups if g.level]
    lots, units = _lots(groups), _units(groups)
    parts = []
    if lots:
        parts.append(ngettext("%(n)s lot", "%(n)s lots", lots) % _n(lots))
    if units:
        parts.append(ngettext("%(n)s unit", "%(n)s units", units) % _n(units))
    ways = [
        f"{through.record.label} ({_n(len(through.lots))['n']})"
        for through in sorted(trace.through, key=lambda t: -len(t.lots))
        if through.lots
    ]
    remarks = list(_tallied(trace, remark=True))
    if not parts:
        if trace.through:
            said = _("Nothing else was exposed to what it was exposed to")
        else:
            said = _("Nothing is recorded that it could share with others")
        return Summary(question(trace), said + _("."), [])
    told = _("%(list)s shared its exposure") % {"list": _(", ").join(parts)}
    if ways:
        more = len(ways) - WAYS
        shown = _(", ").join(ways[:WAYS])
        if more > 0:
            shown = _("%(first)s and %(n)s more") % {"first": shown, "n": more}
        told = _("%(told)s, through %(ways)s") % {"told": told, "ways": shown}
    return Summary(question(trace), _("; ").join([told, *remarks]) + _("."), [*parts, *remarks])


def question(trace: Trace) -> str:
    """Return the question in words."""
    what = described(trace.start) or _("these lots")
    asked = {
        Direction.BACKWARD: _("What went into %(what)s?"),
        Direction.FORWARD: _("Where did %(what)s go?"),
        Direction.BOTH: _("Where did %(what)s come from, and where did it go?"),
        Direction.SIBLINGS: _("What was exposed to the same as %(what)s?"),
    }
    return asked[trace.direction] % {"what": what}


def _came_from(trace: Trace) -> Iterator[str]:
    groups = [g for g in trace.groups if g.level < 0]
    materials = _lots(g for g in groups if g.item_kind == MATERIAL)
    made = _lots(g for g in groups if g.item_kind != MATERIAL) - _own_lots(trace)
    units = _units(groups) - _own_units(trace)
    if materials:
        yield ngettext("%(n)s lot of material", "%(n)s lots of material", materials) % _n(materials)
    if made > 0:
        words = ngettext("%(n)s lot of components", "%(n)s lots of components", made)
        yield words % _n(made)
    if units > 0:
        yield ngettext("%(n)s unit", "%(n)s units", units) % _n(units)


def _went_to(trace: Trace) -> Iterator[str]:
    groups = [g for g in trace.groups if g.level > 0]
    batches = _lots(groups) - _own_lots(trace)
    units = _units(groups)
    if batches > 0:
        yield ngettext("%(n)s batch", "%(n)s batches", batches) % _n(batches)
    if units:
        yield ngettext("%(n)s unit", "%(n)s units", units) % _n(units)


def _own_lots(trace: Trace) -> int:
    """Count the lots that the start itself belongs to: a unit did not go into its own lot."""
    own = Lot.objects.filter(pk__in=IdSet(trace.start.lot_ids), batch__isnull=False)
    batches = set(own.values_list("batch_id", flat=True)) - set(trace.start.lot_ids)
    return sum(1 for pk in batches if pk in trace.reach.ids)


def _own_units(trace: Trace) -> int:
    """Count the units of the start: a lot was not made from its own units."""
    start = IdSet(trace.start.lot_ids)
    own = Lot.objects.filter(batch__in=start, pk__in=trace.reach.ids)
    return own.exclude(pk__in=start).count()


def _lots(groups: Iterable[Group]) -> int:
    return sum(g.size for g in groups if g.kind == Lot.Kind.LOT)


def _units(groups: Sequence[Group]) -> int:
    return sum(g.size for g in groups if g.kind == Lot.Kind.SERIAL)


def _n(number: int) -> dict[str, str]:
    return {"n": str(number_format(number, use_l10n=True, force_grouping=True))}


def _tallied(trace: Trace, *, remark: bool) -> Iterator[str]:
    """Yield what the higher apps count."""
    sides = trace.shape.sides
    for tally in sorted(TALLIES.values(), key=lambda t: (t.order, t.code)):
        asked = (tally.backward and Direction.BACKWARD in sides) or (
            tally.forward and Direction.FORWARD in sides
        )
        wanted = asked and tally.remark is remark
        words = tally.words(trace.event_ids, trace.reach.ids) if wanted else ""
        if words:
            yield str(words)


def _sentence(trace: Trace, parts: Sequence[str], remarks: Sequence[str]) -> str:
    listed = {"list": _(", ").join(parts)}
    if trace.direction is Direction.BACKWARD:
        nothing = _("Nothing is recorded as having gone into it")
        told = _("Made from %(list)s") % listed if parts else nothing
    else:
        nothing = _("It went nowhere: nothing was made of it and nothing was shipped")
        told = _("To %(list)s") % listed if parts else nothing
    return _("; ").join([told, *remarks]) + _(".")
