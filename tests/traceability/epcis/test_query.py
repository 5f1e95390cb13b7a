"""The query interface: the standard's parameters, paging, resources, named queries."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from erp.accounts.models import Site, User
from tests.traceability.epcis.builders import (
    GTIN_MADE,
    GTIN_PART,
    Caller,
    captured,
    carry_out,
    make_system,
    observed,
    transformation,
)

pytestmark = pytest.mark.django_db

SENSOR = {
    "sensorMetadata": {
        "startTime": "2026-01-15T07:00:00Z",
        "endTime": "2026-01-15T08:00:00Z",
        "deviceID": "urn:epc:id:giai:4000001.111",
    },
    "sensorReport": [{"type": "Temperature", "value": 26.1, "uom": "CEL", "booleanValue": True}],
}


@pytest.fixture
def told(caller: Caller) -> Caller:
    """Return the partner after it told five events."""
    captured(
        caller,
        transformation(eventID="urn:e:1"),
        observed(
            eventID="urn:e:2",
            bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:po:7"}],
            sourceList=[{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
            persistentDisposition={"set": ["recalled"], "unset": ["in_transit"]},
            bizLocation={"id": "https://id.gs1.org/414/4012345000016/254/A1"},
        ),
        observed("U2", eventID="urn:e:3", action="ADD", bizStep="https://acme.example/step",
                 sensorElementList=[SENSOR]),
        {
            "type": "AggregationEvent",
            "eventID": "urn:e:4",
            "eventTime": "2026-01-16T08:00:00+01:00",
            "eventTimeZoneOffset": "+01:00",
            "parentID": "urn:epc:id:sscc:4012345.0000000111",
            "childEPCs": [f"https://id.gs1.org/01/{GTIN_MADE}/21/U1"],
            "childQuantityList": [
                {"epcClass": f"https://id.gs1.org/01/{GTIN_PART}/10/L1", "quantity": 20}
            ],
            "action": "ADD",
            "bizStep": "packing",
        },
        {
            **observed("U3", eventID="urn:e:5"),
            "errorDeclaration": {
                "declarationTime": "2026-02-01T00:00:00Z",
                "reason": "did_not_occur",
                "correctiveEventIDs": ["urn:e:6"],
            },
        },
    )  # fmt: skip
    return caller


def ids(caller: Caller, path: str = "/events", **query: Any) -> str:
    """Return the last signs of the ids that a query answers, in order."""
    return "".join(e["eventID"][-1] for e in caller.events(path, query))


@pytest.mark.urs("EPC-01")
def test_every_parameter_of_the_standard_selects_what_it_says(told: Caller) -> None:
    cases = [
        ({}, "12345"),
        ({"eventType": "ObjectEvent|AggregationEvent"}, "2345"),
        ({"GE_eventTime": "2026-01-16T07:00:00Z"}, "4"),
        ({"LT_eventTime": "2026-01-15T00:00:00+01:00"}, "1"),
        ({"GE_recordTime": "2026-01-01T00:00:00Z"}, "12345"),
        ({"LT_recordTime": "2020-01-01T00:00:00Z"}, ""),
        ({"EQ_action": "ADD"}, "34"),
        ({"EQ_bizStep": "shipping|packing"}, "245"),
        ({"EQ_bizStep": "https://ref.gs1.org/cbv/BizStep-shipping"}, "25"),
        ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:shipping"}, "25"),
        ({"EQ_bizStep": "https://acme.example/step"}, "3"),
        ({"EQ_disposition": "active"}, "1"),
        ({"EQ_persistentDisposition_set": "recalled"}, "2"),
        ({"EQ_persistentDisposition_unset": "in_transit"}, "2"),
        ({"EQ_readPoint": "urn:epc:id:sgln:4012345.00001.0"}, "1235"),
        ({"EQ_readPoint": "https://id.gs1.org/414/4012345000016"}, "1235"),
        ({"EQ_bizLocation": "https://id.gs1.org/414/4012345000016"}, ""),
        ({"WD_bizLocation": "https://id.gs1.org/414/4012345000016"}, "2"),
        ({"MATCH_epc": "urn:epc:id:sgtin:4012345.033333.U1"}, "24"),
        ({"MATCH_epc": f"https://id.gs1.org/01/{GTIN_MADE}/21/U1"}, "24"),
        ({"MATCH_epc": "urn:epc:idpat:sgtin:4012345.033333.*"}, "2345"),
        ({"MATCH_parentID": "https://id.gs1.org/00/040123450000001112"}, "4"),
        ({"MATCH_outputEPC": "urn:epc:id:sgtin:4012345.033333.U1"}, "1"),
        ({"MATCH_inputEPC": "urn:epc:id:sgtin:4012345.033333.U1"}, ""),
        ({"MATCH_anyEPC": "urn:epc:id:sgtin:4012345.033333.U1"}, "124"),
        ({"MATCH_epcClass": "urn:epc:class:lgtin:4012345.011111.L1"}, "4"),
        ({"MATCH_inputEPCClass": "urn:epc:class:lgtin:4012345.011111.L1"}, "1"),
        ({"MATCH_anyEPCClass": "urn:epc:idpat:lgtin:4012345.011111.*"}, "14"),
        ({"EQ_quantity": "20"}, "4"),
        ({"GT_quantity": "5"}, "4"),
        ({"GE_quantity": "5"}, "14"),
        ({"LT_quantity": "20"}, "1"),
        ({"LE_quantity": "20"}, "14"),
        ({"EQ_eventID": "urn:e:2|urn:e:4"}, "24"),
        ({"EXISTS_errorDeclaration": "true"}, "5"),
        ({"EXISTS_errorDeclaration": "false"}, "12345"),
        ({"GE_errorDeclarationTime": "2026-02-01T00:00:00Z"}, "5"),
        ({"EQ_errorReason": "did_not_occur"}, "5"),
        ({"EQ_correctiveEventID": "urn:e:6"}, "5"),
        ({"EQ_bizTransaction_po": "urn:x:po:7"}, "2"),
        ({"EQ_bizTransaction_inv": "urn:x:po:7"}, ""),
        ({"EQ_source_owning_party": "https://id.gs1.org/417/4012345000009"}, "2"),
        ({"EQ_type": "Temperature"}, "3"),
        ({"EQ_deviceID": "https://id.gs1.org/8004/4000001111"}, "3"),
        ({"EQ_booleanValue": "true"}, "3"),
        ({"GE_startTime": "2026-01-15T08:00:00+01:00"}, "3"),
        ({"LT_endTime": "2026-01-15T08:00:00Z"}, ""),
        ({"EQ_action": "ADD", "EQ_bizStep": "packing"}, "4"),
        ({"orderBy": "eventTime", "orderDirection": "DESC", "eventCountLimit": "1"}, "4"),
        ({"orderBy": "eventTime", "orderDirection": "ASC", "eventCountLimit": "2"}, "12"),
    ]
    wrong = [(q, ids(told, **q), e) for q, e in cases if ids(told, **q) != e]
    assert wrong == []


def test_what_cannot_be_asked_is_refused_by_name(told: Caller) -> None:
    for query in (
        {"EQ_colour": "red"},
        {"GE_eventTime": "yesterday"},
        {"GE_eventTime": "2026-01-01T00:00:00"},
        {"EQ_action": "WATCH"},
        {"EQ_quantity": "many"},
        {"orderBy": "colour"},
        {"orderBy": "eventTime", "orderDirection": "UP"},
        {"eventCountLimit": "5"},
        {"orderBy": "eventTime", "eventCountLimit": "5", "maxEventCount": "5"},
        {"maxEventCount": "-1"},
        {"perPage": "0"},
        {"MATCH_epc": ""},
        {"nextPageToken": "made-up"},
    ):
        response = told.get("/events", query)
        assert response.status_code == 400, query
        assert response.json()["type"] == "epcisException:QueryParameterException", query
    large = told.get("/events", {"maxEventCount": "4"})
    assert large.status_code == 413
    assert large.json()["type"] == "epcisException:QueryTooLargeException"
    assert told.get("/events", {"maxEventCount": "5"}).status_code == 200


def test_pages_follow_one_another_without_gap_or_double(told: Caller) -> None:
    seen, address = "", "/events?perPage=2"
    while address:
        response = told.get(address)
        found = response.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        assert len(found) <= 2
        seen += "".join(e["eventID"][-1] for e in found)
        link = response.headers.get("Link", "")
        assert bool(link) == ("GS1-Next-Page-Token-Expires" in response)
        address = link.partition(">")[0].partition("/epcis")[2]
    assert seen == "12345"


def test_a_page_token_is_good_for_its_query_only_and_can_be_given_up(told: Caller) -> None:
    link = told.get("/events?perPage=2")["Link"]
    token = link.partition("nextPageToken=")[2].partition(">")[0]
    assert told.get(f"/events?perPage=2&nextPageToken={token}").status_code == 200
    assert told.get(f"/events?EQ_action=ADD&nextPageToken={token}").status_code == 400
    assert told.delete(f"/nextPageToken/{token}").status_code == 204
    assert told.get(f"/events?perPage=2&nextPageToken={token}").status_code == 400


def test_a_page_costs_the_same_whatever_its_size(
    told: Caller, django_assert_num_queries: Any
) -> None:
    counts = []
    for size in (1, 5):
        with django_assert_num_queries(30, exact=False) as captured_queries:
            told.get("/events", {"perPage": size})
        counts.append(len(captured_queries))
    assert counts[0] == counts[1]


def test_top_level_resources_lead_to_their_events(told: Caller) -> None:
    top = told.get("/").json()
    assert {"events", "capture", "queries", "epcs", "bizSteps"} <= set(top["member"])
    assert "packing" in told.get("/bizSteps?perPage=1000").json()["member"]
    assert told.get("/eventTypes").json()["member"][0] == "AggregationEvent"
    epc = quote("urn:epc:id:sgtin:4012345.033333.U1", safe="")
    assert ids(told, f"/epcs/{epc}/events") == "124"
    link = quote(f"https://id.gs1.org/01/{GTIN_MADE}/21/U1", safe="")
    assert told.get(f"/epcs/{link}").json()["member"] == ["events"]
    assert ids(told, "/bizSteps/packing/events") == "4"
    assert ids(told, "/dispositions/active/events") == "1"
    assert ids(told, "/eventTypes/ObjectEvent/events", EQ_action="ADD") == "3"
    assert told.get("/bizSteps/unheard_of").status_code == 404
    missing = told.get("/epcs/urn:x:nothing/events")
    assert missing.json()["type"] == "epcisException:NoSuchResourceException"
    point = quote("urn:epc:id:sgln:4012345.00001.0", safe="")
    assert ids(told, f"/readPoints/{point}/events") == "1235"


def test_identifiers_come_in_the_form_asked_for(told: Caller, settings: Any) -> None:
    settings.GS1_COMPANY_PREFIXES = ("4012345",)
    asked = {"EQ_eventID": "urn:e:2"}
    (link,) = told.events(query=asked)
    assert link["epcList"] == [f"https://id.gs1.org/01/{GTIN_MADE}/21/U1"]
    (kept,) = told.events(query=asked, GS1_EPC_Format="Never_Translates")
    assert kept["epcList"] == ["urn:epc:id:sgtin:4012345.033333.U1"]
    (urn,) = told.events(query={"EQ_eventID": "urn:e:1"}, GS1_EPC_Format="Always_EPC_URN")
    assert urn["outputEPCList"] == ["urn:epc:id:sgtin:4012345.033333.U1"]
    assert told.get("/events", GS1_EPC_Format="Always_Morse").status_code == 406


def test_discovery_tells_versions_and_limits(caller: Caller) -> None:
    answer = caller.options("/capture")
    assert answer.status_code == 204
    assert answer["GS1-EPCIS-Min"] == answer["GS1-EPCIS-Max"] == "2.0.0"
    assert answer["GS1-EPCIS-Capture-Limit"] == "10000"
    assert answer["GS1-Capture-Error-Behaviour"] == "all"
    assert "POST" in answer["Allow"]
    assert caller.get("/events", GS1_EPCIS_Min="2.1.0").status_code == 406
    assert caller.get("/events", Accept="application/xml").status_code == 406


def test_another_sites_events_are_not_to_be_seen(told: Caller, other_site: Site, ada: User) -> None:
    other = Caller(make_system(other_site, "other-system"), ada)
    assert other.events() == []
    assert other.get("/events/urn:e:1").status_code == 404
    assert other.get("/epcs").json()["member"] == []
    assert other.get("/capture").json() == []


def test_a_named_query_is_asked_by_its_name(told: Caller) -> None:
    body = {"name": "packed", "query": {"EQ_bizStep": ["packing"], "GE_quantity": 1}}
    made = told.post("/queries", body)
    assert made.status_code == 201
    assert made["Location"].endswith("/epcis/queries/packed")
    assert told.post("/queries", body).status_code == 409
    assert told.get("/queries/packed").json() == body
    assert told.get("/queries").json() == [body]
    assert ids(told, "/queries/packed/events") == "4"
    assert ids(told, "/queries/SimpleEventQuery/events") == "12345"
    assert told.delete("/queries/packed").status_code == 204
    gone = told.get("/queries/packed/events")
    assert gone.json()["type"] == "epcisException:NoSuchNameException"
    bad = told.post("/queries", {"name": "bad", "query": {"EQ_colour": "red"}})
    assert bad.json()["type"] == "epcisException:QueryParameterException"


def test_an_event_is_told_as_it_was_with_its_extensions(caller: Caller) -> None:
    more: dict[str, Any] = {"ex:field": {"ex:inner": ["3", 1, None]}, "eventID": "urn:e:1"}
    extended = observed("U1", **more)
    body = {
        "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
                     {"ex": "https://ns.example.com/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-15T12:00:00Z",
        "epcisBody": {"eventList": [extended]},
    }  # fmt: skip
    carry_out(caller.post("/capture", body, media="application/ld+json"))
    answer = caller.get("/events", GS1_EPC_Format="Never_Translates").json()
    (event,) = answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    event.pop("recordTime")
    assert event == extended
    assert {"ex": "https://ns.example.com/"} in answer["@context"]
