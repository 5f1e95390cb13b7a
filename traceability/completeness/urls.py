"""Addresses of the evidence check that no record page has."""

from __future__ import annotations

from django.urls import path

from traceability.completeness import web

urlpatterns = [
    path("evidence-checks/<int:pk>/progress/", web.check_progress, name="evidence-check-progress"),
]
