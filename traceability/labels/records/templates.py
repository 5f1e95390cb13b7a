"""Templates as records: list, page with preview, versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from erp.core.actor import Actor
from erp.core.errors import Text
from erp.core.quantities import plain
from erp.ui.page import Column, Fact, Link, Moment, Number, Pill, Row, Section, Table
from erp.ui.records import ColumnSpec, FilterSpec, RecordKind, View, register
from traceability.identifiers.models import Level
from traceability.labels import layout
from traceability.labels.content import plan_of
from traceability.labels.drawing import DoesNotFit, draw
from traceability.labels.models import LabelTemplate
from traceability.labels.preview import sample_of
from traceability.labels.states import TEMPLATE, TemplateState
from traceability.labels.symbols import SIGNS


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture of a label on a page; ``fault`` says why there is none."""

    url: str
    width: str
    height: str
    alt: Text
    fault: Text = ""


def template_pill(template: LabelTemplate) -> Pill:
    """Return whether labels may be printed from a template."""
    state = TemplateState(template.state)
    return Pill(TEMPLATE.labels[state], TEMPLATE.tones[state])


def template_link(template: LabelTemplate) -> Link:
    """Return the link to a template."""
    return Link(str(template), f"/label-templates/{template.pk}/", mono=True)


def _templates(_actor: Actor) -> QuerySet[LabelTemplate]:
    return LabelTemplate.objects.select_related("item", "drafted_by", "approved_by")


def _of_what(template: LabelTemplate) -> Any:
    if template.item:
        return Link(template.item.code, f"/items/{template.item_id}/", mono=True)
    return template.get_item_kind_display()


def _size(template: LabelTemplate) -> Number:
    return Number(f"{plain(template.width_mm)} × {plain(template.height_mm)}", "mm")


def _facts(view: View) -> Sequence[Fact]:
    t: LabelTemplate = view.record
    return [
        Fact(_("For"), [_of_what(t), t.item.name] if t.item else _of_what(t)),
        Fact(_("A label for"), t.get_label_for_display()),
        Fact(_("Packaging level"), t.get_level_display()),
        Fact(_("Language"), dict(settings.LANGUAGES).get(t.language, t.language)),
        Fact(_("Market"), t.market or _("every market")),
        Fact(_("Symbol"), t.get_carrier_display()),
        Fact(_("Size"), _size(t)),
        Fact(_("Module width"), Number(plain(t.module_mm), "mm")),
        Fact(_("Labels that may be missing"), Number(plain(t.limit_percent), "%")),
        Fact(_("Drafted by"), str(t.drafted_by)),
        Fact(_("Approved by"), str(t.approved_by) if t.approved_by else "–"),
        Fact(_("Approved"), Moment(t.approved_at) if t.approved_at else "–"),
    ]


def _preview(view: View) -> Section:
    template: LabelTemplate = view.record
    sample = sample_of(template)
    fault: Text = ""
    try:
        draw(plan_of(template), sample.shown, sample.content)
    except DoesNotFit as misfit:
        fault = _("“%(text)s” has no room in its place.") % {"text": misfit.text}
    preview = Preview(
        reverse("label-preview", args=[template.pk]),
        plain(template.width_mm),
        plain(template.height_mm),
        _("Label with sample values: %(udi)s") % {"udi": sample.plain},
        fault,
    )
    note = _("With sample values, marked as a specimen. Labels are printed from a lot.")
    return Section(
        "preview", _("Preview"), template="labels/_preview.html", context=preview, note=note
    )


ELEMENT_COLUMNS = (
    Column("kind", _("Kind")),
    Column("content", _("Shows")),
    Column("mark", _("Sign before it")),
    Column("place", _("From left, from top"), "number"),
    Column("size", _("Width × height"), "number"),
    Column("type", _("Type"), "number"),
)


def _elements(view: View) -> Section:
    rows = [_element(e) for e in layout.read(view.record.layout)]
    table = Table(ELEMENT_COLUMNS, rows)
    return Section("layout", _("Layout"), table=table, count=len(rows))


