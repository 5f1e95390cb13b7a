"""Storylines of what happens to goods besides making and selling: parted, joined, reworked, packed.

Told at Suzhou, with screws and with a pump that came back, so that nothing else runs short.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from erp.insight.demo import goods
from erp.insight.demo.making import usable
from erp.insight.demo.opening import pk_of_item
from erp.insight.demo.stage import Stage, Storyline
from erp.inventory import operations as inventory
from erp.inventory.components.operations import replace_component
from erp.inventory.conversion import operations as conversion
from erp.inventory.corrections.operations import declare_error, name_corrective_event
from erp.inventory.packing.operations import open_logistic_unit, pack
from erp.masterdata import operations as masterdata
from quality.nonconformity import operations as nonconformity
from traceability.models import EventInput, EventOutput, EventSubject, Lot, TraceEvent

SCREWS = "KS-0712"
SERVICE_SET = "SET-SERVICE"
STORE, KEEPER, OPERATOR = "SUZ-STORE", "lilan", "wangwei"


def storylines(stage: Stage) -> Iterator[Storyline]:
    """Return what happens to goods on the way."""
    yield parted_and_joined(stage, 79)
    yield mistyped_move(stage, 78)
    yield service_sets(stage, 77)
    yield packed_pallet(stage, 76)
    yield reworked_screws(stage, 75)
    yield repaired_pump(stage, "CUS-TAIHU", 7)


def _screws() -> Lot:
    return Lot.objects.get(supplier_lot=SCREWS, came_from__event__biz_step="receiving")


def _lying(lot: Lot) -> dict[str, Any]:
    return {"lot_id": lot.pk, "from_location_id": STORE, "status": "available"}


def _parts() -> list[Lot]:
    split = TraceEvent.objects.filter(inputs__lot=_screws(), outputs__isnull=False).order_by("pk")
    lines = EventOutput.objects.filter(event=split[0]).select_related("lot").order_by("pk")
    return [line.lot for line in lines]


def _joined() -> Lot:
    """Return the lot that the first two parts became."""
    joining = EventInput.objects.filter(lot=_parts()[0]).order_by("pk").first()
    if joining is None:
        raise LookupError("the parts were not joined")
    return EventOutput.objects.get(event=joining.event_id).lot


def parted_and_joined(stage: Stage, start: int) -> Storyline:
    """Three parts are taken out of a lot of screws; two of them are joined again."""
    yield stage.at(start, "09:00", "SUZ")
    stage.do(
        conversion.split_lot,
        KEEPER,
        **_lying(_screws()),
        parts=[{"quantity": n} for n in (80, 40, 30)],
    )
    one, two, _three = _parts()
    stage.do(conversion.merge_lots, KEEPER, **_lying(one), lots=[two.pk])


def mistyped_move(stage: Stage, start: int) -> Storyline:
    """Fifty were booked where fifteen went: declared wrong, and recorded as it was."""
    yield stage.at(start, "10:00", "SUZ")
    lot = _joined()
    _move(stage, lot, 50)
    wrong = _newest(lot)
    declaration = stage.do(
        declare_error,
        "zhoumin",
        reason="Fifteen were moved; the keeper typed fifty.",
        event_id=wrong.pk,
        error="incorrect_data",
    )
    _move(stage, lot, 15)
    stage.do(
        name_corrective_event,
        KEEPER,
        declaration_id=declaration.pk,
        event_ids=[_newest(lot).pk],
    )


def _move(stage: Stage, lot: Lot, quantity: int) -> None:
    stage.do(
        inventory.transfer_stock,
        KEEPER,
        **_lying(lot),
        to_location_id="SUZ-DISP",
        quantity=quantity,
    )


def _newest(lot: Lot) -> TraceEvent:
    return EventSubject.objects.filter(lot=lot).order_by("-pk").select_related("event")[0].event


def service_sets(stage: Stage, start: int) -> Storyline:
    """Screws and a housing become service sets."""
    yield stage.at(start, "11:00", "SUZ")
    stage.do(
        masterdata.register_item,
        "fatima",
        code=SERVICE_SET,
        name="Service set, housing with screws",
        name_zh="维修套件（外壳及螺钉）",
        kind="component",
        inspection_required=False,
    )
    housing = usable(stage, "SUZ", goods.HOUSING, Decimal(2))
    stage.do(
        conversion.assemble_kit,
        KEEPER,
        item_id=pk_of_item(SERVICE_SET),
        quantity=2,
        location_id=STORE,
        components=[
            {"lot_id": _joined().pk, "from_location_id": STORE, "quantity": 16},
            *(
                {"lot_id": lot, "from_location_id": place, "quantity": quantity}
                for lot, place, quantity in housing
            ),
        ],
    )


def _sscc(number: int) -> str:
    body = f"0{goods.GS1_DEMONSTRATION_PREFIX}99{number:07d}"
    return body + goods.check_digit(body)


def packed_pallet(stage: Stage, start: int) -> Storyline:
    """A box of screws on a pallet."""
    yield stage.at(start, "14:00", "SUZ")
    box, pallet = (
        stage.do(open_logistic_unit, KEEPER, kind=kind, location_id=STORE, sscc=_sscc(n))
        for n, kind in enumerate(("box", "pallet"), start=1)
    )
    lines = [{"lot_id": _joined().pk, "quantity": 20}]
    stage.do(pack, KEEPER, unit_id=box.pk, lines=lines)
    stage.do(pack, KEEPER, unit_id=pallet.pk, unit_ids=[box.sscc])


def reworked_screws(stage: Stage, start: int) -> Storyline:
    """Greasy screws are to be washed again; the deviation is still to be closed."""
    yield stage.at(start, "13:00", "SUZ")
    lot = _parts()[2]
    deviation = stage.do(
        nonconformity.open_deviation,
        "chenhao",
        site_id="SUZ",
        kind="nonconformity",
        title="Grease on screws of one bag",
        description="The bag was opened beside the press; the screws bear a film of grease.",
        severity="minor",
        lot_ids=[lot.pk],
        source_text="Goods store",
    )
    stage.do(
        nonconformity.review_deviation,
        "priya",
        deviation_id=deviation.pk,
        evaluation="The film is a hydrocarbon and comes off by the validated washing.",
        notify="Nobody: no screw of the bag was used.",
    )
    stage.do(
        nonconformity.disposition_deviation,
        "priya",
        deviation_id=deviation.pk,
        disposition="rework",
        justification="Washing is validated for this part.",
        instruction="WI-114 rev. C",
    )
    stage.do(
        conversion.rework_lot,
        OPERATOR,
        reason="Washed once more",
        **_lying(lot),
        quantity=30,
        instruction="WI-114 rev. C",
    )


def repaired_pump(stage: Stage, customer: str, start: int) -> Storyline:
    """The pump that came back gets another battery; the old one waits in quarantine."""
    yield stage.at(start, "15:00", "SUZ")
    back = EventOutput.objects.filter(
        event__disposition="returned", lot__item__code=goods.PUMP
    ).order_by("-pk")
    line = back.select_related("lot").first()
    if line is None:
        raise LookupError(f"no pump came back from {customer}")
    built_in = EventInput.objects.filter(
        event__outputs__lot=line.lot, lot__item__code=goods.BATTERY, event__precision="unit"
    ).get()
    ((battery, place, _quantity),) = usable(stage, "SUZ", goods.BATTERY, Decimal(1))
    stage.do(
        replace_component,
        OPERATOR,
        reason="The battery holds 40 % of its charge.",
        unit_id=line.lot_id,
        removed_id=built_in.lot_id,
        fate="quarantine",
        installed_id=battery,
        from_location_id=place,
    )
