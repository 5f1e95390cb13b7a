"""The content of a data sheet: the value of every field, where it is from, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext_lazy as _

from erp.core.errors import Blocker, Text
from traceability.datasheets.declaration import FieldKind, SheetField, Value
from traceability.datasheets.facts import facts_of
from traceability.datasheets.models import DataSheet, Registry
from traceability.datasheets.registries import FIELDS
from traceability.datasheets.states import DataSheetState
from traceability.identifiers.models import DeviceIdentifier, Level

PERCENT = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One field with its value. ``problem`` is empty where nothing is wrong with it."""

    field: SheetField
    value: Value
    from_records: bool
    problem: Text = ""


class Content:
    """Everything a data sheet says.

    A draft is read anew from the records each time; from the day it is declared ready it says what
    was signed then, whatever the records say later.
    """

    def __init__(self, sheet: DataSheet) -> None:
        self.sheet = sheet
        self.fields: Sequence[SheetField] = FIELDS[sheet.registry]

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """Return the value of every field by its code, ``None`` where there is none."""
        if self.sheet.content is not None:
            return {f.code: self.sheet.content.get(f.code) for f in self.fields}
        answers: Mapping[str, Any] = self.sheet.answers
        return {
            f.code: self._sourced[f.code]
            if self._sourced[f.code] is not None or not f.asked
            else answers.get(f.code)
            for f in self.fields
        }

    @cached_property
    def _sourced(self) -> Mapping[str, Value]:
        facts = facts_of(self.sheet)
        return {f.code: f.source(facts) if f.source else None for f in self.fields}

    @cached_property
    def entries(self) -> Sequence[Entry]:
        """Return every field that applies, with its value and what is wrong with it."""
        frozen = self.sheet.content is not None
        return [
            Entry(
                field=f,
                value=self.values[f.code],
                from_records=not f.asked if frozen else self._sourced[f.code] is not None,
                problem="" if frozen else _problem(f, self.values[f.code]),
            )
            for f in self.fields
            if f.when is None or f.when(self.values)
        ]

    @property
    def changed_since(self) -> bool:
        """Tell whether the records say something else by now than what was declared ready."""
        if self.sheet.content is None:
            return False
        return any(
            value is not None and value != self.sheet.content.get(code)
            for code, value in self._sourced.items()
        )

    @property
    def problems(self) -> Sequence[Entry]:
        """Return the fields that are missing or wrong."""
        return [entry for entry in self.entries if entry.problem]

    @property
    def complete_percent(self) -> int:
        """Return which share of what is needed is there and right; 100 only when nothing lacks."""
        needed = [e for e in self.entries if e.field.required or e.problem]
        good = sum(not e.problem for e in needed)
        return PERCENT if good == len(needed) else PERCENT * good // len(needed)


def _problem(field: SheetField, value: Value) -> Text:
    """Return what is wrong with a value, nothing where it is right or may be left out."""
    if value in (None, "") or value == []:
        return _("missing") if field.required else ""
    if field.choices and value not in dict(field.choices):
        return _("not one of the values that the registry knows")
    if field.kind is FieldKind.NUMBER and not (isinstance(value, int) and value > 0):
        return _("not a whole number above zero")
    return (field.check(value) if field.check else None) or ""


def unanswerable(sheet: DataSheet) -> Sequence[SheetField]:
    """Return the fields nobody can answer in the sheet: item and registry must be mended first."""
    return [e.field for e in Content(sheet).problems if not e.field.asked]


def ready_blockers(sheet: DataSheet, _actor: Any = None) -> list[Blocker]:
    """Return everything that is missing or wrong, one blocker a field."""
    if sheet.state != DataSheetState.DRAFT:
        return []
    return [Blocker(f"data_sheet.{e.field.code}", _sentence(e)) for e in Content(sheet).problems]


def _sentence(entry: Entry) -> str:
    where = "" if entry.field.asked else str(_(" (kept on the item or the identifier)"))
    return f"{entry.field.label}: {entry.problem}{where}"


def sheet_blockers(identifier: DeviceIdentifier, _actor: Any = None) -> list[Blocker]:
    """Return why no data sheet can be begun: registries keep one record per base package."""
    if identifier.level == Level.BASE and identifier.primary:
        return []
    sentence = _(
        "Registries keep one record per base package. Begin the sheet at the primary identifier of"
        " the base package; this one is listed in it."
    )
    return [Blocker("data_sheet.not_primary", sentence)]


def registries_left(identifier: DeviceIdentifier) -> list[str]:
    """Return the registries for which the identifier has no sheet in force."""
    known = identifier.data_sheets.exclude(state=DataSheetState.SUPERSEDED)
    taken = set(known.values_list("registry", flat=True))
    return [registry for registry in Registry.values if registry not in taken]
