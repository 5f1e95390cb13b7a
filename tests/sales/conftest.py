"""What the tests of sales share."""

from __future__ import annotations

import pytest

from erp.core import context
from erp.core.context import Context
from erp.core.events import dispatch


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return the list of domain events told from here on; their handlers run as always."""
    heard: list[object] = []

    def listen(ctx: Context, event: object) -> None:
        heard.append(event)
        dispatch(ctx, event)

    monkeypatch.setattr(context, "dispatch", listen)
    return heard
