"""Progress of a check run, for browsers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erp.ui.request import actor_of
from traceability.completeness.run_records import RUNS, job_of


@require_safe
def check_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a check is; asked again by the page every two seconds."""
    run = RUNS.find(actor_of(request), pk)
    return render(request, "ui/_progress.html", {"job": job_of(run)})
