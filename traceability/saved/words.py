"""A comparison in words, and its rows for people and for machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.core.errors import Text
from traceability.saved.compare import (
    CHANGES,
    REASONS,
    Change,
    Comparison,
    LinkChange,
    LotChange,
    Side,
    Sums,
    Why,
)

LOT_COLUMNS = LotChange._fields
LINK_COLUMNS = LinkChange._fields


def count(number: int) -> str:
    """Return a number with the separators of the language."""
    return str(number_format(number, use_l10n=True, force_grouping=True))


def sentence(sums: Sums) -> str:
    """Return what changed as one sentence."""
    if not sums.changed:
        return _("Nothing changed: the same lots by the same links.")
    told = (
        (ngettext("%(n)s lot came in", "%(n)s lots came in", sums.lots_added), sums.lots_added),
        (
            ngettext("%(n)s is no longer in", "%(n)s are no longer in", sums.lots_removed),
            sums.lots_removed,
        ),
        (
            ngettext(
                "%(n)s is at another distance", "%(n)s are at another distance", sums.lots_moved
            ),
            sums.lots_moved,
        ),
        (ngettext("%(n)s new link", "%(n)s new links", sums.links_added), sums.links_added),
        (
            ngettext("%(n)s link fell away", "%(n)s links fell away", sums.links_removed),
            sums.links_removed,
        ),
    )
    parts = [text % {"n": count(number)} for text, number in told if number]
    return _(", ").join(parts) + _(".")


def reason(change: LotChange) -> str:
    """Return why a lot changed, with the lot it follows from."""
    said = str(REASONS[Why(change.reason)])
    if change.near and change.reason != Why.UNSEEN:
        return _("%(why)s, by way of %(lot)s") % {"why": said, "lot": change.near}
    return said


def link_reason(change: LinkChange) -> Text:
    """Return why a link changed."""
    return REASONS[Why(change.reason)]


def change_words(change: str) -> Text:
    """Return what became of a lot or link."""
    return CHANGES[Change(change)]


def lot_rows(found: Comparison) -> Iterator[list[str]]:
    """Yield the changed lots as rows of a table, the heading first."""
    yield [*LOT_COLUMNS, "explanation"]
    for change in found.stream_lots():
        yield [*map(_text, change), reason(change)]


def link_rows(found: Comparison) -> Iterator[list[str]]:
    """Yield the changed links as rows of a table, the heading first."""
    yield [*LINK_COLUMNS, "explanation"]
    for change in found.stream_links():
        yield [*map(_text, change), str(link_reason(change))]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def side_json(side: Side) -> dict[str, Any]:
    """Return one of the two answers in JSON types."""
    return {
        "label": str(side.label),
        "known_at": side.known_at.isoformat(),
        "complete": side.complete,
        "saved": side.saved.number if side.saved else None,
        "saved_id": side.saved.pk if side.saved else None,
    }


def lot_json(change: LotChange) -> dict[str, Any]:
    """Return a changed lot in JSON types."""
    body = {name: _plain(value) for name, value in change._asdict().items()}
    return {**body, "explanation": reason(change), "url": f"/lots/{change.lot_id}/"}


def link_json(change: LinkChange) -> dict[str, Any]:
    """Return a changed link in JSON types."""
    body = {name: _plain(value) for name, value in change._asdict().items()}
    return {**body, "explanation": str(link_reason(change))}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
