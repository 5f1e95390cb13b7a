"""Templates: drafted, approved by another person, replaced by their next version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.accounts.models import User
from erp.core.context import Context
from erp.core.errors import FieldFault, InvalidInput
from erp.operations import Reason, operation
from erp.operations.declaration import EarlierStep
from traceability.labels import layout, steps
from traceability.labels.inputs import DraftTemplate, ReviseTemplate
from traceability.labels.layout import Element, Kind
from traceability.labels.locking import lock_template, lock_versions
from traceability.labels.models import LabelTemplate
from traceability.labels.states import TEMPLATE, TemplateState

NAMES_IT = {LabelTemplate.For.UNIT: "serial", LabelTemplate.For.LOT: "lot"}
"""Which value a label must show, by what it stands on."""


@operation(
    "traceability.draft_label_template",
    title=_("New label template"),
    sentence=_("A label is laid out as a draft. Another person approves it before it is printed."),
    noun="label-templates",
    verb="draft",
    creates="traceability.LabelTemplate",
    input=DraftTemplate,
)
def draft_label_template(ctx: Context, /, **values: Any) -> LabelTemplate:
    """Draft the first version of a template; a layout with faults is refused with all of them."""
    return steps.create_template(ctx, _checked(values, values["label_for"]))


@operation(
    "traceability.revise_label_template",
    title=_("Change draft"),
    sentence=_("The draft says this from now on. Who changes it cannot approve it."),
    noun="label-templates",
    verb="revise",
    subject="traceability.LabelTemplate",
    subject_arg="template_id",
    input=ReviseTemplate,
    states=TEMPLATE,
    step="revise",
)
def revise_label_template(ctx: Context, /, *, template_id: int, **values: Any) -> LabelTemplate:
    """Change a draft; what is approved never changes."""
    template = lock_template(ctx, template_id)
    TEMPLATE.next(TemplateState(template.state), "revise")
    steps.revise_template(template, _checked(values, template.label_for))
    return template


@operation(
    "traceability.draft_label_version",
    title=_("Draft next version"),
    sentence=_("A draft like this version is made; this one stays in use until it is approved."),
    noun="label-templates",
    verb="draft-version",
    subject="traceability.LabelTemplate",
    subject_arg="template_id",
    creates="traceability.LabelTemplate",
)
def draft_label_version(ctx: Context, *, template_id: int) -> LabelTemplate:
    """Draft the next version of a template."""
    code = LabelTemplate.objects.values_list("code", flat=True).get(pk=template_id)
    versions = lock_versions(ctx, code)
    model = next(v for v in versions if v.pk == template_id)
    return steps.create_version(ctx, versions, model)


def template_content(template: LabelTemplate) -> dict[str, Any]:
    """Return what an approval signs: for what the label is, and every element of it."""
    return {
        "code": template.code,
        "version": template.version,
        "name": template.name,
        "item": template.item.code if template.item else None,
        "item_kind": template.item_kind,
        "language": template.language,
        "market": template.market,
        "level": template.level,
        "label_for": template.label_for,
        "carrier": template.carrier,
        "width_mm": template.width_mm,
        "height_mm": template.height_mm,
        "module_mm": template.module_mm,
        "limit_percent": template.limit_percent,
        "layout": template.layout,
    }


def _authors(template: LabelTemplate) -> Sequence[EarlierStep]:
    """Return everybody who wrote anything of the draft."""
    drafts = LabelTemplate.history.filter(id=template.pk, state=TemplateState.DRAFT)
    wrote = {template.drafted_by_id, *drafts.values_list("history_user_id", flat=True)}
    people = User.objects.filter(pk__in=wrote - {None}).order_by("pk")
    return [(user.pk, str(user), _("draft the template")) for user in people]


@operation(
    "traceability.approve_label_template",
    title=_("Approve template"),
    sentence=_("Labels are printed from this version; the version before it goes out of use."),
    noun="label-templates",
    verb="approve",
    subject="traceability.LabelTemplate",
    subject_arg="template_id",
    states=TEMPLATE,
    step="approve",
    signed_as=Meaning.APPROVED,
    signs=template_content,
    other_than=_authors,
    primary=True,
)
def approve_label_template(ctx: Context, *, template_id: int) -> LabelTemplate:
    """Approve a draft; nobody who wrote any of it, with signature."""
    code = LabelTemplate.objects.values_list("code", flat=True).get(pk=template_id)
    versions = lock_versions(ctx, code)
    chosen = next(v for v in versions if v.pk == template_id)
    return steps.approve_template(ctx, versions, chosen)


@operation(
    "traceability.retire_label_template",
    title=_("Take out of use"),
    sentence=_("Nothing is printed from this template any more."),
    noun="label-templates",
    verb="retire",
    subject="traceability.LabelTemplate",
    subject_arg="template_id",
    states=TEMPLATE,
    step="retire",
    reason=Reason.REQUIRED,
    danger=True,
)
def retire_label_template(ctx: Context, *, template_id: int) -> LabelTemplate:
    """End the use of a template; the reason is kept in its history."""
    return steps.retire_template(lock_template(ctx, template_id))


def _checked(values: Mapping[str, Any], label_for: str) -> dict[str, Any]:
    """Return the values with the layout as it is kept, or refuse it with everything wrong."""
    kept = dict(values)
    elements = layout.read(kept.pop("elements"))
    faults = layout.faults(elements, Decimal(kept["width_mm"]), Decimal(kept["height_mm"]))
    faults += _names_what_it_is_on(elements, label_for)
    if faults:
        raise InvalidInput(faults=faults)
    kept["layout"] = [element.as_json() for element in elements]
    return kept


def _names_what_it_is_on(elements: Sequence[Element], label_for: str) -> list[FieldFault]:
    needed = NAMES_IT[LabelTemplate.For(label_for)]
    if any(e.kind == Kind.FIELD and e.content == needed for e in elements):
        return []
    reason = _now("A label for this shows the value “%(value)s”.") % {"value": needed}
    return [FieldFault("elements", reason)]
