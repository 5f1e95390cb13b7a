"""Makes labels in the background: draws, lays out, reads back, stores by hash, records.

A label that does not read as intended refuses its whole job: half a job of labels on a bench is how
mix-ups begin.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from audit import attachments
from erp.accounts.models import User
from erp.accounts.queries import actor_for
from erp.core import outbox
from erp.core.context import Channel, Context
from erp.core.models import OutboxMessage
from traceability.labels import pdf, progress, queries, verify, zpl
from traceability.labels.carrier import Carrier, Unencodable
from traceability.labels.content import plan_of
from traceability.labels.drawing import DoesNotFit, Drawing, Plan, draw
from traceability.labels.models import LabelJob, LabelLine
from traceability.labels.operations.printing import TOPIC, refuse_labels, store_labels, too_long
from traceability.labels.states import JobState
from traceability.labels.verify import Unread

SERVICE = "label-service"
DPI = {
    LabelJob.Output.ZPL_203: 203,
    LabelJob.Output.ZPL_300: 300,
    LabelJob.Output.ZPL_600: 600,
}

Step = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A label of a job: its line and its drawing."""

    line: LabelLine
    drawing: Drawing


class NotAccepted(Exception):
    """Labels of a job are not what was intended; nothing of it is kept."""

    def __init__(self, faults: Sequence[Mapping[str, Any]]) -> None:
        self.faults = list(faults)
        super().__init__(len(self.faults))


@outbox.delivers(TOPIC)
def deliver(message: OutboxMessage) -> None:
    """Make one job. One that is made already is left alone, so a repeated delivery does nothing."""
    job = LabelJob.objects.select_related("template", "printed_by").get(pk=message.payload["job"])
    if job.state != JobState.QUEUED:
        return
    try:
        make(job)
    except Exception as error:
        if message.attempts >= outbox.MAX_ATTEMPTS:
            reason = f"{type(error).__name__}: {error}"[:2000]
            faults = [{"row": 0, "of": "", "reason": reason}]
            refuse_labels(_service(), job_id=job.pk, faults=faults)
        raise


def make(job: LabelJob) -> LabelJob:
    """Make the files of a queued job and record them, or record why it is refused."""

    def step(name: str, share: float) -> None:
        progress.report(job.pk, name, share)

    with translation.override(job.printed_by.language):
        try:
            files = _files(job, step)
        except NotAccepted as refusal:
            return refuse_labels(_service(), job_id=job.pk, faults=refusal.faults)
    return store_labels(_service(), job_id=job.pk, **files)


def _files(job: LabelJob, step: Step) -> dict[str, Any]:
    kind = Carrier(job.template.carrier)
    made = drawn(job)
    step("lay_out", 0.0)
    identifier = hashlib.sha256(job.number.encode()).digest()[:16]
    pages = [(m.drawing, m.line.copies) for m in made]
    data = pdf.pdf_of(pages, identifier, lambda share: step("lay_out", share))
    step("read_back", 0.0)
    each = [m for m in made for _copy in range(m.line.copies)]
    unread = verify.unread_in(
        data, kind, [m.drawing for m in each], lambda share: step("read_back", share)
    )
    if unread:
        raise NotAccepted([_fault(each, found) for found in unread])
    step("store", 0.0)
    stored = attachments.store([data])
    files: dict[str, Any] = {"pdf_sha256": stored.sha256, "pdf_size": stored.size}
    if job.output in DPI:
        text = _thermal(made, data, kind, DPI[LabelJob.Output(job.output)])
        kept = attachments.store([text.encode()])
        files |= {"zpl_sha256": kept.sha256, "zpl_size": kept.size}
    return files


def drawn(job: LabelJob) -> list[Made]:
    """Draw every label of a job as it was asked for; raises ``NotAccepted`` with all that fail."""
    plan = plan_of(job.template)
    made: list[Made] = []
    faults: list[dict[str, Any]] = []
    for line in queries.lines_of(job):
        try:
            made.append(Made(line, drawing_of(plan, job, line)))
        except DoesNotFit as misfit:
            faults.append({"row": line.row, "of": line.lot.number, "reason": too_long(misfit)})
        except Unencodable as error:
            faults.append({"row": line.row, "of": line.lot.number, "reason": str(error)})
    if faults:
        raise NotAccepted(faults)
    return made


def drawing_of(plan: Plan, job: LabelJob, line: LabelLine) -> Drawing:
    """Draw one label as it was asked for, whatever has changed in the records since."""
    return draw(plan, {**job.shown, **line.shown}, line.content)


def _fault(each: Sequence[Made], found: Unread) -> dict[str, Any]:
    label = each[found.row - 1].line.lot.number if found.row else ""
    return {"row": found.row, "of": label, "reason": found.reason}


def _thermal(made: Sequence[Made], data: bytes, kind: Carrier, dpi: int) -> str:
    """Return the job in ZPL; its symbols are read back as the printer will draw them."""
    pages = pdf.look_at(data, dpi / zpl.INCH)
    labels: list[str] = []
    faults: list[dict[str, Any]] = []
    for one in made:
        images = [next(pages).image for _copy in range(one.line.copies)]
        try:
            label = zpl.zpl_of(one.drawing, kind, dpi, images[0], one.line.copies)
        except Unencodable as error:
            wrong = str(error)
        else:
            wrong = verify.wrong_symbol(zpl.symbol_in(label, kind), kind, one.line.content)
            labels.append(label)
        if wrong:
            faults.append({"row": one.line.row, "of": one.line.lot.number, "reason": wrong})
    if faults:
        raise NotAccepted(faults)
    return "".join(labels)


def _service() -> Context:
    user = User.objects.get(username=SERVICE)
    return Context(actor=actor_for(user), channel=Channel.TASK)
