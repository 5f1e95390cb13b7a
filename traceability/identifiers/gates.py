"""What stands in the way of an identifier: asked by the page beforehand, by the operation after
locking.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from erp.core.errors import Blocker
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.packaging import packaging_faults, reference
from traceability.identifiers.states import IdentifierState


def activation_blockers(identifier: DeviceIdentifier, _actor: Any = None) -> list[Blocker]:
    """Return why the identifier may not stand on labels yet.

    One label carries one identifier, and a package is no clearer than what is in it, so that must
    be active before.
    """
    family = list(DeviceIdentifier.objects.filter(item_id=identifier.item_id))
    return [
        *packaging_faults(identifier, family),
        *_inside_not_active(identifier, family),
        *_same_label(identifier, family),
    ]


def _inside_not_active(
    identifier: DeviceIdentifier, family: Sequence[DeviceIdentifier]
) -> list[Blocker]:
    needed = {identifier.contains_id, identifier.belongs_to_id}
    return [
        Blocker(
            "identifier.not_active",
            _("%(di)s is not active. Activate it first.") % {"di": row.di},
            reference(row),
        )
        for row in family
        if row.pk in needed and row.state == IdentifierState.DRAFT
    ]


def _same_label(identifier: DeviceIdentifier, family: Sequence[DeviceIdentifier]) -> list[Blocker]:
    if not identifier.primary:
        return []
    return [
        Blocker(
            "identifier.label_taken",
            _(
                "%(di)s stands on this label already. Withdraw it first, or say from which revision"
                " or in which market the new one applies."
            )
            % {"di": row.di},
            reference(row),
        )
        for row in family
        if row.pk != identifier.pk
        and row.primary
        and row.state == IdentifierState.ACTIVE
        and _place(row) == _place(identifier)
    ]


def _place(row: DeviceIdentifier) -> tuple[object, ...]:
    """Return which label an identifier stands on, as the constraint ``one_di_on_a_label`` does."""
    return (row.revision_id, row.level, row.market, row.contains_id, row.contained_quantity)


def withdrawal_blockers(identifier: DeviceIdentifier, _actor: Any = None) -> list[Blocker]:
    """Return what still needs the identifier: active packages and parts go first."""
    family = DeviceIdentifier.objects.filter(
        item_id=identifier.item_id, state=IdentifierState.ACTIVE
    )
    return [
        Blocker(
            "identifier.in_use",
            _("%(di)s is active and refers to it. Withdraw that first.") % {"di": row.di},
            reference(row),
        )
        for row in family.order_by("pk")
        if identifier.pk in (row.contains_id, row.belongs_to_id)
    ]
