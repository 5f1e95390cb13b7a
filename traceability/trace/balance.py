"""Mass balance of lots: what came in, where it went, what lies there; a gap is shown as a gap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from erp.core.quantities import ZERO
from traceability.ids import IdSet
from traceability.models import Lot
from traceability.origins import FIGURES, Figure


@dataclass(frozen=True)
class Balance:
    """The balance of one lot; ``gap`` came in and is nowhere, or below zero came from nowhere."""

    lot_id: int
    figures: Mapping[str, Decimal]
    gap: Decimal

    @property
    def closed(self) -> bool:
        """Tell whether everything is accounted for."""
        return self.gap == ZERO


def ordered_figures() -> list[Figure]:
    """Return the columns of a balance in their order."""
    return sorted(FIGURES.values(), key=lambda f: (f.order, f.code))


def balance(lot_ids: Collection[int]) -> list[Balance]:
    """Return the balance of each lot by itself: one query per figure, whatever the number of
    lots.
    """
    return _closed(_figures(lot_ids if isinstance(lot_ids, IdSet) else IdSet(lot_ids)))


def balance_with_units(lot_ids: Collection[int]) -> list[Balance]:
    """Return the balance of each lot as people ask for it: a lot that was made unit by unit, and
    never as such, is what its units are.
    """
    known = _figures(IdSet(lot_ids))
    empty = [pk for pk, figures in known.items() if not any(figures.values())]
    return _closed({**known, **_of_units(empty)} if empty else known)


def _closed(known: Mapping[int, Mapping[str, Decimal]]) -> list[Balance]:
    signs = {f.code: f.sign for f in ordered_figures()}
    return [
        Balance(pk, figures, sum((signs[code] * q for code, q in figures.items()), ZERO))
        for pk, figures in known.items()
    ]


def _figures(ids: IdSet) -> dict[int, dict[str, Decimal]]:
    columns = {f.code: f.quantities(ids) for f in ordered_figures()}
    return {pk: {code: v.get(pk, ZERO) for code, v in columns.items()} for pk in ids}


def _of_units(lot_ids: Collection[int]) -> dict[int, dict[str, Decimal]]:
    """Return the figures of lots as the sums of those of their units."""
    units = dict(Lot.objects.filter(batch__in=lot_ids).values_list("pk", "batch_id"))
    found: dict[int, dict[str, Decimal]] = {}
    for pk, figures in _figures(IdSet(units)).items():
        sums = found.setdefault(units[pk], dict.fromkeys(figures, ZERO))
        for code, quantity in figures.items():
            sums[code] += quantity
    return found
