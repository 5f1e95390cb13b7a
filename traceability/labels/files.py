"""Files of labels: what is printed from, and pictures of single labels. Each taking is logged.

The file to print from is given out until the job is reconciled: a label printed after that would be
one nobody counts. Who wants more labels prints again, with a reason.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from erp.core.errors import NotFound, NotPermitted
from erp.ui.evidence.files import note_export, send_stored
from erp.ui.request import actor_of
from traceability.labels import pdf, svg, zpl
from traceability.labels.content import plan_of
from traceability.labels.delivery import drawing_of
from traceability.labels.drawing import Drawing, draw
from traceability.labels.errors import FileNotReady
from traceability.labels.models import LabelJob, LabelLine, LabelTemplate
from traceability.labels.operations.printing import print_labels
from traceability.labels.preview import sample_of
from traceability.labels.records.jobs import JOBS
from traceability.labels.records.templates import TEMPLATES
from traceability.labels.states import JOB, JobState

GIVEN_OUT = (JobState.PRINTED, JobState.RELEASED)
FORMS = {
    "pdf": ("pdf_sha256", pdf.MEDIA_TYPE),
    "zpl": ("zpl_sha256", zpl.MEDIA_TYPE),
}


def file_response(request: Any, pk: int, form: str) -> StreamingHttpResponse:
    """Return the file to print from to a person who may print at its site."""
    actor = actor_of(request)
    job: LabelJob = JOBS.find(actor, pk)
    if not actor.may(print_labels.code, job.site_id):
        raise NotPermitted(operation=print_labels.title)
    field, media_type = FORMS[form]
    sha256 = getattr(job, field)
    if job.state not in GIVEN_OUT or not sha256:
        raise FileNotReady(job=job.number, state=JOB.labels[JobState(job.state)])
    note_export(request, {"labels": job.number, "form": form, "sha256": sha256})
    return send_stored(sha256, f"{job.number}.{form}", media_type)


def specimen_response(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Return a picture of one label of a job, marked as a specimen."""
    job: LabelJob = JOBS.find(actor_of(request), pk)
    line = job.lines.filter(row=row).first()
    if line is None:
        raise NotFound(what=LabelLine._meta.verbose_name)
    return _picture(drawing_of(plan_of(job.template), job, line))


def preview_response(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a picture of a template with sample values, marked as a specimen."""
    template: LabelTemplate = TEMPLATES.find(actor_of(request), pk)
    sample = sample_of(template)
    return _picture(draw(plan_of(template), sample.shown, sample.content))


def _picture(drawing: Drawing) -> HttpResponse:
    response = HttpResponse(svg.svg_of(drawing, specimen=True), content_type=svg.MEDIA_TYPE)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
