"""What the OpenAPI document says of the generated endpoints."""

from __future__ import annotations

import copy
from typing import Any

from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.views import APIView

from erp.operations import Operation, OperationInput, Reason
from erp.ui.records import RecordKind

RECORD = {"type": "object", "additionalProperties": True}
PROBLEM = OpenApiResponse(
    description="A refusal as application/problem+json: code, detail, blockers, faults."
)


class SignatureInput(serializers.Serializer[Any]):
    """Identity proved again at signing."""

    username = serializers.CharField()
    password = serializers.CharField()
    meaning = serializers.CharField(required=False)


def describe_list(kind: RecordKind, view: type[APIView]) -> type[APIView]:
    """Describe the list endpoint of a kind."""
    parameters = [
        OpenApiParameter("search", str, description="Search"),
        OpenApiParameter("sort", str),
    ]
    parameters += [OpenApiParameter(f.name, str, description=str(f.label)) for f in kind.filters]
    parameters += [OpenApiParameter(n, str) for n in ("after", "before", "limit")]
    extend = extend_schema(
        operation_id=f"list_{kind.noun.replace('-', '_')}",
        summary=str(kind.plural),
        tags=[kind.noun],
        parameters=parameters,
        responses={200: RECORD, 422: PROBLEM},
    )
    view.get = extend(view.get)  # type: ignore[attr-defined]
    return view


def describe_detail(kind: RecordKind, view: type[APIView]) -> type[APIView]:
    """Describe the detail endpoint of a kind."""
    extend = extend_schema(
        operation_id=f"read_{kind.noun.replace('-', '_')}",
        summary=str(kind.label),
        tags=[kind.noun],
        responses={200: RECORD, 404: PROBLEM},
    )
    view.get = extend(view.get)  # type: ignore[attr-defined]
    return view


def describe_operation(op: Operation[Any, Any], view: type[APIView]) -> type[APIView]:
    """Describe an operation's endpoint from its declaration."""
    extend = extend_schema(
        operation_id=op.code.replace(".", "_"),
        summary=str(op.title),
        description=str(op.sentence),
        tags=[op.noun],
        request=_request_form(op),
        parameters=[
            OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER),
            OpenApiParameter("If-Match", str, OpenApiParameter.HEADER),
        ],
        responses={201 if op.creates else 200: RECORD, "4XX": PROBLEM, 503: PROBLEM},
    )
    view.post = extend(view.post)  # type: ignore[attr-defined]
    return view


def _request_form(op: Operation[Any, Any]) -> Any:
    fields: dict[str, Any] = dict(_fresh(op.input))
    fields["reason"] = serializers.CharField(required=op.reason is Reason.REQUIRED)
    if op.signed_as:
        fields["signature"] = SignatureInput()
    return inline_serializer(name=op.code.replace(".", "_").title().replace("_", ""), fields=fields)


def _fresh(declared: type[OperationInput]) -> dict[str, Any]:
    return copy.deepcopy(declared._declared_fields)
