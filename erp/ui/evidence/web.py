"""Progress of packs, and the files: packs and attached documents, for browsers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erp.ui.evidence.files import attachment_response, pack_response
from erp.ui.evidence.records import PACKS, job_of
from erp.ui.request import actor_of


@require_safe
def pack_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a pack is; asked again by the page every two seconds."""
    pack = PACKS.find(actor_of(request), pk)
    return render(request, "ui/_progress.html", {"job": job_of(pack)})


@require_safe
def pack_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the issued file of a pack."""
    return pack_response(request, pk)


@require_safe
def attachment_file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send an attached document."""
    return attachment_response(request, pk)
