"""Kinds of record: one declaration gives the list page, the record page, the API and the exports.

An app declares its kinds in ``records.py``; a higher app adds sections, facts and badges to the
records of a lower one with :func:`add_section`, :func:`add_facts` and :func:`add_badges`, so a
lot's
page shows its inspections although traceability knows of none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from erp.core.actor import Actor
from erp.core.errors import NotFound, Text
from erp.ui.page import Fact, Pill, Section

PAGE_SECTION_ROWS = 50
STATE = "state"
"""The key of the column that says where a record stands."""


def counted(rows: QuerySet[Any], most: int) -> tuple[list[Any], int]:
    """Return the first rows and how many there are in all.

    Counting comes first: most sections and queues are empty, and a count joins nothing.
    """
    count = rows.count()
    return (list(rows[:most]) if count else []), count


@dataclass(frozen=True, slots=True)
class View:
    """Who looks at which record; ``full`` in evidence packs, where nothing is shortened."""

    actor: Actor
    record: Any
    full: bool = False

    def first(self, rows: QuerySet[Any]) -> Sequence[Any]:
        """Return the rows to show: all in a pack, the first fifty on a page."""
        return list(rows if self.full else rows[:PAGE_SECTION_ROWS])

    def counted(self, rows: QuerySet[Any], most: int = PAGE_SECTION_ROWS) -> tuple[list[Any], int]:
        """Return the rows to show and how many there are in all."""
        if self.full:
            found = list(rows)
            return found, len(found)
        return counted(rows, most)


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column of lists and exports. ``value(record)`` returns any page value; ``sort`` is a
    field.
    """

    key: str
    label: Text
    value: Callable[[Any], Any]
    kind: str = "text"
    sort: str = ""


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """A filter of lists and of the API: ``choices(actor)`` gives ``(value, label)``; ``lookup`` is
    a field.

    ``apply(rows, value)`` replaces the lookup where one field is not enough.
    """

    name: str
    label: Text
    choices: Callable[[Actor], Sequence[tuple[str, Text]]]
    lookup: str = ""
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]] | None = None


@dataclass(frozen=True)
class RecordKind:
    """One kind of record.

    ``noun`` is the word in addresses (``/lots/17/``, ``/api/v1/lots/17/``). ``rows(actor)`` is the
    visible queryset with everything the columns need already joined. ``api(record)`` is the JSON
    form.
    ``scan`` lists the fields a scanned or typed code is compared with.
    """

    model: str
    noun: str
    nav: str
    icon: str
    label: Text
    plural: Text
    rows: Callable[[Actor], QuerySet[Any]]
    columns: Sequence[ColumnSpec]
    api: Callable[[Any], Mapping[str, Any]]
    number: Callable[[Any], str] = str
    title: Callable[[Any], Text] = lambda record: ""
    state: Callable[[Any], Pill | None] = lambda record: None
    facts: Callable[[View], Sequence[Fact]] = lambda view: ()
    sections: Sequence[Callable[[View], Section | None]] = ()
    search: Sequence[str] = ()
    filters: Sequence[FilterSpec] = ()
    scan: Sequence[str] = ()
    order: str = "-pk"
    empty: Text = ""
    in_nav: bool = True
    needs: str = ""
    """The permission without which the kind is not offered in the navigation."""
    evidence: bool = False
    """True where an evidence pack can be made of one record."""

    @property
    def label_lower(self) -> str:
        """Return ``app.model`` in lower case, as logs and pointers use it."""
        return self.model.lower()

    def model_class(self) -> type[Model]:
        """Return the model class."""
        return apps.get_model(self.model)

    def url(self, pk: object) -> str:
        """Return the address of one record's page."""
        return f"/{self.noun}/{pk}/"

    def find(self, actor: Actor, pk: int) -> Any:
        """Return the record if the actor may see it, or raise ``NotFound``."""
        found = self.rows(actor).filter(pk=pk).first()
        if found is None:
            raise NotFound(what=self.label)
        return found


KINDS: dict[str, RecordKind] = {}
"""By noun."""
_BY_MODEL: dict[str, RecordKind] = {}
_sections: dict[str, list[tuple[int, Callable[[View], Section | None]]]] = defaultdict(list)
_facts: dict[str, list[Callable[[View], Sequence[Fact]]]] = defaultdict(list)
_filters: dict[str, list[FilterSpec]] = defaultdict(list)
RowMarks = Callable[[Collection[int]], Mapping[int, Sequence[Pill]]]
_row_marks: dict[str, list[RowMarks]] = defaultdict(list)
_badges: dict[str, list[Callable[[View], Sequence[Pill]]]] = defaultdict(list)


def register(kind: RecordKind) -> RecordKind:
    """Register a kind; returns it."""
    KINDS[kind.noun] = kind
    _BY_MODEL[kind.label_lower] = kind
    return kind


def of_model(label: str) -> RecordKind | None:
    """Return the kind of a model label in any case, if one is registered."""
    return _BY_MODEL.get(label.lower())


def url_of(record: Model) -> str:
    """Return the address of a record's page, empty where its kind has none."""
    kind = of_model(record._meta.label)
    return kind.url(record.pk) if kind else ""


def add_section(model: str, order: int, section: Callable[[View], Section | None]) -> None:
    """Add a section to another app's record page; lower ``order`` comes first (own sections:
    50).
    """
    _sections[model.lower()].append((order, section))


def add_facts(model: str, facts: Callable[[View], Sequence[Fact]]) -> None:
    """Add facts to another app's record page."""
    _facts[model.lower()].append(facts)


def add_badges(model: str, badges: Callable[[View], Sequence[Pill]]) -> None:
    """Add badges beside the state of another app's record."""
    _badges[model.lower()].append(badges)


def add_filter(model: str, spec: FilterSpec) -> None:
    """Add a filter to another app's list, and so to its API."""
    _filters[model.lower()].append(spec)


def add_row_marks(model: str, marks: RowMarks) -> None:
    """Add marks beside the state of another app's records in lists: asked once for all rows shown,
    by id.
    """
    _row_marks[model.lower()].append(marks)


def cells_of(
    kind: RecordKind, records: Sequence[Any], specs: Sequence[ColumnSpec]
) -> list[list[Any]]:
    """Return the cells of list rows, the state with the marks that other apps put beside it."""
    marks: dict[int, list[Pill]] = defaultdict(list)
    for of_rows in _row_marks[kind.label_lower] if records else ():
        for pk, pills in of_rows([record.pk for record in records]).items():
            marks[pk] += pills
    return [
        [
            [spec.value(record), *marks[record.pk]]
            if spec.key == STATE and record.pk in marks
            else spec.value(record)
            for spec in specs
        ]
        for record in records
    ]


def filters_of(kind: RecordKind) -> list[FilterSpec]:
    """Return all filters of a list, own and added."""
    return [*kind.filters, *_filters[kind.label_lower]]


def sections_of(kind: RecordKind, view: View) -> list[Section]:
    """Return all sections of a record, own and added, in order."""
    ordered = [*((50, s) for s in kind.sections), *_sections[kind.label_lower]]
    made = (build(view) for _, build in sorted(ordered, key=lambda pair: pair[0]))
    return [section for section in made if section is not None]


def facts_of(kind: RecordKind, view: View) -> list[Fact]:
    """Return all facts of a record, own and added."""
    return [*kind.facts(view), *(f for build in _facts[kind.label_lower] for f in build(view))]


def badges_of(kind: RecordKind, view: View) -> list[Pill]:
    """Return all badges of a record."""
    return [badge for build in _badges[kind.label_lower] for badge in build(view)]
