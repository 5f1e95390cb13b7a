"""Addresses of saved and compared traces that no record page has."""

from __future__ import annotations

from django.urls import path

from traceability.saved import web

urlpatterns = [
    path("compare/", web.compare, name="trace-compare"),
    path("compare/export.<slug:form>", web.export, name="trace-compare-export"),
    path("saved/<int:pk>/lots.<slug:form>", web.saved_lots, name="saved-trace-lots"),
    path("saved/<int:pk>/links.<slug:form>", web.saved_links, name="saved-trace-links"),
    path("saved/<int:pk>/verify/", web.verify, name="saved-trace-verify"),
]
