"""What the page templates are given: plain values, already filtered for the person who looks.

Templates run no queries; everything they show stands in these dataclasses. Texts are translated
(lazily), quantities and dates are already formatted unless said otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from erp.core.errors import Blocker, Text

TONES = ("good", "waiting", "bad", "recall", "draft", "info")
"""State colours: released, waiting, blocked, recall, draft, information."""


@dataclass(frozen=True, slots=True)
class Link:
    """Text that leads somewhere; ``mono`` for lot and serial numbers and codes."""

    text: Text
    url: str = ""
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Pill:
    """A state: a word, a tone and (from the tone) an icon. ``tone`` is one of ``TONES``."""

    word: Text
    tone: str
    title: Text = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: shown as date and time in the reader's zone, with the UTC instant on hover."""

    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Number:
    """A formatted number with its unit, right-aligned in tables, tabular figures."""

    text: str
    unit: Text = ""


Value = str | Text | Link | Pill | Moment | Number | None | Sequence["Value"]
"""A cell or fact. ``None`` is shown as "not recorded"; a sequence as a list of values."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the definition list."""

    label: Text
    value: Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``kind`` is text, number, mono, moment or state."""

    key: str
    label: Text
    kind: str = "text"
    sort: str = ""
    """The present sort link's target, empty where the column cannot be sorted."""
    direction: str = ""
    """"asc", "desc" or empty."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; the first cell of a list page's row is a link to ``url``."""

    cells: Sequence[Any]
    url: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with an empty state that teaches. ``more`` says what is not shown and where it is."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: Text = ""
    more: Link | None = None


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One happening: when, what (with links), who; ``tone`` colours its dot."""

    at: dt.datetime
    title: Text
    detail: Text = ""
    who: Text = ""
    tone: str = "info"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of history: old and new value of one field."""

    field: Text
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One recorded change of the record: who, when, through which operation, why, and what
    changed.
    """

    at: dt.datetime
    who: Text
    what: Text
    reason: str = ""
    outside: bool = False
    """True when the change did not come through the door (direct SQL); shown as a warning."""
    changes: Sequence[Change] = ()


@dataclass(frozen=True, slots=True)
class SignatureMark:
    """An electronic signature as 21 CFR 11.50 wants it shown: printed name, time, meaning."""

    name: str
    at: dt.datetime
    meaning: Text
    statement: Text = ""
    valid: bool = True
    """False: the content changed after signing, the signature is shown as void."""
    recorded: dt.datetime | None = None
    """When it was recorded, where that was later than it is told to have been given."""


@dataclass(frozen=True, slots=True)
class Action:
    """An operation offered on a record. ``blockers`` not empty: shown greyed with the reasons."""

    code: str
    label: Text
    url: str
    blockers: Sequence[Blocker] = ()
    primary: bool = False
    danger: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the record page, reached by anchor. Exactly one of the bodies is set.

    ``template`` with ``context`` is for the few sections no shared body can show.
    """

    anchor: str
    title: Text
    table: Table | None = None
    timeline: Sequence[TimelineEntry] | None = None
    facts: Sequence[Fact] | None = None
    signatures: Sequence[SignatureMark] | None = None
    history: Sequence[HistoryEntry] | None = None
    template: str = ""
    context: Any = None
    note: Text = ""
    count: int | None = None
    may_be_empty: bool = False
    """True where an empty table is an answer and not something that was not recorded."""
    tells_of_others: bool = False
    """True where the lines judge other goods, too: what an instrument measured, a load."""

    @property
    def is_cut(self) -> bool:
        """Tell whether the table holds fewer rows than there are; the page then says so."""
        return self.table is not None and (self.count or 0) > len(self.table.rows)


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One anatomy for all records (screens.md)."""

    kind: Text
    number: str
    title: Text
    crumbs: Sequence[Link]
    state: Pill | None
    badges: Sequence[Pill] = ()
    actions: Sequence[Action] = ()
    facts: Sequence[Fact] = ()
    sections: Sequence[Section] = ()
    version: int | None = None
    subtitle: Text = ""


@dataclass(frozen=True, slots=True)
class FilterOption:
    """One choice of a filter with the URL that applies or removes it."""

    label: Text
    url: str
    active: bool = False
    value: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter of a list: a menu of options, kept in the URL."""

    label: Text
    name: str
    options: Sequence[FilterOption]

    @property
    def active(self) -> FilterOption | None:
        """Return the option in force, if any."""
        return next((o for o in self.options if o.active), None)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One list: search, filters, columns, rows, keyset paging with an honest count, export,
    create.

    With ``count_url`` set there are more rows than ``count``; the address counts them all.
    """

    kind: Text
    title: Text
    crumbs: Sequence[Link]
    search: str
    filters: Sequence[Filter]
    table: Table
    count: int
    count_url: str = ""
    next_url: str = ""
    previous_url: str = ""
    exports: Sequence[Link] = ()
    actions: Sequence[Action] = ()
    hidden: Sequence[tuple[str, str]] = ()
    """Query parameters that the search form must carry along."""
    empty_hint: Text = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select or datalist."""

    value: str
    label: Text
    selected: bool = False


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of a dialog.

    ``widget``: text, textarea, number, select, checkbox, date, datetime, password, file, scan (a
    text
    field with suggestions in ``choices``, made for a barcode gun), multi (checkboxes), rows.
    A ``rows`` field is a small table: ``columns`` are the fields of a blank row, ``rows`` the
    filled
    ones; names are ``lines[0]item`` as Django REST framework reads them.
    """

    name: str
    label: Text
    widget: str = "text"
    value: Any = ""
    required: bool = False
    help: Text = ""
    errors: Sequence[str] = ()
    choices: Sequence[Choice] = ()
    step: str = ""
    unit: Text = ""
    max_length: int | None = None
    columns: Sequence[FormField] = ()
    rows: Sequence[Sequence[FormField]] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class SignatureBox:
    """The one place where people sign."""

    username: str
    name: str
    meaning: Text
    statement: Text
    error: str = ""


@dataclass(frozen=True, slots=True)
class Dialog:
    """The dialog of an operation: a sentence, blockers first, the fields, the signature, the
    verb.
    """

    title: Text
    sentence: Text
    verb: Text
    action_url: str
    cancel_url: str
    fields: Sequence[FormField] = ()
    blockers: Sequence[Blocker] = ()
    needs_reason: bool = False
    """A field for the reason is shown."""
    reason_required: bool = False
    reason: str = ""
    reason_errors: Sequence[str] = ()
    signature: SignatureBox | None = None
    error: str = ""
    refused_by: Sequence[Blocker] = ()
    """What refused the attempt just made; the form stays, with everything that was typed."""
    danger: bool = False
    version: int | None = None
    idempotency_key: str = ""
    record: Link | None = None
    multipart: bool = False


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """What waits for a person: a heading, the real count, the first rows and a link to all."""

    title: Text
    count: int
    table: Table
    url: str
    tone: str = "waiting"
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on the home page that opens the records behind it."""

    label: Text
    value: str
    url: str
    tone: str = "info"
    note: Text = ""
    trend: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class HomePage:
    """Home: my tasks, what is blocked, alerts, a few figures."""

    greeting: Text
    tiles: Sequence[Tile]
    tasks: Sequence[TaskGroup]
    blocked: Sequence[TaskGroup]
    activity: Sequence[TimelineEntry]


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the left rail. ``icon`` is a Tabler icon name."""

    label: Text
    icon: str
    url: str
    active: bool = False
    children: Sequence[NavItem] = ()


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame around every page."""

    nav: Sequence[NavItem]
    sites: Sequence[Choice]
    site: str
    languages: Sequence[Choice]
    alerts: int
    person: str
    initials: str
    zone: str
    integrity: Pill | None
    flash: Sequence[Any] = ()
