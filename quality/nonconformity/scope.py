"""What a new concession covers: exactly what its gate asks about, and at least one of it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from equipment.models import Instrument
from quality.nonconformity.concessions import CONCEDED, OF_INSTRUMENTS, OF_SUPPLIES
from quality.nonconformity.errors import (
    ConcessionNamesNoInstrument,
    ConcessionNamesNoLot,
    ConcessionNamesNoSupply,
    ConcessionNamesOthers,
    InstrumentOfAnotherSite,
)
from quality.nonconformity.models import Deviation
from quality.nonconformity.steps import Covers

LOTS, SUPPLIER, ITEMS, INSTRUMENTS = "lot_ids", "supplier_id", "item_ids", "instrument_ids"
FIELDS = {
    LOTS: _("lots and units"),
    SUPPLIER: _("supplier"),
    ITEMS: _("items of the supplier"),
    INSTRUMENTS: _("instruments"),
}


def covered(deviation: Deviation, gate: str, named: Covers) -> Covers:
    """Return what is covered, or raise: nothing named, or records the gate never asks about."""
    if gate in OF_SUPPLIES:
        _nothing_but(gate, named, SUPPLIER, ITEMS)
        if not (named.supplier_id and named.item_ids):
            raise ConcessionNamesNoSupply
        return named
    if gate in OF_INSTRUMENTS:
        _nothing_but(gate, named, INSTRUMENTS)
        _refuse_other_sites(deviation, named)
        return named
    _nothing_but(gate, named, LOTS)
    lots = set(named.lot_ids) or set(deviation.lots.values_list("lot_id", flat=True))
    if not lots:
        raise ConcessionNamesNoLot
    return Covers(lot_ids=lots)


def _nothing_but(gate: str, named: Covers, *wanted: str) -> None:
    wrong = [str(FIELDS[name]) for name in FIELDS if name not in wanted and getattr(named, name)]
    if wrong:
        raise ConcessionNamesOthers(gate=CONCEDED[gate], fields=", ".join(wrong))


def _refuse_other_sites(deviation: Deviation, named: Covers) -> None:
    if not named.instrument_ids:
        raise ConcessionNamesNoInstrument
    elsewhere = Instrument.objects.filter(pk__in=named.instrument_ids).exclude(
        site_id=deviation.site_id
    )
    codes = list(elsewhere.order_by("code").values_list("code", flat=True))
    if codes:
        raise InstrumentOfAnotherSite(instruments=", ".join(codes), site=deviation.site.code)
