"""Sample values, so that a template can be looked at before anything is printed from it."""

from __future__ import annotations

import datetime as dt

from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.pi import Production, element_string, human_readable
from traceability.identifiers.queries import identifier_of
from traceability.labels.carrier import ISSUER, Carrier
from traceability.labels.content import Said, fields_in
from traceability.labels.models import LabelTemplate

SAMPLE_DI = {"GS1": "09501101530003", "HIBCC": "A999SAMPLE0"}
"""Numbers from the issuers' own examples; they stand for no product."""
SAMPLE_DAY = dt.date(2026, 1, 31)
FIXED = {
    "item_name": "Sample device",
    "item_code": "ITEM-001",
    "catalogue": "REF-001",
    "revision": "A",
    "storage": "5–30 °C",
    "manufacturer": "Manufacturer, street, town, country",
    "contents": "10",
}


def sample_of(template: LabelTemplate) -> Said:
    """Return what a label of the template says of a lot that does not exist."""
    fields = fields_in(template)
    issuer = ISSUER[Carrier(template.carrier)]
    known = _identifier(template)
    di = known.di if known is not None and known.issuer == issuer else SAMPLE_DI[issuer]
    made = Production(
        lot="LOT0001" if "lot" in fields else "",
        serial="SN00001" if "serial" in fields else "",
        made=SAMPLE_DAY if "manufactured" in fields else None,
        expires=SAMPLE_DAY.replace(year=SAMPLE_DAY.year + 5) if "expires" in fields else None,
    )
    plain = human_readable(issuer, di, made)
    values = {
        **FIXED,
        **_of_item(template),
        "di": di,
        "udi": plain,
        "lot": made.lot,
        "serial": made.serial,
        "manufactured": made.made.isoformat() if made.made else "",
        "expires": made.expires.isoformat() if made.expires else "",
    }
    return Said(element_string(issuer, di, made), plain, {k: v for k, v in values.items() if v})


def _identifier(template: LabelTemplate) -> DeviceIdentifier | None:
    if template.item_id is None:
        return None
    return identifier_of(template.item_id, level=template.level, market=template.market)


def _of_item(template: LabelTemplate) -> dict[str, str]:
    item = template.item
    if item is None:
        return {}
    chinese = template.language.startswith("zh")
    values = {
        "item_name": item.name_zh if chinese and item.name_zh else item.name,
        "item_code": item.code,
        "catalogue": item.catalogue or item.code,
        "storage": item.storage,
        "manufacturer": item.manufacturer,
    }
    return {k: v for k, v in values.items() if v}
