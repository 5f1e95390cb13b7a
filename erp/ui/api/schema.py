"""What the OpenAPI document says of the generated endpoints."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from erp.operations import Operation, OperationInput, Reason
from erp.ui.records import RecordKind, filters_of

Describe = Callable[[Callable[..., Response]], Callable[..., Response]]

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
    parameters += [
        OpenApiParameter(f.name, str, description=str(f.label)) for f in filters_of(kind)
    ]
    parameters += [OpenApiParameter(n, str) for n in ("after", "before", "limit", "count")]
    extend = extend_schema(
        operation_id=f"list_{kind.noun.replace('-', '_')}",
        summary=str(kind.plural),
        tags=[kind.noun],
        parameters=parameters,
        responses={200: RECORD, 422: PROBLEM},
    )
    return _described(view, "get", extend)


def describe_detail(kind: RecordKind, view: type[APIView]) -> type[APIView]:
    """Describe the detail endpoint of a kind."""
    extend = extend_schema(
        operation_id=f"read_{kind.noun.replace('-', '_')}",
        summary=str(kind.label),
        tags=[kind.noun],
        responses={200: RECORD, 404: PROBLEM},
    )
    return _described(view, "get", extend)


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
    return _described(view, "post", extend)


def _described(view: type[APIView], method: str, extend: Describe) -> type[APIView]:
    """Give the view a method of its own: the description is kept on the function itself."""
    shared = getattr(view, method)

    @functools.wraps(shared)
    def own(self: APIView, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer: Response = shared(self, request, *args, **kwargs)
        return answer

    setattr(view, method, extend(own))
    return view


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says how machines identify themselves."""

    target_class = "erp.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Return the scheme: a bearer token."""
        return {"type": "http", "scheme": "bearer"}


class RecordScheme(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Says how a record is named: by id or by its number."""

    target_class = "erp.operations.inputs.RecordField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        """Return the schema of a record's name."""
        target: Any = self.target
        return {
            "oneOf": [{"type": "integer"}, {"type": "string"}],
            "description": f"{target.model_label}: id or {target.key}",
        }


def _request_form(op: Operation[Any, Any]) -> Any:
    fields: dict[str, Any] = dict(_fresh(op.input))
    fields["reason"] = serializers.CharField(required=op.reason is Reason.REQUIRED)
    if op.tells_time:
        fields["happened_at"] = serializers.DateTimeField(required=False)
    if op.signed_as:
        fields["signature"] = SignatureInput()
    return inline_serializer(name=op.code.replace(".", "_").title().replace("_", ""), fields=fields)


def _fresh(declared: type[OperationInput]) -> dict[str, Any]:
    return copy.deepcopy(declared._declared_fields)
