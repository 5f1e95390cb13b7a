"""What purchasing tells of a lot's story: from whom it came, and with which paper."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext, ngettext, pgettext_lazy

from procurement.models import Receipt, ReceiptLine
from traceability.models import Lot
from traceability.origins import Ids, Line, Scope, telling
from traceability.phrases import FEW, links, names, number, when


@telling("received", title=pgettext_lazy("stage of a story", "Received"), order=10)
def received(scope: Scope) -> Sequence[Line]:
    """Say from whom the lots came, and from whom what went into them."""
    return [*_own(scope.own), *_materials(scope.before)]


def _lines(lot_ids: Ids) -> list[ReceiptLine]:
    """Return the receipt lines that stand of these lots; a unit came with its lot."""
    batches = Lot.objects.filter(pk__in=lot_ids, batch__isnull=False).values("batch_id")
    rows = ReceiptLine.objects.standing().select_related("lot", "receipt__order__supplier")
    found = {line.pk: line for line in rows.filter(lot__in=lot_ids)}
    found |= {line.pk: line for line in rows.filter(lot__in=batches)}
    return sorted(found.values(), key=lambda line: (line.receipt.received_at, line.pk))


def _own(own: Ids) -> Iterator[Line]:
    lines = _lines(own)
    by_receipt: dict[Receipt, list[ReceiptLine]] = defaultdict(list)
    for line in lines:
        by_receipt[line.receipt].append(line)
    if len(by_receipt) > FEW:
        yield _many(lines, gettext("They were received %(when)s from %(suppliers)s."))
        return
    for receipt, brought in by_receipt.items():
        said = ngettext(
            "%(lots)s was received %(when)s from %(supplier)s: %(papers)s.",
            "%(lots)s were received %(when)s from %(supplier)s: %(papers)s.",
            len(brought),
        ) % {
            "lots": names(line.lot.number for line in brought),
            "when": when([receipt.received_at]),
            "supplier": receipt.order.supplier.name,
            "papers": names(part for line in brought for part in _papers(line)),
        }
        refs = [(receipt.number, f"/receipts/{receipt.pk}/")]
        yield Line(said, refs, receipt.received_at)


def _papers(line: ReceiptLine) -> Iterator[str]:
    if line.lot.supplier_lot:
        yield gettext("supplier's lot %(lot)s") % {"lot": line.lot.supplier_lot}
    if line.certificate_number:
        yield gettext("certificate %(number)s") % {"number": line.certificate_number}
    else:
        yield gettext("no certificate recorded")


def _materials(before: Ids) -> Iterator[Line]:
    lines = _lines(before)
    if lines:
        yield _many(lines, gettext("What went into it was received %(when)s from %(suppliers)s."))
        without = [line.lot for line in lines if not line.certificate_number]
        if without:
            said = ngettext(
                "For %(n)s received lot no certificate is recorded.",
                "For %(n)s received lots no certificate is recorded.",
                len(without),
            )
            refs = links((lot.number, f"/lots/{lot.pk}/") for lot in without)
            yield Line(said % {"n": number(len(without))}, refs, missing=True)


def _many(lines: Sequence[ReceiptLine], said: str) -> Line:
    receipts = {line.receipt for line in lines}
    facts = {
        "when": when(receipt.received_at for receipt in receipts),
        "suppliers": names(sorted(receipt.order.supplier.name for receipt in receipts)),
    }
    ordered = sorted(receipts, key=lambda receipt: (receipt.received_at, receipt.pk))
    refs = links((receipt.number, f"/receipts/{receipt.pk}/") for receipt in ordered)
    return Line(said % facts, refs, ordered[0].received_at)
