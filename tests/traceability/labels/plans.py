"""Plans and drawings for tests that need no database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.traceability.labels.builders import unit_layout
from traceability.identifiers.pi import Production, element_string, human_readable
from traceability.labels.carrier import ISSUER, Carrier
from traceability.labels.drawing import Drawing, Plan, draw
from traceability.labels.layout import read

DI = {Carrier.GS1: "09501101530003", Carrier.HIBC: "A999BJC5D6E71"}


def plan(kind: Carrier = Carrier.GS1, **more: Any) -> Plan:
    """Return a plan of 60 × 40 mm; an element of it may be replaced by its content."""
    rows = [{**row, **more.get(row["content"] or row["kind"], {})} for row in unit_layout()]
    return Plan(Decimal(60), Decimal(40), Decimal("0.4"), kind, read(rows))


def drawing_of(production: Production, kind: Carrier = Carrier.GS1, **more: Any) -> Drawing:
    """Draw the label of a lot or unit."""
    issuer = ISSUER[kind]
    values = {
        "item_name": "Cage, size 4",
        "udi": human_readable(issuer, DI[kind], production),
        "lot": production.lot,
        "serial": production.serial,
        "expires": production.expires.isoformat() if production.expires else "",
        "manufactured": production.made.isoformat() if production.made else "",
        **more,
    }
    return draw(plan(kind), values, element_string(issuer, DI[kind], production))
