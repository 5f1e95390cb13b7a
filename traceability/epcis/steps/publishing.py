"""Publishing our own events: each trace event becomes, once, the event that partners are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from erp.accounts.models import Site
from erp.core.context import Context
from traceability.epcis.models import EpcisEvent, EpcisLink
from traceability.epcis.ours import exported
from traceability.epcis.reading import Parsed, parse
from traceability.epcis.steps import telling, writing
from traceability.steps import CHUNK


def publish(ctx: Context, trace_event_ids: Sequence[int]) -> list[EpcisEvent]:
    """Keep these trace events as exchanged events of ours; what names no lot is not exchanged."""
    by_site: dict[Site, list[tuple[int, Parsed]]] = defaultdict(list)
    for own in exported(trace_event_ids):
        parsed = parse(own.document, [])
        by_site[own.site].append((own.trace_event_id, parsed))
    rows: list[EpcisEvent] = []
    for site, pairs in by_site.items():
        rows += writing.keep(ctx, [parsed for _pk, parsed in pairs], site=site, job=None)
        EpcisLink.objects.bulk_create(
            [EpcisLink(event=parsed.row, trace_event_id=pk) for pk, parsed in pairs],
            batch_size=CHUNK,
        )
    if rows:
        telling.find_matches(ctx, [row.pk for row in rows])
    return rows
