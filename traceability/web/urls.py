"""Addresses of the trace explorer."""

from __future__ import annotations

from django.urls import path

from traceability.web import views

urlpatterns = [
    path("", views.explorer, name="trace"),
    path("graph.json", views.drawing, name="trace-graph"),
    path("export.csv", views.export_csv, name="trace-csv"),
    path("export.xlsx", views.export_xlsx, name="trace-xlsx"),
    path("export.pdf", views.export_pdf, name="trace-pdf"),
    path("export.json", views.export_json, name="trace-json"),
]
