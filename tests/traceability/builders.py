"""Makes lots and the events between them for tests of the trace."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any
from unittest import mock

from django.db import transaction
from django.utils import timezone

from erp.accounts.models import Site, User
from erp.core.context import Context
from erp.masterdata.models import Item
from tests.conftest import ctx_for
from tests.masterdata.builders import make_item
from traceability import steps
from traceability.models import Lot, TraceEvent
from traceability.steps import Happening, create_lots, record_all
from traceability.trace import Direction, Start, Trace
from traceability.trace.void import DID_NOT_OCCUR

_count = itertools.count(1)
ONE = Decimal(1)

Flow = Mapping[Lot, int] | Iterable[Lot]


def make_lots(
    user: User, site: Site, count: int, *, item: Item | None = None, **more: Any
) -> list[Lot]:
    """Make lots, all of one item."""
    own = item or make_item()
    values = {"kind": "lot", "state": "released", **more}
    lots = [
        Lot(
            item=own,
            site=site,
            created_at=timezone.now(),
            **{"number": f"T-{next(_count)}", **values},
        )
        for _ in range(count)
    ]
    with transaction.atomic():
        return create_lots(ctx_for(user), lots)


def make_units(user: User, site: Site, batch: Lot, count: int) -> list[Lot]:
    """Make serial-numbered units of a lot."""
    return make_lots(user, site, count, item=batch.item, kind="serial", batch=batch)


def happen(
    user: User, site: Site, inputs: Flow = (), outputs: Flow = (), subjects: Flow = (), **more: Any
) -> TraceEvent:
    """Write one event: a transformation, unless ``kind`` says otherwise."""
    values: dict[str, Any] = {"kind": "transformation", "biz_step": "commissioning", **more}
    happening = Happening(
        site_id=site.pk,
        inputs=_flow(inputs),
        outputs=_flow(outputs),
        subjects=dict(_flow(subjects)),
        **values,
    )
    with transaction.atomic(), recorded_when_told():
        return record_all(ctx_for(user), [happening])[0]


@contextmanager
def recorded_when_told() -> Iterator[None]:
    """Record events at the time a test travelled to: outside of tests the database says it."""
    make = steps._event

    def made_then(ctx: Context, happening: Happening, zone: dt.tzinfo) -> TraceEvent:
        event = make(ctx, happening, zone)
        event.record_time = timezone.now()
        return event

    with mock.patch.object(steps, "_event", made_then):
        yield


def did_not_happen(user: User, site: Site, event: TraceEvent) -> TraceEvent:
    """Declare that an event did not happen."""
    return happen(
        user,
        site,
        kind=event.kind,
        biz_step=event.biz_step,
        disposition=DID_NOT_OCCUR,
        corrects_id=event.pk,
    )


def _flow(lots: Flow) -> dict[int, Decimal]:
    if isinstance(lots, Mapping):
        return {lot.pk: Decimal(quantity) for lot, quantity in lots.items()}
    return {lot.pk: ONE for lot in lots}


def trace(user: User, lots: Iterable[Lot], direction: str, **more: Any) -> Trace:
    """Return a trace as this person sees it."""
    ids = [lot.pk for lot in lots]
    return Trace(Start.lots(*ids), Direction(direction), ctx_for(user).actor, **more)


def reached(user: User, lots: Iterable[Lot], direction: str, **more: Any) -> dict[int, int]:
    """Return the lots of a trace with their levels."""
    return {n.lot_id: n.level for n in trace(user, lots, direction, **more).answer().nodes}


def in_time(year: int) -> dt.datetime:
    """Return an instant of a year."""
    return dt.datetime(year, 6, 1, tzinfo=dt.UTC)
