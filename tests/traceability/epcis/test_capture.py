"""Documents that partners send: taken, checked, recorded once, linked to lots."""

from __future__ import annotations

import pytest

from erp.accounts.models import Site, User
from tests.traceability.epcis.builders import (
    CONTEXT,
    Caller,
    captured,
    carry_out,
    document_of,
    make_items,
    observed,
    only_event,
    single,
    transformation,
)
from traceability.epcis.models import CaptureJob, EpcisEvent, EpcisLink
from traceability.models import EventInput, Lot, TraceEvent

pytestmark = pytest.mark.django_db


@pytest.mark.urs("EPC-01")
def test_a_captured_event_becomes_a_trace_event_with_its_lots(caller: Caller, site: Site) -> None:
    part, made = make_items()
    job = captured(caller, transformation())
    assert (job.state, job.captured, job.faulty) == ("captured", 1, 0)
    link = EpcisLink.objects.get()
    unit = Lot.objects.get(item=made)
    assert (unit.kind, unit.number, unit.state) == ("serial", "U1", "quarantine")
    flow = EventInput.objects.get(event=link.trace_event)
    assert (flow.lot.item, flow.lot.number, flow.quantity) == (part, "L1", 5)
    assert link.trace_event.zone_offset == "+01:00"
    assert link.trace_event.performed_by == job.captured_by


def test_taking_a_document_answers_at_once_and_says_where_to_look(caller: Caller) -> None:
    response = caller.post("/capture", document_of(observed()))
    assert response.status_code == 202
    address = response["Location"].partition("/epcis")[2]
    job = caller.get(address).json()
    assert (job["running"], job["success"], job["errors"]) == (True, True, [])
    carry_out(response)
    job = caller.get(address).json()
    assert (job["running"], job["success"]) == (False, True)
    assert job["finishedAt"]
