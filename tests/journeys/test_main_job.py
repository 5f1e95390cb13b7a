"""One product through the whole house by the API: from purchase order to evidence pack."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import F, Sum

from audit.models import OperationLog, Signature
from erp.core import outbox
from erp.insight.demo.journey import Journey
from erp.inventory.models import Balance, StockMove
from traceability.models import TraceEvent


def tell(journey: Journey, *, until: str = "") -> None:
    """Take the steps of the journey in order, up to and with one of them."""
    for title, step in journey.steps():
        step()
        if title == until:
            return


@pytest.mark.urs("TRC-03", "TRC-04", "PRC-02", "PRD-02", "PRD-04", "PRD-06", "SAL-01", "INT-01")
def test_one_product_goes_through_the_whole_house(journey: Journey) -> None:
    """Every step is done by the person whose work it is, and every step leaves its proof."""
    before = OperationLog.objects.count()

    tell(journey)

    entries = OperationLog.objects.order_by("at")[before:]
    assert all(entry.channel == "api" for entry in entries)
    signed = Signature.objects.filter(operation__in=[e.pk for e in entries])
    assert {s.meaning for s in signed} >= {"approved", "released"}
    assert not TraceEvent.objects.exclude(
        operation_id__in=OperationLog.objects.values("id")
    ).exists()


@pytest.mark.urs("INV-01")
def test_the_balances_after_the_journey_are_what_the_moves_say(journey: Journey) -> None:
    """The ledger alone gives every balance."""
    tell(journey)

    moved: dict[tuple[int, int, str], Decimal] = {}
    came = StockMove.objects.filter(to_location__virtual=False)
    left = StockMove.objects.filter(from_location__virtual=False)
    for sign, rows, place, status in (
        (1, came, "to_location_id", "to_status"),
        (-1, left, "from_location_id", "from_status"),
    ):
        sums = rows.values("lot_id", where=F(place), how=F(status)).annotate(total=Sum("quantity"))
        for row in sums:
            key = (row["lot_id"], row["where"], row["how"])
            moved[key] = moved.get(key, Decimal(0)) + sign * row["total"]
    kept = {
        (b.lot_id, b.location_id, b.status): b.quantity
        for b in Balance.objects.filter(quantity__gt=0)
    }
    assert kept == {key: quantity for key, quantity in moved.items() if quantity}


@pytest.mark.urs("TRC-06")
def test_the_trace_names_every_unit_and_every_material(journey: Journey) -> None:
    """Forward from the titanium, backward from a shipped unit; both say that they are complete."""
    tell(journey)

    batch = journey.found["batch"]
    answer = journey.trace(batch["id"], "both")
    numbers = {node["number"] for node in answer["nodes"]}
    assert numbers >= {
        *journey.serials(),
        *(m["lot"]["number"] for m in journey.materials.values()),
    }
    assert answer["complete"] is True
    assert answer["gaps"] == []


@pytest.mark.urs("AUD-04")
def test_an_evidence_pack_of_the_batch_is_made_in_the_background(journey: Journey) -> None:
    """The pack is queued with the call and made by the worker; its hash is the one recorded."""
    tell(journey, until="release")
    door, batch = journey.door, journey.found["batch"]

    pack = door.post("owen", f"lots/{batch['id']}/request-pack/", {"language": "zh-hans"})
    assert pack["state"] == "queued"
    while outbox.deliver_next():
        pass

    pack = door.get("owen", f"evidence/{pack['id']}/")
    assert pack["state"] == "ready", pack
    assert door.fetch("owen", f"evidence/{pack['id']}/file/").startswith(b"%PDF-")
