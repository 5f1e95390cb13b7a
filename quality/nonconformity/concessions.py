"""What an approved concession lets pass: its gate, its records, its period, and nothing else.

A concession about lots goes with the goods and lasts its period. One about a supplier or an
instrument is a departure of ours: it ends, at the latest, when its deviation is closed, and holds
at the site of the deviation only, where whoever signed it decides.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from equipment.gates import USE as INSTRUMENT_USE
from erp import gates
from erp.core import clock
from erp.core.errors import Text
from erp.gates import Answer, Covered, Key, Question
from procurement.gates import ACCEPT as RECEIVE
from procurement.gates import PLACE
from quality.inspection.gates import ACCEPT
from quality.inspection.models import Inspection
from quality.nonconformity.gates import USE_AS_IS
from quality.nonconformity.models import (
    ConcessionInstrument,
    ConcessionLot,
    ConcessionSupply,
)
from quality.nonconformity.states import DeviationState
from traceability.gates import ALLOCATE, ISSUE, RELEASE, SHIP
from traceability.models import Lot

OF_LOTS: Mapping[str, Text] = {
    ACCEPT: _("accept an inspection"),
    USE_AS_IS: _("use refused goods as they are"),
    ISSUE: _("use in production"),
    ALLOCATE: _("promise to a customer"),
    SHIP: _("ship"),
    RELEASE: _("release"),
}
OF_SUPPLIES: Mapping[str, Text] = {
    PLACE: _("order from a supplier who is not approved"),
    RECEIVE: _("receive from a supplier who is not approved"),
}
OF_INSTRUMENTS: Mapping[str, Text] = {INSTRUMENT_USE: _("use an instrument")}
CONCEDED: Mapping[str, Text] = {**OF_LOTS, **OF_SUPPLIES, **OF_INSTRUMENTS}
"""The gates a concession can name, in words, by what they ask about."""


@gates.waiver
def concessions(question: Question, found: Collection[Answer]) -> Covered:
    """Cover waivable blockers that an approved concession names for this gate today."""
    waivable = [answer for answer in found if answer.blocker.waivable]
    if question.gate not in CONCEDED or not waivable:
        return {}
    return _kind_of(question.gate)(question.gate, waivable)


def _kind_of(gate: str) -> Callable[[str, Collection[Answer]], dict[Key, str]]:
    if gate in OF_SUPPLIES:
        return _supplies
    return _instruments if gate in OF_INSTRUMENTS else _lots


def _in_force(gate: str) -> dict[str, Any]:
    today = clock.today()
    return {
        "concession__gate": gate,
        "concession__valid_from__lte": today,
        "concession__valid_until__gte": today,
    }


DEPARTURE_OVER = Q(concession__deviation__state=DeviationState.CLOSED)


def _lots(gate: str, found: Collection[Answer]) -> dict[Key, str]:
    lots = _lots_of(gate, {answer.record_id for answer in found})
    approved = ConcessionLot.objects.filter(
        **_in_force(gate), lot__in={lot for lots_of_one in lots.values() for lot in lots_of_one}
    )
    columns = ("lot_id", "concession__number", "concession__approved_at")
    signed: dict[int, list[tuple[str, dt.datetime]]] = defaultdict(list)
    for lot_id, number, at in approved.order_by("pk").values_list(*columns):
        signed[lot_id].append((number, at))
    covered: dict[Key, str] = {}
    for answer in found:
        of_lot = (one for pk in lots.get(answer.record_id, ()) for one in signed.get(pk, ()))
        known = (n for n, at in of_lot if answer.since is None or at >= answer.since)
        number = next(known, None)
        if number is not None:
            covered[answer.key] = number
    return covered


def _lots_of(gate: str, record_ids: Collection[int]) -> dict[int, tuple[int, ...]]:
    """Return, for each record a gate was asked about, its lot and the lot that one belongs to."""
    rows: Iterable[tuple[int, int, int | None]]
    if gate == ACCEPT:
        inspections = Inspection.objects.filter(pk__in=record_ids)
        rows = inspections.values_list("pk", "lot_id", "lot__batch_id")
    else:
        rows = Lot.objects.filter(pk__in=record_ids).values_list("pk", "pk", "batch_id")
    return {pk: tuple(lot for lot in (own, batch) if lot is not None) for pk, own, batch in rows}


def _supplies(gate: str, found: Collection[Answer]) -> dict[Key, str]:
    """Cover by supplier, item and site, which is what these answers are about.

    Others, as a missing certificate, are about nothing, and so are not covered.
    """
    asked = {answer.about for answer in found if answer.about}
    approved = ConcessionSupply.objects.filter(
        **_in_force(gate), supplier__in={about[0] for about in asked}
    ).exclude(DEPARTURE_OVER)
    columns = ("supplier_id", "item_id", "concession__deviation__site_id", "concession__number")
    numbers = {
        (supplier_id, item_id, site_id): number
        for supplier_id, item_id, site_id, number in approved.order_by("-pk").values_list(*columns)
    }
    return {answer.key: numbers[answer.about] for answer in found if answer.about in numbers}


def _instruments(gate: str, found: Collection[Answer]) -> dict[Key, str]:
    approved = ConcessionInstrument.objects.filter(
        **_in_force(gate),
        instrument__in={answer.record_id for answer in found},
        instrument__site=F("concession__deviation__site"),
    ).exclude(DEPARTURE_OVER)
    numbers = dict(approved.order_by("-pk").values_list("instrument_id", "concession__number"))
    return {a.key: numbers[a.record_id] for a in found if a.record_id in numbers}
