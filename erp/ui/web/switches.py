"""Small choices of the person: site, language; and ways that are shut."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from erp.accounts.queries import sites_visible_to
from erp.core.errors import NotFound
from erp.ui.request import actor_of


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else "/")


@require_POST
def switch_site(request: HttpRequest) -> HttpResponse:
    """Narrow the lists to one site, or to none."""
    wanted = request.POST.get("site", "")
    known = {str(pk) for pk in sites_visible_to(actor_of(request)).values_list("pk", flat=True)}
    if wanted in known:
        request.session["site"] = int(wanted)
    else:
        request.session.pop("site", None)
    return _back(request)


@login_not_required
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie of a year; works before sign-in too."""
    response = _back(request)
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


@login_not_required
def shut(_request: HttpRequest, *_parts: str) -> HttpResponse:
    """Say that there is no such page."""
    raise NotFound(what="page")
