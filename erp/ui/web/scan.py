"""The scan box and the scan station."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from erp.ui.page import Column, Link, Row, Table
from erp.ui.request import actor_of
from erp.ui.scan import resolve


@require_safe
def scan(request: HttpRequest) -> HttpResponse:
    """Go to the one record a code means, or show what it may mean."""
    text = request.GET.get("q", "").strip()
    if not text:
        return render(request, "ui/scan_station.html", {"station": {"scans": []}})
    reading = resolve(actor_of(request), text)
    if len(reading.hits) == 1:
        return redirect(reading.hits[0].url)
    table = Table(
        columns=[
            Column("kind", _("Kind")),
            Column("number", _("Number"), "mono"),
            Column("what", _("What")),
        ],
        rows=[
            Row([h.kind, Link(h.label, h.url, mono=True), h.detail], h.url) for h in reading.hits
        ],
    )
    message = (
        _("Several records fit. Choose one.")
        if reading.hits
        else _("Nothing here carries this code. Check it, or look for a part of it.")
    )
    context = {
        "scanned": text,
        "message": message,
        "tone": "waiting" if reading.hits else "bad",
        "facts": reading.facts,
        "matches": table if reading.hits else None,
    }
    return render(request, "ui/scan.html", {"scan": context}, status=200 if reading.hits else 404)
