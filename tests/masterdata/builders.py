"""Makes items, partners and places for tests."""

from __future__ import annotations

import itertools
from typing import Any

from erp.accounts.models import Site
from erp.core import clock
from erp.masterdata.models import BomLine, Item, ItemRevision, Location, Partner
from erp.masterdata.states import RevisionState

_count = itertools.count(1)


def make_item(code: str = "", *, bom: dict[Item, Any] | None = None, **more: Any) -> Item:
    """Make an item with an effective revision A and, if given, its bill of materials."""
    number = next(_count)
    values = {"name": f"Item {number}", "kind": "material", "tracking": "lot", **more}
    item = Item.objects.create(code=code or f"IT-{number}", **values)
    revision = ItemRevision.objects.create(
        item=item, revision="A", state=RevisionState.EFFECTIVE, effective_at=clock.now()
    )
    for component, quantity in (bom or {}).items():
        BomLine.objects.create(revision=revision, component=component, quantity=quantity)
    return item


def make_partner(code: str = "", **more: Any) -> Partner:
    """Make a partner that is supplier and customer."""
    number = next(_count)
    values = {"is_supplier": True, "is_customer": True, "country": "DE", **more}
    return Partner.objects.create(code=code or f"P-{number}", name=f"Partner {number}", **values)


def place(site: Site, kind: str) -> Location:
    """Return the site's place of this kind."""
    return Location.objects.filter(site=site, kind=kind).get()
