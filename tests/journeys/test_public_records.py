"""Real public records: device identifiers become items, a recall's lots are traced and held."""

from __future__ import annotations

import pytest

from erp.insight.demo import public_records
from erp.insight.demo.journey import Journey
from erp.insight.demo.public_check import RecallCheck, register_identifiers
from erp.insight.demo.stage import Stage
from erp.inventory.models import Hold
from erp.masterdata.models import Item
from erp.sales.models import Allocation

needs_public_data = pytest.mark.skipif(
    bool(public_records.absent()), reason=public_records.absent() or "present"
)


@needs_public_data
@pytest.mark.urs("UDI-01", "MDM-01")
def test_every_device_identifier_of_the_records_becomes_an_item(journey: Journey) -> None:
    """All of them, each under its own UDI-DI; given again, each is refused as taken."""
    records = public_records.records(public_records.GUDID)

    said = register_identifiers(journey.door, count=None)

    assert said == f"{len(records)} UDI-DIs are items (0 were before)"
    assert Item.objects.filter(code__startswith="GUDID-").count() == len(records)
    again = register_identifiers(journey.door, count=3)
    assert again == "3 UDI-DIs are items (3 were before)"


@needs_public_data
@pytest.mark.urs("RCL-01", "RCL-02", "TRC-04")
def test_the_lots_of_a_recall_notice_are_found_held_and_traced(
    plant: Stage, journey: Journey
) -> None:
    """Bought and partly delivered before the notice; after it nothing of them moves."""
    plant.play([public_records.recalled_lots(plant)])
    notice = public_records.chosen_notice()
    assert notice is not None
    check = RecallCheck(journey.door, notice, "T1")

    check.find()
    check.hold()
    said = check.trace()

    assert "1 customer" in said
    hold = Hold.objects.get(cause="recall", released_at__isnull=True)
    assert notice.number in hold.reason
    assert hold.lines.count() == len(notice.text.numbers())
    assert not Allocation.objects.active().filter(lot__in=hold.lines.values("lot")).exists()
