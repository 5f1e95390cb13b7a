"""Mass balance of lots: what came in, where it went, what lies there; a gap is shown as a gap."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from erp.core.quantities import ZERO
from traceability.ids import IdSet
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
    """Return the balance of each lot: one query per figure, whatever the number of lots."""
    ids = lot_ids if isinstance(lot_ids, IdSet) else IdSet(lot_ids)
    columns = {f: f.quantities(ids) for f in ordered_figures()}
    balances = []
    for pk in ids:
        figures = {f.code: values.get(pk, ZERO) for f, values in columns.items()}
        gap = sum((f.sign * figures[f.code] for f in columns), ZERO)
        balances.append(Balance(pk, figures, gap))
    return balances
