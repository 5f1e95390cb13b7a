"""What happens around every request: an id, limits, refusals as pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation

from erp.accounts.errors import SecondFactorMissing
from erp.accounts.queries import zone_of
from erp.core.errors import BodyTooLarge, DomainError, MalformedBody, NotSignedIn
from erp.core.texts import NUL
from erp.operations.door import new_request_id

Next = Callable[[HttpRequest], HttpResponse]

API_PREFIXES = ("/api/", "/epcis")


class ClientAddress:
    """Finds the caller's address behind the proxies this installation trusts.

    Each proxy appends the address it was called from, so the entry counted from the right by
    ``TRUSTED_PROXIES`` is the caller's; anything further left was written by the caller.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set ``REMOTE_ADDR`` and go on."""
        depth = settings.TRUSTED_PROXIES
        seen = [a.strip() for a in request.headers.get("x-forwarded-for", "").split(",")]
        if depth and len(seen) >= depth and seen[-depth]:
            request.META["REMOTE_ADDR"] = seen[-depth]
        return self.get_response(request)


class RequestLimits:
    """Gives each request its id and refuses bodies over the limit before anything reads them."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse or go on."""
        request.request_id = new_request_id()  # type: ignore[attr-defined]
        refusal = self._refusal(request)
        if refusal is not None:
            with translation.override(translation.get_language_from_request(request)):
                response = refusal_response(request, refusal)
        else:
            response = self.get_response(request)
        response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        return response

    def _refusal(self, request: HttpRequest) -> DomainError | None:
        if NUL in request.path:
            return MalformedBody(reason="U+0000")
        upload = request.content_type == "multipart/form-data"
        large = upload or request.path in settings.LARGE_BODIES
        limit = settings.MAX_UPLOAD_BYTES if large else settings.MAX_BODY_BYTES
        try:
            length = int(request.headers.get("content-length") or 0)
        except ValueError:
            return MalformedBody(reason="Content-Length")
        return BodyTooLarge(limit=f"{limit // (1024 * 1024)} MB") if length > limit else None


class NeverKept:
    """Keeps answers out of every cache, the browser's too: terminals on a shop floor are shared,
    and what is read must be as it is now. Static files are answered before and may be kept.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on and mark the answer."""
        response = self.get_response(request)
        response["Cache-Control"] = "private, no-store"
        return response


class Locality:
    """Puts the signed-in person's language in force where no cookie says otherwise, and the time
    zone of their home site: times are read, and typed, as the clock on their wall shows them.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose language and time zone and go on."""
        user: Any = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        with timezone.override(zone_of(user.home_site)):
            return self.get_response(request)


class Refusals:
    """Turns a refusal that a page raised into a page that says what happened, why, and what to
    do.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on; exceptions come to :meth:`process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Render refusals; leave real errors to Django (a 500 and a log entry)."""
        if isinstance(error, SecondFactorMissing) and not request.path.startswith(API_PREFIXES):
            messages.info(request, error.detail)
            return redirect("mfa_index")
        if isinstance(error, NotSignedIn):
            return redirect(f"{reverse('account_login')}?next={request.path}")
        return refusal_response(request, error) if isinstance(error, DomainError) else None


def problem(refusal: DomainError, request_id: str = "") -> dict[str, Any]:
    """Return a refusal as a problem document (RFC 9457) with its blockers and faults."""
    return {
        "type": f"urn:proofline:refusal:{refusal.code}",
        "title": str(refusal.sentence) % refusal.facts if refusal.facts else str(refusal.sentence),
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal),
        "blockers": [b.as_json() for b in refusal.blockers],
        "faults": [f.as_json() for f in refusal.faults],
        "request_id": request_id,
        **{name: refusal.facts[name] for name in refusal.told},
    }


def refusal_response(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    """Return a refusal as problem+json for the API and as a page for people."""
    if request.path.startswith(API_PREFIXES):
        body = problem(refusal, getattr(request, "request_id", ""))
        return JsonResponse(body, status=refusal.status, content_type="application/problem+json")
    context = {
        "refusal": refusal,
        "title": refusal.detail,
        "request_id": getattr(request, "request_id", ""),
    }
    return render(request, "ui/message.html", context, status=refusal.status)
