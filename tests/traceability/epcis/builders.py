"""Partners, their documents, and the calls they make."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterable
from typing import Any

from django.test import Client

from erp.accounts.models import ApiToken, Site, User
from erp.masterdata.models import Item
from erp.organisation.catalogue import ROLES
from erp.organisation.operations.tokens import issue_token
from tests.conftest import ctx_for, make_person
from tests.masterdata.builders import make_item
from tests.traceability.devices import identified
from traceability.epcis.models import CaptureJob, EpcisEvent
from traceability.epcis.operations.capturing import capture_events
from traceability.epcis.service import SERVICE, service_context

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
GTIN_PART = "04012345111118"
GTIN_MADE = "04012345333336"
_count = itertools.count(1)

EXCHANGE = next(plan for plan in ROLES if plan.code == "event-exchange").allows
SERVICE_MAY = next(plan for plan in ROLES if plan.code == SERVICE).allows


def make_service() -> User:
    """Make the account that works in the background, as an installation has it."""
    found = User.objects.filter(username=SERVICE).first()
    return found or make_person(SERVICE, may=SERVICE_MAY, service=True)


def make_system(
    site: Site | None, name: str = "acme-system", *, may: Iterable[str] = EXCHANGE
) -> User:
    """Make the service account of a partner's system."""
    return make_person(name, may=may, site=site, service=True)


class Caller:
    """A partner's system that calls the interface with its token."""

    def __init__(self, account: User, issuer: User, *, scopes: Iterable[str] = ()) -> None:
        token: ApiToken = issue_token(
            ctx_for(issuer),
            user_id=account.pk,
            name="test",
            scopes=[*(scopes or EXCHANGE), "read"],
            days=30,
        )
        self.headers = {"authorization": f"Bearer {token.text}"}  # type: ignore[attr-defined]
        self.client = Client()

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        """Ask."""
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        return self.client.get(f"/epcis{path}", query, headers={**self.headers, **headers})

    def post(self, path: str, body: Any, *, media: str = "application/json", **headers: str) -> Any:
        """Send."""
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        raw = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(
            f"/epcis{path}", raw, content_type=media, headers={**self.headers, **headers}
        )

    def delete(self, path: str) -> Any:
        """Remove."""
        return self.client.delete(f"/epcis{path}", headers=self.headers)

    def options(self, path: str) -> Any:
        """Discover."""
        return self.client.options(f"/epcis{path}", headers=self.headers)

    def events(
        self, path: str = "/events", query: dict[str, Any] | None = None, **more: str
    ) -> Any:
        """Return the events that a query answers."""
        response = self.get(path, query, **more)
        assert response.status_code == 200, response.content
        return response.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def make_items(unit: str = "kg") -> tuple[Item, Item]:
    """Make a part and a product with device identifiers, as they stand in the events here."""
    part = make_item(f"PART-{next(_count)}", tracking="both", unit=unit)
    made = make_item(f"MADE-{next(_count)}", tracking="both")
    for item, di in ((part, GTIN_PART), (made, GTIN_MADE)):
        identified(item, di)
    return part, made


def transformation(**more: Any) -> dict[str, Any]:
    """Return an event: 5 kg of lot L1 went into unit U1."""
    event: dict[str, Any] = {
        "type": "TransformationEvent",
        "eventTime": "2026-01-14T08:00:00.000+01:00",
        "eventTimeZoneOffset": "+01:00",
        "inputQuantityList": [
            {"epcClass": f"https://id.gs1.org/01/{GTIN_PART}/10/L1", "quantity": 5, "uom": "KGM"}
        ],
        "outputEPCList": [f"https://id.gs1.org/01/{GTIN_MADE}/21/U1"],
        "bizStep": "commissioning",
        "disposition": "active",
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"},
    }
    event.update(copy.deepcopy(more))
    return {k: v for k, v in event.items() if v is not None}


def observed(serial: str = "U1", **more: Any) -> dict[str, Any]:
    """Return an event that looks at one unit of the product."""
    event: dict[str, Any] = {
        "type": "ObjectEvent",
        "eventTime": "2026-01-15T08:00:00.000+01:00",
        "eventTimeZoneOffset": "+01:00",
        "epcList": [f"urn:epc:id:sgtin:4012345.033333.{serial}"],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00001.0"},
    }
    event.update(copy.deepcopy(more))
    return {k: v for k, v in event.items() if v is not None}


def document_of(*events: Any, context: Any = CONTEXT, **more: Any) -> dict[str, Any]:
    """Return a document with these events."""
    return {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-01-15T12:00:00.000Z",
        "epcisBody": {"eventList": list(events)},
        **more,
    }


def single(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event as it is posted alone."""
    return {"@context": CONTEXT, **event}


def job_of(response: Any) -> CaptureJob:
    """Return the capture that an answer points to."""
    assert response.status_code == 202, response.content
    return CaptureJob.objects.get(pk=response["Location"].rpartition("CAP-")[2])


def carry_out(response: Any) -> CaptureJob:
    """Do what the worker does with a capture that was taken."""
    job = job_of(response)
    capture_events(service_context(), job_id=job.pk)
    job.refresh_from_db()
    return job


def captured(caller: Caller, *events: Any, **headers: str) -> CaptureJob:
    """Send a document with these events and have it carried out."""
    return carry_out(caller.post("/capture", document_of(*events), **headers))


def only_event() -> EpcisEvent:
    """Return the one event there is."""
    return EpcisEvent.objects.get()
