"""What waits for a person: every app says which of its records are somebody's task."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.ui.page import Tile


@dataclass(frozen=True, slots=True)
class TaskSource:
    """A queue: records of ``noun`` that wait for whoever holds ``permission``.

    ``rows(actor)`` is the visible queryset, oldest first; ``query`` the filter of the list page
    that
    shows all of them. ``blocked`` puts it under "blocked" instead of "to do".
    """

    code: str
    title: Text
    permission: str
    noun: str
    rows: Callable[[Actor], QuerySet[Any]]
    query: str = ""
    icon: str = ""
    tone: str = "waiting"
    blocked: bool = False


SOURCES: list[TaskSource] = []
TILES: list[Callable[[Actor], Sequence[Tile]]] = []


def add_tasks(source: TaskSource) -> None:
    """Register a queue."""
    SOURCES.append(source)


def add_tiles(tiles: Callable[[Actor], Sequence[Tile]]) -> None:
    """Register figures for the home page; each must cost a fixed number of queries."""
    TILES.append(tiles)
