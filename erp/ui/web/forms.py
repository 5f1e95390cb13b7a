"""From an operation's input serializer to the fields of its dialog, and from a form back to
values.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.fields import empty

from erp.core.actor import Actor
from erp.core.errors import FieldFault
from erp.operations import OperationInput, RecordField
from erp.ui.page import Choice, FormField

MAX_OPTIONS = 200

_ROW = re.compile(r"^(?P<table>\w+)\[(?P<row>\d{1,5})\](?P<name>\w+)$")

_WIDGETS: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], str], ...] = (
    (serializers.BooleanField, "checkbox"),
    (serializers.DateTimeField, "datetime"),
    (serializers.DateField, "date"),
    (serializers.DecimalField, "number"),
    (serializers.IntegerField, "number"),
    (serializers.FileField, "file"),
    (serializers.MultipleChoiceField, "multi"),
    (serializers.ChoiceField, "select"),
    (serializers.ListField, "textarea"),
)


def fields_of(
    form: OperationInput,
    actor: Actor,
    subject: Any,
    values: Mapping[str, Any],
    faults: tuple[FieldFault, ...] = (),
) -> list[FormField]:
    """Return the dialog's fields with the values and faults of a refused attempt."""
    by_name: dict[str, list[FieldFault]] = {}
    for fault in faults:
        by_name.setdefault(fault.name.split(".")[0], []).append(fault)
    return [
        _field(name, field, actor, subject, values.get(name, empty), by_name.get(name, []))
        for name, field in form.fields.items()
        if not isinstance(field, serializers.HiddenField)
    ]


def _field(
    name: str, field: Any, actor: Actor, subject: Any, value: Any, faults: list[FieldFault]
) -> FormField:
    if isinstance(field, serializers.ListSerializer):
        inside = "[" in name
        make = _inner_rows if inside else _rows
        return make(name, field, actor, subject, value, faults)
    initial = _start_of(field) if value is empty else value
    widget = field.style.get("widget") or _widget(field)
    return FormField(
        name=name,
        label=capfirst(str(field.label or name)),
        widget=widget,
        value=_shown(initial() if callable(initial) else initial),
        required=field.required and not getattr(field, "allow_blank", False),
        help=field.help_text or "",
        errors=[f"{f.row}: {f.reason}" if f.row else f.reason for f in faults],
        choices=_choices(field, actor, subject, initial),
        max_length=getattr(field, "max_length", None),
    )


def _start_of(field: Any) -> Any:
    """Return what a field shows before anybody wrote into it: what it would be taken for."""
    says_nothing = field.initial in (None, "", False, empty)
    start = field.default if says_nothing and field.default is not empty else field.initial
    return "" if start is empty or start is None else start


def _shown(value: Any) -> Any:
    return "\n".join(str(v) for v in value) if isinstance(value, list | tuple) else value


def _widget(field: Any) -> str:
    if isinstance(field, RecordField):
        return field.widget
    for kind, widget in _WIDGETS:
        if isinstance(field, kind):
            return widget
    long = (
        isinstance(field, serializers.CharField)
        and field.style.get("base_template") == "textarea.html"
    )
    return "textarea" if long else "text"


def _inner_rows(
    name: str, field: Any, actor: Actor, subject: Any, value: Any, faults: list[FieldFault]
) -> FormField:
    """Return the cell in which a table inside a table is written as ``number=quantity`` words."""
    rows = value if isinstance(value, list) else []
    names = list(field.child.fields)
    written = " ".join(f"{row.get(names[0], '')}={row.get(names[1], '')}" for row in rows)
    return FormField(
        name=name,
        label=capfirst(str(field.label or name)),
        widget="text",
        value=written,
        required=field.required,
        help=_("number=quantity, separated by spaces"),
        errors=[f.reason for f in faults],
    )


def _rows(
    name: str, field: Any, actor: Actor, subject: Any, value: Any, faults: list[FieldFault]
) -> FormField:
    child = field.child
    given = (
        value
        if isinstance(value, list)
        else field.style.get("rows", lambda a, s: [])(actor, subject)
    )

    def one(index: str, row: Mapping[str, Any]) -> list[FormField]:
        return [
            _field(
                f"{name}[{index}]{inner}",
                inner_field,
                actor,
                subject,
                row.get(inner, empty),
                [
                    FieldFault(f.name, f.reason)
                    for f in faults
                    if f.row == int(index) + 1 and f.name.endswith(f".{inner}")
                ],
            )
            for inner, inner_field in child.fields.items()
        ]

    general = [f.reason for f in faults if "." not in f.name]
    return FormField(
        name=name,
        label=capfirst(str(field.label or name)),
        widget="rows",
        required=field.required,
        help=field.help_text or "",
        errors=general,
        columns=one("0", {}),
        rows=[one(str(i), row) for i, row in enumerate(given)],
    )


