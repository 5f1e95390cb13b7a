"""Files of packs and documents for machines; everything else of packs is generated."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from erp.ui.evidence.files import attachment_response, pack_response

BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class PackFile(APIView):
    """The issued file of an evidence pack."""

    @extend_schema(operation_id="download_evidence", tags=["evidence"], responses=BINARY)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return the PDF; its digest stands in ``Repr-Digest``."""
        return pack_response(request, pk)


class AttachmentFile(APIView):
    """An attached document, byte by byte as it was given."""

    @extend_schema(operation_id="download_attachment", tags=["evidence"], responses=BINARY)
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return the file; its digest stands in ``Repr-Digest``."""
        return attachment_response(request, pk)
