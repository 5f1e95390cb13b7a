"""Addresses of the trace explorer."""

from __future__ import annotations

from django.urls import path

from traceability.web import views

KINDS = ("csv", "json", "xlsx", "pdf")

urlpatterns = [
    path("", views.explorer, name="trace"),
    path("graph.json", views.drawing, name="trace-graph"),
    path("story/", views.trace_story, name="trace-story"),
    path("lots/<int:pk>/story/", views.lot_story, name="lot-story"),
    *(path(f"export.{kind}", views.export_file, {"kind": kind}) for kind in KINDS),
]
