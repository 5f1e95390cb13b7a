"""Addresses of the files of data sheets."""

from __future__ import annotations

from django.urls import path

from traceability.datasheets import api, web

urlpatterns = [
    path("data-sheets/<int:pk>/export.<slug:form>", web.export, name="data-sheet-export"),
    path(
        "api/v1/data-sheets/<int:pk>/export/<slug:form>/",
        api.SheetExport.as_view(),
        name="api-data-sheet-export",
    ),
]
