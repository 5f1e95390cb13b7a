"""Changes of master data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit.meanings import Meaning
from erp.core.context import Context
from erp.core.quantities import plain
from erp.masterdata import inputs, locking, steps
from erp.masterdata.models import (
    BomLine,
    Item,
    ItemRevision,
    Location,
    MarketAuthorisation,
    Partner,
)
from erp.masterdata.states import REVISION
from erp.operations import operation


@operation(
    "masterdata.register_item",
    title=_("New item"),
    sentence=_("An item is registered. It can be used once a revision of it is approved."),
    noun="items",
    verb="register",
    creates="masterdata.Item",
    input=inputs.RegisterItem,
)
def register_item(_ctx: Context, /, **values: Any) -> Item:
    """Register an item (MDM-01)."""
    return steps.create_item(values)


@operation(
    "masterdata.draft_revision",
    title=_("Draft revision"),
    sentence=_("A draft revision with its bill of materials is made. Another person approves it."),
    noun="items",
    verb="draft-revision",
    subject="masterdata.Item",
    subject_arg="item_id",
    creates="masterdata.ItemRevision",
    input=inputs.DraftRevision,
)
def draft_revision(
    ctx: Context,
    *,
    item_id: int,
    revision: str,
    description: str = "",
    lines: Sequence[Mapping[str, Any]] = (),
) -> ItemRevision:
    """Draft a revision; nothing effective is ever edited."""
    item = locking.lock_item(ctx, item_id)
    return steps.create_revision(ctx, item, revision=revision, description=description, lines=lines)


def _line(line: BomLine) -> dict[str, Any]:
    return {
        "component": line.component.code,
        "quantity": plain(line.quantity),
        "per_unit": line.per_unit,
    }


def revision_content(revision: ItemRevision) -> dict[str, Any]:
    """Return what an approval of a revision signs: the item, the revision, every line."""
    lines = revision.bom.select_related("component").order_by("component__code")
    return {
        "item": revision.item.code,
        "revision": revision.revision,
        "description": revision.description,
        "lines": [_line(x) for x in lines],
    }


@operation(
    "masterdata.approve_revision",
    title=_("Approve revision"),
    sentence=_("This revision becomes effective and the one before it is superseded."),
    noun="item-revisions",
    verb="approve",
    subject="masterdata.ItemRevision",
    subject_arg="revision_id",
    states=REVISION,
    step="approve",
    signed_as=Meaning.APPROVED,
    signs=revision_content,
    other_than=lambda r: (
        [(r.drafted_by_id, str(r.drafted_by), _("draft the revision"))] if r.drafted_by else []
    ),
    primary=True,
)
def approve_revision(ctx: Context, *, revision_id: int) -> ItemRevision:
    """Approve a draft; the author cannot (SEC-01)."""
    item_id = ItemRevision.objects.values_list("item_id", flat=True).get(pk=revision_id)
    revisions = locking.lock_revisions(ctx, item_id)
    chosen = next(r for r in revisions if r.pk == revision_id)
    return steps.make_effective(ctx, revisions, chosen)


@operation(
    "masterdata.register_partner",
    title=_("New partner"),
    sentence=_(
        "A supplier, customer or subcontractor is registered. A supplier is approved separately."
    ),
    noun="partners",
    verb="register",
    creates="masterdata.Partner",
    input=inputs.RegisterPartner,
)
def register_partner(_ctx: Context, /, **values: Any) -> Partner:
    """Register a partner (MDM-02)."""
    return steps.create_once(Partner, "code", values)


@operation(
    "masterdata.register_location",
    title=_("New location"),
    sentence=_("A place where goods can lie is added to a site."),
    noun="locations",
    verb="register",
    creates="masterdata.Location",
    input=inputs.RegisterLocation,
)
def register_location(_ctx: Context, /, **values: Any) -> Location:
    """Register a location (MDM-03)."""
    return steps.create_location(values)


@operation(
    "masterdata.register_authorisation",
    title=_("Add market authorisation"),
    sentence=_("The item may be sold in the country within the period stated."),
    noun="items",
    verb="authorise",
    subject="masterdata.Item",
    subject_arg="item_id",
    creates="masterdata.MarketAuthorisation",
    input=inputs.RegisterAuthorisation,
)
def register_authorisation(ctx: Context, /, *, item_id: int, **values: Any) -> MarketAuthorisation:
    """Register a market authorisation (MDM-04)."""
    item = locking.lock_item(ctx, item_id)
    return steps.create_authorisation(item, values)
