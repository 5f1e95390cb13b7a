"""What form an answer has: the one its address has, whatever the caller would rather accept."""

from __future__ import annotations

from collections.abc import Iterable

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request


class OneForm(DefaultContentNegotiation):
    """JSON, or the file of the address: a caller that asks for ``text/csv`` of a CSV gets it."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the first."""
        first = next(iter(renderers))
        return first, str(first.media_type)
