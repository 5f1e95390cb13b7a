"""What a label says: from a lot or unit, a template and an identifier to values and symbol.

The production identifier in the symbol carries what the label shows in words: a lot number, serial
number or date on the label stands in the UDI too (21 CFR 801.40(b)), and nothing that is not shown.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from traceability.identifiers.marking import production_of
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.pi import Production, element_string, human_readable
from traceability.labels.carrier import Carrier
from traceability.labels.drawing import Plan
from traceability.labels.layout import Kind, read
from traceability.labels.models import LabelTemplate
from traceability.models import Lot

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class Said:
    """What one label says: content of the symbol, UDI in plain text, values of its own."""

    content: str
    plain: str
    shown: Mapping[str, str]


def plan_of(template: LabelTemplate) -> Plan:
    """Return what a template says of every label."""
    return Plan(
        template.width_mm,
        template.height_mm,
        template.module_mm,
        Carrier(template.carrier),
        read(template.layout),
    )


def fields_in(template: LabelTemplate) -> frozenset[str]:
    """Return the values a template shows."""
    return frozenset(e.content for e in read(template.layout) if e.kind == Kind.FIELD)


def shown_production(lot: Lot, shown: frozenset[str]) -> Production:
    """Return the production identifier of a lot or unit, as far as the label shows it."""
    whole = production_of(lot, lot.batch.number if lot.batch else "")
    return Production(
        lot=whole.lot if "lot" in shown else "",
        serial=whole.serial if "serial" in shown else "",
        made=whole.made if "manufactured" in shown else None,
        expires=whole.expires if "expires" in shown else None,
    )


def said_of(template: LabelTemplate, identifier: DeviceIdentifier, lot: Lot) -> Said:
    """Return what the label of a lot or unit says; raises ``NotWritable`` where it cannot be."""
    fields = fields_in(template)
    made = shown_production(lot, fields)
    plain = human_readable(identifier.issuer, identifier.di, made)
    shown = {
        "udi": plain,
        "lot": made.lot,
        "serial": made.serial,
        "manufactured": _date(made.made),
        "expires": _date(made.expires),
    }
    content = element_string(identifier.issuer, identifier.di, made)
    return Said(content, plain, {k: v for k, v in shown.items() if v and k in {*fields, "udi"}})


def common(template: LabelTemplate, identifier: DeviceIdentifier, lot: Lot) -> dict[str, str]:
    """Return what all labels of a job show alike."""
    item = lot.item
    chinese = template.language.startswith("zh")
    values = {
        "di": identifier.di,
        "item_name": (item.name_zh if chinese and item.name_zh else item.name),
        "item_code": item.code,
        "catalogue": item.catalogue or item.code,
        "revision": lot.revision.revision if lot.revision else "",
        "storage": item.storage,
        "manufacturer": item.manufacturer or lot.site.company.name,
        "contents": str(identifier.contained_quantity or ""),
    }
    fields = fields_in(template)
    return {k: v for k, v in values.items() if v and k in fields}


def _date(day: dt.date | None) -> str:
    """Return a date as labels show it (21 CFR 801.18)."""
    return day.isoformat() if day else ""


def by_number(lot: Lot) -> tuple[tuple[int, int, str], ...]:
    """Sort serial numbers as people count: 9 before 10."""
    parts = (part for part in _DIGITS.split(lot.number) if part)
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)
