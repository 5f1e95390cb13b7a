"""Inputs of data sheets: the questions of each registry are made from its declared fields."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from erp.core.actor import Actor
from erp.operations import OperationInput
from traceability.datasheets.declaration import YES_NO_CHOICES, FieldKind, SheetField
from traceability.datasheets.models import DataSheet, Registry
from traceability.datasheets.registries import FIELDS

TEXT_LENGTH = 2000
CELL_LENGTH = 300
NUMBER_LIMIT = 10**9
MANY_ROWS = 200

Field = serializers.Field[Any, Any, Any, Any]


class StartDataSheet(OperationInput):
    """For which registry."""

    registry = serializers.ChoiceField(label=_("registry"), choices=Registry.choices)


class RecordSubmission(OperationInput):
    """When it was sent, and what the registry answered."""

    submitted_on = serializers.DateField(
        label=_("submitted on"),
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Empty: today"),
    )
    reference = serializers.CharField(
        label=_("reference of the registry"),
        max_length=120,
        required=False,
        default="",
        allow_blank=True,
    )


class SheetAnswers(OperationInput):
    """Base of the questions of a registry: all answers at once, left out is not answered."""

    def get_fields(self) -> dict[str, Field]:
        """Begin with the answers given before."""
        fields = super().get_fields()
        sheet = self.context.get("subject")
        if isinstance(sheet, DataSheet):
            for name, field in fields.items():
                field.initial = sheet.answers.get(name, field.initial)
        return fields


def answers_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return answers as they are kept: nothing empty, dates as text, rows without gaps."""
    return {name: kept for name, value in values.items() if (kept := _kept(value))}


def _kept(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        rows = ({k: v for k, v in row.items() if v} for row in value)
        return [row for row in rows if row]
    return value


def questions(registry: str) -> type[SheetAnswers]:
    """Return the input class with one field for everything a registry asks of people."""
    fields = {f.code: _field(f) for f in FIELDS[registry] if f.asked}
    return type(f"{registry.title()}Answers", (SheetAnswers,), fields)


def _field(field: SheetField) -> Any:
    shared = {"label": field.label, "required": False, "help_text": _note(field)}
    match field.kind:
        case FieldKind.ROWS:
            return _rows(field)
        case FieldKind.NUMBER:
            return serializers.IntegerField(
                **shared, min_value=1, max_value=NUMBER_LIMIT, allow_null=True, default=None
            )
        case FieldKind.DATE:
            return serializers.DateField(**shared, allow_null=True, default=None)
        case FieldKind.YES_NO | FieldKind.CHOICE:
            choices = field.choices or YES_NO_CHOICES
            return serializers.ChoiceField(**shared, choices=choices, allow_blank=True, default="")
    return serializers.CharField(**shared, max_length=TEXT_LENGTH, allow_blank=True, default="")


def _note(field: SheetField) -> Any:
    if field.source is not None:
        return _("Used only while the records do not say")
    return field.clause or _("to be confirmed with the authority")


def _rows(field: SheetField) -> Any:
    cells: dict[str, Any] = {
        column.code: serializers.CharField(
            label=column.label,  # type: ignore[arg-type]  # the stubs know no lazy text
            max_length=CELL_LENGTH,
            required=False,
            allow_blank=True,
            allow_null=True,
            default="",
        )
        for column in field.columns
    }
    row: Any = type(f"{field.code.title()}Row", (OperationInput,), cells)

    def given(_actor: Actor, sheet: DataSheet) -> Sequence[Mapping[str, str]]:
        rows: Sequence[Mapping[str, str]] = sheet.answers.get(field.code, [])
        return rows

    return row(
        many=True,
        label=field.label,
        required=False,
        default=list,
        max_length=MANY_ROWS,
        help_text=_note(field),
        style={"rows": given},
    )
