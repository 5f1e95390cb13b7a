"""Reads of the registry: which identifier stands for an item, a lot or a scanned number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from erp.masterdata.states import RevisionState
from traceability.identifiers import rules
from traceability.identifiers.models import DeviceIdentifier, Level
from traceability.identifiers.states import IdentifierState
from traceability.models import Lot


def identifier_of(
    item_id: int, *, revision_id: int | None = None, level: str = Level.BASE, market: str = ""
) -> DeviceIdentifier | None:
    """Return the identifier to print or send for an item now, ``None`` where it has none.

    That is the active one on labels of this level: the market's own before the one for all
    markets, the latest that applies to the revision (without one: to what is effective).
    """
    rows = DeviceIdentifier.objects.filter(
        item_id=item_id, level=level, state=IdentifierState.ACTIVE, primary=True
    )
    if revision_id is None:
        rows = rows.filter(Q(revision=None) | ~Q(revision__state=RevisionState.DRAFT))
    return rules.choose(list(rows.order_by("pk")), revision_id=revision_id, market=market)


def by_di(issuer: str, di: str) -> QuerySet[DeviceIdentifier]:
    """Return the identifier with this number: of one issuer, or of any with ``issuer`` empty.

    The number is compared as the registry keeps it: a GTIN with 14 digits, a HIBC code without flag
    and check character (or with the latter, where a database did so). Withdrawn identifiers are
    found too: goods that carry them exist.
    """
    rows = DeviceIdentifier.objects.select_related("item", "revision")
    if issuer:
        return rows.filter(issuer=issuer, di__in=rules.forms_of(issuer, di))
    return rows.filter(di__in=set().union(*(rules.forms_of(known, di) for known in rules.ISSUERS)))


def identifiers_of(item_ids: Iterable[int]) -> dict[int, list[DeviceIdentifier]]:
    """Return every identifier of these items, by item, in one query."""
    found: dict[int, list[DeviceIdentifier]] = defaultdict(list)
    rows = DeviceIdentifier.objects.filter(item_id__in=set(item_ids))
    for row in rows.order_by("item_id", "pk"):
        found[row.item_id].append(row)
    return dict(found)


def carried_by(lots: Iterable[Lot]) -> dict[int, DeviceIdentifier]:
    """Return the identifier on the label of each lot or unit, by lot id, in one query.

    A lot keeps the identifier it was made under, whatever became of that identifier since.
    """
    wanted = list(lots)
    known = identifiers_of(lot.item_id for lot in wanted)
    chosen = {lot.pk: carried(lot, known.get(lot.item_id, [])) for lot in wanted}
    return {pk: found for pk, found in chosen.items() if found is not None}


def carried(lot: Lot, known: Iterable[DeviceIdentifier]) -> DeviceIdentifier | None:
    """Return which of the item's identifiers the lot carries."""
    base = [
        row
        for row in known
        if row.level == Level.BASE and row.primary and row.state != IdentifierState.DRAFT
    ]
    return rules.choose(base, revision_id=lot.revision_id, on=lot.manufactured_on)
