"""Addresses of the reading of device identifiers."""

from __future__ import annotations

from django.urls import path

from traceability.api.udi_views import ParseUdi

urlpatterns = [
    path("parse/", ParseUdi.as_view(), name="api-udi-parse"),
    # The same without the last slash: a POST cannot be redirected. The schema names one of the two.
    path("parse", ParseUdi.as_view(schema=None)),
]
