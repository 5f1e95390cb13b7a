"""Capture of EPCIS events: events a second, and the memory of one document of ten thousand.

A document goes the whole way: HTTP through all middleware, its file, the outbox's deliverer,
schema, hash id, comparison with what is known, rows, lots with history, trace events, log, commit.
Each event makes one unit of a product out of a quantity of one of many lots.

The time is that of one document alone; events per second is what two carriers of messages get done
at once with two documents, each in a process of its own: that is what two cores can do.

The reference is the same text, read event by event and written as one row each, in one committed
transaction: what it costs to keep the bytes alone.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from tools.bench.database import bench_database
from tools.bench.measure import Case, at_once, compare, peak_mb, timed

if TYPE_CHECKING:
    from tests.traceability.epcis.builders import Caller

SCALE = 10_000
WARM = 100
ROUNDS = 3
CARRIERS = 2
PAUSE = 0.01
PART, MADE = "04012345111118", "04012345333336"
TARGET = 1000


def run(scale: int) -> list[Case]:
    """Capture documents of ``scale`` events, several times, each with new events."""
    with bench_database("proofline_bench_capture") as owner:
        from tests.traceability.epcis.builders import make_service  # noqa: PLC0415
        from tools.bench._plant import make_plant  # noqa: PLC0415

        plant = make_plant()
        make_service()
        caller = _caller(plant)
        with psycopg.connect(owner) as db:
            db.execute("CREATE TABLE IF NOT EXISTS bench_events (id bigserial, body jsonb)")
        _capture(caller, _document(WARM, "warm"))
        documents = [_document(scale, f"r{n}") for n in range(ROUNDS)]
        ours = [timed(lambda text=text: _capture(caller, text)) for text in documents]  # type: ignore[misc]
        reference = [timed(lambda text=text: _bare(owner, text)) for text in documents]  # type: ignore[misc]
        return [
            compare(
                f"capture of {scale} events",
                (ours, reference),
                what="the same text read and written as one row per event, in one transaction",
                rows=scale,
                peak_mb=peak_mb(lambda: _capture(caller, _document(scale, "memory"))),
                target=f"at least {TARGET} events/s; memory bounded",
                checks=_checks(caller, scale, ours, documents[0]),
            )
        ]


def _checks(caller: Caller, scale: int, ours: list[float], known: str) -> dict[str, Any]:
    from traceability.models import TraceEvent  # noqa: PLC0415

    again = timed(lambda: _capture(caller, known))
    before = TraceEvent.objects.count()
    both = at_once([_carrier(caller, scale, f"c{n}") for n in range(CARRIERS)])
    written = TraceEvent.objects.count() - before
    return {
        "events_per_second": _rate(CARRIERS * scale, both),
        "events_per_second_of_one_carrier": _rate(scale, min(ours)),
        "repeated_events_per_second": _rate(scale, again),
        "document_mb": round(len(known) / 2**20, 2),
        "every event is a trace event": written == CARRIERS * (scale + WARM),
    }


def _carrier(caller: Caller, scale: int, tag: str) -> list[Callable[[], object]]:
    documents = _document(WARM, f"{tag}-warm"), _document(scale, tag)
    return [partial(_capture, caller, text) for text in documents]


def _rate(count: int, milliseconds: float) -> int:
    return round(count / (milliseconds / 1000))


def _caller(plant: Any) -> Caller:
    from tests.masterdata.builders import make_item  # noqa: PLC0415
    from tests.traceability.devices import identified  # noqa: PLC0415
    from tests.traceability.epcis.builders import Caller, make_system  # noqa: PLC0415

    identified(make_item("PART", unit="kg"), PART)
    identified(make_item("MADE", tracking="both"), MADE)
    return Caller(make_system(plant.site), plant.ada)


def _document(count: int, tag: str) -> str:
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    events = [
        {
            "type": "TransformationEvent",
            "eventTime": (begin + dt.timedelta(seconds=n)).isoformat(),
            "eventTimeZoneOffset": "+00:00",
            "inputQuantityList": [
                {
                    "epcClass": f"https://id.gs1.org/01/{PART}/10/{tag}{n // 100}",
                    "quantity": 1,
                    "uom": "KGM",
                }
            ],
            "outputEPCList": [f"https://id.gs1.org/01/{MADE}/21/{tag}{n}"],
            "bizStep": "commissioning",
            "disposition": "active",
            "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"},
        }
        for n in range(count)
    ]
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": begin.isoformat(),
            "epcisBody": {"eventList": events},
        }
    )


def _capture(caller: Caller, text: str) -> None:
    from erp.core import outbox  # noqa: PLC0415
    from traceability.epcis.models import CaptureJob  # noqa: PLC0415

    answer = caller.post("/capture", text)
    if answer.status_code != 202:  # noqa: PLR2004
        raise RuntimeError(answer.content.decode()[:2000])
    job = CaptureJob.objects.get(pk=answer["Location"].rpartition("-")[2])
    while job.state == "waiting":
        if not outbox.deliver_next():
            time.sleep(PAUSE)  # another carrier has it
        job.refresh_from_db()
    if job.state != "captured":
        raise RuntimeError(str(job.errors)[:2000] or job.state)


def _bare(owner: str, text: str) -> None:
    events = json.loads(text)["epcisBody"]["eventList"]
    with psycopg.connect(owner) as db, db.cursor() as cursor:
        rows = [(json.dumps(event),) for event in events]
        cursor.executemany("INSERT INTO bench_events (body) VALUES (%s)", rows)
