"""Times are read as the clock at one's home site shows them; events say where they happened."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import EvidencePack
from erp.accounts.models import Site, User
from erp.accounts.queries import zone_of
from erp.core import clock
from tests.traceability.builders import happen, make_lots
from traceability.models import TraceEvent

pytestmark = pytest.mark.django_db

NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def shanghai(site: Site) -> Site:
    """Return the site, eight hours ahead of UTC."""
    Site.objects.filter(pk=site.pk).update(timezone="Asia/Shanghai")
    site.refresh_from_db()
    return site


def inspected(user: User, site: Site) -> TraceEvent:
    """Return an inspection of a lot at noon."""
    (lot,) = make_lots(user, site, 1)
    words = {"kind": "object", "action": "OBSERVE", "biz_step": "inspecting"}
    return happen(user, site, (), (), [lot], at=NOON, **words)


def seen_by(user: User, event: TraceEvent) -> str:
    """Return the page of an event as this person sees it."""
    client = Client()
    client.force_login(user)
    return client.get(f"/trace-events/{event.pk}/").content.decode()


def test_each_reads_a_time_in_the_zone_of_the_home_site(
    ada: User, ben: User, shanghai: Site
) -> None:
    event = inspected(ada, shanghai)
    User.objects.filter(pk=ben.pk).update(home_site=shanghai)
    at_home, elsewhere = seen_by(ben, event), seen_by(ada, event)
    assert '>2026-07-01 20:00<span class="zone"> +08:00</span></time>' in at_home
    assert "Times as in Asia/Shanghai" in at_home
    assert '>2026-07-01 12:00<span class="zone"> +00:00</span></time>' in elsewhere
    assert 'title="2026-07-01 12:00:00 UTC"' in at_home, "the instant is the same for both"


@pytest.mark.urs("EPC-01")
def test_an_event_says_the_offset_of_the_place_where_it_happened(ada: User, shanghai: Site) -> None:
    event = inspected(ada, shanghai)
    assert (event.event_time, event.zone_offset) == (NOON, "+08:00")


def test_the_day_of_an_expiry_is_the_installations_wherever_one_reads(
    shanghai: Site,
) -> None:
    late = dt.datetime(2026, 7, 1, 23, tzinfo=dt.UTC)
    with clock.telling(late), timezone.override(zone_of(shanghai)):
        assert clock.today() == dt.date(2026, 7, 1)


def test_a_zone_nobody_knows_is_read_as_the_installations(site: Site) -> None:
    site.timezone = "Mars/Olympus"
    assert str(zone_of(site)) == str(zone_of(None)) == "UTC"


def test_a_pack_is_printed_in_the_language_one_reads(ada: User, site: Site) -> None:
    (lot,) = make_lots(ada, site, 1)
    client = Client()
    client.force_login(ada)
    client.cookies["proofline_language"] = "zh-hans"
    address = f"/api/v1/lots/{lot.pk}/request-pack/"
    asked = client.post(address, {}, content_type="application/json")
    assert asked.status_code < 400, asked.content
    assert EvidencePack.objects.get().language == "zh-hans"
