"""Addresses of the trace API."""

from __future__ import annotations

from django.urls import path

from traceability.api import views

urlpatterns = [
    path("", views.TraceView.as_view(), name="api-trace"),
    path("stream/", views.TraceStream.as_view(), name="api-trace-stream"),
    path("story/", views.TraceStory.as_view(), name="api-trace-story"),
    path("timeline/", views.TraceTimeline.as_view(), name="api-trace-timeline"),
    path("export.<str:kind>", views.TraceFile.as_view(), name="api-trace-file"),
    path("why/", views.TraceWhy.as_view(), name="api-trace-why"),
    path("balance/", views.TraceBalance.as_view(), name="api-trace-balance"),
    path("origins/", views.TraceOrigins.as_view(), name="api-trace-origins"),
]