def _choices(field: Any, actor: Actor, subject: Any, value: Any) -> list[Choice]:
    if isinstance(field, RecordField):
        return _record_choices(field, actor, subject, value)
    if isinstance(field, serializers.ChoiceField):
        return [Choice(str(k), label, str(k) == str(value)) for k, label in field.choices.items()]
    return []


def _record_choices(field: RecordField, actor: Actor, subject: Any, value: Any) -> list[Choice]:
    """Offer the first records; a longer list is reached by typing or scanning the number."""
    shown = _offered(field, actor, subject)
    if field.widget == "scan":
        return [Choice(str(getattr(r, field.key)), str(r)) for r in shown]
    return [
        Choice(str(r.pk), str(r), str(value) in {str(r.pk), str(getattr(r, field.key))})
        for r in shown
    ]


def _offered(field: RecordField, actor: Actor, subject: Any) -> Sequence[Any]:
    """Return the records a field offers, read once per form, however many rows a table has."""
    if field.offered is None:
        rows = _options(field, actor, subject)
        field.offered = [] if rows is None else list(rows[:MAX_OPTIONS])
    return field.offered


def _options(field: RecordField, actor: Actor, subject: Any) -> QuerySet[Any] | None:
    if field.options is not None:
        return field.options(actor, subject)
    if field.widget == "scan":
        return None
    manager: Any = field.model._default_manager
    rows = manager.visible_to(actor) if hasattr(manager, "visible_to") else manager.all()
    found: QuerySet[Any] = rows.order_by(field.key)
    return found


def values_of(
    form: type[OperationInput], data: QueryDict, files: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a posted form as plain nested values: tables as lists of rows, blank rows left out.

    Fields of a list take one value per line. A blank optional field is as if it were not sent.
    """
    declared = form().fields
    values: dict[str, Any] = {}
    tables: dict[str, dict[int, dict[str, str]]] = {}
    for key in data:
        match = _ROW.match(key)
        if match and match["table"] in declared:
            table = tables.setdefault(match["table"], {})
            table.setdefault(int(match["row"]), {})[match["name"]] = str(data[key]).strip()
        elif key in declared:
            value = _posted(declared[key], data, key)
            if value != "" or declared[key].required:
                values[key] = value
    for name, rows in tables.items():
        child: Any = declared[name].child  # type: ignore[attr-defined]
        named = declared[name].style.get("named", ())
        filled = (row for _number, row in sorted(rows.items()) if not _is_blank(child, row, named))
        values[name] = [_row(child, row) for row in filled]
    values.update({name: files[name] for name in files if name in declared})
    return {**_unticked(declared, values), **values}


def _unticked(fields: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, bool]:
    """Return the boxes that were not ticked: a browser sends nothing for them, and means no."""
    boxes = (name for name, field in fields.items() if isinstance(field, serializers.BooleanField))
    return {name: False for name in boxes if name not in values}


def _is_blank(child: Any, row: Mapping[str, str], named: Collection[str]) -> bool:
    """Tell whether nobody wrote anything into a row: it holds only what was there at first.

    What only names a row offered to be filled ("Diameter, sample 2") is nothing written.
    """
    return all(
        value in ("", _first_shown(child.fields[name]))
        for name, value in row.items()
        if name in child.fields and name not in named
    )


def _first_shown(field: Any) -> str:
    start = _start_of(field)
    return "" if callable(start) else str(start)


def _row(child: Any, row: Mapping[str, str]) -> dict[str, Any]:
    fields = child.fields
    kept = {k: v for k, v in row.items() if v != "" or (k in fields and fields[k].required)}
    given = {k: _cell(fields.get(k), v) for k, v in kept.items()}
    return {**_unticked(fields, given), **given}


def _cell(field: Any, text: str) -> Any:
    """Return what stands in one cell; a list, or a table inside the table, is written as words.

    A row of an inner table is ``number=quantity``; without a quantity it is one piece.
    """
    if isinstance(field, serializers.ListSerializer):
        inner: Any = field.child
        names = list(inner.fields)
        pairs = (part.partition("=") for part in _parts(text))
        return [{names[0]: key, names[1]: value or "1"} for key, _sign, value in pairs]
    return _parts(text) if isinstance(field, serializers.ListField) else text


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,;]+", text) if part]


def _posted(field: Any, data: QueryDict, key: str) -> Any:
    if isinstance(field, serializers.MultipleChoiceField):
        return data.getlist(key)
    if isinstance(field, serializers.ListField):
        many = data.getlist(key)
        source = many if len(many) > 1 else re.split(r"[\r\n,;]+", str(data[key]))
        return [str(part).strip() for part in source if str(part).strip()]
    return str(data[key]).strip()
