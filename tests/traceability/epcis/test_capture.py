"""Documents that partners send: taken, checked, recorded once, linked to lots."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.html import escape

from erp.accounts.models import Site, User
from tests.conftest import ctx_for
from tests.traceability.builders import make_lots
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
from traceability.epcis.errors import NotLinkable
from traceability.epcis.models import CaptureJob, EpcisEvent, EpcisLink
from traceability.epcis.operations.capturing import link_event, what_is_missing
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
    assert (flow.lot.item, flow.lot.number, int(flow.quantity)) == (part, "L1", 5)
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


@pytest.mark.urs("EPC-01")
def test_the_same_document_twice_changes_nothing(caller: Caller) -> None:
    make_items()
    captured(caller, transformation(), observed())
    before = (EpcisEvent.objects.count(), TraceEvent.objects.count(), Lot.objects.count())
    job = captured(caller, transformation(), observed())
    assert (job.state, job.captured, job.repeated) == ("captured", 0, 2)
    assert (EpcisEvent.objects.count(), TraceEvent.objects.count(), Lot.objects.count()) == before


@pytest.mark.urs("EPC-01")
def test_one_bad_event_rejects_all_and_every_error_is_told(caller: Caller) -> None:
    bad = observed("U2", action="FOO", bizStep="no step of the standard")
    worse = observed("U3", eventTimeZoneOffset=None)
    response = caller.post("/capture", document_of(observed(), bad, worse))
    job = carry_out(response)
    assert (job.state, job.captured, job.faulty) == ("rejected", 0, 2)
    assert not EpcisEvent.objects.exists()
    told = caller.get(f"/capture/{job.number}").json()
    assert (told["running"], told["success"]) == (False, False)
    assert [e["index"] for e in told["errors"]] == [1, 2]
    assert {e["type"] for e in told["errors"]} == {"epcisException:ValidationException"}
    assert {f["path"] for f in told["errors"][0]["faults"]} >= {"action", "bizStep"}


def test_with_proceed_the_sound_events_are_captured(caller: Caller) -> None:
    bad = observed("U2", action="FOO")
    job = captured(caller, observed(), bad, observed("U3"), GS1_Capture_Error_Behaviour="proceed")
    assert (job.state, job.captured, job.faulty) == ("in_part", 2, 1)
    assert EpcisEvent.objects.count() == 2


def test_an_id_never_stands_for_two_events(caller: Caller) -> None:
    captured(caller, observed(eventID="urn:uuid:1"))
    job = captured(caller, observed("U9", eventID="urn:uuid:1"))
    assert job.state == "rejected"
    assert job.errors[0]["code"] == "epcis.event_exists"
    assert only_event().things.get().uri.endswith("/U1")


def test_an_event_about_unknown_items_is_kept_and_waits(caller: Caller, ada: User) -> None:
    job = captured(caller, transformation())
    assert job.state == "captured"
    assert not TraceEvent.objects.exists()
    assert not Lot.objects.exists()
    assert EpcisEvent.objects.unlinked().count() == 1


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        ("{", 400, "ValidationException"),
        (b"\xff\xfe", 400, "ValidationException"),
        ({"type": "EPCISDocument"}, 400, "ValidationException"),
        ({**document_of(), "type": "Something"}, 400, "ValidationException"),
        ([1, 2], 400, "ValidationException"),
        ('{"a": NaN}', 400, "ValidationException"),
    ],
)
def test_what_is_no_document_is_refused_at_once(
    caller: Caller, body: object, status: int, kind: str
) -> None:
    response = caller.post("/capture", body)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == f"epcisException:{kind}"
    assert not CaptureJob.objects.exists()


def test_xml_is_refused_with_a_clear_sentence(caller: Caller) -> None:
    response = caller.post("/capture", "<epcis/>", media="application/xml")
    assert response.status_code == 415
    problem = response.json()
    assert problem["type"] == "epcisException:UnsupportedMediaTypeException"
    assert "XML" in problem["detail"]


def test_more_events_than_the_limit_are_refused(caller: Caller, settings: object) -> None:
    settings.EPCIS_MAX_EVENTS = 1  # type: ignore[attr-defined]
    response = caller.post("/capture", document_of(observed(), observed("U2")))
    assert response.status_code == 413
    assert response.json()["type"] == "epcisException:CaptureLimitExceededException"


def test_a_query_document_is_captured_like_any_other(caller: Caller) -> None:
    body = {
        "@context": [CONTEXT],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-15T12:00:00Z",
        "epcisBody": {
            "queryResults": {
                "queryName": "SimpleEventQuery",
                "resultsBody": {"eventList": [observed()]},
            }
        },
    }
    assert carry_out(caller.post("/capture", body)).captured == 1


def test_one_event_posted_is_there_at_once(caller: Caller) -> None:
    response = caller.post("/events", single(observed()))
    assert response.status_code == 201, response.content
    address = response["Location"].partition("/epcis")[2]
    found = caller.events(address, GS1_EPC_Format="Never_Translates")
    assert found[0]["epcList"] == ["urn:epc:id:sgtin:4012345.033333.U1"]
    again = caller.post("/events", single(observed()))
    assert again.status_code == 409
    assert again.json()["type"] == "epcisException:ResourceAlreadyExistsException"


def test_a_bad_event_posted_is_refused_with_its_faults(caller: Caller) -> None:
    response = caller.post("/events", single(observed(action="FOO")))
    assert response.status_code == 400
    assert response.json()["faults"][0]["field"] == "action"
    assert not EpcisEvent.objects.exists()
    assert not CaptureJob.objects.exists()


def test_a_declaration_of_error_makes_the_event_void(caller: Caller) -> None:
    make_items()
    event = transformation(eventID="urn:uuid:374d95fc")
    captured(caller, event)
    error = {
        "declarationTime": "2026-01-16T00:00:00+01:00",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:404d95fc"],
    }
    captured(caller, {**event, "errorDeclaration": error})
    wrong = EpcisLink.objects.get(event__declares_error=False).trace_event
    void = TraceEvent.objects.get(corrects=wrong)
    assert void.disposition == "did_not_occur"
    found = caller.events(query={"EXISTS_errorDeclaration": "true"})
    assert [e["errorDeclaration"]["reason"] for e in found] == ["incorrect_data"]


def test_a_declaration_that_comes_first_makes_the_event_void_when_it_comes(caller: Caller) -> None:
    make_items()
    event = transformation(eventID="urn:uuid:374d95fc")
    error = {"declarationTime": "2026-01-16T00:00:00+01:00", "reason": "did_not_occur"}
    captured(caller, {**event, "errorDeclaration": error})
    assert not TraceEvent.objects.exists()
    captured(caller, event)
    assert TraceEvent.objects.filter(corrects__isnull=False).count() == 1


def test_a_transformation_told_in_two_parts_is_one(caller: Caller) -> None:
    make_items()
    number = "https://acme.example/transformation/7"
    captured(caller, transformation(transformationID=number, outputEPCList=None))
    assert not TraceEvent.objects.exists()
    captured(caller, transformation(transformationID=number, inputQuantityList=None))
    event = TraceEvent.objects.get()
    assert (event.inputs.count(), event.outputs.count()) == (1, 1)
    assert event.epcis_links.count() == 2


def test_a_token_without_the_right_captures_nothing(caller: Caller, acme: User, ada: User) -> None:
    stranger = Caller(acme, ada, scopes=["traceability.define_event_query"])
    response = stranger.post("/capture", document_of(observed()))
    assert response.status_code == 403
    assert response.json()["type"] == "epcisException:SecurityException"
    nobody = caller.client.post("/epcis/capture", "{}", content_type="application/json")
    assert nobody.status_code == 401
    assert not CaptureJob.objects.exists()


def test_naming_a_lot_of_a_site_one_may_not_see_does_not_show_it(
    caller: Caller, ada: User, other_site: Site
) -> None:
    part, _made = make_items()
    (hidden,) = make_lots(ada, other_site, 1, item=part, number="L1")
    captured(caller, transformation())
    assert not TraceEvent.objects.exists()
    assert not hidden.other_sites.exists()
    assert EpcisEvent.objects.unlinked().count() == 1


def test_an_event_is_linked_once_its_items_are_known(caller: Caller, ben: User, ada: User) -> None:
    captured(caller, transformation())
    event = only_event()
    with pytest.raises(NotLinkable) as refusal:
        link_event(ctx_for(ben), event_id=event.pk)
    assert [b.code for b in refusal.value.blockers] == ["epcis.unknown_item"] * 2
    make_items()
    link_event(ctx_for(ben), event_id=event.pk)
    assert TraceEvent.objects.get().inputs.count() == 1
    with pytest.raises(NotLinkable):
        link_event(ctx_for(ben), event_id=event.pk)


def test_why_an_event_is_not_linked_stands_on_its_page_once(
    caller: Caller, ben: User, cleo: User, site: Site
) -> None:
    captured(caller, transformation())
    event = only_event()
    for person in (ben, cleo):
        client = Client()
        client.force_login(person)
        text = client.get(f"/epcis-events/{event.pk}/").content.decode()
        sentences = [str(b.sentence) for b in what_is_missing(event, ctx_for(ben).actor)]
        assert [text.count(escape(sentence)) for sentence in sentences] == [1, 1]
        assert ("Not linked because" in text) is (person == cleo)
