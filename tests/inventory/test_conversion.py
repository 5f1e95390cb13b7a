"""Lots come out of lots: what is decided and what binds goes along, and nothing is lost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from erp.accounts.models import Site, User
from erp.core.errors import Blocked, InvalidInput, NotPermitted
from erp.inventory.conversion.errors import (
    CannotMerge,
    LotHasUnits,
    NotALot,
    NotFree,
    NotTheWholeKit,
)
from erp.inventory.conversion.operations import (
    assemble_kit,
    merge_lots,
    regrade_lot,
    repack_lot,
    rework_lot,
    split_lot,
)
from erp.inventory.errors import NotEnoughStock
from erp.inventory.models import Hold
from erp.inventory.operations import hold_lot, release_hold
from tests.conftest import ctx_for, make_person, signed
from tests.inventory.builders import (
    balances,
    declare_wrong,
    last_event,
    lies_balanced,
    lot_in_stock,
)
from tests.inventory.test_holds import blockers_of
from tests.masterdata.builders import make_item, place
from tests.traceability.builders import reached
from traceability.errors import NumberTaken
from traceability.models import Lot, LotSite

pytestmark = pytest.mark.django_db


def at_store(lot: Lot, **more: Any) -> dict[str, Any]:
    """Return where the lot lies, for an input."""
    return {
        "lot_id": lot.pk,
        "from_location_id": place(lot.site, "storage").pk,
        "status": "available" if lot.state == "released" else "quarantine",
        **more,
    }


def parts(*quantities: int, **more: Any) -> Any:
    """Return the parts of a split."""
    return [{"quantity": str(q), **more} for q in quantities]


def split(user: User, lot: Lot, *quantities: int) -> list[Lot]:
    """Split a lot; return the parts."""
    event = split_lot(ctx_for(user), **at_store(lot, parts=parts(*quantities)))
    return [line.lot for line in event.outputs.order_by("pk")]


@pytest.mark.urs("TRC-05")
def test_the_parts_of_a_lot_are_what_it_was(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site, expires_on=dt.date(2030, 1, 1), supplier_lot="HT-1")
    one, two = split(ben, lot, 30, 20)
    for part in (one, two):
        same = (part.item_id, part.state, part.expires_on, part.supplier_lot)
        assert same == (lot.item_id, "released", dt.date(2030, 1, 1), "HT-1")
    assert [one.number, two.number] == [f"{lot.number}/1", f"{lot.number}/2"]
    assert balances(lot, one, two) == {
        (lot.number, "storage", "available"): Decimal(50),
        (one.number, "storage", "available"): Decimal(30),
        (two.number, "storage", "available"): Decimal(20),
    }
    assert set(reached(ben, [lot], "forward")) == {lot.pk, one.pk, two.pk}
    assert set(reached(ben, [one], "backward")) == {one.pk, lot.pk}
    assert lies_balanced(lot, one, two)


@pytest.mark.urs("TRC-05", "INV-02")
def test_a_hold_placed_before_binds_the_parts_until_it_is_released(
    ada: User, ben: User, site: Site
) -> None:
    lot = lot_in_stock(ben, site)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=lot.pk, cause="quality")
    (part,) = split(ben, lot, 30)
    assert blockers_of(ben, part) == {"lot.on_hold"}
    release_hold(signed(ada, reason="fine"), hold_id=Hold.objects.get().pk)
    assert blockers_of(ben, part) == set()


def test_a_split_never_takes_more_than_there_is(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site)
    with pytest.raises(NotEnoughStock):
        split(ben, lot, 60, 41)
    assert not Lot.objects.exclude(pk=lot.pk).exists()


def test_a_number_is_given_once(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site)
    (part,) = split(ben, lot, 1)
    with pytest.raises(NumberTaken):
        split_lot(ctx_for(ben), **at_store(lot, parts=parts(1, number=part.number)))
    (again,) = split(ben, lot, 1)
    assert again.number == f"{lot.number}/2"


def test_units_are_not_quantities(ben: User, site: Site) -> None:
    batch = lot_in_stock(ben, site)
    unit = lot_in_stock(ben, site, quantity=1, item=batch.item, kind="serial", batch=batch)
    with pytest.raises(NotALot):
        split(ben, unit, 1)
    with pytest.raises(LotHasUnits):
        split(ben, batch, 1)


def test_a_split_declared_wrong_leaves_numbers_without_goods(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site)
    before = balances(lot)
    (part,) = split(ben, lot, 30)
    declare_wrong(ben, last_event(part))
    assert balances() == before
    assert "lot.never_made" in blockers_of(ben, part)
    assert lies_balanced(lot, part)
    assert set(reached(ben, [lot], "forward")) == {lot.pk}


def merge(user: User, *lots: Lot, **more: Any) -> Lot:
    """Merge lots that lie in the store."""
    first, *others = lots
    return merge_lots(ctx_for(user), **at_store(first, lots=[x.pk for x in others], **more))


@pytest.mark.urs("TRC-05")
def test_a_merged_lot_expires_with_its_earliest_part(ben: User, site: Site) -> None:
    one = lot_in_stock(ben, site, quantity=10, expires_on=dt.date(2030, 1, 1))
    two = lot_in_stock(ben, site, quantity=5, item=one.item, expires_on=dt.date(2029, 1, 1))
    merged = merge(ben, one, two)
    assert merged.expires_on == dt.date(2029, 1, 1)
    assert balances() == {(merged.number, "storage", "available"): Decimal(15)}
    assert set(reached(ben, [merged], "backward")) == {merged.pk, one.pk, two.pk}
    assert lies_balanced(one, two, merged)


def test_lots_that_differ_are_not_merged_and_every_difference_is_named(
    ben: User, site: Site
) -> None:
    one = lot_in_stock(ben, site)
    other = lot_in_stock(ben, site, state="quarantine")
    with pytest.raises(CannotMerge) as refusal:
        merge(ben, one, other)
    assert [b.code for b in refusal.value.blockers] == [
        "lot.differs", "lot.differs", "lot.not_there",
    ]  # fmt: skip


def test_nothing_on_hold_is_merged(ben: User, site: Site) -> None:
    one = lot_in_stock(ben, site)
    other = lot_in_stock(ben, site, item=one.item)
    hold_lot(ctx_for(ben, reason="dent"), lot_id=other.pk, cause="quality")
    with pytest.raises(Blocked) as refusal:
        merge(ben, one, other)
    assert [b.code for b in refusal.value.blockers] == ["lot.on_hold"]


@pytest.mark.urs("TRC-05")
def test_a_repacked_lot_waits_for_its_own_decision(ben: User, site: Site) -> None:
    loose = lot_in_stock(ben, site, expires_on=dt.date(2030, 1, 1))
    box = make_item()
    packed = repack_lot(
        ctx_for(ben), **at_store(loose, quantity="100", to_item_id=box.pk, to_quantity="10")
    )
    assert (packed.item_id, packed.state, packed.expires_on) == (
        box.pk, "quarantine", dt.date(2030, 1, 1),
    )  # fmt: skip
    assert balances() == {(packed.number, "storage", "quarantine"): Decimal(10)}
    assert loose.pk in reached(ben, [packed], "backward")
    assert lies_balanced(loose, packed)


def test_rejected_goods_do_not_come_back_under_another_number(ben: User, site: Site) -> None:
    bad = lot_in_stock(ben, site, state="rejected")
    with pytest.raises(Blocked) as refusal:
        regrade_lot(
            ctx_for(ben, reason="B grade"), **at_store(bad, quantity="1", to_item_id=make_item().pk)
        )
    assert [b.code for b in refusal.value.blockers] == ["lot.rejected"]


def test_rework_waits_until_quality_decides_it(ben: User, site: Site) -> None:
    lot = lot_in_stock(ben, site)
    with pytest.raises(Blocked) as refusal:
        rework_lot(ctx_for(ben, reason="burr"), **at_store(lot, quantity="5", instruction="RW-7"))
    assert [b.code for b in refusal.value.blockers] == ["deviation.rework_not_decided"]


def kit_of(
    user: User, site: Site, item: Any, quantity: int, *rows: tuple[Lot, int], **more: Any
) -> Lot:
    """Put a kit together in the store."""
    store = place(site, "storage").pk
    components: Any = [
        {"lot_id": lot.pk, "from_location_id": store, "quantity": str(q)} for lot, q in rows
    ]
    return assemble_kit(
        ctx_for(user), item_id=item.pk, quantity=Decimal(quantity), location_id=store,
        components=components, **more,
    )  # fmt: skip


@pytest.mark.urs("TRC-05")
def test_a_kit_expires_with_its_first_part_and_knows_them_all(ben: User, site: Site) -> None:
    screw = lot_in_stock(ben, site, expires_on=dt.date(2029, 5, 1))
    plate = lot_in_stock(ben, site, expires_on=dt.date(2031, 5, 1))
    item = make_item(bom={screw.item: 4, plate.item: 1})
    kit = kit_of(ben, site, item, 2, (screw, 8), (plate, 2))
    assert (kit.state, kit.expires_on) == ("quarantine", dt.date(2029, 5, 1))
    assert balances(kit) == {(kit.number, "storage", "quarantine"): Decimal(2)}
    assert set(reached(ben, [kit], "backward")) == {kit.pk, screw.pk, plate.pk}
    assert lies_balanced(screw, plate, kit)


def test_a_kit_is_whole(ben: User, site: Site) -> None:
    screw, plate = lot_in_stock(ben, site), lot_in_stock(ben, site)
    item = make_item(bom={screw.item: 4, plate.item: 1})
    with pytest.raises(NotTheWholeKit) as refusal:
        kit_of(ben, site, item, 2, (screw, 7))
    assert len(refusal.value.faults) == 2


def test_a_kit_by_serial_number_is_units(ben: User, site: Site) -> None:
    part = lot_in_stock(ben, site)
    item = make_item(tracking="both")
    with pytest.raises(InvalidInput):
        kit_of(ben, site, item, 2, (part, 2), serials=["K1"])
    kit = kit_of(ben, site, item, 2, (part, 2), serials=["K1", "K2"])
    assert sorted(kit.members.values_list("number", flat=True)) == ["K1", "K2"]
    assert lies_balanced(part, *kit.members.all())


def test_nothing_unreleased_goes_into_a_kit(ben: User, site: Site) -> None:
    part = lot_in_stock(ben, site, state="quarantine")
    with pytest.raises(Blocked):
        kit_of(ben, site, make_item(), 1, (part, 1))


def test_blocked_goods_do_not_come_back_under_another_number(ben: User, site: Site) -> None:
    """A part that was set aside is blocked while its lot is released: no way round leads out."""
    lot = lot_in_stock(ben, site)
    blocked = at_store(lot) | {"status": "blocked"}
    with pytest.raises(NotFree):
        split_lot(ctx_for(ben), **blocked, parts=parts(1))
    with pytest.raises(NotFree):
        repack_lot(
            ctx_for(ben),
            **blocked,
            quantity=Decimal(1),
            to_item_id=make_item().pk,
            to_quantity=Decimal(1),
        )


@pytest.mark.urs("SEC-01")
def test_a_kit_takes_nothing_from_a_site_where_one_has_no_right(
    ada: User, ben: User, site: Site, other_site: Site
) -> None:
    part = lot_in_stock(ada, site)
    only_here = make_person("kitter", may=["inventory.assemble_kit"], site=other_site)
    LotSite.objects.create(lot=part, site=other_site)
    with pytest.raises((NotPermitted, InvalidInput)):
        assemble_kit(
            ctx_for(only_here),
            item_id=make_item().pk,
            quantity=Decimal(1),
            location_id=place(other_site, "storage").pk,
            components=[
                {
                    "lot_id": part.pk,
                    "from_location_id": place(site, "storage").pk,
                    "quantity": Decimal(1),
                }
            ],
        )
    assert balances(part) == {(part.number, "storage", "available"): Decimal(100)}
