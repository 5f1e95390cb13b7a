"""The trace by API: paged, whole as a stream, and why a lot is in an answer or not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponseBase, QueryDict, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from erp.core.actor import Actor
from erp.core.errors import NotFound, NotPermitted
from erp.core.quantities import plain
from erp.ui.request import actor_of
from traceability.origins import EXPOSURES, ORIGINS, PG_INT_MAX, Line
from traceability.trace import Direction, Siblings, Trace, asked, export, why
from traceability.trace.balance import balance_with_units
from traceability.trace.errors import BadQuestion
from traceability.trace.files import FILES, send
from traceability.trace.story import story_of_trace
from traceability.trace.timeline import timeline
from traceability.trace.words import question

READ_SCOPE = "read"
PAGE = 500
MAX_PAGE = 10_000
STR, INT = OpenApiTypes.STR, OpenApiTypes.INT

QUESTION = [
    OpenApiParameter(
        "start", STR, many=True, required=True, description="`lot:R-1042`, `person:ada`, `R-1042` …"
    ),
    OpenApiParameter("direction", STR, enum=[str(d) for d in Direction]),
    OpenApiParameter(
        "via", STR, many=True, description="of siblings: `lot`, `work-order`, …; all when not given"
    ),
    OpenApiParameter("since", STR, description="first day or instant of the period of the start"),
    OpenApiParameter("until", STR, description="last day or instant of the period of the start"),
    OpenApiParameter("as_known", STR, description="leave out what was recorded later"),
    OpenApiParameter("depth", INT, description="number of links to walk"),
]
PAGING = [
    OpenApiParameter("limit", INT, description=f"rows of each kind, at most {MAX_PAGE}"),
    OpenApiParameter("after", INT, description="rows to skip"),
]


def reader(request: Request) -> Actor:
    """Return who asks; refuse a token that may not read."""
    actor = actor_of(request)
    if actor.scopes is not None and READ_SCOPE not in actor.scopes:
        raise NotPermitted(operation=READ_SCOPE)
    return actor


def trace_of(request: Request) -> Trace:
    """Return the trace that the address asks for."""
    question = asked.read(_query(request))
    if not question.tokens:
        raise BadQuestion(
            name="start", value="", expected=", ".join(f"{code}:…" for code in ORIGINS)
        )
    return question.trace(reader(request))


def _query(request: Request) -> QueryDict:
    return request.query_params


class TraceView(APIView):
    """The answer to a question, in pages."""

    @extend_schema(
        operation_id="trace", parameters=[*QUESTION, *PAGING], responses=OpenApiTypes.OBJECT
    )
    def get(self, request: Request) -> Response:
        """Return question and answer in words, completeness, counts, a page of lots and links."""
        trace, query = trace_of(request), _query(request)
        limit = asked.whole(query, "limit", most=MAX_PAGE, least=1) or PAGE
        after = asked.whole(query, "after", most=PG_INT_MAX) or 0
        where = asked.read_filter(query, trace)
        head = export.head_json(trace)
        rest = max(trace.count(where), trace.counts.links) > after + limit
        return Response(
            {
                **head,
                "next": asked.address(query, after=after + limit) if rest else "",
                "nodes": [
                    export.node_json(n) for n in trace.nodes(where=where, limit=limit, after=after)
                ],
                "links": [export.link_json(k) for k in trace.link_page(limit=limit, after=after)],
            }
        )


class TraceStream(APIView):
    """The whole answer in one response, streamed."""

    @extend_schema(operation_id="trace_stream", parameters=QUESTION, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> StreamingHttpResponse:
        """Return everything as one JSON object."""
        rows = export.answer_json(trace_of(request))
        return StreamingHttpResponse(rows, content_type="application/json")


class TraceStory(APIView):
    """What happened, in sentences."""

    @extend_schema(operation_id="trace_story", parameters=QUESTION, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return the stages of the story in their order, each sentence with its records."""
        trace = trace_of(request)
        stages = [
            {"code": s.code, "title": str(s.title), "lines": [_line(line) for line in s.lines]}
            for s in story_of_trace(trace)
        ]
        return Response({"question": question(trace), "stages": stages})


