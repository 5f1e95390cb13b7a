"""The trace page, its drawing, its exports."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from erp.core.errors import DomainError, NotFound
from erp.ui.request import actor_of
from traceability.models import Lot
from traceability.origins import ORIGINS
from traceability.trace import Direction, asked
from traceability.trace.files import FILES, send
from traceability.trace.graph import draw
from traceability.trace.guess import guesses
from traceability.trace.story import story_of_lot, story_of_trace
from traceability.web.choices import directions
from traceability.web.page import build, facts_of

FIELDS = ("since", "until", "as_known", "depth")
MAX_OPENED = 50


@require_safe
def explorer(request: HttpRequest) -> HttpResponse:
    """Show the answer to the question in the address; without one, how to ask."""
    actor = actor_of(request)
    typed = asked.text(request.GET, "q")
    if typed:
        return _typed(request, typed)
    if not any(token.strip() for token in request.GET.getlist("start")):
        return render(request, "traceability/trace.html", _form(request))
    try:
        question = asked.read(request.GET)
        page = build(question.trace(actor), request.GET)
    except DomainError as refusal:
        context = {**_form(request), "refusal": refusal}
        return render(request, "traceability/trace.html", context, status=refusal.status)
    return render(request, "traceability/trace.html", {**_form(request), "page": page})


def _form(request: HttpRequest) -> dict[str, object]:
    present = next(
        (d.value for d in Direction if d.value == request.GET.get("direction")), "forward"
    )
    return {
        "directions": directions(Direction(present)),
        "tokens": request.GET.getlist("start"),
        "via": request.GET.getlist("via"),
        "asked": {name: request.GET.get(name, "") for name in FIELDS},
        "detailed": any(request.GET.get(name) for name in FIELDS),
        "origins": [(code, origin.label) for code, origin in ORIGINS.items()],
    }


def _typed(request: HttpRequest, typed: str) -> HttpResponse:
    """Turn what was typed or scanned into a question; where it may mean several, offer them."""
    code, _, value = typed.partition(":")
    known = code in ORIGINS and value
    found = [] if known else guesses(actor_of(request), typed)
    tokens = [typed] if known else [guess.token for guess in found]
    if len(tokens) == 1:
        return redirect(request.path + asked.address(request.GET, q=None, start=tokens[0]))
    choices = [(g, asked.address(request.GET, q=None, start=g.token)) for g in found]
    context = {**_form(request), "typed": typed, "choices": choices}
    return render(request, "traceability/trace.html", context, status=200 if found else 404)


@require_safe
def drawing(request: HttpRequest) -> JsonResponse:
    """Return the drawing with some groups opened."""
    trace = asked.read(request.GET).trace(actor_of(request))
    opened = request.GET.getlist("open")[:MAX_OPENED]
    return JsonResponse(draw(trace, opened=opened, sections=facts_of(trace, request.GET)).as_json())


@require_safe
def trace_story(request: HttpRequest) -> HttpResponse:
    """Tell the story of a large answer after its page; asked for by itself, show them together."""
    if not request.headers.get("HX-Request"):
        return redirect(reverse("trace") + asked.address(request.GET, facets=1) + "#story")
    stages = story_of_trace(asked.read(request.GET).trace(actor_of(request)))
    return render(request, "traceability/_story.html", {"stages": stages})


@require_safe
def export_file(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Return the whole answer as a file; of CSV the links with ``part=links``."""
    trace = asked.read(request.GET).trace(actor_of(request))
    if kind == "csv" and request.GET.get("part") == "links":
        kind = "links.csv"
    return send(request, trace, FILES[kind](trace), kind)


@require_safe
def lot_story(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a lot's short story for its page; asked for by itself, it is the whole one."""
    actor = actor_of(request)
    lot = Lot.objects.visible_to(actor).filter(pk=pk).first()
    if lot is None:
        raise NotFound(what="lot")
    whole = f"{reverse('trace')}?start=lot:{lot.pk}&direction={Direction.BOTH}#story"
    if not request.headers.get("HX-Request"):
        return redirect(whole)
    body = {"stages": story_of_lot(lot, actor), "whole": whole}
    return render(request, "traceability/_lot_story.html", body)
