"""Answers in pages: events, and the plain lists of jobs and names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from traceability.epcis import answers, contexts, paging, query
from traceability.epcis.api.base import format_of, reader
from traceability.epcis.errors import BadParameter, TooLarge
from traceability.epcis.models import EpcisEvent
from traceability.epcis.paging import Place

STANDARD_QUERY = "SimpleEventQuery"


def events(
    request: Request,
    asked: query.EventQueryText,
    *,
    only: Q | None = None,
    name: str = STANDARD_QUERY,
) -> Response:
    """Return one page of the events that match, with the link to the next."""
    visible = EpcisEvent.objects.visible_to(reader(request)).filter(only or Q())
    rows = query.select(visible, asked)
    limits, order = query.limits_of(asked), query.order_of(asked)
    if limits.most is not None and rows[: limits.most + 1].count() > limits.most:
        raise TooLarge(limit=limits.most)
    question = f"{request.path}?{asked.question}"
    place = paging.place_of(question, request.query_params.get("nextPageToken", ""))
    if place is not None:
        rows = rows.filter(order.after(place.value, place.pk))
    before = place.before if place else 0
    size = paging.size_of(request.query_params.get("perPage", ""))
    if limits.first is not None:
        size = min(size, limits.first - before)
    found = list(order.sort(rows)[: size + 1])
    more, found = len(found) > size, found[:size]
    document = answers.query_document(found, name=name, epc_format=format_of(request))
    response = Response(document)
    if more and (limits.first is None or before + size < limits.first):
        last = found[-1]
        _link_next(
            request, response, question, Place(order.value(last), last.pk, before + len(found))
        )
    return response


def _link_next(request: Request, response: Response, question: str, place: Place) -> None:
    params = request.query_params.copy()
    params["nextPageToken"] = paging.token_of(question, place)
    address = request.build_absolute_uri(f"{request.path}?{params.urlencode()}")
    response["Link"] = f'<{address}>; rel="next"'
    response["GS1-Next-Page-Token-Expires"] = paging.expires().isoformat()


def rows(
    request: Request, found: QuerySet[Any], represent: Callable[[Any], dict[str, Any]]
) -> Response:
    """Return one page of records, newest first."""
    _refuse_other(request)
    question = request.path
    place = paging.place_of(question, request.query_params.get("nextPageToken", ""))
    if place is not None:
        found = found.filter(pk__lt=place.pk)
    size = paging.size_of(request.query_params.get("perPage", ""))
    shown = list(found.order_by("-pk")[: size + 1])
    response = Response([represent(row) for row in shown[:size]])
    if len(shown) > size:
        _link_next(request, response, question, Place("", shown[size - 1].pk, 0))
    return response


def names(request: Request, values: Callable[[str, int], Sequence[str]]) -> Response:
    """Return one page of names as a collection; ``values(after, limit)`` gives them sorted."""
    _refuse_other(request)
    question = request.path
    place = paging.place_of(question, request.query_params.get("nextPageToken", ""))
    size = paging.size_of(request.query_params.get("perPage", ""))
    found = values(place.value if place else "", size + 1)
    response = Response(collection(found[:size]))
    if len(found) > size:
        _link_next(request, response, question, Place(found[size - 1], 0, 0))
    return response


def collection(members: Sequence[str]) -> dict[str, Any]:
    """Return names in the form the standard gives them."""
    return {"@context": [contexts.STANDARD], "type": "Collection", "member": list(members)}


def _refuse_other(request: Request) -> None:
    for name in request.query_params:
        if name not in query.PAGING:
            raise BadParameter(name=name[:100], reason="perPage, nextPageToken")
