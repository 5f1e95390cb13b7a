"""Domain events: facts told upwards, inside the same transaction.

A lower app emits; higher apps subscribe in their ``handlers.py``. A handler runs at once and in the
emitting transaction, so a failed handler undoes the whole operation. What must leave the system is
a row in the outbox instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from erp.core.context import Context

E = TypeVar("E")

_handlers: dict[type[Any], list[Callable[[Any, Any], None]]] = defaultdict(list)


def on(event: type[E]) -> Callable[[Callable[[Context, E], None]], Callable[[Context, E], None]]:
    """Subscribe the decorated function to ``event``; each function is registered once."""

    def register(handler: Callable[[Context, E], None]) -> Callable[[Context, E], None]:
        if handler not in _handlers[event]:
            _handlers[event].append(handler)
        return handler

    return register


def dispatch(ctx: Context, event: object) -> None:
    """Call every handler of ``event`` in the order of registration (app order, bottom first)."""
    for handler in _handlers[type(event)]:
        handler(ctx, event)


def subscriptions() -> dict[type[Any], list[Callable[[Any, Any], None]]]:
    """Return who listens to what, for the generated operations manual."""
    return dict(_handlers)
