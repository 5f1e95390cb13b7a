"""How far a check run is: kept in the cache, because it is no fact and may be lost."""

from __future__ import annotations

from django.core.cache import cache

KEEP_SECONDS = 3600
MOST = 99


def report(run_id: int, done: int, total: int) -> None:
    """Say that ``done`` of ``total`` lots are checked."""
    percent = min(MOST, 100 * done // total) if total else 0
    cache.set(f"evidence-check:{run_id}", percent, KEEP_SECONDS)


def read(run_id: int) -> int:
    """Return how far a run is, in percent."""
    percent: int = cache.get(f"evidence-check:{run_id}", 0)
    return percent
