"""Page values as printed: text in safe HTML, nothing that needs a screen (links, icons, hover)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from erp.core.quantities import plain
from erp.ui.page import Fact, Link, Moment, Number, Pill, Section

WIDE = 7
"""From this many columns on a table is printed smaller."""


def instant(moment: dt.datetime) -> str:
    """Return an instant as local date and time to the second, with its zone offset."""
    text = f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %z}"
    return f"{text[:-2]}:{text[-2:]}"


def missing() -> SafeString:
    """Say that nothing was recorded: a blank would leave the reader guessing."""
    return format_html('<span class="missing">{}</span>', _("not recorded"))


def printed(value: Any) -> SafeString:
    """Return any page value as it is printed."""
    if value is None or value == "":
        return missing()
    if isinstance(value, list | tuple):
        return _several(value)
    for kind, shown in _SHOWN:
        if isinstance(value, kind):
            return shown(value)
    return format_html("{}", _word(value))


def _figure(text: str, unit: Any = "") -> SafeString:
    return format_html('<span class="figure">{} {}</span>', text, unit)


_SHOWN: tuple[tuple[type, Callable[[Any], SafeString]], ...] = (
    (Link, lambda v: format_html('<span class="{}">{}</span>', "mono" if v.mono else "", v.text)),
    (Pill, lambda v: format_html('<span class="pill tone-{}">{}</span>', v.tone, v.word)),
    (Number, lambda v: _figure(v.text, v.unit)),
    (Moment, lambda v: _figure(instant(v.at))),
    (dt.datetime, lambda v: _figure(instant(v))),
)


def _several(values: Sequence[Any]) -> SafeString:
    if not values:
        return missing()
    return format_html_join(format_html("{}", " · "), "{}", ((printed(v),) for v in values))


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return plain(value) if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """Headings and rows of cells; ``numeric`` says which columns stand right."""

    headings: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[tuple[str, SafeString]]]
    wide: bool
    empty: str


@dataclass(frozen=True, slots=True)
class PrintedEntry:
    """One line of a timeline."""

    at: str
    title: str
    detail: str
    who: str
    tone: str


@dataclass(frozen=True, slots=True)
class PrintedSection:
    """A section ready for the template."""

    id: str
    title: str
    note: str
    table: PrintedTable | None
    facts: Sequence[tuple[str, SafeString]] | None
    timeline: Sequence[PrintedEntry] | None


def printed_facts(facts: Iterable[Fact]) -> list[tuple[str, SafeString]]:
    """Return facts as label and printed value."""
    return [(str(f.label), printed(f.value)) for f in facts]


def printed_section(section: Section, prefix: str) -> PrintedSection | None:
    """Return a section as printed; ``None`` for one that only a screen can show."""
    table = _table(section)
    facts = printed_facts(section.facts) if section.facts is not None else None
    timeline = _timeline(section)
    if table is None and facts is None and timeline is None:
        return None
    return PrintedSection(
        id=f"{prefix}-{section.anchor}",
        title=str(section.title),
        note=str(section.note),
        table=table,
        facts=facts,
        timeline=timeline,
    )


def _table(section: Section) -> PrintedTable | None:
    if section.table is None:
        return None
    columns = section.table.columns
    return PrintedTable(
        headings=[(str(c.label), c.kind) for c in columns],
        rows=[
            [(c.kind, printed(cell)) for c, cell in zip(columns, row.cells, strict=False)]
            for row in section.table.rows
        ],
        wide=len(columns) >= WIDE,
        empty=str(section.table.empty or _("Nothing recorded.")),
    )


def _timeline(section: Section) -> list[PrintedEntry] | None:
    if section.timeline is None:
        return None
    return [
        PrintedEntry(instant(e.at), str(e.title), str(e.detail), str(e.who), e.tone)
        for e in section.timeline
    ]
