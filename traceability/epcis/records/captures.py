"""Captures: what partners sent, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register, url_of
from traceability.epcis.models import (
    CaptureJob,
)
from traceability.epcis.records.events import event_pill, step_of, visible
from traceability.epcis.states import CAPTURE, CaptureState


def _capture_pill(job: CaptureJob) -> Pill:
    state = CaptureState(job.state)
    return Pill(CAPTURE.labels[state], CAPTURE.tones[state])


def _capture_facts(view: View) -> Sequence[Fact]:
    job: CaptureJob = view.record
    return [
        Fact(_("Partner"), job.partner.name if job.partner else None),
        Fact(_("Captured by"), job.captured_by.name),
        Fact(_("Sender"), Link(job.sender, mono=True) if job.sender else None),
        Fact(_("In case of errors"), job.get_behaviour_display()),
        Fact(_("Received"), Moment(job.created_at)),
        Fact(_("Finished"), Moment(job.finished_at) if job.finished_at else None),
        Fact(_("Events received"), Number(str(job.received))),
        Fact(_("Events captured"), Number(str(job.captured))),
        Fact(_("Events known before"), Number(str(job.repeated))),
        Fact(_("Events with errors"), Number(str(job.faulty))),
        Fact(_("Document"), Link(_now("Open"), f"/captures/{job.pk}/document.json")),
        Fact(_("SHA-256"), Link(job.sha256, mono=True)),
        Fact(_("Site"), job.site.code),
    ]


def _errors(view: View) -> Section | None:
    job: CaptureJob = view.record
    if not job.errors:
        return None
    columns = [
        Column("index", _("Event"), "number"),
        Column("type", _("Kind")),
        Column("reason", _("Reason")),
    ]
    rows = [Row([str(e.get("index", "–")), e.get("type", ""), _error_text(e)]) for e in job.errors]
    shown = rows if view.full else rows[:50]
    note = ""
    if len(shown) < job.faulty:
        note = _now("The first %(shown)s of %(count)s events with errors.") % {
            "shown": len(shown),
            "count": job.faulty,
        }
    return Section("errors", _("Errors"), table=Table(columns, shown), count=job.faulty, note=note)


def _error_text(error: dict[str, Any]) -> str:
    faults = [f"{f['path']}: {f['reason']}".lstrip(": ") for f in error.get("faults", ())]
    return "; ".join(faults) or str(error.get("detail") or error.get("title", ""))


def _captured_events(view: View) -> Section:
    rows = visible(view.actor).filter(job=view.record).order_by("pk")
    table = Table(
        [
            Column("state", _("State"), "state"),
            Column("number", _("Number"), "mono"),
            Column("step", _("Step")),
            Column("at", _("Happened"), "moment"),
        ],
        [
            Row(
                [
                    event_pill(e),
                    Link(f"EV-{e.pk}", url_of(e), mono=True),
                    step_of(e),
                    Moment(e.event_time),
                ]
            )
            for e in view.first(rows)
        ],
        _now("No event of this document was recorded."),
    )
    return Section("events", _("Events"), table=table, count=rows.count())


register(
    RecordKind(
        model="traceability.CaptureJob",
        noun="captures",
        nav="exchange",
        icon="package-import",
        label=_("capture"),
        plural=_("Captures"),
        rows=lambda actor: CaptureJob.objects.visible_to(actor).select_related(
            "site", "partner", "captured_by"
        ),
        title=lambda j: j.partner.name if j.partner else j.captured_by.name,
        state=_capture_pill,
        columns=[
            ColumnSpec("state", _("State"), _capture_pill, "state"),
            ColumnSpec("number", _("Number"), lambda j: Link(j.number, url_of(j)), "mono"),
            ColumnSpec("by", _("Captured by"), lambda j: j.captured_by.name),
            ColumnSpec("partner", _("Partner"), lambda j: j.partner.name if j.partner else None),
            ColumnSpec(
                "received", _("Events received"), lambda j: Number(str(j.received)), "number"
            ),
            ColumnSpec(
                "captured", _("Events captured"), lambda j: Number(str(j.captured)), "number"
            ),
            ColumnSpec(
                "faulty", _("Events with errors"), lambda j: Number(str(j.faulty)), "number"
            ),
            ColumnSpec("at", _("Received"), lambda j: Moment(j.created_at), "moment", "created_at"),
            ColumnSpec("site", _("Site"), lambda j: j.site.code),
        ],
        facts=_capture_facts,
        sections=[_errors, _captured_events],
        search=("sender", "sha256", "captured_by__name"),
        filters=[FilterSpec("state", _("State"), lambda a: CAPTURE.choices(), "state")],
        api=lambda j: {
            "number": j.number,
            "state": j.state,
            "behaviour": j.behaviour,
            "sender": j.sender,
            "sha256": j.sha256,
            "received": j.received,
            "captured": j.captured,
            "repeated": j.repeated,
            "faulty": j.faulty,
            "errors": j.errors,
            "created_at": j.created_at.isoformat(),
            "finished_at": j.finished_at.isoformat() if j.finished_at else None,
        },
        empty=_("Documents that partners send stand here, with what became of their events."),
    )
)
