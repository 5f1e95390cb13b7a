"""Whether the process can do its work."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and Redis answer, 503 naming the one that does not."""
    state = {"database": _database(), "redis": _redis()}
    return JsonResponse(state, status=200 if all(v == "ok" for v in state.values()) else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return type(error).__name__
    return "ok"


def _redis() -> str:
    try:
        cache.set("health", 1, 5)
    except Exception as error:
        return type(error).__name__
    return "ok"
