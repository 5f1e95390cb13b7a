"""What happened earlier is told with its own time, through every door."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.test import Client

from erp.accounts.models import Site, User
from tests.inventory.builders import last_event, lot_in_stock
from tests.masterdata.builders import place
from tests.ui.conftest import As
from traceability.models import Lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot(ben: User, site: Site) -> Lot:
    """Return a released lot of a hundred in the store."""
    return lot_in_stock(ben, site)


def body(lot: Lot, **more: Any) -> dict[str, Any]:
    """Return the body of a move of five from store to line."""
    return {
        "from_location_id": place(lot.site, "storage").pk,
        "to_location_id": place(lot.site, "line").pk,
        "quantity": "5",
        **more,
    }


def post(client: Client, url: str, values: dict[str, Any]) -> Any:
    """Post JSON."""
    return client.post(f"/api/v1/{url}", json.dumps(values), content_type="application/json")


@pytest.mark.urs("TRC-02")
def test_the_api_takes_the_time_it_happened(ben: User, lot: Lot, signed_in: As) -> None:
    at = last_event(lot).event_time + dt.timedelta(microseconds=1)
    answer = post(signed_in(ben), f"lots/{lot.pk}/transfer/", body(lot, happened_at=at.isoformat()))
    assert answer.status_code == 200, answer.content
    assert last_event(lot, "storing").event_time == at


@pytest.mark.parametrize("given", ["yesterday", "2026-13-01T00:00", "12"])
def test_what_is_no_time_is_refused_at_its_field(
    ben: User, lot: Lot, signed_in: As, given: str
) -> None:
    answer = post(signed_in(ben), f"lots/{lot.pk}/transfer/", body(lot, happened_at=given))
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["field"] == "happened_at"


def test_a_decision_happens_when_it_is_recorded(ben: User, lot: Lot, signed_in: As) -> None:
    values = {"cause": "quality", "reason": "dent", "happened_at": "2026-01-01T08:00:00Z"}
    answer = post(signed_in(ben), f"lots/{lot.pk}/hold/", values)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["field"] == "happened_at"


def test_the_dialog_asks_for_the_time(ben: User, lot: Lot, signed_in: As) -> None:
    page = signed_in(ben).get(f"/do/inventory.transfer_stock/{lot.pk}/").content.decode()
    assert 'name="happened_at"' in page
    refused = signed_in(ben).post(
        f"/do/inventory.transfer_stock/{lot.pk}/", body(lot, happened_at="2999-01-01T08:00")
    )
    assert refused.status_code == 422
