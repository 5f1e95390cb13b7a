"""What a trace knows of instruments: where it may start, and what measured on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from django.db.models import F, Max, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from equipment.models import Calibration, Instrument, InstrumentUse
from traceability.models import TraceEvent
from traceability.origins import Exposed, FacetRow, Shared, exposure, facet, origin, within


@origin("instrument", label=_("instrument"), model="equipment.Instrument", key="code")
def events(
    ids: Collection[int], since: dt.datetime | None, until: dt.datetime | None
) -> QuerySet[TraceEvent]:
    """Return the events that used these instruments."""
    used = InstrumentUse.objects.filter(instrument_id__in=ids)
    return within(TraceEvent.objects.filter(pk__in=used.values("event_id")), since, until)


@exposure("instrument", label=_("the same instrument under the same calibration"), order=40)
def instruments_shared(event_ids: Collection[int]) -> Exposed:
    """Return the instruments these events used, each once per calibration it relied on.

    An error found at a calibration reaches back to the one before: what was measured in between
    stands or falls together.
    """
    with_key = InstrumentUse.objects.with_calibration().annotate(
        key=Coalesce("calibration_id", -F("instrument_id"))
    )
    own = with_key.filter(event_id__in=event_ids).values_list("key", "instrument_id").distinct()
    by_key = dict(own)
    instruments = Instrument.objects.in_bulk(by_key.values())
    relied_on = Calibration.objects.in_bulk(by_key)
    records = {
        key: Shared(instruments[pk].code, f"/instruments/{pk}/", _calibrated(relied_on.get(key)))
        for key, pk in by_key.items()
    }
    uses = with_key.filter(instrument_id__in=set(by_key.values()))
    return Exposed(records, uses.values_list("key", "event_id"))


@facet("instruments", title=_("Instruments"), order=50)
def instruments(event_ids: Collection[int], lot_ids: Collection[int]) -> Sequence[FacetRow]:
    """Return each instrument used on the way, once per calibration it relied on."""
    uses = InstrumentUse.objects.filter(event_id__in=event_ids).with_calibration()
    pairs = list(
        uses.order_by("instrument_id")
        .values("instrument_id", "calibration_id")  # type: ignore[misc]  # annotated above
        .annotate(last=Max("event__event_time"))
    )
    by_pk = Instrument.objects.in_bulk({pair["instrument_id"] for pair in pairs})
    relied_on = Calibration.objects.in_bulk({pair["calibration_id"] for pair in pairs})
    found = [
        FacetRow(
            label=str(by_pk[pair["instrument_id"]]),
            url=f"/instruments/{pair['instrument_id']}/",
            detail=_calibrated(relied_on.get(pair["calibration_id"])),
            at=pair["last"],
        )
        for pair in pairs
    ]
    return sorted(found, key=lambda row: str(row.label))


def _calibrated(calibration: Calibration | None) -> str:
    if calibration is None:
        return _now("not calibrated when it was used")
    facts = {
        "calibration": calibration.number,
        "verdict": calibration.get_verdict_display(),
        "date": calibration.due_on.isoformat(),
    }
    return _now("calibration %(calibration)s: %(verdict)s, valid until %(date)s") % facts
