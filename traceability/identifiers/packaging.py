"""Which package may contain what: pure rules over the identifiers of one item, and the tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from erp.core.errors import Blocker, BlockerList, RecordRef
from traceability.identifiers.models import PACKAGES, PARTS, DeviceIdentifier, Level
from traceability.identifiers.states import IdentifierState

Family = Sequence[DeviceIdentifier]
RANK = {level: rank for rank, level in enumerate((Level.BASE, *PACKAGES))}
"""From the base package upwards; a package may also contain packages of its own level."""


@dataclass(frozen=True, slots=True)
class Nested:
    """An identifier in the tree of packages: ``base_units`` base packages lie in one of it."""

    identifier: DeviceIdentifier
    depth: int
    base_units: int


def reference(identifier: DeviceIdentifier) -> RecordRef:
    """Return the pointer that leads to an identifier."""
    return RecordRef(
        "traceability.deviceidentifier",
        str(identifier.pk),
        identifier.di,
        f"/device-identifiers/{identifier.pk}/",
    )


def packaging_faults(identifier: DeviceIdentifier, family: Family) -> list[Blocker]:
    """Return every reason why the identifier cannot stand in the packaging of its item."""
    known = {row.pk: row for row in family}
    found = BlockerList()
    _check_contents(identifier, known.get(identifier.contains_id or 0), found)
    _check_base(identifier, known.get(identifier.belongs_to_id or 0), found)
    if _goes_round(identifier, known):
        found.add(
            "identifier.packaging_cycle",
            _("It would be inside itself, directly or through other packages."),
        )
    return found.items


def _check_contents(
    package: DeviceIdentifier, inside: DeviceIdentifier | None, found: BlockerList
) -> None:
    if package.level not in PACKAGES:
        if package.contains_id is not None:
            found.add("identifier.not_a_package", _("Only packages contain other packages."))
        return
    if package.contains_id is not None and inside is None:
        found.add("identifier.of_another_item", _("What is inside belongs to another item."))
    elif (package.contains_id is None) != (package.contained_quantity is None):
        found.add(
            "identifier.half_packaging", _("Say both what is inside and how many, or neither.")
        )
    if inside is None:
        return
    if RANK.get(Level(inside.level), len(RANK)) > RANK[Level(package.level)]:
        found.add(
            "identifier.level_above",
            _("%(inside)s stands on a larger package than this.") % {"inside": inside.di},
            reference(inside),
        )
    if inside.state == IdentifierState.WITHDRAWN:
        found.add(
            "identifier.withdrawn",
            _("%(di)s is withdrawn and goes on no new label.") % {"di": inside.di},
            reference(inside),
        )


def _check_base(part: DeviceIdentifier, base: DeviceIdentifier | None, found: BlockerList) -> None:
    if part.belongs_to_id is None:
        return
    if part.level not in PARTS:
        found.add(
            "identifier.not_a_part",
            _("Only a unit of use or a direct mark belongs to another identifier."),
        )
    elif base is None or base.level != Level.BASE:
        found.add(
            "identifier.no_base",
            _("It must belong to a base package of the same item."),
            reference(base) if base else None,
        )


def _goes_round(identifier: DeviceIdentifier, known: dict[int, DeviceIdentifier]) -> bool:
    seen = {identifier.pk} if identifier.pk else set()
    inside = known.get(identifier.contains_id or 0)
    while inside is not None:
        if inside.pk in seen:
            return True
        seen.add(inside.pk)
        inside = known.get(inside.contains_id or 0)
    return False


def tree(family: Family) -> Iterator[Nested]:
    """Yield the identifiers of an item from the largest packages down to what is in them.

    A package without contents, and each part, stands beside the others at the top or below its
    base. Packaging has no cycles: nothing that would make one is ever written.
    """
    below: dict[int | None, list[DeviceIdentifier]] = {}
    above = {row.contains_id for row in family if row.contains_id}
    for row in family:
        if row.belongs_to_id:
            below.setdefault(row.belongs_to_id, []).append(row)
    known = {row.pk: row for row in family}
    tops = [row for row in family if row.pk not in above and not row.belongs_to_id]
    shown: set[int] = set()
    for top in sorted(tops, key=_size_order):
        yield from _branch(top, 0, known, below, shown)


def _size_order(row: DeviceIdentifier) -> tuple[int, str]:
    return -RANK.get(Level(row.level), -1), row.di


def _branch(
    row: DeviceIdentifier,
    depth: int,
    known: dict[int, DeviceIdentifier],
    below: dict[int | None, list[DeviceIdentifier]],
    shown: set[int],
) -> Iterator[Nested]:
    if row.pk in shown:
        return
    shown.add(row.pk)
    yield Nested(row, depth, base_units(row, known))
    inside = known.get(row.contains_id or 0)
    further = [inside] if inside else below.get(row.pk, [])
    for child in further:
        yield from _branch(child, depth + 1, known, below, shown)


def base_units(row: DeviceIdentifier, known: dict[int, DeviceIdentifier]) -> int:
    """Return how many base packages lie in one of this package."""
    count = 1
    inside: DeviceIdentifier | None = row
    while inside is not None and inside.contains_id:
        count *= inside.contained_quantity or 1
        inside = known.get(inside.contains_id)
    return count
