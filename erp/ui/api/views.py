"""Generated endpoints: reading records and calling operations."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import QueryDict
from django.urls import URLPattern, path
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from erp.core.context import Channel, SigningProof
from erp.core.errors import FieldFault, InvalidInput, NotPermitted
from erp.operations import REGISTRY, Operation
from erp.ui import listing
from erp.ui.api.schema import describe_detail, describe_list, describe_operation
from erp.ui.records import KINDS, RecordKind, of_model
from erp.ui.request import actor_of, context_of, expected_version, told_time

READ_SCOPE = "read"


def _refuse_without_read(request: Request) -> None:
    actor = actor_of(request)
    if actor.scopes is not None and READ_SCOPE not in actor.scopes:
        raise NotPermitted(operation=READ_SCOPE)


class KindList(APIView):
    """The records of one kind, filtered, in keyset pages."""

    kind: ClassVar[RecordKind]

    def get(self, request: Request) -> Response:
        """Return one page: ``count``, ``more_than``, ``next``, ``previous`` (cursors), ``results``.

        Where there are too many rows to count for each page, ``count`` is null and ``more_than``
        says how many there are at least; ``?count=exact`` counts them all.
        """
        _refuse_without_read(request)
        found = listing.page(self.kind, actor_of(request), request.query_params, _size(request))
        results = [represent(self.kind, record) for record in found.records]
        return Response(
            {
                "count": None if found.more else found.count,
                "more_than": found.count if found.more else None,
                "next": found.next,
                "previous": found.previous,
                "results": results,
            }
        )


class KindDetail(APIView):
    """One record; its version is the ETag."""

    kind: ClassVar[RecordKind]

    def get(self, request: Request, pk: int) -> Response:
        """Return the record, or 404 where it does not exist or is not visible."""
        _refuse_without_read(request)
        record = self.kind.find(actor_of(request), pk)
        response = Response(represent(self.kind, record))
        if hasattr(record, "row_version"):
            response["ETag"] = f'"{record.row_version}"'
        return response


class OperationCall(APIView):
    """One operation. The body is its input; ``reason`` and ``signature`` stand beside the fields,
    and ``happened_at`` where something is recorded later than it happened.

    Headers: ``Idempotency-Key`` makes a repeated call harmless, ``If-Match`` refuses stale
    decisions.
    """

    operation: ClassVar[Operation[Any, Any]]

    def post(self, request: Request, pk: int | None = None) -> Response:
        """Call the operation; 200 with the record, 201 where one was made."""
        op = self.operation
        said: Any = request.data
        # Of a form one value of each field, with the files.
        body: dict[str, Any] = said.dict() if isinstance(said, QueryDict) else dict(said)
        reason, proof = body.pop("reason", ""), body.pop("signature", None)
        at = told_time(op, _told(body.pop("happened_at", None)))
        values = body
        if op.subject:
            values[op.subject_arg] = pk
        ctx = context_of(
            request,
            Channel.API,
            reason=str(reason or ""),
            signature=_proof(proof),
            idempotency_key=request.headers.get("Idempotency-Key"),
            expected=expected_version(op, pk, request.headers.get("If-Match", "")),
            at=at,
        )
        result = op(ctx, **values)
        made = bool(op.creates)
        return Response(
            answer(result), status=status.HTTP_201_CREATED if made else status.HTTP_200_OK
        )


def _told(happened_at: Any) -> str:
    return "" if happened_at is None else str(happened_at)


def answer(result: Any) -> dict[str, Any]:
    """Return an operation's result: the record in its API form, or what the operation says of
    itself.
    """
    if hasattr(result, "api_answer"):
        said: dict[str, Any] = result.api_answer()
        return said
    kind = of_model(result._meta.label) if hasattr(result, "_meta") else None
    if kind is None:
        return {"result": str(result)}
    return represent(kind, result)


def represent(kind: RecordKind, record: Any) -> dict[str, Any]:
    """Return a record's JSON form with its id, address and version."""
    body = {"id": record.pk, "url": kind.url(record.pk), **kind.api(record)}
    if hasattr(record, "row_version"):
        body["version"] = record.row_version
    return body


def _size(request: Request) -> int:
    text = request.query_params.get("limit", "")
    if not text:
        return listing.PAGE_SIZE
    few = text.isdecimal() and len(text) <= len(str(listing.MAX_PAGE_SIZE))
    if not few or not 1 <= int(text) <= listing.MAX_PAGE_SIZE:
        raise InvalidInput(faults=[FieldFault("limit", f"1 … {listing.MAX_PAGE_SIZE}")])
    return int(text)


def _proof(data: Any) -> SigningProof | None:
    if not isinstance(data, dict):
        return None
    return SigningProof(
        username=str(data.get("username", "")),
        password=str(data.get("password", "")),
        meaning=str(data.get("meaning", "")),
    )


def urls() -> list[URLPattern]:
    """Return the addresses of every kind and every operation."""
    found = []
    for kind in KINDS.values():
        lister = describe_list(kind, type(f"{kind.noun}-list", (KindList,), {"kind": kind}))
        detail = describe_detail(kind, type(f"{kind.noun}-detail", (KindDetail,), {"kind": kind}))
        found.append(path(f"{kind.noun}/", lister.as_view(), name=f"api-{kind.noun}"))
        found.append(
            path(f"{kind.noun}/<int:pk>/", detail.as_view(), name=f"api-{kind.noun}-detail")
        )
    for op in REGISTRY.values():
        view = describe_operation(op, type(op.code, (OperationCall,), {"operation": op}))
        middle = "<int:pk>/" if op.subject else ""
        found.append(
            path(f"{op.noun}/{middle}{op.verb}/", view.as_view(), name=f"api-do-{op.code}")
        )
    return found
