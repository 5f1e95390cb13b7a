"""Addresses of pictures, files and progress."""

from __future__ import annotations

from django.urls import path, re_path

from traceability.labels import api, web

urlpatterns = [
    path("label-templates/<int:pk>/preview.svg", web.template_preview, name="label-preview"),
    path("label-jobs/<int:pk>/progress/", web.job_progress, name="label-progress"),
    path("label-jobs/<int:pk>/<int:row>.svg", web.job_specimen, name="label-specimen"),
    re_path(
        r"^label-jobs/(?P<pk>\d{1,18})/labels\.(?P<form>pdf|zpl)$", web.job_file, name="label-file"
    ),
    re_path(
        r"^api/v1/label-jobs/(?P<pk>\d{1,18})/labels\.(?P<form>pdf|zpl)$",
        api.LabelFile.as_view(),
        name="api-label-file",
    ),
]
