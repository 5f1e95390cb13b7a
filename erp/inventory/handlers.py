"""What stock does when something happens elsewhere."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.events import on
from erp.masterdata.steps import create_virtual_places
from erp.organisation.events import SiteRegistered


@on(SiteRegistered)
def give_it_virtual_places(ctx: Context, event: SiteRegistered) -> None:
    """A new site has from its first moment the places where goods come from and go to."""
    create_virtual_places(event.site_id)
