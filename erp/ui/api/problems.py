"""Every refusal of the API in one form: problem+json (RFC 9457)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from erp.core.errors import DomainError, MalformedBody, NotFound, NotPermitted, NotSignedIn
from erp.ui.middleware import problem
from erp.ui.request import request_id_of


class TooManyCalls(DomainError):
    """The caller is faster than its rate limit."""

    code = "core.too_many_calls"
    status = 429
    sentence = _("Too many calls. Wait %(seconds)s seconds.")


class MethodNotAllowed(DomainError):
    """The address exists but not with this method."""

    code = "core.method_not_allowed"
    status = 405
    sentence = _("%(method)s is not possible at this address.")


class UnsupportedMedia(DomainError):
    """The body's content type is not read here."""

    code = "core.unsupported_media_type"
    status = 415
    sentence = _("This content type is not read here. Send application/json.")


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the problem document of a refusal; ``None`` leaves real errors to Django."""
    refusal = _as_refusal(error)
    if refusal is None:
        return None
    set_rollback()
    response = Response(
        problem(refusal, request_id_of(context["request"])),
        status=refusal.status,
        content_type="application/problem+json",
    )
    if refusal.status == NotSignedIn.status:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _as_refusal(error: Exception) -> DomainError | None:
    if isinstance(error, DomainError):
        return error
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return NotSignedIn()
    if isinstance(error, exceptions.PermissionDenied | PermissionDenied):
        # DRF answers a failed CSRF check this way; there is nothing more to tell the caller.
        return NotPermitted(operation=str(getattr(error, "detail", "")))
    if isinstance(error, exceptions.Throttled):
        return TooManyCalls(seconds=int(getattr(error, "wait", None) or 1))
    return _as_plain_refusal(error)


def _as_plain_refusal(error: Exception) -> DomainError | None:
    if isinstance(error, exceptions.NotFound | Http404):
        return NotFound(what="address")
    if isinstance(error, exceptions.MethodNotAllowed):
        return MethodNotAllowed(method=str(error.args[0]) if error.args else "")
    if isinstance(error, exceptions.UnsupportedMediaType):
        return UnsupportedMedia()
    return MalformedBody(reason=str(error)) if isinstance(error, exceptions.ParseError) else None
