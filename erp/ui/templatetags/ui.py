"""Tags and filters of the page templates: how each kind of value looks, and small shaping.

Values of a table are drawn here rather than by an included template, because a list page shows
hundreds of them and must answer in a few milliseconds. Everything is escaped with ``format_html``.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from erp.core import clock
from erp.ui.page import (
    Action,
    Column,
    Filter,
    FilterOption,
    FormField,
    Link,
    Moment,
    Number,
    Pill,
    Row,
)

register = template.Library()

SPRITE = "vendor/tabler-icons/sprite.svg"

TONE_ICONS: Mapping[str, str] = {
    "good": "circle-check",
    "waiting": "clock",
    "bad": "hand-stop",
    "recall": "speakerphone",
    "draft": "circle-dashed",
    "info": "info-circle",
}
"""The icon that stands beside the word of a state, so that colour is never alone."""

MESSAGE_TONES: Mapping[str, str] = {
    "success": "good",
    "warning": "waiting",
    "error": "bad",
    "info": "info",
    "debug": "draft",
}

BLANK_ROWS = 3
"""Empty rows of a table of inputs, so that it can be filled without JavaScript."""


@register.simple_tag
@functools.cache  # A page draws a hundred of a few dozen icons.
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon, hidden from screen readers; ``size`` is empty or ``large``."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        f" icon-{size}" if size else "",
        static(SPRITE),
        name,
    )


@register.filter
def tone_icon(tone: str) -> str:
    """Return the icon name of a state tone."""
    return TONE_ICONS.get(tone, "circle")


@register.filter
def message_tone(tags: str) -> str:
    """Return the tone of a Django message from its level tag."""
    return next((MESSAGE_TONES[t] for t in (tags or "").split() if t in MESSAGE_TONES), "info")


@register.filter
def moment(value: dt.datetime | None) -> SafeString | str:
    """Show an instant as date and time in the reader's zone, with its offset, and UTC on hover.

    In tables the offset stands on paper only: a column of times is of one reader.
    """
    if value is None:
        return missing()
    aware = value if timezone.is_aware(value) else timezone.make_aware(value)
    utc = aware.astimezone(dt.UTC)
    local = timezone.localtime(aware)
    return format_html(
        '<time datetime="{}" title="{} UTC">{}<span class="zone"> {}</span></time>',
        utc.isoformat(),
        f"{utc:%Y-%m-%d %H:%M:%S}",
        f"{local:%Y-%m-%d %H:%M}",
        clock.offset_of(local),
    )


@register.filter
def day(value: dt.datetime | dt.date | None) -> SafeString:
    """Show the local day as 2026-11-22."""
    if value is None:
        return missing()
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    return format_html('<span class="day">{}</span>', f"{value:%Y-%m-%d}")


@register.filter
def plain(value: Decimal | float | str) -> str:
    """Show a number in the reader's locale without needless zeros and never with an exponent."""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        value = Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
    return str(number_format(value, use_l10n=True, force_grouping=True))


def missing() -> SafeString:
    """Say that a fact was not recorded; a blank would leave the reader guessing."""
    return format_html('<span class="missing">{}</span>', _("not recorded"))


def dash() -> SafeString:
    """Say the same in a cell of a table, where the words would drown the rest."""
    return format_html(
        '<span class="missing"><span aria-hidden="true">–</span>'
        '<span class="visually-hidden">{}</span></span>',
        _("not recorded"),
    )


def _link(value: Link) -> SafeString:
    tag = "mono" if value.mono else ""
    if not value.url:
        return (
            format_html('<span class="{}">{}</span>', tag, value.text)
            if tag
            else format_html("{}", value.text)
        )
    return format_html('<a class="{}" href="{}">{}</a>', tag, value.url, value.text)


def _pill(value: Pill) -> SafeString:
    return format_html(
        '<span class="pill tone-{}"{}>{}<span>{}</span></span>',
        value.tone,
        format_html(' title="{}"', value.title) if value.title else "",
        icon(tone_icon(value.tone)),
        value.word,
    )


def _number(value: Number) -> SafeString:
    unit = format_html(' <span class="unit">{}</span>', value.unit) if value.unit else ""
    return format_html('<span class="number">{}{}</span>', value.text, unit)


def _many(values: Iterable[object]) -> SafeString:
    items = list(values)
    if not items:
        return missing()
    if all(isinstance(item, Pill) for item in items):
        return format_html(
            '<span class="pills">{}</span>', format_html_join("", "{}", ((show(i),) for i in items))
        )
    return format_html(
        '<ul class="values">{}</ul>',
        format_html_join("", "<li>{}</li>", ((show(i),) for i in items)),
    )


_SHOWN: Mapping[type, Callable[[Any], SafeString | str]] = {
    Link: _link,
    Pill: _pill,
    Number: _number,
    Moment: lambda value: moment(value.at),
    dt.datetime: moment,
    dt.date: day,
    bool: lambda value: _("Yes") if value else _("No"),
    Decimal: plain,
    int: plain,
}


