"""Named queries, subscriptions to them, and page tokens."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.request import Request
from rest_framework.response import Response

from erp.core.actor import Actor
from erp.core.context import Channel
from erp.ui.request import context_of
from traceability.epcis import document, paging, query
from traceability.epcis.api import pages
from traceability.epcis.api.base import (
    ExchangeView,
    body_of,
    format_of,
    reader,
    refuse_socket,
)
from traceability.epcis.errors import NoSuchQuery, NoSuchResource
from traceability.epcis.models import EventQuery, EventSubscription
from traceability.epcis.operations import subscribing
from traceability.epcis.states import SubscriptionState


def _query(name: str) -> EventQuery:
    found = EventQuery.objects.filter(name=name, removed_at__isnull=True).first()
    if found is None:
        raise NoSuchQuery(name=name[:100])
    return found


def _query_json(found: EventQuery) -> dict[str, Any]:
    return {"name": found.name, "query": found.query}


def _subscription_json(found: EventSubscription) -> dict[str, Any]:
    """The secret is never told again, to nobody."""
    body: dict[str, Any] = {
        "subscriptionID": found.number,
        "dest": found.dest,
        "createdAt": found.created_at.isoformat(),
        "epcFormat": found.epc_format,
    }
    body |= {"stream": True} if found.stream else {"schedule": found.schedule}
    if found.report_if_empty:
        body["reportIfEmpty"] = True
    for name, moment in (
        ("lastNotifiedAt", found.last_notified_at),
        ("initialRecordTime", found.initial_record_time),
        ("minRecordTime", found.last_run_at or found.initial_record_time),
    ):
        if moment is not None:
            body[name] = moment.isoformat()
    return body


def _own(actor: Actor, asked: EventQuery) -> Any:
    """Return the subscriptions of the caller: an address of another company is its own affair."""
    rows = EventSubscription.objects.filter(query=asked, state=SubscriptionState.ACTIVE)
    return rows if actor.sees_everything else rows.filter(subscribed_by=actor.user_id)


class Queries(ExchangeView):
    """``/queries``."""

    def get(self, request: Request) -> Response:
        """List the named queries."""
        reader(request)
        found = EventQuery.objects.filter(removed_at__isnull=True)
        return pages.rows(request, found, _query_json)

    def post(self, request: Request) -> Response:
        """Keep a query under a name."""
        body = document.read_object(body_of(request))
        ctx = context_of(request, Channel.API)
        values = {name: body[name] for name in ("name", "query") if name in body}
        made = subscribing.define_event_query(ctx, **values)
        response = Response(_query_json(made), status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path}/{made.name}")
        return response


class QueryOne(ExchangeView):
    """``/queries/{queryName}``."""

    discovery: ClassVar[dict[str, str]] = {}

    def get(self, request: Request, name: str) -> Response:
        """Return a query as it was defined."""
        reader(request)
        return Response(_query_json(_query(name)))

    def delete(self, request: Request, name: str) -> Response:
        """Remove a query and end its subscriptions."""
        ctx = context_of(request, Channel.API)
        subscribing.remove_event_query(ctx, query_id=_query(name).pk)
        return Response(status=204)


class QueryEvents(ExchangeView):
    """``/queries/{queryName}/events``."""

    def get(self, request: Request, name: str) -> Response:
        """Return the events that match the query now, with further parameters if any are given."""
        refuse_socket(request)
        reader(request)
        given = query.from_address(request.query_params)
        if name == pages.STANDARD_QUERY:
            return pages.events(request, given)
        kept = query.from_json(_query(name).query)
        asked = query.joined(kept, given)
        return pages.events(request, asked, name=name)


class Subscriptions(ExchangeView):
    """``/queries/{queryName}/subscriptions``."""

    def get(self, request: Request, name: str) -> Response:
        """List the subscriptions."""
        rows = _own(reader(request), _query(name))
        return pages.rows(request, rows, _subscription_json)

    def post(self, request: Request, name: str) -> Response:
        """Subscribe an address to a query."""
        refuse_socket(request)
        body = document.read_object(body_of(request))
        names = {"dest": "dest", "stream": "stream", "schedule": "schedule",
                 "reportIfEmpty": "report_if_empty",
                 "initialRecordTime": "initial_record_time"}  # fmt: skip
        values = {ours: body[theirs] for theirs, ours in names.items() if theirs in body}
        values["secret"] = body.get("signatureToken") or body.get("secret") or ""
        made = subscribing.subscribe_to_events(
            context_of(request, Channel.API),
            query_id=_query(name).pk,
            epc_format=format_of(request),
            **values,
        )
        response = Response(_subscription_json(made), status=201)
        response["Location"] = request.build_absolute_uri(f"{request.path}/{made.number}")
        return response


class SubscriptionOne(ExchangeView):
    """``/queries/{queryName}/subscriptions/{subscriptionID}``."""

    def get(self, request: Request, name: str, number: str) -> Response:
        """Return a subscription."""
        return Response(_subscription_json(self._find(reader(request), name, number)))

    def delete(self, request: Request, name: str, number: str) -> Response:
        """End a subscription."""
        ctx = context_of(request, Channel.API)
        found = self._find(ctx.actor, name, number)
        subscribing.end_event_subscription(ctx, subscription_id=found.pk)
        return Response(status=204)

    def _find(self, actor: Actor, name: str, number: str) -> EventSubscription:
        found: EventSubscription | None = _own(actor, _query(name)).filter(number=number).first()
        if found is None:
            raise NoSuchResource(what="subscriptionID", name=number[:100])
        return found


class PageToken(ExchangeView):
    """``/nextPageToken/{token}``."""

    def delete(self, request: Request, token: str) -> Response:
        """Give up a token before it ends."""
        paging.give_up(token)
        return Response(status=204)
