"""Row locks of the registry. Items are locked before identifiers, identifiers before lots."""

from __future__ import annotations

from erp.core.context import Context
from erp.core.errors import NotFound
from erp.core.locking import lock
from traceability.identifiers.models import DeviceIdentifier


def lock_family(
    ctx: Context, identifier_id: int
) -> tuple[DeviceIdentifier, list[DeviceIdentifier]]:
    """Lock an identifier with all others of its item; return it, and all of them.

    What one may become depends on the others (one on a label, what contains what), so two who
    change the same item's identifiers wait for each other.
    """
    item = DeviceIdentifier.objects.filter(pk=identifier_id).values("item_id")
    family = lock(ctx, DeviceIdentifier.objects.filter(item_id__in=item))
    for row in family:
        if row.pk == identifier_id:
            return row, family
    raise NotFound(what=DeviceIdentifier._meta.verbose_name)