@register.filter
def show(value: object) -> SafeString | str:
    """Draw any value a page may hold; ``None`` and empty text become "not recorded"."""
    if value is None or value == "":
        return missing()
    drawn = _SHOWN.get(type(value))
    if drawn is not None:
        return drawn(value)
    if isinstance(value, (str, Promise)):
        return format_html("{}", value)
    if isinstance(value, Iterable):
        return _many(value)
    return format_html("{}", value)


@dataclass(frozen=True, slots=True)
class Cell:
    """A drawn table cell with what its element needs: class, and the heading shown on phones."""

    html: SafeString | str
    css: str
    label: object
    head: bool


def _head(row: Row) -> int:
    """Return the place of the cell that carries the link to the record, or -1."""
    if not row.url:
        return -1
    own = (i for i, v in enumerate(row.cells) if isinstance(v, Link) and v.url == row.url)
    named = (i for i, v in enumerate(row.cells) if not isinstance(v, Pill | list))
    return next(own, next(named, -1))


@register.filter
def cells(row: Row, columns: Sequence[Column]) -> Iterator[Cell]:
    """Draw a row's cells; the first one that is no state carries the link to the record."""
    head = _head(row)
    for place, (column, value) in enumerate(zip(columns, row.cells, strict=False)):
        html = dash() if value is None or value == "" else show(value)
        if place == head and not (isinstance(value, Link) and value.url):
            html = format_html('<a href="{}">{}</a>', row.url, html)
        yield Cell(html, f"is-{column.kind}", column.label, place == head)


@register.filter
def main_action(actions: Sequence[Action]) -> Action | None:
    """Return the action of the main button: the first that is possible, or else the first."""
    primary = [a for a in actions if a.primary]
    return next((a for a in primary if not a.blockers), primary[0] if primary else None)


@register.filter
def other_actions(actions: Sequence[Action]) -> list[Action]:
    """Return what stands in the menu: possible ones first, then the greyed ones with reasons."""
    main = main_action(actions)
    return sorted((a for a in actions if a is not main), key=lambda a: bool(a.blockers))


@register.filter
def active_filters(filters: Sequence[Filter]) -> list[tuple[Filter, FilterOption]]:
    """Return the filters in force with their options, for the chips above a list."""
    return [(f, o) for f in filters for o in f.options if o.active and o.value]


@register.filter
def field_id(name: str) -> str:
    """Return a valid element id for an input name such as ``lines[0]item``."""
    return "f-" + re.sub(r"\W+", "-", str(name)).strip("-")


@register.filter
def input_value(field: FormField) -> str:
    """Return the value as the browser's input expects it."""
    value = field.value
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%dT%H:%M}"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def _named(field: FormField, index: str, row: Sequence[FormField]) -> list[FormField]:
    """Return a row's inputs named ``lines[2]item``, whatever row they were described for."""
    return [replace(c, name=f"{field.name}[{index}]{c.name.rpartition(']')[2]}") for c in row]


@register.filter
def input_rows(field: FormField) -> list[list[FormField]]:
    """Return the filled rows of a table of inputs and then the blank ones."""
    blank = [replace(c, required=False) for c in field.columns]
    filled = [_named(field, str(i), row) for i, row in enumerate(field.rows)]
    first = len(filled)
    return filled + [_named(field, str(i), blank) for i in range(first, first + BLANK_ROWS)]


@register.filter
def pattern_row(field: FormField) -> list[FormField]:
    """Return the row that the script copies; ``__row__`` in the names becomes the next number."""
    return _named(field, "__row__", [replace(c, required=False) for c in field.columns])


@register.filter
def sparkline(values: Sequence[float]) -> str:
    """Return the points of a line 96 wide and 24 high, or nothing for fewer than two values."""
    if len(values) < 2:  # noqa: PLR2004 - a line needs two points
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1
    step = 96 / (len(values) - 1)
    return " ".join(
        f"{i * step:.1f},{22 - 20 * (v - low) / span:.1f}" for i, v in enumerate(values)
    )


@register.filter
def total_faults(fields: Sequence[FormField]) -> int:
    """Count the inputs that were refused, rows included."""
    inner = sum(total_faults(row) for f in fields for row in f.rows)
    return inner + sum(1 for f in fields if f.errors)


@register.filter
def faults(fields: Sequence[FormField]) -> list[tuple[str, str, str]]:
    """Return (element id, label, reason) of every refused input in reading order."""
    found: list[tuple[str, str, str]] = []
    for field in fields:
        found += [(field_id(field.name), str(field.label), str(e)) for e in field.errors]
        for index, row in enumerate(field.rows):
            for cell in _named(field, str(index), row):
                label = _("%(label)s, row %(row)s") % {"label": cell.label, "row": index + 1}
                found += [(field_id(cell.name), label, str(e)) for e in cell.errors]
    return found


@register.simple_tag
def nothing() -> SafeString:
    """Draw "not recorded"."""
    return mark_safe(missing())  # noqa: S308 - escaped where it was made


@register.filter
def as_control(field: BoundField) -> SafeString:
    """Draw a Django form field with the look of every other input."""
    return field.as_widget(attrs={"class": "control"})
