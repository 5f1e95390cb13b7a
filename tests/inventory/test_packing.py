"""Boxes and pallets: what lies in them at a moment, and that goods leave only with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from erp.accounts.models import Site, User
from erp.core.errors import Blocked, IllegalStep, InvalidInput
from erp.inventory.operations import hold_lot
from erp.inventory.packing.operations import (
    move_logistic_unit,
    open_logistic_unit,
    pack,
    unpack,
)
from erp.sales.operations import ship_order
from erp.ui.scan import resolve
from tests.conftest import ctx_for
from tests.inventory.builders import balances, declare_wrong, lot_in_stock, transferred
from tests.masterdata.builders import place
from tests.sales.builders import promised
from tests.ui.conftest import As
from traceability.models import LogisticUnit, Lot, TraceEvent
from traceability.packing import queries
from traceability.packing.errors import (
    CannotPack,
    NoCompanyPrefix,
    NotAnSscc,
    NotInside,
    SsccTaken,
    StillPacked,
)
from traceability.packing.sscc import is_right, make
from traceability.udi.check_digits import mod10

pytestmark = pytest.mark.django_db
PREFIX = "9521234"


@pytest.fixture(autouse=True)
def _our_prefix(settings: Any) -> None:
    settings.GS1_COMPANY_PREFIX = PREFIX


def opened(user: User, site: Site, kind: str = "box", **more: Any) -> LogisticUnit:
    """Open a box or pallet in the store."""
    return open_logistic_unit(
        ctx_for(user), kind=kind, location_id=place(site, "storage").pk, **more
    )


def put(user: User, unit: LogisticUnit, *what: tuple[Lot, int], boxes: Any = ()) -> LogisticUnit:
    """Pack quantities of lots, and boxes."""
    lines: Any = [{"lot_id": lot.pk, "quantity": str(q)} for lot, q in what]
    return pack(ctx_for(user), unit_id=unit.pk, lines=lines, unit_ids=[b.pk for b in boxes])


def inside(unit: LogisticUnit) -> dict[int, Decimal]:
    """Return the lots in a unit, however deep."""
    return queries.total(queries.inside([unit.pk]).values())


def test_the_check_digit_is_that_of_gs1() -> None:
    # Verified against the example of an SSCC in GS1's own material.
    assert mod10("04012345000000111") == "2"
    assert is_right("040123450000001112")
    assert not is_right("040123450000001113")
    assert is_right(make(PREFIX, 2026, 7))
    with pytest.raises(ValueError, match="no numbers left"):
        make("123456789012", 2026, 1000)


@pytest.mark.urs("SAL-01")
def test_own_codes_run_on_and_given_ones_are_checked(ben: User, site: Site) -> None:
    first, second = opened(ben, site), opened(ben, site)
    assert is_right(first.sscc)
    assert first.sscc != second.sscc
    with pytest.raises(NotAnSscc) as refusal:
        opened(ben, site, sscc="040123450000001113")
    assert refusal.value.facts["digit"] == "2"
    with pytest.raises(SsccTaken):
        opened(ben, site, sscc=first.sscc)


def test_without_a_company_prefix_the_code_is_given(ben: User, site: Site, settings: Any) -> None:
    settings.GS1_COMPANY_PREFIX = ""
    with pytest.raises(NoCompanyPrefix):
        opened(ben, site)
    assert opened(ben, site, sscc="040123450000001112").sscc == "040123450000001112"


@pytest.mark.urs("SAL-01")
def test_a_pallet_holds_boxes_that_hold_lots(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site)
    box, pallet = opened(ben, site), opened(ben, site, "pallet")
    put(ben, box, (lot, 20))
    put(ben, pallet, (lot, 5), boxes=[box])
    assert inside(pallet) == {lot.pk: Decimal(25)}
    assert queries.around(box.pk) == [pallet.pk]
    event = TraceEvent.objects.filter(carrier=pallet).get()
    assert (event.kind, event.action, event.biz_step) == ("aggregation", "ADD", "packing")


def test_the_contents_can_be_asked_for_an_earlier_moment(ben: User, site: Site) -> None:
    lot, box = lot_in_stock(ben, site), opened(ben, site)
    put(ben, box, (lot, 20))
    packed_at = TraceEvent.objects.get(carrier=box).event_time
    unpack(ctx_for(ben), unit_id=box.pk)
    assert queries.contents([box.pk])[box.pk].empty
    assert queries.contents([box.pk], at=packed_at)[box.pk].lots == {lot.pk: Decimal(20)}


def test_what_cannot_be_packed_is_named_all_at_once(ben: User, site: Site) -> None:
    lot, box, pallet = lot_in_stock(ben, site), opened(ben, site), opened(ben, site, "pallet")
    with pytest.raises(InvalidInput):
        put(ben, box)
    with pytest.raises(CannotPack) as refusal:
        put(ben, box, (lot, 101), boxes=[pallet, box])
    codes = [b.code for b in refusal.value.blockers]
    assert codes == ["packing.short", "packing.misfit", "packing.misfit"]
    put(ben, box, (lot, 60))
    with pytest.raises(CannotPack):
        put(ben, opened(ben, site), (lot, 41))
    put(ben, pallet, boxes=[box])
    with pytest.raises(CannotPack):
        put(ben, opened(ben, site, "pallet"), boxes=[box])


@pytest.mark.urs("INV-02")
def test_nothing_on_hold_is_packed(ben: User, site: Site) -> None:
    lot, box = lot_in_stock(ben, site), opened(ben, site)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        put(ben, box, (lot, 1))
    assert [b.code for b in refusal.value.blockers] == ["lot.on_hold"]


def test_goods_leave_their_place_only_with_the_box(ben: User, site: Site) -> None:
    lot, box = lot_in_stock(ben, site), opened(ben, site)
    put(ben, box, (lot, 80))
    transferred(ben, lot, 20)
    with pytest.raises(StillPacked) as refusal:
        transferred(ben, lot, 1)
    assert [b.record.label for b in refusal.value.blockers if b.record] == [box.sscc]
    move_logistic_unit(ctx_for(ben), unit_id=box.pk, to_location_id=place(site, "dispatch").pk)
    assert balances(lot) == {
        (lot.number, "line", "available"): Decimal(20),
        (lot.number, "dispatch", "available"): Decimal(80),
    }
    unpack(ctx_for(ben), unit_id=box.pk, lines=[{"lot_id": lot.pk, "quantity": Decimal(30)}])
    assert inside(box) == {lot.pk: Decimal(50)}


@pytest.mark.urs("TRC-08")
def test_a_move_declared_wrong_takes_the_box_back(ben: User, site: Site) -> None:
    lot, box = lot_in_stock(ben, site), opened(ben, site)
    put(ben, box, (lot, 80))
    before = balances(lot)
    move_logistic_unit(ctx_for(ben), unit_id=box.pk, to_location_id=place(site, "dispatch").pk)
    declare_wrong(ben, TraceEvent.objects.filter(units__unit=box).get())
    box.refresh_from_db()
    assert box.location == place(site, "storage")
    assert balances(lot) == before


def test_packing_declared_wrong_sets_the_goods_free(ben: User, site: Site) -> None:
    lot, box = lot_in_stock(ben, site), opened(ben, site)
    put(ben, box, (lot, 80))
    declare_wrong(ben, TraceEvent.objects.get(carrier=box))
    assert inside(box) == {}
    transferred(ben, lot, 100)


def test_only_what_is_inside_comes_out(ben: User, site: Site) -> None:
    lot, box, other = lot_in_stock(ben, site), opened(ben, site), opened(ben, site)
    put(ben, box, (lot, 8))
    with pytest.raises(NotInside) as refusal:
        unpack(
            ctx_for(ben), unit_id=box.pk, lines=[{"lot_id": lot.pk, "quantity": Decimal(9)}],
            unit_ids=[other.pk],
        )  # fmt: skip
    assert len(refusal.value.blockers) == 2
    with pytest.raises(NotInside):
        unpack(ctx_for(ben), unit_id=other.pk)


@pytest.mark.urs("SAL-01")
def test_a_pallet_is_shipped_as_a_whole(ben: User, site: Site) -> None:
    order, lot = promised(ben, site)
    box, pallet = opened(ben, site), opened(ben, site, "pallet")
    put(ben, box, (lot, 10))
    put(ben, pallet, boxes=[box])
    shipment = ship_order(ctx_for(ben), order_id=order.pk, logistic_unit_ids=[pallet.pk])
    event = shipment.event_links.get().event
    assert {line.unit_id for line in event.units.all()} == {box.pk, pallet.pk}
    pallet.refresh_from_db()
    assert pallet.state == "shipped"
    with pytest.raises(IllegalStep):
        unpack(ctx_for(ben), unit_id=pallet.pk)
    declare_wrong(ben, event)
    pallet.refresh_from_db()
    assert (pallet.state, inside(pallet)) == ("open", {lot.pk: Decimal(10)})


def test_a_held_unit_keeps_the_whole_pallet(ben: User, site: Site) -> None:
    order, lot = promised(ben, site)
    pallet, other = opened(ben, site, "pallet"), lot_in_stock(ben, site)
    put(ben, pallet, (lot, 10), (other, 1))
    hold_lot(ctx_for(ben, reason="dent"), lot_id=other.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        ship_order(ctx_for(ben), order_id=order.pk, logistic_unit_ids=[pallet.pk])
    assert [b.code for b in refusal.value.blockers] == ["lot.on_hold"]


def test_a_pallet_with_other_peoples_goods_stays(ben: User, site: Site) -> None:
    order, lot = promised(ben, site)
    pallet = opened(ben, site, "pallet")
    put(ben, pallet, (lot, 11))
    with pytest.raises(Blocked) as refusal:
        ship_order(ctx_for(ben), order_id=order.pk, logistic_unit_ids=[pallet.pk])
    assert [b.code for b in refusal.value.blockers] == ["sales.not_reserved"]


def test_packed_goods_are_not_shipped_past_their_box(ben: User, site: Site) -> None:
    order, lot = promised(ben, site)
    put(ben, opened(ben, site), (lot, 95))
    with pytest.raises(StillPacked):
        ship_order(ctx_for(ben), order_id=order.pk)


@pytest.mark.parametrize(
    "text",
    ["(00){}", "00{}", "{}", "]C100{}", "https://id.gs1.org/00/{}"],
    ids=["bracketed", "plain", "bare", "gs1-128", "digital-link"],
)
def test_a_scanned_sscc_leads_to_its_box(ben: User, dan: User, site: Site, text: str) -> None:
    box = opened(ben, site)
    code = text.format(box.sscc)
    hits = resolve(ctx_for(ben).actor, code).hits
    assert [hit.url for hit in hits] == [f"/logistic-units/{box.pk}/"]
    assert resolve(ctx_for(dan).actor, code).hits == []


def test_the_page_shows_what_lies_in_it(ben: User, dan: User, site: Site, signed_in: As) -> None:
    lot, box = lot_in_stock(ben, site), opened(ben, site)
    put(ben, box, (lot, 80))
    client: Client = signed_in(ben)
    page = client.get(f"/logistic-units/{box.pk}/").content.decode()
    assert lot.number in page
    assert box.sscc in client.get(f"/lots/{lot.pk}/").content.decode()
    assert client.get(f"/api/v1/logistic-units/{box.pk}/").json()["sscc"] == box.sscc
    assert signed_in(dan).get(f"/logistic-units/{box.pk}/").status_code == 404


def test_packing_is_corrected_from_the_newest_backward(ben: User, site: Site) -> None:
    lot, box = lot_in_stock(ben, site), opened(ben, site)
    put(ben, box, (lot, 20))
    packing = TraceEvent.objects.get(carrier=box)
    unpack(ctx_for(ben), unit_id=box.pk)
    unpacking = TraceEvent.objects.get(carrier=box, action="DELETE")
    with pytest.raises(Blocked) as refusal:
        declare_wrong(ben, packing)
    assert [b.code for b in refusal.value.blockers] == ["packing.changed", "event.later_event"]
    moved = transferred(ben, lot, 90)
    with pytest.raises(Blocked):
        declare_wrong(ben, unpacking)
    for event in (moved, unpacking, packing):
        declare_wrong(ben, event)
    assert inside(box) == {}
