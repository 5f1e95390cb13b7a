"""Where a lot may go: authorisation in the country, life left for the customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from erp import gates
from erp.core import clock
from erp.core.errors import Blocker, RecordRef
from erp.gates import Answer, Question
from erp.sales.models import CustomerTerms, SalesOrder
from erp.sales.queries import authorised_items, devices_among
from traceability.gates import ALLOCATE, SHIP, ref
from traceability.models import Lot


def order_ref(order: SalesOrder) -> RecordRef:
    """Return the pointer to a sales order."""
    url = f"/sales-orders/{order.pk}/"
    return RecordRef("sales.salesorder", str(order.pk), order.number, url)


@gates.check(ALLOCATE)
@gates.check(SHIP)
def not_authorised(question: Question) -> Iterator[Answer]:
    """A device goes only to countries where it is authorised that day (MDR 5; CN Order 47).

    Facts: ``country`` (not asked without it). Each item is named once, whatever its units.
    """
    country = question.facts.get("country")
    if not country:
        return
    devices = list(devices_among(question.ids))
    allowed = authorised_items({lot.item_id for lot in devices}, country, clock.today())
    named: set[int] = set()
    for lot in devices:
        if lot.item_id not in allowed and lot.item_id not in named:
            named.add(lot.item_id)
            facts = {"item": lot.item.code, "country": country}
            sentence = _("%(item)s has no market authorisation in force for %(country)s.") % facts
            url = f"/items/{lot.item_id}/"
            pointer = RecordRef("masterdata.item", str(lot.item_id), lot.item.code, url)
            yield Answer(lot.pk, Blocker("sales.not_authorised", sentence, pointer))


@gates.check(ALLOCATE)
@gates.check(SHIP)
def too_little_life(question: Question) -> Iterator[Answer]:
    """A lot has at least the remaining life that the customer asks for. Facts: ``customer``."""
    customer_id = question.facts.get("customer")
    terms = CustomerTerms.objects.filter(customer_id=customer_id).first() if customer_id else None
    if terms is None or not terms.minimum_life_days:
        return
    until = clock.today() + dt.timedelta(days=terms.minimum_life_days)
    for lot in Lot.objects.filter(pk__in=question.ids, expires_on__lt=until):
        facts = {"lot": lot.number, "date": lot.expires_on, "days": terms.minimum_life_days}
        sentence = (
            _("%(lot)s expires on %(date)s; this customer asks for %(days)s days of life.") % facts
        )
        yield Answer(lot.pk, Blocker("sales.too_little_life", sentence, ref(lot), waivable=True))
