"""The scan box and the scan station."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from erp.ui.page import Column, Link, Row, Table
from erp.ui.request import actor_of
from erp.ui.scan import MAX_TEXT, Reading, resolve

SCANS = "scans"
LAST = 12
SHOWN = 120
GROUP_SEPARATOR = "\x1d"
VISIBLE_SEPARATOR = "\u241d"


@dataclass(frozen=True, slots=True)
class LastScan:
    """A line of the scan station: what was read, what came of it, when."""

    title: str
    detail: str
    url: str
    tone: str
    at: Any


# The camera's reader is WebAssembly; compiling it is allowed on this page and on no other.
@csp_update({"script-src": ["'wasm-unsafe-eval'"]})
@require_safe
def scan(request: HttpRequest) -> HttpResponse:
    """Go to the one record a code means, or show what it may mean."""
    actor = actor_of(request)
    text = request.GET.get("q", "")[:MAX_TEXT]
    if not text.strip():
        return render(request, "ui/scan_station.html", {"station": {"scans": _last(request)}})
    reading = resolve(actor, text)
    _remember(request, text, reading)
    if len(reading.hits) == 1 and not reading.doubts:
        return redirect(reading.hits[0].url)
    context = {
        "scanned": _visible(text),
        "messages": _messages(reading),
        "facts": reading.facts,
        "matches": _matches(reading) if reading.hits else None,
        "actions": reading.offers,
    }
    return render(request, "ui/scan.html", {"scan": context}, status=200 if reading.hits else 404)


def _visible(text: str) -> str:
    return text.strip("\r\n\t ").replace(GROUP_SEPARATOR, VISIBLE_SEPARATOR)


def _messages(reading: Reading) -> list[tuple[str, Any]]:
    """Return what is said of the code, each with its tone."""
    tone = "waiting" if reading.hits else "bad"
    if reading.doubts:
        return [(tone, doubt) for doubt in reading.doubts]
    if reading.hits:
        return [(tone, _("Several records fit. Choose one."))]
    return [(tone, _("Nothing here carries this code. Check it, or look for a part of it."))]


def _matches(reading: Reading) -> Table:
    columns = [
        Column("kind", _("Kind")),
        Column("number", _("Number"), "mono"),
        Column("what", _("What")),
    ]
    rows = [Row([h.kind, Link(h.label, h.url, mono=True), h.detail], h.url) for h in reading.hits]
    return Table(columns, rows)


def _remember(request: HttpRequest, text: str, reading: Reading) -> None:
    """Keep the last scans of this session for the scan station."""
    sure = len(reading.hits) == 1 and not reading.doubts
    hit = reading.hits[0] if sure else None
    scanned = {
        "text": text,
        "label": hit.label if hit else "",
        "detail": hit.detail if hit else "",
        "url": hit.url if hit else "",
        "tone": "good" if sure else "waiting" if reading.hits else "bad",
        "at": timezone.now().isoformat(),
    }
    request.session[SCANS] = [scanned, *request.session.get(SCANS, [])][:LAST]


def _last(request: HttpRequest) -> list[LastScan]:
    return [
        LastScan(
            title=s["label"] or _visible(s["text"])[:SHOWN],
            detail=s["detail"] or (_("not found") if s["tone"] == "bad" else ""),
            url=s["url"],
            tone=s["tone"],
            at=parse_datetime(s["at"]),
        )
        for s in request.session.get(SCANS, [])
    ]
