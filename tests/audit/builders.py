"""Makes packs, documents and contexts of tasks for tests."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import Attachment, EvidencePack
from erp.accounts.models import User
from erp.organisation.installing import load_roles
from erp.ui.evidence.delivery import make
from erp.ui.evidence.operations import attach_document, request_pack
from tests.conftest import ctx_for
from traceability.models import Lot

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


def upload(
    content: bytes = PDF, name: str = "cert.pdf", media_type: str = "application/pdf"
) -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, content, content_type=media_type)


def attach(user: User, lot: Lot, **more: Any) -> Attachment:
    """Attach a certificate to a lot."""
    values = {"kind": "certificate", "title": "Certificate of analysis", "file": upload(), **more}
    made: Attachment = attach_document(ctx_for(user), record_id=lot.pk, **values)
    return made


def ready_pack(user: User, lot: Lot, language: str = "") -> EvidencePack:
    """Request the pack of a lot and make it at once, as the worker does."""
    load_roles()
    asked = request_pack(ctx_for(user), record_id=lot.pk, language=language)
    return make(
        EvidencePack.objects.select_related("site__company", "requested_by").get(pk=asked.pk)
    )