def _element(e: layout.Element) -> Row:
    shows: Text = e.content or "–"
    if e.kind == layout.Kind.FIELD:
        shows = layout.FIELDS.get(e.content, e.content)
    elif e.kind == layout.Kind.SIGN:
        shows = SIGNS[e.content].meaning if e.content in SIGNS else e.content
    written = e.kind in (layout.Kind.FIELD, layout.Kind.TEXT)
    return Row(
        [
            dict(layout.KINDS).get(e.kind, e.kind),
            shows,
            SIGNS[e.mark].meaning if e.mark in SIGNS else "–",
            Number(f"{plain(e.x)}, {plain(e.y)}", "mm"),
            Number(f"{plain(e.w)} × {plain(e.h)}", "mm"),
            Number(plain(e.size), "pt") if written else "–",
        ]
    )


def _versions(view: View) -> Section | None:
    others = _templates(view.actor).filter(code=view.record.code).exclude(pk=view.record.pk)
    rows = [
        Row(
            [template_pill(t), template_link(t), str(t.drafted_by), _approved(t)],
            f"/label-templates/{t.pk}/",
        )
        for t in view.first(others.order_by("-version"))
    ]
    if not rows:
        return None
    columns = (
        Column("state", _("State"), "state"),
        Column("version", _("Version"), "mono"),
        Column("by", _("Drafted by")),
        Column("at", _("Approved"), "moment"),
    )
    return Section("versions", _("Other versions"), table=Table(columns, rows), count=len(rows))


def _approved(template: LabelTemplate) -> Any:
    return Moment(template.approved_at) if template.approved_at else "–"


def _api(t: LabelTemplate) -> Mapping[str, Any]:
    return {
        "code": t.code,
        "version": t.version,
        "name": t.name,
        "state": t.state,
        "item": t.item.code if t.item else None,
        "item_kind": t.item_kind or None,
        "language": t.language,
        "market": t.market,
        "level": t.level,
        "label_for": t.label_for,
        "carrier": t.carrier,
        "width_mm": str(t.width_mm),
        "height_mm": str(t.height_mm),
        "module_mm": str(t.module_mm),
        "limit_percent": str(t.limit_percent),
        "elements": t.layout,
        "drafted_by": t.drafted_by.username,
        "approved_by": t.approved_by.username if t.approved_by else None,
        "approved_at": t.approved_at.isoformat() if t.approved_at else None,
    }


TEMPLATES = register(
    RecordKind(
        model="traceability.LabelTemplate",
        noun="label-templates",
        nav="masterdata",
        icon="tag",
        label=_("label template"),
        plural=_("Label templates"),
        rows=_templates,
        columns=[
            ColumnSpec("state", _("State"), template_pill, "state", "state"),
            ColumnSpec("code", _("Code"), template_link, "mono", "code"),
            ColumnSpec("name", _("Name"), lambda t: t.name, sort="name"),
            ColumnSpec("for", _("For"), _of_what),
            ColumnSpec("label_for", _("A label for"), lambda t: t.get_label_for_display()),
            ColumnSpec("level", _("Packaging level"), lambda t: t.get_level_display()),
            ColumnSpec(
                "language",
                _("Language"),
                lambda t: dict(settings.LANGUAGES).get(t.language, t.language),
            ),
            ColumnSpec("market", _("Market"), lambda t: t.market or _("every market")),
            ColumnSpec("size", _("Size"), _size, "number"),
        ],
        api=_api,
        number=str,
        title=lambda t: t.name,
        state=template_pill,
        facts=_facts,
        sections=(_preview, _elements, _versions),
        search=("code", "name", "item__code", "item__name"),
        filters=(
            FilterSpec("state", _("State"), lambda a: TEMPLATE.choices(), "state"),
            FilterSpec("language", _("Language"), lambda a: list(settings.LANGUAGES), "language"),
            FilterSpec("level", _("Packaging level"), lambda a: Level.choices, "level"),
        ),
        scan=("code",),
        order="-pk",
        empty=_(
            "A template says what stands where on a label. Draft the first one; another person"
            " approves it, then labels are printed from a lot's page."
        ),
    )
)
