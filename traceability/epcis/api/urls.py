"""Addresses of the interface. Names hold slashes, so what follows them is matched first."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from traceability.epcis.api import capture, queries, resources


def _of_resources() -> list[URLPattern]:
    found = []
    for noun, resource in resources.RESOURCES.items():
        more = {"resource": resource, "label": noun}
        made: dict[type[resources.OfResource], Any] = {
            base: type(f"{noun}{base.__name__}", (base,), more)
            for base in (
                resources.ResourceList,
                resources.ResourceOne,
                resources.ResourceEvents,
            )
        }
        lister, one, events = (view.as_view() for view in made.values())
        found += [
            path(noun, lister, name=f"epcis-{noun}"),
            path(f"{noun}/<path:name>/events", events, name=f"epcis-{noun}-events"),
            path(f"{noun}/<path:name>", one, name=f"epcis-{noun}-one"),
        ]
    return found


_QUERY = "queries/<str:name>"

urlpatterns = [
    path("", resources.Top.as_view(), name="epcis"),
    path("capture", capture.Capture.as_view(), name="epcis-capture"),
    path("capture/<str:capture_id>", capture.CaptureOne.as_view(), name="epcis-capture-one"),
    path("events", capture.Events.as_view(), name="epcis-events"),
    path("events/<path:event_id>", capture.EventOne.as_view(), name="epcis-event"),
    *_of_resources(),
    path("queries", queries.Queries.as_view(), name="epcis-queries"),
    path(_QUERY, queries.QueryOne.as_view(), name="epcis-query"),
    path(f"{_QUERY}/events", queries.QueryEvents.as_view(), name="epcis-query-events"),
    path(f"{_QUERY}/subscriptions", queries.Subscriptions.as_view(), name="epcis-subscriptions"),
    path(
        f"{_QUERY}/subscriptions/<str:number>",
        queries.SubscriptionOne.as_view(),
        name="epcis-subscription",
    ),
    path("nextPageToken/<path:token>", queries.PageToken.as_view(), name="epcis-page-token"),
]
