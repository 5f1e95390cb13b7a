"""Whether something may be ordered from a supplier, and whether a delivery may be accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import clock
from erp.core.errors import Blocker, RecordRef, Text
from erp.core.quantities import plain
from erp.gates import Answer, Question
from erp.masterdata.models import Item, ItemRevision, Partner
from erp.masterdata.states import RevisionState
from erp.ui.records import url_of
from procurement.arrivals import totals
from procurement.models import PurchaseOrder, PurchaseOrderLine
from procurement.queries import Pair, SupplierStanding, standings
from procurement.rules import Standing

PLACE = gates.define("order.place", _("May these items be ordered from this supplier?"))
ACCEPT = gates.define("receipt.accept", _("May this delivery be accepted?"))

NOT_IN_ORDER: dict[Standing, tuple[str, Text]] = {
    Standing.NONE: (
        "supplier.not_approved",
        _("%(supplier)s is not approved for %(item)s."),
    ),
    Standing.EXPIRED: (
        "supplier.approval_expired",
        _("The approval %(approval)s of %(supplier)s for %(item)s ended on %(date)s."),
    ),
    Standing.SUSPENDED: (
        "supplier.suspended",
        _("%(supplier)s is suspended for %(item)s (%(approval)s)."),
    ),
}


@gates.check(PLACE)
def supplier_not_approved(question: Question) -> Iterator[Answer]:
    """Ask for suppliers with fact ``item_ids``: only approved suppliers get orders (7.4.1).

    Each answer is about supplier, item and the site that orders (fact ``site_id``): a concession
    covers all three or nothing.
    """
    items: Iterable[int] = question.facts.get("item_ids", ())
    site_id: int = question.facts.get("site_id", 0)
    for pair, blocker in _standing_blockers({(s, i) for s in question.ids for i in items}):
        yield Answer(pair[0], blocker, about=(*pair, site_id))


@gates.check(PLACE)
def no_specification(question: Question) -> Iterator[Answer]:
    """An order names the effective revision of what it orders (7.4.2), so there must be one."""
    wanted = set(question.facts.get("item_ids", ()))
    effective = ItemRevision.objects.filter(item_id__in=wanted, state=RevisionState.EFFECTIVE)
    for item in Item.objects.filter(pk__in=wanted).exclude(pk__in=effective.values("item_id")):
        sentence = _("%(item)s has no effective revision to order by.") % {"item": item.code}
        blocker = Blocker("item.no_effective_revision", sentence, _ref(item, item.code))
        for supplier_id in question.ids:
            yield Answer(supplier_id, blocker)


@gates.check(ACCEPT)
def supplier_no_longer_approved(question: Question) -> Iterator[Answer]:
    """Ask for orders, with fact ``arrivals``: the supplier must be approved now, too (7.4.3)."""
    arrivals = question.facts.get("arrivals")
    lines = PurchaseOrderLine.objects.filter(order_id__in=question.ids)
    if arrivals is not None:
        lines = lines.filter(pk__in=[arrival.line.pk for arrival in arrivals])
    orders: dict[Pair, set[tuple[int, int]]] = {}
    columns = ("order__supplier", "item", "order", "order__site")
    for supplier_id, item_id, order_id, site_id in lines.values_list(*columns):
        orders.setdefault((supplier_id, item_id), set()).add((order_id, site_id))
    for pair, blocker in _standing_blockers(set(orders)):
        for order_id, site_id in sorted(orders[pair]):
            yield Answer(order_id, blocker, about=(*pair, site_id))


@gates.check(ACCEPT)
def over_delivery(question: Question) -> Iterator[Answer]:
    """More than was ordered is not taken in: the order is changed first, or the rest goes back."""
    for line, quantity in totals(question.facts.get("arrivals", ())).items():
        if line.received + quantity > line.quantity:
            facts = {
                "line": line.position,
                "item": line.item.code,
                "ordered": plain(line.quantity),
                "received": plain(line.received),
                "more": plain(quantity),
            }
            sentence = _(
                "Line %(line)s orders %(ordered)s of %(item)s and %(received)s were received: "
                "%(more)s more are too many."
            )
            yield Answer(line.order_id, Blocker("receipt.over_delivery", sentence % facts))


@gates.check(ACCEPT)
def certificate_missing(question: Question) -> Iterator[Answer]:
    """What must come with a certificate is not taken in without it."""
    for arrival in question.facts.get("arrivals", ()):
        item = arrival.line.item
        if item.certificate_required and not arrival.certificate_number:
            sentence = _("%(item)s must come with a certificate: enter its number.")
            blocker = Blocker(
                "receipt.certificate_missing",
                sentence % {"item": item.code},
                _ref(item, item.code),
                waivable=True,
            )
            yield Answer(arrival.line.order_id, blocker)


def _standing_blockers(pairs: set[Pair]) -> Iterator[tuple[Pair, Blocker]]:
    found = standings(pairs, clock.today())
    missing = {p: s for p, s in sorted(found.items()) if s.standing is not Standing.APPROVED}
    if not missing:
        return
    suppliers = Partner.objects.in_bulk({supplier for supplier, _item in missing})
    items = Item.objects.in_bulk({item for _supplier, item in missing})
    for pair, known in missing.items():
        yield pair, _blocker(suppliers[pair[0]], items[pair[1]], known)


def _blocker(supplier: Partner, item: Item, known: SupplierStanding) -> Blocker:
    code, sentence = NOT_IN_ORDER[known.standing]
    facts = {
        "supplier": supplier.name,
        "item": item.code,
        "approval": known.number,
        "date": known.valid_until,
    }
    record = _ref(supplier, supplier.name)
    if known.approval_id is not None:
        url = f"/supplier-approvals/{known.approval_id}/"
        pk = str(known.approval_id)
        record = RecordRef("procurement.supplierapproval", pk, known.number, url)
    return Blocker(code, sentence % facts, record, waivable=True)


def _ref(record: Partner | Item | PurchaseOrder, label: str) -> RecordRef:
    return RecordRef(record._meta.label_lower, str(record.pk), label, url_of(record))
