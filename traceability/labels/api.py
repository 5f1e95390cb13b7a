"""Files of labels for machines; everything else of labels is generated."""

from __future__ import annotations

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from traceability.labels import files

BINARY = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
FORM = OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(files.FORMS))


class LabelFile(APIView):
    """What labels are printed from."""

    @extend_schema(
        operation_id="download_labels", tags=["label-jobs"], responses=BINARY, parameters=[FORM]
    )
    def get(self, request: Request, pk: int, form: str) -> HttpResponseBase:
        """Return the PDF or ZPL; its digest stands in ``Repr-Digest``."""
        return files.file_response(request, pk, form)