class TraceTimeline(APIView):
    """The events of an answer along time."""

    @extend_schema(
        operation_id="trace_timeline",
        parameters=[
            *QUESTION,
            OpenApiParameter("when", STR, description="`2026-08` or `2026-08-14`; else all"),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        """Return periods with counts by step, or single events; and how many there are in all."""
        told = timeline(trace_of(request), asked.text(_query(request), "when"))
        return Response(
            {
                "within": told.within,
                "count": told.count,
                "total": told.total,
                "periods": [
                    {"name": p.name, "count": p.count, "steps": {str(s): n for s, n in p.steps}}
                    for p in told.periods
                ],
                "events": [{**asdict(e), "step": str(e.step)} for e in told.events],
            }
        )


class TraceFile(APIView):
    """The whole answer as a file, as on the page."""

    @extend_schema(
        operation_id="trace_file",
        parameters=[
            *QUESTION,
            OpenApiParameter("kind", STR, OpenApiParameter.PATH, enum=sorted(FILES)),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, kind: str) -> HttpResponseBase:
        """Return a workbook, a report, or the lots or links as CSV."""
        if kind not in FILES:
            raise NotFound(what=f"export.{kind[:20]}")
        trace = trace_of(request)
        return send(request, trace, FILES[kind](trace), kind)


class TraceWhy(APIView):
    """Why one lot is in an answer, or not."""

    @extend_schema(
        operation_id="trace_why",
        parameters=[*QUESTION, OpenApiParameter("lot", INT, required=True)],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        """Return ``in`` with the shortest path, or the reasons why it is not in.

        Of siblings the reasons are what both were exposed to.
        """
        trace = trace_of(request)
        lot_id = asked.whole(_query(request), "lot", most=PG_INT_MAX)
        if lot_id is None or lot_id not in trace.named([lot_id]):
            raise NotFound(what="lot")
        if isinstance(trace, Siblings):
            ways = trace.through_of.get(lot_id, ())
            shared = [{"code": w.token, "detail": str(w.kind), "lots": []} for w in ways]
            return Response({"in": bool(ways), "path": [], "reasons": shared})
        path = why.why_in(trace, lot_id)
        reasons = [] if path else why.why_not(trace, lot_id)
        return Response(
            {"in": path is not None, "path": _path(path), "reasons": [_reason(r) for r in reasons]}
        )


class TraceBalance(APIView):
    """The mass balance of the lots a question starts from."""

    @extend_schema(operation_id="trace_balance", parameters=QUESTION, responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return the figures and the gap of each lot."""
        trace = trace_of(request)
        seen = trace.named(trace.start.lot_ids)
        lines = [
            {
                "lot_id": line.lot_id,
                "number": seen[line.lot_id].number,
                "figures": {code: plain(q) for code, q in line.figures.items()},
                "gap": plain(line.gap),
                "closed": line.closed,
            }
            for line in balance_with_units(list(seen))
        ]
        return Response({"results": lines})


class TraceOrigins(APIView):
    """What a trace may start from."""

    @extend_schema(operation_id="trace_origins", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """Return the kinds of record."""
        reader(request)
        known = [
            {"code": o.code, "label": str(o.label), "model": o.model, "period": o.period}
            for o in ORIGINS.values()
        ]
        shared = [{"code": e.code, "label": str(e.label)} for e in EXPOSURES.values()]
        return Response({"results": known, "exposures": shared})


def _line(line: Line) -> dict[str, Any]:
    records = [{"number": number, "url": url} for number, url in line.links]
    return {"sentence": str(line.sentence), "records": records, "missing": line.missing}


def _path(path: why.Path | None) -> list[dict[str, Any]]:
    return [export.link_json(link) for link in path.links] if path else []


def _reason(reason: why.Reason) -> dict[str, Any]:
    lots = [export.node_json(node) for node in reason.lots]
    return {"code": reason.code, "detail": str(reason.sentence), "lots": lots}
