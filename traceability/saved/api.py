"""What changed between two answers, by API."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from traceability.api.views import INT, MAX_PAGE, PAGE, PAGING, QUESTION, STR, reader
from traceability.origins import PG_INT_MAX
from traceability.saved import asking, words
from traceability.trace import asked

SIDES = [
    OpenApiParameter("saved", INT, description="a saved trace; then `start` is not needed"),
    OpenApiParameter("with", INT, description="another saved trace; empty: the question asked now"),
    OpenApiParameter("known", STR, description="without `saved`: the earlier day of knowledge"),
]


class TraceCompare(APIView):
    """What changed in a trace, and why."""

    @extend_schema(
        operation_id="trace_compare",
        parameters=[*SIDES, *(p for p in QUESTION if p.name != "start"), *PAGING],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        """Return both sides, the sums, and a page of changed lots and links with their reasons."""
        query = request.query_params
        found = asking.comparison(query, reader(request))
        limit = asked.whole(query, "limit", most=MAX_PAGE, least=1) or PAGE
        after = asked.whole(query, "after", most=PG_INT_MAX) or 0
        sums = found.sums
        rest = max(
            sums.lots_added + sums.lots_removed + sums.lots_moved,
            sums.links_added + sums.links_removed,
        )
        return Response(
            {
                "before": words.side_json(found.a),
                "after": words.side_json(found.b),
                "answer": words.sentence(sums),
                "changed": sums.changed,
                "counts": sums._asdict(),
                "next": asked.address(query, after=after + limit) if rest > after + limit else "",
                "lots": [words.lot_json(c) for c in found.lots(limit=limit, after=after)],
                "links": [words.link_json(c) for c in found.links(limit=limit, after=after)],
            }
        )
