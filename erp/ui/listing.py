"""One list for all doors: search, filters, sort, keyset pages, honest count.

A page is found by the sort value and key of its neighbour, not by an offset: page 10,000 costs what
page 1 costs. Empty values sort last. Rows are counted exactly up to ten thousand; of more the list
says "more than", and counts them when asked (docs/adr/0024).
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DataError
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _

from erp.core.actor import Actor
from erp.core.errors import FieldFault, InvalidInput
from erp.core.texts import NUL, refuse_unstorable
from erp.ui.records import RecordKind, filters_of

PAGE_SIZE = 50
MAX_PAGE_SIZE = 500
COUNTED_UP_TO = 10_000
EXACT = "exact"
"""The value of ``count`` in a query that wants every row counted."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records with the cursors of its neighbours and their number in all.

    With ``more`` set there are more than ``count`` rows; how many was not counted.
    """

    records: Sequence[Any]
    count: int
    more: bool
    next: str
    previous: str
    sort: str


def filtered(kind: RecordKind, actor: Actor, query: Mapping[str, str]) -> QuerySet[Any]:
    """Return the visible rows that match the search and the filters of ``query``."""
    rows = kind.rows(actor)
    text = query.get("search", "").replace(NUL, "").strip()
    if text:
        matches = Q()
        for field in kind.search:
            matches |= Q(**{f"{field}__icontains": text})
        rows = rows.filter(matches)
    for spec in filters_of(kind):
        value = query.get(spec.name, "").strip()
        if value:
            _refuse_unknown_choice(spec.name, value, [v for v, _label in spec.choices(actor)])
            rows = spec.apply(rows, value) if spec.apply else rows.filter(**{spec.lookup: value})
    return rows


def _refuse_unknown_choice(name: str, value: str, known: Sequence[str]) -> None:
    if value not in {str(k) for k in known}:
        raise InvalidInput(
            faults=[
                FieldFault(name, _("“%(value)s” is not one of the choices.") % {"value": value})
            ]
        )


def page(kind: RecordKind, actor: Actor, query: Mapping[str, str], size: int = PAGE_SIZE) -> Page:
    """Return the page that ``query`` asks for (``search``, filters, ``sort``, ``after`` or
    ``before``).
    """
    rows = filtered(kind, actor, query)
    sort = _sort(kind, query.get("sort", ""))
    count, uncounted = _count(rows, exactly=query.get("count") == EXACT)
    back = bool(query.get("before"))
    cursor = query.get("before") or query.get("after") or ""
    field, descending = sort.lstrip("-"), sort.startswith("-")
    nulls = _nulls(kind, field, back=back) if field != "pk" else {}
    if cursor:
        at = _decode(kind, field, cursor)
        rows = rows.filter(
            _beyond(field, at, descending=descending, back=back, nullable=bool(nulls))
        )
    order = _order(field, descending=descending != back, nulls=nulls)
    found = _read_page(rows.order_by(*order)[: size + 1], cursor)
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, bool(cursor))
    return Page(
        records=found,
        count=count,
        more=uncounted,
        next=_encode(found[-1], field) if found and has_next else "",
        previous=_encode(found[0], field) if found and has_previous else "",
        sort=sort,
    )


def _read_page(rows: QuerySet[Any], cursor: str) -> list[Any]:
    """Return the rows; a cursor whose value is none of its column is a broken one."""
    try:
        return list(rows)
    except DataError:
        if not cursor:  # Then the fault is ours, not the caller's.
            raise
        raise _broken_cursor() from None


def _broken_cursor() -> InvalidInput:
    said = _("This page address is broken. Start from the first page.")
    return InvalidInput(faults=[FieldFault("cursor", said)])


def _count(rows: QuerySet[Any], *, exactly: bool) -> tuple[int, bool]:
    """Return how many rows there are and whether there are more that were not counted.

    One query that reads a bounded number of rows, however large the table is.
    """
    keys = rows.order_by().values("pk")
    if exactly:
        return keys.count(), False
    found = keys[: COUNTED_UP_TO + 1].count()
    return min(found, COUNTED_UP_TO), found > COUNTED_UP_TO


def _sort(kind: RecordKind, asked: str) -> str:
    if not asked:
        return kind.order
    fields = {c.key: c.sort for c in kind.columns if c.sort}
    field = fields.get(asked.lstrip("-"))
    if field is None:
        raise InvalidInput(faults=[FieldFault("sort", _("This list cannot be sorted by that."))])
    return f"-{field}" if asked.startswith("-") else field


def _order(field: str, *, descending: bool, nulls: Mapping[str, bool]) -> list[Any]:
    if field == "pk":
        return ["-pk" if descending else "pk"]
    main = F(field).desc(**nulls) if descending else F(field).asc(**nulls)
    return [main, "-pk" if descending else "pk"]


def _nulls(kind: RecordKind, field: str, *, back: bool) -> Mapping[str, bool]:
    """Say where empty values go, and nothing where there are none: an index serves only then."""
    model: Any = kind.model_class()
    for part in field.split("__"):
        try:
            found = model._meta.get_field(model._meta.pk.name if part == "pk" else part)
        except FieldDoesNotExist:
            found = None  # An annotation: it may be empty.
        if found is None or found.null:
            return {"nulls_first": True} if back else {"nulls_last": True}
        model = found.related_model or model
    return {}


def _beyond(field: str, at: tuple[Any, Any], *, descending: bool, back: bool, nullable: bool) -> Q:
    value, pk = at
    word = "lt" if descending != back else "gt"
    if field == "pk":
        return Q(**{f"pk__{word}": pk})
    if value is None:
        same = Q(**{f"{field}__isnull": True, f"pk__{word}": pk})
        return same | Q(**{f"{field}__isnull": False}) if back else same
    beyond = Q(**{f"{field}__{word}": value}) | Q(**{f"pk__{word}": pk})
    # The first half alone lets an index begin at the cursor; the second leaves out its equals.
    further = Q(**{f"{field}__{word}e": value}) & beyond
    if back or not nullable:
        return further
    return further | Q(**{f"{field}__isnull": True})


def _encode(record: Any, field: str) -> str:
    value = record
    for part in field.split("__"):
        value = getattr(value, part, None) if value is not None else None
    kept = [None if field == "pk" else _exact(value), _exact(record.pk)]
    return base64.urlsafe_b64encode(json.dumps(kept).encode()).decode().rstrip("=")


def _exact(value: Any) -> Any:
    """Return a value as JSON holds it without loss: an instant keeps its microseconds."""
    if value is None or isinstance(value, int | str):
        return value
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _decode(kind: RecordKind, field: str, cursor: str) -> tuple[Any, Any]:
    """Return sort value and key as their fields read them, or refuse a cursor made up by hand."""
    model = kind.model_class()
    key = model._meta.pk
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        refuse_unstorable(raw.decode())
        value, pk = json.loads(raw)
        pk = key.to_python(pk)
        key.run_validators(pk)
        return _read(model, field, value), pk
    except (ValueError, TypeError, ValidationError):
        raise _broken_cursor() from None


def _read(model: type[Model], path: str, value: Any) -> Any:
    """Return a value as the field at the end of the path reads it; annotations are taken as is."""
    if value is None or path == "pk":
        return value
    target: Any = model
    for part in path.split("__"):
        try:
            field = target._meta.get_field(part)
        except FieldDoesNotExist:
            return value
        target = field.related_model
    return field.to_python(value)
