"""Pictures, files and progress of labels, for browsers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erp.ui.request import actor_of
from traceability.labels import files
from traceability.labels.records.jobs import JOBS, job_of


@require_safe
def job_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a job is; asked again by the page every two seconds."""
    job = JOBS.find(actor_of(request), pk)
    return render(request, "ui/_progress.html", {"job": job_of(job)})


@require_safe
def job_file(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """Send the file to print from."""
    return files.file_response(request, pk, form)


@require_safe
def job_specimen(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Show one label of a job."""
    return files.specimen_response(request, pk, row)


@require_safe
def template_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a template with sample values."""
    return files.preview_response(request, pk)
