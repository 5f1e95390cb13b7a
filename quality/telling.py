"""What quality tells of a lot's story: how it was inspected, what was wrong, who released it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db.models import Count, Q
from django.utils.translation import gettext, ngettext, pgettext_lazy

from quality.inspection.models import Inspection, InspectionResult
from quality.inspection.states import InspectionState
from quality.nonconformity.models import Deviation, DeviationLot
from quality.nonconformity.states import DeviationState
from quality.release.models import LotRelease
from traceability.models import Lot
from traceability.origins import Ids, Line, Scope, telling
from traceability.phrases import FEW, links, listed, names, number, when

Decision = LotRelease.Decision


def _with_lots(lot_ids: Ids) -> Q:
    """Return the condition for records of these lots and of the lots their units belong to."""
    batches = Lot.objects.filter(pk__in=lot_ids, batch__isnull=False).values("batch_id")
    return Q(lot__in=lot_ids) | Q(lot__in=batches)


@telling("inspected", title=pgettext_lazy("stage of a story", "Inspected"), order=25)
def inspected(scope: Scope) -> Sequence[Line]:
    """Say who inspected the lots, when, with which instruments, and with what outcome."""
    found = Inspection.objects.filter(_with_lots(scope.own)).select_related("lot", "inspector")
    rows = list(found.order_by("opened_at", "pk")[: FEW + 1])
    if len(rows) > FEW:
        return list(_inspections(found.count(), scope.own))
    used: dict[int, list[str]] = defaultdict(list)
    results = InspectionResult.objects.filter(inspection__in=rows, instrument__isnull=False)
    for pk, code in results.order_by("pk").values_list("inspection_id", "instrument__code"):
        used[pk].append(code)
    return [_inspection(row, used[row.pk]) for row in rows]


def _inspection(inspection: Inspection, instruments: Sequence[str]) -> Line:
    facts = {
        "lot": inspection.lot.number,
        "stage": inspection.get_stage_display(),
        "when": when([inspection.decided_at or inspection.opened_at]),
        "person": str(inspection.inspector or ""),
        "instruments": names(instruments),
        "state": inspection.get_state_display(),
    }
    refs = [(inspection.number, f"/inspections/{inspection.pk}/")]
    if inspection.state == InspectionState.OPEN:
        said = gettext("%(lot)s waits for its inspection (%(stage)s).")
        return Line(said % facts, refs, inspection.opened_at, missing=True)
    said = gettext("%(lot)s was inspected (%(stage)s) %(when)s by %(person)s: %(state)s.")
    if instruments:
        said = gettext(
            "%(lot)s was inspected (%(stage)s) %(when)s by %(person)s with %(instruments)s:"
            " %(state)s."
        )
    return Line(said % facts, refs, inspection.decided_at)


def _inspections(count: int, own: Ids) -> Iterator[Line]:
    rows = Inspection.objects.filter(_with_lots(own)).order_by()
    by_state = dict(rows.values_list("state").annotate(n=Count("pk")))
    parts = [
        f"{number(by_state[state])} {label}"
        for state, label in Inspection._meta.get_field("state").flatchoices
        if state in by_state
    ]
    said = ngettext("%(n)s inspection: %(list)s.", "%(n)s inspections: %(list)s.", count)
    yield Line(said % {"n": number(count), "list": listed(parts)})


@telling("troubles", title=pgettext_lazy("stage of a story", "Nonconformities"), order=45)
def troubles(scope: Scope) -> Sequence[Line]:
    """Say which nonconformities and deviations name the lots or what came of them."""
    named = DeviationLot.objects.filter(lot__in=scope.on).values("deviation_id")
    rows = Deviation.objects.filter(pk__in=named)
    first = list(rows.order_by("detected_at", "pk")[:FEW])
    lines = [
        Line(
            gettext("%(number)s was found %(when)s: %(title)s. It is %(state)s.")
            % {
                "number": deviation.number,
                "when": when([deviation.detected_at]),
                "title": deviation.title.rstrip("."),
                "state": deviation.get_state_display(),
            },
            [(deviation.number, f"/deviations/{deviation.pk}/")],
            deviation.detected_at,
            missing=deviation.state != DeviationState.CLOSED,
        )
        for deviation in first
    ]
    more = rows.count() - len(first) if len(first) == FEW else 0
    if more:
        said = ngettext("%(n)s more deviation.", "%(n)s more deviations.", more)
        lines.append(Line(said % {"n": number(more)}))
    return lines


@telling("released", title=pgettext_lazy("stage of a story", "Released"), order=60)
def released(scope: Scope) -> Sequence[Line]:
    """Say who released or rejected the lots and what came of them."""
    rows = LotRelease.objects.filter(_with_lots(scope.on)).select_related("lot", "decided_by")
    decided: dict[str, list[LotRelease]] = defaultdict(list)
    for row in rows.order_by("decided_at", "pk"):
        decided[row.decision].append(row)
    return [
        *_decided(decided[Decision.RELEASED], released=True),
        *_decided(decided[Decision.REJECTED], released=False),
    ]


def _decided(rows: Sequence[LotRelease], *, released: bool) -> Iterator[Line]:
    if not rows:
        return
    several = len({row.lot_id for row in rows})
    if released:
        said = ngettext(
            "%(lots)s was released %(when)s by %(people)s.",
            "%(lots)s were released %(when)s by %(people)s.",
            several,
        )
    else:
        said = ngettext(
            "%(lots)s was rejected %(when)s by %(people)s.",
            "%(lots)s were rejected %(when)s by %(people)s.",
            several,
        )
    facts = {
        "lots": names(row.lot.number for row in rows),
        "when": when(row.decided_at for row in rows),
        "people": names(row.decided_by.name for row in rows),
    }
    refs = links((row.number, f"/releases/{row.pk}/") for row in rows)
    yield Line(said % facts, refs, rows[0].decided_at)
