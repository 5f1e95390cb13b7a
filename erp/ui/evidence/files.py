"""Sending stored files: as downloads, never interpreted, each written down in the access log."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, StreamingHttpResponse

from audit import attachments
from erp.accounts import security
from erp.accounts.models import SecurityEvent
from erp.ui.evidence.errors import PackNotReady
from erp.ui.evidence.queries import find_attachment
from erp.ui.evidence.records import PACKS
from erp.ui.evidence.states import PACK, PackState
from erp.ui.request import actor_of, address_of, request_id_of

PDF = "application/pdf"


def pack_response(request: Any, pk: int) -> StreamingHttpResponse:
    """Return the file of a pack the caller may see, or raise ``NotFound`` or ``PackNotReady``."""
    pack = PACKS.find(actor_of(request), pk)
    if pack.state != PackState.READY:
        raise PackNotReady(number=pack.number, state=PACK.labels[pack.state])
    note_export(request, {"pack": pack.number, "sha256": pack.sha256})
    return send_stored(pack.sha256, f"{pack.number}.pdf", PDF)


def attachment_response(request: Any, pk: int) -> StreamingHttpResponse:
    """Return a document whose record the caller may see, or raise ``NotFound``."""
    found = find_attachment(actor_of(request), pk)
    note_export(request, {"attachment": found.pk, "sha256": found.sha256})
    return send_stored(found.sha256, found.filename, found.media_type)


def send_stored(sha256: str, filename: str, media_type: str) -> StreamingHttpResponse:
    """Return a stored file as a download that no browser interprets."""
    attachments.require(sha256)
    response = FileResponse(
        attachments.path_of(sha256).open("rb"),
        as_attachment=True,
        filename=filename,
        content_type=media_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Repr-Digest"] = f"sha-256=:{attachments.base64_of(sha256)}:"
    return response


def note_export(request: Any, detail: dict[str, Any]) -> None:
    """Write into the access log who took what."""
    actor = actor_of(request)
    channel = "api" if getattr(request, "path", "").startswith("/api/") else "web"
    security.note(
        SecurityEvent.Kind.EXPORTED,
        username=actor.username,
        user_id=actor.user_id,
        channel=channel,
        address=address_of(request),
        request_id=request_id_of(request),
        detail=detail,
    )
