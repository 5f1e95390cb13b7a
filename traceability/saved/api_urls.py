"""Addresses of the comparison by API."""

from __future__ import annotations

from django.urls import path

from traceability.saved import api

urlpatterns = [path("compare/", api.TraceCompare.as_view(), name="api-trace-compare")]
