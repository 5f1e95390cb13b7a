"""Round trip: what we did, told to another Proofline, answers the same trace there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from erp.accounts.models import Site, User
from erp.masterdata.models import Item
from tests.masterdata.builders import make_item
from tests.procurement.builders import ordered, received
from tests.traceability.builders import did_not_happen, happen, make_lots, make_units, trace
from tests.traceability.epcis.builders import (
    GTIN_PART,
    Caller,
    captured,
    carry_out,
    make_items,
)
from traceability.epcis import delivery, export
from traceability.epcis.hash import event_hash
from traceability.epcis.models import EpcisEvent, EpcisLink
from traceability.epcis.schema import faults_of, faults_of_head
from traceability.models import Lot, TraceEvent

pytestmark = pytest.mark.django_db


def small_chain(ada: User, site: Site) -> tuple[Lot, Lot, list[Lot], Any]:
    """Make: 5 kg of R-1 into batch B-1 of three units, which are then looked at and sent."""
    part, made = make_items()
    (raw,) = make_lots(ada, site, 1, item=part, number="R-1")
    (batch,) = make_lots(ada, site, 1, item=made, number="B-1")
    units = make_units(ada, site, batch, 3)
    event = happen(ada, site, {raw: 5}, units, [batch])
    happen(
        ada,
        site,
        subjects=[raw],
        kind="object",
        action="OBSERVE",
        biz_step="receiving",
        disposition="in_progress",
    )
    happen(
        ada,
        site,
        subjects=units,
        kind="object",
        action="OBSERVE",
        biz_step="releasing",
        disposition="conformant",
    )
    return raw, batch, units, event  # fmt: skip


def told(user: User, raw: Lot) -> dict[str, Any]:
    """Return the trace of a lot as an EPCIS document."""
    text = "".join(export.document(trace(user, [raw], "forward")))
    document: dict[str, Any] = json.loads(text)
    return document


@pytest.mark.urs("EPC-02")
def test_a_trace_exports_as_a_valid_document_with_hash_ids(ada: User, site: Site) -> None:
    raw, _batch, units, _event = small_chain(ada, site)
    document = told(ada, raw)
    assert list(faults_of_head(document)) == []
    events = document["epcisBody"]["eventList"]
    assert [list(faults_of(e)) for e in events] == [[], [], []]
    spaces = {"proofline": "urn:proofline:epcis:"}
    for event in events:
        bare = {k: v for k, v in event.items() if k != "eventID"}
        assert event["eventID"] == event_hash(bare, spaces)
    made = next(e for e in events if e["type"] == "TransformationEvent")
    assert made["ilmd"]["cbvmda:lotNumber"] == "B-1"
    assert made["inputQuantityList"] == [
        {"epcClass": f"https://id.gs1.org/01/{GTIN_PART}/10/R-1", "quantity": 5, "uom": "KGM"}
    ]
    assert len(made["outputEPCList"]) == len(units)
    received = next(e for e in events if e.get("bizStep") == "receiving")
    assert received["action"] == "OBSERVE"
    assert received["persistentDisposition"] == {"unset": ["in_transit"]}


@pytest.mark.urs("EPC-02")
def test_an_empty_installation_answers_the_same_trace(
    ada: User, site: Site, other_site: Site, caller: Caller
) -> None:
    raw, _batch, _units, _event = small_chain(ada, site)
    before = shape_of(ada, raw)
    document = told(ada, raw)
    # An installation without lots: the same items, whose numbers nobody has used yet.
    for item in Item.objects.all():
        Lot.objects.filter(item=item).update(item=make_item())
    job = carry_out(caller.post("/capture", document))
    assert (job.state, job.captured, job.faulty) == ("captured", 3, 0), job.errors
    again = Lot.objects.get(item__identifiers__di=GTIN_PART)
    assert again.pk != raw.pk
    assert shape_of(ada, again) == before


def shape_of(user: User, lot: Lot) -> Any:
    """Return what a trace answers, without the ids of this installation."""
    found = trace(user, [lot], "forward").answer()
    names = {n.lot_id: n.number for n in found.nodes}
    nodes = sorted((n.number, n.kind, n.level, n.whole) for n in found.nodes)
    links = sorted(
        (names[k.input_id], names[k.output_id], str(k.input_quantity), k.precision, k.biz_step)
        for k in found.links
    )
    return nodes, links, found.complete


def test_our_events_are_published_once_and_can_be_asked_for(
    ada: User, site: Site, caller: Caller
) -> None:
    small_chain(ada, site)
    assert delivery.publish() == 3
    assert delivery.publish() == 0
    found = caller.events(query={"EQ_bizStep": "commissioning"})
    assert len(found) == 1
    assert caller.events(query={"MATCH_inputEPCClass": "urn:epc:class:lgtin:4012345.011111.R-1"})
    assert EpcisLink.objects.count() == 3


def test_an_event_of_ours_that_did_not_happen_is_told_so(
    ada: User, site: Site, caller: Caller
) -> None:
    _raw, _batch, _units, event = small_chain(ada, site)
    delivery.publish()
    did_not_happen(ada, site, event)
    assert delivery.publish() == 1
    found = caller.events(query={"EXISTS_errorDeclaration": "true"})
    assert found[0]["errorDeclaration"]["reason"] == "did_not_occur"
    assert len({e["eventID"] for e in caller.events()}) == 3


def test_nobody_else_declares_our_events_wrong(ada: User, site: Site, caller: Caller) -> None:
    small_chain(ada, site)
    delivery.publish()
    ours = EpcisEvent.objects.order_by("pk").first()
    assert ours is not None
    error = {"declarationTime": "2026-02-01T00:00:00Z", "reason": "did_not_occur"}
    lie = {"@context": ours.context, **ours.document, "errorDeclaration": error}
    job = captured(caller, lie)
    assert job.errors[0]["code"] == "epcis.event_is_ours"
    assert not TraceEvent.objects.filter(corrects__isnull=False).exists()


def test_exporting_costs_the_same_whatever_the_number_of_units(ada: User, site: Site) -> None:
    part, made = make_items()
    counts = []
    for size in (2, 40):
        (raw,) = make_lots(ada, site, 1, item=part)
        (batch,) = make_lots(ada, site, 1, item=made)
        happen(ada, site, {raw: 5}, make_units(ada, site, batch, size), [batch])
        connection.force_debug_cursor = True
        start = len(connection.queries)
        told(ada, raw)
        counts.append(len(connection.queries) - start)
        connection.force_debug_cursor = False
    assert counts[0] == counts[1]


def test_a_receipt_tells_its_order_and_its_supplier(
    ada: User, ben: User, site: Site, caller: Caller
) -> None:
    order = ordered(ben, ada, site)
    received(ben, order)
    delivery.publish()
    (event,) = caller.events(query={"EQ_bizStep": "receiving"})
    papers = {t["type"]: t["bizTransaction"] for t in event["bizTransactionList"]}
    assert papers["po"].endswith(f"/id/purchase-order/{order.number}")
    assert event["sourceList"][0]["source"].endswith(f"/id/partner/{order.supplier.code}")
    assert event["action"] == "OBSERVE"
