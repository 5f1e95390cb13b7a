"""What the system already knows about a device: the source of everything nobody has to type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from erp.masterdata.models import Item, MarketAuthorisation, Tracking
from traceability.datasheets.models import DataSheet
from traceability.identifiers.models import PARTS, DeviceIdentifier, Level
from traceability.identifiers.states import IdentifierState


@dataclass(frozen=True, slots=True)
class Facts:
    """An identifier with its item, the identifiers around it, and the item's authorisations."""

    sheet: DataSheet
    identifier: DeviceIdentifier
    item: Item
    family: Sequence[DeviceIdentifier]
    authorisations: Sequence[MarketAuthorisation]

    @property
    def by_lot(self) -> bool:
        """Tell whether the label carries a lot number."""
        return self.item.tracking in (Tracking.LOT, Tracking.BOTH)

    @property
    def by_serial(self) -> bool:
        """Tell whether the label carries a serial number."""
        return self.item.tracking in (Tracking.SERIAL, Tracking.BOTH)

    @property
    def withdrawn(self) -> bool | None:
        """Tell whether the identifier is off the market; not known while it is a draft."""
        if self.identifier.state == IdentifierState.DRAFT:
            return None
        return self.identifier.state == IdentifierState.WITHDRAWN

    def numbers(self, countries: Iterable[str]) -> str | None:
        """Return the authorisation numbers of these countries, each once."""
        wanted = set(countries)
        found = [a.number for a in self.authorisations if a.country in wanted]
        return "; ".join(dict.fromkeys(found)) or None

    def part(self, level: str) -> DeviceIdentifier | None:
        """Return the unit of use or direct mark that belongs to the identifier."""
        return next((row for row in self.related() if row.level == level), None)

    def related(self) -> Iterator[DeviceIdentifier]:
        """Yield the identifier, its secondary ones, its parts, and every package around it."""
        inside = {self.identifier.pk}
        yield self.identifier
        for row in self.family:
            if row.pk != self.identifier.pk and self._is_beside(row):
                yield row
        for row in _from_inside_out(self.family):
            if row.contains_id in inside:
                inside.add(row.pk)
                yield row

    def _is_beside(self, row: DeviceIdentifier) -> bool:
        if row.level in PARTS:
            return row.belongs_to_id == self.identifier.pk
        return (
            row.level == Level.BASE
            and not row.primary
            and row.revision_id == self.identifier.revision_id
            and row.market in ("", self.identifier.market)
        )


def _from_inside_out(family: Sequence[DeviceIdentifier]) -> list[DeviceIdentifier]:
    """Return the packages so that each comes after what is in it."""
    known = {row.pk: row for row in family}

    def depth(row: DeviceIdentifier) -> int:
        count, inside = 0, known.get(row.contains_id or 0)
        while inside is not None and count <= len(known):
            count, inside = count + 1, known.get(inside.contains_id or 0)
        return count

    return sorted((row for row in family if row.contains_id), key=lambda row: (depth(row), row.pk))


def with_facts(rows: QuerySet[DataSheet]) -> QuerySet[DataSheet]:
    """Return data sheets with all that their facts need: three queries, however many they are."""
    family = DeviceIdentifier.objects.select_related("contains", "replaces").order_by("pk")
    markets = MarketAuthorisation.objects.order_by("country", "pk")
    return (
        rows.select_related("identifier__item", "identifier__revision", "drafted_by")
        .prefetch_related(Prefetch("identifier__item__identifiers", queryset=family))
        .prefetch_related(Prefetch("identifier__item__authorisations", queryset=markets))
    )


def facts_of(sheet: DataSheet) -> Facts:
    """Return the facts of one data sheet; read with :func:`with_facts`, they cost no query."""
    item = sheet.identifier.item
    return Facts(
        sheet=sheet,
        identifier=sheet.identifier,
        item=item,
        family=list(item.identifiers.all()),
        authorisations=list(item.authorisations.all()),
    )
