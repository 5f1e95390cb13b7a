"""Writes of master data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db.models import Model

from erp.accounts.models import Site
from erp.core import clock
from erp.core.context import Context
from erp.masterdata.errors import BomLoop, CodeTaken
from erp.masterdata.models import BomLine, Item, ItemRevision, Location, MarketAuthorisation
from erp.masterdata.states import REVISION, RevisionState

M = TypeVar("M", bound=Model)


def create_once(model: type[M], key: str, values: Mapping[str, Any]) -> M:
    """Write a record whose natural key must be new, or raise ``CodeTaken``."""
    manager: Any = model._default_manager
    if values[key] and manager.filter(**{f"{key}__iexact": values[key]}).exists():
        raise CodeTaken(value=values[key])
    made: M = manager.create(**values)
    return made


def create_item(values: Mapping[str, Any]) -> Item:
    """Write an item under a number of its own."""
    return create_once(Item, "code", values)


def create_revision(
    ctx: Context, item: Item, *, revision: str, description: str, lines: Sequence[Mapping[str, Any]]
) -> ItemRevision:
    """Write a draft revision with its bill of materials."""
    if ItemRevision.objects.filter(item=item, revision=revision).exists():
        raise CodeTaken(value=f"{item.code} {revision}")
    if any(line["component_id"] == item.pk for line in lines):
        raise BomLoop(item=item.code)
    made = ItemRevision.objects.create(
        item=item, revision=revision, description=description, drafted_by_id=ctx.actor.user_id
    )
    BomLine.objects.bulk_create([BomLine(revision=made, **line) for line in lines])
    return made


def make_effective(
    ctx: Context, revisions: Sequence[ItemRevision], chosen: ItemRevision
) -> ItemRevision:
    """Approve one locked revision and supersede the one in force."""
    for old in revisions:
        if old.pk != chosen.pk and old.state == RevisionState.EFFECTIVE:
            old.state = REVISION.next(RevisionState.EFFECTIVE, "supersede")
            old.save(update_fields=["state"])
    chosen.state = REVISION.next(RevisionState(chosen.state), "approve")
    chosen.effective_at = ctx.at or clock.now()
    chosen.save(update_fields=["state", "effective_at"])
    return chosen


def create_location(values: Mapping[str, Any]) -> Location:
    """Write a place; the kind decides whether it is virtual."""
    virtual = values["kind"] in Location.VIRTUAL
    known = Location.objects.filter(site_id=values["site_id"], kind=values["kind"], virtual=True)
    if virtual and known.exists():
        raise CodeTaken(value=Location.Kind(values["kind"]).label)
    return create_once(Location, "code", {**values, "virtual": virtual})


def create_authorisation(item: Item, values: Mapping[str, Any]) -> MarketAuthorisation:
    """Write a market authorisation of an item; its number is given once per country."""
    known = MarketAuthorisation.objects.filter(
        item=item, country=values["country"], number=values["number"]
    )
    if known.exists():
        raise CodeTaken(value=values["number"])
    return MarketAuthorisation.objects.create(item=item, **values)


def create_virtual_places(site_id: int) -> None:
    """Give a site one virtual place of each kind; those it has already stay as they are."""
    site = Site.objects.get(pk=site_id)
    names = dict(Location.Kind.choices)
    Location.objects.bulk_create(
        [
            Location(
                site=site,
                code=f"{site.code}-{kind.upper()}",
                name=str(names[kind]),
                kind=kind,
                virtual=True,
            )
            for kind in sorted(Location.VIRTUAL)
        ],
        ignore_conflicts=True,
    )
