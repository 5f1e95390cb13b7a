"""Subscribers are told of new events: at once or by timetable, signed, once, and on record."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from typing import Any

import pytest

from erp.accounts.models import Site, User
from erp.core.models import OutboxMessage
from tests.traceability.epcis.builders import Caller, captured, make_system, observed
from traceability.epcis import delivery, schedule, webhook
from traceability.epcis.models import EventSubscription, SubscriptionDelivery

pytestmark = pytest.mark.django_db

DEST = "https://subscriber.example/hook"
SECRET = "13df38d8275b13f05704629e5f1cf3d45d6132d5"


class Subscriber:
    """Takes what is sent, or does not."""

    def __init__(self) -> None:
        self.status = 200
        self.taken: list[tuple[dict[str, Any], str]] = []

    def tell(self, address: str, body: bytes, secret: str) -> webhook.Answer:
        """Answer as told to."""
        if self.status == 200:
            self.taken.append((json.loads(body), webhook.signature(body, secret)))
        return webhook.Answer(self.status)


@pytest.fixture
def subscriber(monkeypatch: pytest.MonkeyPatch) -> Subscriber:
    """Return a subscriber that stands where the network would be."""
    found = Subscriber()
    monkeypatch.setattr(webhook, "tell", found.tell)
    return found


@pytest.fixture
def subscribed(caller: Caller) -> Caller:
    """Return the partner after it defined a query."""
    body = {"name": "shipped", "query": {"EQ_bizStep": ["shipping"]}}
    assert caller.post("/queries", body).status_code == 201
    return caller


def subscribe(caller: Caller, **more: Any) -> Any:
    """Subscribe to the query."""
    body = {"dest": DEST, "signatureToken": SECRET, "stream": True, **more}
    return caller.post("/queries/shipped/subscriptions", {k: v for k, v in body.items() if v})


def deliver() -> None:
    """Tell whoever is to be told."""
    for message in OutboxMessage.objects.filter(topic="epcis.tell", state="waiting"):
        delivery.tell(message)
        OutboxMessage.objects.filter(pk=message.pk).update(state="failed")


def told(subscriber: Subscriber) -> list[list[str]]:
    """Return the ids that each message told."""
    return [
        [e["eventID"] for e in body["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
        for body, _sign in subscriber.taken
    ]


@pytest.mark.urs("EPC-01")
def test_a_stream_tells_matching_events_once_and_signed(
    subscribed: Caller, subscriber: Subscriber
) -> None:
    made = subscribe(subscribed)
    assert made.status_code == 201, made.content
    assert SECRET not in made.content.decode()
    captured(subscribed, observed(eventID="urn:e:1"),
             observed("U2", eventID="urn:e:2", bizStep="packing"))  # fmt: skip
    deliver()
    assert told(subscriber) == [["urn:e:1"]]
    body, sign = subscriber.taken[0]
    assert body["epcisBody"]["queryResults"]["subscriptionID"] == made.json()["subscriptionID"]
    assert sign.startswith("sha256=")
    captured(subscribed, observed(eventID="urn:e:1"))
    deliver()
    assert len(subscriber.taken) == 1
    row = SubscriptionDelivery.objects.get()
    assert (row.delivered, row.status, row.count) == (True, 200, 1)


def test_the_signature_is_hmac_with_sha256_over_the_body() -> None:
    expected = hmac.new(b"secret", b"body", hashlib.sha256).hexdigest()
    assert webhook.signature(b"body", "secret") == f"sha256={expected}"


def test_a_failed_delivery_is_on_record_and_repeated(
    subscribed: Caller, subscriber: Subscriber
) -> None:
    subscribe(subscribed)
    captured(subscribed, observed(eventID="urn:e:1"))
    subscriber.status = 500
    message = OutboxMessage.objects.get(topic="epcis.tell")
    with pytest.raises(delivery.NotTaken):
        delivery.tell(message)
    subscriber.status = 200
    delivery.tell(message)
    assert [d.delivered for d in SubscriptionDelivery.objects.order_by("pk")] == [False, True]
    assert told(subscriber) == [["urn:e:1"]]


def test_a_timetable_tells_what_came_since_the_last_time(
    subscribed: Caller, subscriber: Subscriber
) -> None:
    made = subscribe(subscribed, stream=None, schedule={"minute": "0"})
    assert made.status_code == 201, made.content
    captured(subscribed, observed(eventID="urn:e:1"))
    captured(subscribed, observed("U2", eventID="urn:e:2"))
    assert not OutboxMessage.objects.filter(topic="epcis.tell").exists()
    EventSubscription.objects.update(last_run_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    delivery.run_timetables()
    deliver()
    EventSubscription.objects.update(last_run_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    delivery.run_timetables()
    deliver()
    assert told(subscriber) == [["urn:e:1", "urn:e:2"]]


def test_a_subscription_says_when_and_to_where(subscribed: Caller) -> None:
    for wrong in (
        {"stream": None},
        {"schedule": {"minute": "0"}},
        {"stream": None, "schedule": {"minute": "61"}},
        {"stream": None, "schedule": {"fortnight": "1"}},
        {"dest": "ftp://subscriber.example/"},
        {"dest": "https://user:word@subscriber.example/"},
        {"dest": "http://169.254.169.254/latest/meta-data/"},
    ):
        response = subscribe(subscribed, **wrong)
        assert response.status_code == 400, wrong
        assert response.json()["type"] == "epcisException:SubscriptionControlsException"
    assert not EventSubscription.objects.exists()


def test_an_installation_on_the_web_calls_neither_itself_nor_without_tls(
    subscribed: Caller, settings: Any
) -> None:
    settings.SECURE = True
    assert subscribe(subscribed, dest="https://127.0.0.1/hook").status_code == 400
    assert subscribe(subscribed, dest="http://subscriber.example/hook").status_code == 400
    settings.EPCIS_WEBHOOK_HOSTS = ("mes.plant.example",)
    assert subscribe(subscribed).status_code == 400
    assert subscribe(subscribed, dest="http://mes.plant.example/hook").status_code == 201


def test_an_ended_subscription_is_told_nothing(subscribed: Caller, subscriber: Subscriber) -> None:
    number = subscribe(subscribed).json()["subscriptionID"]
    path = f"/queries/shipped/subscriptions/{number}"
    assert subscribed.get(path).json()["dest"] == DEST
    captured(subscribed, observed(eventID="urn:e:1"))
    assert subscribed.delete(path).status_code == 204
    deliver()
    captured(subscribed, observed("U2", eventID="urn:e:2"))
    deliver()
    assert told(subscriber) == []
    assert subscribed.get(path).status_code == 404


def test_removing_a_query_ends_its_subscriptions(subscribed: Caller) -> None:
    subscribe(subscribed)
    assert subscribed.delete("/queries/shipped").status_code == 204
    assert EventSubscription.objects.get().state == "ended"


def test_a_subscriber_is_told_only_what_it_may_see(
    subscribed: Caller, subscriber: Subscriber, other_site: Site, ada: User
) -> None:
    other = Caller(make_system(other_site, "other-system"), ada)
    assert subscribe(other).status_code == 201
    captured(subscribed, observed(eventID="urn:e:1"))
    deliver()
    assert told(subscriber) == []
    assert other.get("/queries/shipped/subscriptions").json()[0]["dest"] == DEST
    assert subscribed.get("/queries/shipped/subscriptions").json() == []


def test_a_timetable_is_due_when_a_moment_of_it_has_passed() -> None:
    table = schedule.read({"hour": "[8-9],12", "minute": "5"})
    begin = dt.datetime(2026, 3, 2, 7, 0, tzinfo=dt.UTC)
    assert not schedule.is_due(table, begin, begin + dt.timedelta(minutes=64, seconds=59))
    assert schedule.is_due(table, begin, begin + dt.timedelta(minutes=65))
    after = begin + dt.timedelta(minutes=65)
    assert not schedule.is_due(table, after, after + dt.timedelta(minutes=59))
