"""Pages and API forms of data sheets, and what identifiers show of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.ui.page import Column, Fact, Link, Number, Pill, Row, Section, Table
from erp.ui.records import (
    ColumnSpec,
    FilterSpec,
    RecordKind,
    View,
    add_badges,
    add_section,
    register,
)
from traceability.datasheets.content import Content, Entry, registries_left, sheet_blockers
from traceability.datasheets.export import plain_text
from traceability.datasheets.facts import with_facts
from traceability.datasheets.models import DataSheet, Registry
from traceability.datasheets.states import DATA_SHEET, DataSheetState
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.records import identifier_link

FORMATS = ("JSON", "XLSX", "CSV")


def sheet_pill(sheet: DataSheet) -> Pill:
    """Return the state of a sheet."""
    state = DataSheetState(sheet.state)
    return Pill(DATA_SHEET.labels[state], DATA_SHEET.tones[state])


def sheet_link(sheet: DataSheet) -> Link:
    """Return the link to a sheet."""
    return Link(f"{sheet.get_registry_display()} v{sheet.version}", f"/data-sheets/{sheet.pk}/")


def sheets(actor: Actor) -> QuerySet[DataSheet]:
    """Return the data sheets with everything their content is read from."""
    return with_facts(DataSheet.objects.visible_to(actor))


def _complete(sheet: DataSheet) -> Number:
    return Number(str(Content(sheet).complete_percent), "%")


def _changed(view: View) -> Sequence[Pill]:
    """Warn where the records say something else by now than what was declared ready."""
    sheet: DataSheet = view.record
    if sheet.state == DataSheetState.SUPERSEDED or not Content(sheet).changed_since:
        return []
    title = _("Item, identifier or authorisation changed since the sheet was declared ready.")
    return [Pill(_("records changed since"), "waiting", title)]


add_badges("traceability.DataSheet", _changed)


def _facts(view: View) -> Sequence[Fact]:
    sheet: DataSheet = view.record
    content = Content(sheet)
    files = [Link(form, f"/data-sheets/{sheet.pk}/export.{form.lower()}") for form in FORMATS]
    facts = [
        Fact(_("Registry"), sheet.get_registry_display()),
        Fact(_("Device identifier"), identifier_link(sheet.identifier)),
        Fact(_("Item"), Link(str(sheet.identifier.item), f"/items/{sheet.identifier.item_id}/")),
        Fact(_("Version"), str(sheet.version)),
        Fact(_("Complete"), Number(str(content.complete_percent), "%")),
        Fact(_("Answered by"), str(sheet.drafted_by) if sheet.drafted_by else None),
        Fact(_("Submitted on"), str(sheet.submitted_on) if sheet.submitted_on else None),
        Fact(_("Reference of the registry"), sheet.reference or None),
    ]
    return facts if view.full else [*facts, Fact(_("Export"), files)]


def _missing(view: View) -> Section | None:
    content = Content(view.record)
    if view.record.state != DataSheetState.DRAFT:
        return None
    rows = [Row([_field_words(e), e.problem, _where(e, view.record)]) for e in content.problems]
    columns = [
        Column("field", _("Field")),
        Column("problem", _("What is wrong")),
        Column("where", _("Where it is mended")),
    ]
    empty = _("Nothing is missing. Another person than its author can declare the sheet ready.")
    return Section(
        "missing", _("Missing or wrong"), table=Table(columns, rows, empty), count=len(rows)
    )


def _field_words(entry: Entry) -> Any:
    return entry.field.label


def _where(entry: Entry, sheet: DataSheet) -> Any:
    if entry.field.asked:
        url = f"/do/traceability.answer_{sheet.registry.lower()}/{sheet.pk}/"
        return Link(_now("in the answers of this sheet"), url)
    return [
        Link(_now("on the item"), f"/items/{sheet.identifier.item_id}/"),
        Link(_now("on the identifier"), f"/device-identifiers/{sheet.identifier_id}/"),
    ]


def _content(view: View) -> Section:
    content = Content(view.record)
    rows = [
        Row(
            [
                entry.field.label,
                plain_text(entry) or None,
                _("records") if entry.from_records else _("answer"),
                _basis(entry),
            ]
        )
        for entry in content.entries
    ]
    columns = [
        Column("field", _("Field")),
        Column("value", _("Value")),
        Column("from", _("From")),
        Column("clause", _("Asked by")),
    ]
    frozen = view.record.content is not None
    note = _now("As it was when the sheet was declared ready.") if frozen else ""
    table = Table(columns, rows)
    return Section("content", _("Content"), table=table, count=len(rows), note=note)


def _basis(entry: Entry) -> Any:
    if entry.field.confirmed:
        return entry.field.clause
    return Pill(_("to be confirmed with the authority"), "info")


def _of_identifier(view: View) -> Section | None:
    """Show the data sheets of an identifier, newest version first, and which can be begun."""
    identifier: DeviceIdentifier = view.record
    if sheet_blockers(identifier):
        return None
    found = with_facts(DataSheet.objects.filter(identifier=identifier))
    rows = [
        Row([sheet_pill(s), sheet_link(s), _complete(s), s.reference or None])
        for s in found.order_by("registry", "-version")
    ]
    columns = [
        Column("state", _("State"), "state"),
        Column("registry", _("Registry")),
        Column("complete", _("Complete"), "number"),
        Column("reference", _("Reference of the registry")),
    ]
    empty = _(
        "No data sheet yet. Begin one for each market's database: what the records know is filled"
        " in, and what is missing is listed."
    )
    table = Table(columns, rows, empty, _begin(view))
    return Section("data-sheets", _("Data sheets"), table=table, count=len(rows))


def _begin(view: View) -> Link | None:
    code = "traceability.start_data_sheet"
    if view.full or not view.actor.may(code) or not registries_left(view.record):
        return None
    return Link(_now("Begin a data sheet"), f"/do/{code}/{view.record.pk}/")


add_section("traceability.DeviceIdentifier", 60, _of_identifier)


def _api(sheet: DataSheet) -> Mapping[str, Any]:
    content = Content(sheet)
    return {
        "identifier": sheet.identifier.di,
        "identifier_id": sheet.identifier_id,
        "registry": sheet.registry,
        "sheet_version": sheet.version,
        "state": sheet.state,
        "complete_percent": content.complete_percent,
        "problems": [{"field": e.field.code, "reason": str(e.problem)} for e in content.problems],
        "answers": sheet.answers,
        "content": dict(content.values),
        "submitted_on": sheet.submitted_on.isoformat() if sheet.submitted_on else None,
        "reference": sheet.reference,
    }


register(
    RecordKind(
        model="traceability.DataSheet",
        noun="data-sheets",
        nav="masterdata",
        icon="file-check",
        label=_("data sheet"),
        plural=_("Data sheets"),
        rows=sheets,
        number=lambda s: f"{s.identifier.di} {s.registry} {s.version}",
        title=lambda s: s.identifier.item.name,
        state=sheet_pill,
        columns=[
            ColumnSpec("state", _("State"), sheet_pill, "state"),
            ColumnSpec("registry", _("Registry"), sheet_link, sort="registry"),
            ColumnSpec(
                "di",
                "UDI-DI",
                lambda s: identifier_link(s.identifier),
                "mono",
                "identifier__di",
            ),
            ColumnSpec("name", _("Name"), lambda s: s.identifier.item.name),
            ColumnSpec("complete", _("Complete"), _complete, "number"),
            ColumnSpec(
                "submitted",
                _("Submitted on"),
                lambda s: str(s.submitted_on) if s.submitted_on else None,
                sort="submitted_on",
            ),
        ],
        facts=_facts,
        sections=[_missing, _content],
        search=("identifier__di", "identifier__item__code", "identifier__item__name", "reference"),
        filters=[
            FilterSpec("state", _("State"), lambda a: DATA_SHEET.choices(), "state"),
            FilterSpec("registry", _("Registry"), lambda a: Registry.choices, "registry"),
        ],
        api=_api,
        empty=_(
            "What registries are told about devices stands here. Begin a data sheet on the page of"
            " a device identifier."
        ),
        evidence=True,
    )
)
