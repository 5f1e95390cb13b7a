"""Refusals of this interface: problem documents typed by the standard's exceptions."""

from __future__ import annotations

from typing import Any

from django.db import OperationalError
from rest_framework import exceptions
from rest_framework.response import Response

from erp.core.errors import DomainError
from erp.ui.api import problems
from traceability.epcis.errors import NotAcceptable

EXCEPTIONS = {
    400: "ValidationException",
    401: "SecurityException",
    403: "SecurityException",
    404: "NoSuchResourceException",
    405: "ImplementationException",
    406: "NotAcceptableException",
    409: "ResourceAlreadyExistsException",
    413: "CaptureLimitExceededException",
    414: "URITooLongException",
    415: "UnsupportedMediaTypeException",
    422: "ValidationException",
}
UNREADABLE = 422


def exception_of(refusal: DomainError) -> str:
    """Return the standard's name for a refusal; ours that it does not know, by their status."""
    named: str | None = getattr(refusal, "exception", None)
    return named or EXCEPTIONS.get(refusal.status, "ImplementationException")


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem document of a refusal, ``None`` for a mistake of ours."""
    if isinstance(error, exceptions.NotAcceptable):
        error = NotAcceptable(
            name="Accept",
            value=context["request"].headers.get("Accept", ""),
            known="application/json, application/ld+json",
        )
    if isinstance(error, OperationalError):
        return None
    response = problems.handle(error, context)
    if response is None or response.data is None:
        return response
    body = dict(response.data)
    refusal = error if isinstance(error, DomainError) else None
    name = exception_of(refusal) if refusal else EXCEPTIONS.get(response.status_code)
    body["type"] = f"epcisException:{name or 'ImplementationException'}"
    if response.status_code == UNREADABLE:
        # The standard has one status for what cannot be read.
        response.status_code = body["status"] = 400
    response.data = body
    response.content_type = "application/problem+json"
    return response
