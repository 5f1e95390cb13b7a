"""The same journey, with somebody at every step who tries what must not be."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from erp.accounts.models import SecurityEvent
from erp.insight.demo import goods, places
from erp.insight.demo.journey import Journey, Json, Refused, signature
from tests.journeys.test_main_job import tell


def refused(journey: Journey, who: str, path: str, body: Json | None = None) -> Refused:
    """Return the refusal of a call that must be refused."""
    with pytest.raises(Refused) as caught:
        journey.door.post(who, path, body or {})
    return caught.value


def order_line(journey: Journey, item: str = goods.BAR, quantity: Any = "1") -> Json:
    """Return one line of a purchase order."""
    due = (journey.today + dt.timedelta(days=7)).isoformat()
    return {"item_id": item, "quantity": quantity, "due_on": due}


@pytest.mark.urs("PRC-04", "SEC-01")
def test_supply_refuses_strangers_and_unapproved_suppliers(journey: Journey) -> None:
    """Only the buyer orders, only from who is approved; only the keeper of the site receives."""
    body = {"supplier_id": "SUP-TITAN", "site_id": "LUB", "lines": [order_line(journey)]}
    assert refused(journey, "jonas", "purchase-orders/place/", body).code == "core.not_permitted"
    wrong = {**body, "lines": [order_line(journey, goods.PEEK)]}
    blocked = refused(journey, "karl", "purchase-orders/place/", wrong)
    assert blocked.blockers == ["supplier.not_approved"]

    tell(journey, until="order")

    order = journey.materials[goods.BAR]["order"]
    delivery: Json = {
        "location_id": "LUB-QUAR",
        "lines": [{"line": 1, "quantity": "1", "certificate_number": "3.1/1"}],
    }
    path = f"purchase-orders/{order['id']}/receive/"
    assert refused(journey, "karl", path, delivery).code == "core.not_permitted"
    assert refused(journey, "lilan", path, delivery).code == "core.not_found"
    without = {**delivery, "lines": [{"line": 1, "quantity": "1"}]}
    assert refused(journey, "maria", path, without).blockers == ["receipt.certificate_missing"]
    more = {**delivery, "lines": [{**delivery["lines"][0], "quantity": "1.5"}]}
    assert refused(journey, "maria", path, more).blockers == ["receipt.over_delivery"]


@pytest.mark.urs("QMS-01", "QMS-02", "EQP-02", "AUD-03")
def test_inspection_refuses_what_is_not_measured_and_not_signed(journey: Journey) -> None:
    """Nothing is accepted without results, without signature, or measured with the wrong tool."""
    tell(journey, until="receive")
    lot = journey.materials[goods.BAR]["lot"]
    found = journey.inspection_of(lot)
    path = f"inspections/{found['id']}"

    unmeasured = {"decision": "accept", "signature": signature("tomas")}
    blocked = refused(journey, "tomas", f"{path}/decide/", unmeasured)
    assert set(blocked.blockers) == {"inspection.result_missing"}
    rows = journey.results(found)
    overdue = [{**row, "instrument_id": "H-05"} if "instrument_id" in row else row for row in rows]
    wrong_tool = refused(journey, "tomas", f"{path}/record-results/", {"results": overdue})
    assert wrong_tool.code == "core.invalid_input"

    journey.door.post("tomas", f"{path}/record-results/", {"results": rows})

    unsigned = refused(journey, "tomas", f"{path}/decide/", {"decision": "accept"})
    assert unsigned.code == "accounts.signature_missing"
    wrong = {"decision": "accept", "signature": signature("tomas", "not-his-password")}
    assert refused(journey, "tomas", f"{path}/decide/", wrong).code == "accounts.signature_refused"
    borrowed = {"decision": "accept", "signature": signature("helena")}
    stranger = refused(journey, "tomas", f"{path}/decide/", borrowed)
    assert stranger.code == "accounts.signer_is_not_actor"
    assert SecurityEvent.objects.filter(kind="signing_failed", username="tomas").count() == 1


@pytest.mark.urs("PRD-02")
def test_production_refuses_material_that_is_not_released(journey: Journey) -> None:
    """Quarantined material is not issued, foreign material is not, and units need their order."""
    tell(journey, until="receive")
    order = journey.door.post(
        "fatima",
        "work-orders/plan/",
        {"item_id": goods.CAGE, "quantity": 1, "site_id": "LUB", "batch_number": "CK-R"},
    )
    path = f"work-orders/{order['id']}"
    early = refused(journey, "jonas", f"{path}/report/", {"units": [{"serial": "CK-R-1"}]})
    assert early.code == "core.illegal_step"
    journey.door.post("jonas", f"{path}/start/", {})

    lot = journey.materials[goods.BAR]["lot"]
    body = {"lot_id": lot["id"], "quantity": "0.02", "from_location_id": "LUB-STORE"}
    assert refused(journey, "jonas", f"{path}/issue/", body).blockers == ["lot.not_released"]
    assert refused(journey, "wangwei", f"{path}/issue/", body).code == "core.not_found"
    held = refused(journey, "jonas", f"{path}/complete/")
    assert "production.nothing_reported" in held.blockers


@pytest.mark.urs("PRD-05", "PRD-04", "AUD-03", "SEC-01")
def test_release_refuses_everything_that_is_open(journey: Journey) -> None:
    """Before sterilisation and inspection nothing is released, and never by who made it."""
    tell(journey, until="report units")
    batch = journey.found["batch"]
    path = f"lots/{batch['id']}/release/"
    signed = {"signature": signature("helena")}

    blocked = refused(journey, "helena", path, signed)
    assert set(blocked.blockers) == {"production.process_missing", "inspection.open"}
    assert (
        refused(journey, "jonas", path, {"signature": signature("jonas")}).code
        == "core.not_permitted"
    )
    assert refused(journey, "zhoumin", path, signed).code == "core.not_found"

    for step in (journey.send_out, journey.receive_back, journey.final_inspection):
        step()

    assert refused(journey, "helena", path).code == "accounts.signature_missing"
    journey.release()
    assert refused(journey, "helena", path, signed).code == "core.illegal_step"


@pytest.mark.urs("PRD-04", "QMS-03")
def test_a_failed_cycle_holds_the_batch_and_opens_a_deviation(journey: Journey) -> None:
    """An underdosed batch is stopped in the instant it comes back."""
    tell(journey, until="send to steriliser")
    path = f"process-cycles/{journey.found['cycle']['id']}/receive/"
    low = {"name": "Minimum dose", "value": "21.3", "unit": "kGy", "lower": "25", "upper": "40"}
    body = {"cycle_number": "SGN-1", "conforming": True, "parameters": [low]}
    assert refused(journey, "maria", path, body).code == "production.out_of_limits"

    journey.door.post("maria", path, {**body, "conforming": False})

    journey.final_inspection()
    release = f"lots/{journey.found['batch']['id']}/release/"
    blocked = refused(journey, "helena", release, {"signature": signature("helena")})
    assert set(blocked.blockers) == {"production.process_failed", "deviation.open", "lot.on_hold"}


@pytest.mark.urs("SAL-02", "MDM-04", "INV-02")
def test_delivery_refuses_unreleased_held_and_unauthorised_goods(journey: Journey) -> None:
    """What is not released, not free of holds or not authorised in the country stays here."""
    tell(journey, until="final inspection")
    take = {
        "customer_id": "CUS-KIEL",
        "site_id": "LUB",
        "lines": [{"item_id": goods.CAGE, "quantity": 1}],
    }
    order = journey.door.post("sofia", "sales-orders/take/", take)
    thai = journey.door.post("sofia", "sales-orders/take/", {**take, "customer_id": "CUS-SIAM"})
    unit = journey.lot(journey.serials()[0])
    lines = {"lines": [{"lot_id": unit["id"], "quantity": 1}]}
    path = f"sales-orders/{order['id']}"

    assert refused(journey, "sofia", f"{path}/allocate/", lines).blockers == ["lot.not_released"]
    journey.release()
    abroad = refused(journey, "sofia", f"sales-orders/{thai['id']}/allocate/", lines)
    assert abroad.blockers == ["sales.not_authorised"]
    assert refused(journey, "maria", f"{path}/ship/").status == 409

    journey.door.post("sofia", f"{path}/allocate/", lines)
    hold = journey.door.post(
        "priya",
        f"lots/{journey.found['batch']['id']}/hold/",
        {"cause": "quality", "reason": "Label in doubt"},
    )
    assert refused(journey, "maria", f"{path}/ship/").status == 409
    assert refused(journey, "sofia", f"{path}/allocate/", lines).blockers == ["lot.on_hold"]
    lift = f"holds/{hold['id']}/release/"
    signed = {"reason": "Fine", "signature": signature("helena")}
    assert refused(journey, "priya", lift, {**signed, "signature": signature("priya")}).code in {
        "core.not_permitted",
        "core.same_person",
    }
    assert (
        refused(journey, "helena", lift, {"signature": signature("helena")}).code
        == "core.invalid_input"
    )
    journey.door.post("helena", lift, signed)
    journey.door.post("sofia", f"{path}/allocate/", lines)
    shipment = journey.door.post("maria", f"{path}/ship/", {})

    twice = {"lines": [{"lot_id": unit["id"], "quantity": 2}], "reason": "Came back"}
    too_much = refused(journey, "sofia", f"shipments/{shipment['id']}/return/", twice)
    assert too_much.blockers == ["sales.returned_too_much"]


@pytest.mark.urs("SEC-01")
def test_people_of_another_site_see_nothing_of_it(journey: Journey) -> None:
    """What belongs to Lübeck answers as if it did not exist in Suzhou."""
    tell(journey, until="release")
    batch = journey.found["batch"]["id"]

    with pytest.raises(Refused) as caught:
        journey.door.get("chenhao", f"lots/{batch}/")
    assert caught.value.status == 404
    assert journey.door.get("chenhao", "lots/", search="CK-T1")["count"] == 0
    body = {"kind": "sterilisation", "place_id": places.STERILISER_PLACE}
    assert refused(journey, "lilan", f"lots/{batch}/send-to-subcontractor/", body).status == 404
