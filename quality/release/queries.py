"""Reads of release: what waits, who made it, what the evidence is."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from erp.accounts.models import User
from erp.core.actor import Actor
from erp.core.reading import asked_once
from erp.inventory.queries import family
from erp.production.models import ProcessCycle, WorkOrder
from erp.production.states import WorkOrderState
from quality.inspection.models import Inspection
from quality.nonconformity.models import Deviation, DeviationLot
from quality.release.models import LotRelease
from traceability.models import EventOutput, Lot, TraceEvent
from traceability.states import LotState

MAKING = ("commissioning", "assembling")
Lots = QuerySet[Any, Any]


def makers_of(lot: Lot) -> list[User]:
    """Return the people who reported the making of a lot or of any unit in it."""
    outputs = EventOutput.objects.filter(lot__in=family(lot.pk))
    events = TraceEvent.objects.filter(pk__in=outputs.values("event"), biz_step__in=MAKING)
    return list(User.objects.filter(pk__in=events.values("performed_by")).order_by("pk"))


def made_and_not_released(lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """Keep the batches in quarantine whose work order is completed."""
    done = WorkOrder.objects.filter(batch=OuterRef("pk"), state=WorkOrderState.COMPLETED)
    return lots.filter(Exists(done), state=LotState.QUARANTINE)


def waiting(actor: Actor) -> QuerySet[Lot]:
    """Return the batches waiting for their release, oldest first."""
    lots = made_and_not_released(Lot.objects.visible_to(actor))
    return lots.select_related("item", "site", "batch", "revision", "manufacturer").order_by("pk")


def latest(lot: Lot, decision: str) -> LotRelease | None:
    """Return the latest decision of this kind on a lot."""
    return LotRelease.objects.filter(lot=lot, decision=decision).order_by("-pk").first()


@asked_once
def decisions_by_operation(lot_ids: Collection[int]) -> dict[uuid.UUID, LotRelease]:
    """Return the decisions on these lots by the entry of the operation log that made them."""
    rows = LotRelease.objects.filter(lot__in=lot_ids).select_related("event")
    return {r.event.operation_id: r for r in rows if r.event.operation_id}


def about_lot(lot: Lot) -> QuerySet[LotRelease]:
    """Return the decisions on a lot or on the lot it belongs to, newest first."""
    ids = [lot.pk, lot.batch_id] if lot.batch_id else [lot.pk]
    return LotRelease.objects.filter(lot__in=ids).select_related("decided_by").order_by("-pk")


def evidence(lot: Lot) -> dict[str, Any]:
    """Return what a release rests on: inspections, process cycles and deviations, with verdicts."""
    family = Lot.objects.filter(Q(pk__in=[lot.pk, lot.batch_id]) | Q(batch=lot))
    lots = family.values("pk")
    return {
        "inspections": _inspections(lots),
        "process_cycles": _cycles(lots),
        "deviations": _deviations(lots),
    }


def _inspections(lots: Lots) -> Sequence[dict[str, Any]]:
    rows = Inspection.objects.filter(lot__in=lots).select_related("plan", "inspector")
    return [
        {
            "number": i.number,
            "stage": i.stage,
            "plan": i.plan.number if i.plan else None,
            "verdict": i.state,
            "accepted": i.accepted_quantity,
            "rejected": i.rejected_quantity,
            "decided_by": i.inspector.username if i.inspector else None,
            "decided_at": i.decided_at,
        }
        for i in rows.order_by("pk")
    ]


def _cycles(lots: Lots) -> Sequence[dict[str, Any]]:
    rows = ProcessCycle.objects.filter(batch__in=lots).select_related("partner")
    return [
        {
            "number": c.number,
            "process": c.kind,
            "partner": c.partner.code,
            "cycle": c.cycle_number,
            "certificate": c.certificate_number,
            "conforming": c.conforming,
        }
        for c in rows.order_by("pk")
    ]


def _deviations(lots: Lots) -> Sequence[dict[str, Any]]:
    links = DeviationLot.objects.filter(lot__in=lots)
    rows = Deviation.objects.filter(pk__in=links.values("deviation"))
    return [
        {
            "number": d.number,
            "title": d.title,
            "severity": d.severity,
            "state": d.state,
            "disposition": d.disposition,
        }
        for d in rows.order_by("pk")
    ]
