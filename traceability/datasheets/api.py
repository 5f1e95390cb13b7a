"""The files of data sheets for machines; everything else of them is generated."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from erp.core.errors import NotPermitted
from erp.ui.request import actor_of
from traceability.datasheets.files import CSV, FORMS, JSON, XLSX, sheet_response

READ_SCOPE = "read"
ANSWERS = {
    (200, JSON): OpenApiTypes.OBJECT,
    (200, CSV.partition(";")[0]): OpenApiTypes.STR,
    (200, XLSX): OpenApiTypes.BINARY,
}
FORM = OpenApiParameter("form", str, OpenApiParameter.PATH, enum=list(FORMS))


class SheetExport(APIView):
    """A data sheet as a file."""

    @extend_schema(
        operation_id="export_data_sheet", tags=["data-sheets"], parameters=[FORM], responses=ANSWERS
    )
    def get(self, request: Request, pk: int, form: str) -> HttpResponse:
        """Return the sheet in the registry's own names (JSON) or as a table (CSV, XLSX)."""
        actor = actor_of(request)
        if actor.scopes is not None and READ_SCOPE not in actor.scopes:
            raise NotPermitted(operation=READ_SCOPE)
        return sheet_response(request, pk, form)
