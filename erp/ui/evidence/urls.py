"""Addresses of progress and files."""

from __future__ import annotations

from django.urls import path

from erp.ui.evidence import api, web

urlpatterns = [
    path("evidence/<int:pk>/progress/", web.pack_progress, name="evidence-progress"),
    path("evidence/<int:pk>/file/", web.pack_file, name="evidence-file"),
    path("attachments/<int:pk>/", web.attachment_file, name="attachment-file"),
    path("api/v1/evidence/<int:pk>/file/", api.PackFile.as_view(), name="api-evidence-file"),
    path(
        "api/v1/attachments/<int:pk>/file/",
        api.AttachmentFile.as_view(),
        name="api-attachment-file",
    ),
]
