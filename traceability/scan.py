"""Scanned device identifiers: from a GS1 UDI to the unit, the lot or the item it names."""

from __future__ import annotations

from collections.abc import Mapping

import biip
from biip.gs1_messages import GS1Message
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.core.actor import Actor
from erp.masterdata.models import Item
from erp.ui.page import Fact, Link
from erp.ui.scan import Hit, Reading, resolver
from traceability.identifiers.queries import by_di
from traceability.models import Lot

AI_WORDS = {
    "01": gettext_lazy("UDI-DI"),
    "10": gettext_lazy("Lot"),
    "21": gettext_lazy("Serial number"),
    "17": gettext_lazy("Expires"),
    "11": gettext_lazy("Manufactured"),
}
MAX_HITS = 20


def parse_gs1(text: str) -> Mapping[str, str]:
    """Return the application identifiers of a GS1 element string, empty where it is none.

    Takes the bracketed form, AIM prefixes and the FNC1 separator.
    """
    try:
        if text.startswith("("):
            message: GS1Message | None = GS1Message.parse_hri(text)
        else:
            message = biip.parse(text).gs1_message
    except biip.ParseError:
        return {}
    if message is None or not message.element_strings:
        return {}
    return {element.ai.ai: element.value for element in message.element_strings}


@resolver
def from_udi(actor: Actor, text: str) -> Reading:
    """Read a UDI; the serial number leads to the unit, else the lot to the lot, else the DI to the
    item.
    """
    parts = parse_gs1(text)
    if "01" not in parts:
        return Reading()
    facts = [
        Fact(AI_WORDS.get(ai, f"({ai})"), Link(value, mono=True)) for ai, value in parts.items()
    ]
    return Reading(facts, _lots(actor, parts) or _items(parts["01"]))


def _lots(actor: Actor, parts: Mapping[str, str]) -> list[Hit]:
    number = parts.get("21") or parts.get("10")
    if not number:
        return []
    wanted = Q(item__in=items_by_di("GS1", parts["01"]), number=number)
    if "21" in parts:
        wanted &= Q(kind=Lot.Kind.SERIAL)
        if "10" in parts:
            wanted &= Q(batch__number=parts["10"]) | Q(batch__isnull=True)
    rows = Lot.objects.visible_to(actor).filter(wanted).select_related("item")[:MAX_HITS]
    return [
        Hit(lot.get_kind_display(), lot.number, lot.item.name, f"/lots/{lot.pk}/", "barcode")
        for lot in rows
    ]


def items_by_di(issuer: str, di: str) -> QuerySet[Item]:
    """Return the item that a device identifier stands for, withdrawn ones included."""
    return Item.objects.filter(identifiers__in=by_di(issuer, di)).distinct()


def _items(udi_di: str) -> list[Hit]:
    rows = items_by_di("GS1", udi_di)
    return [Hit(_("item"), item.code, item.name, f"/items/{item.pk}/", "box") for item in rows]
