"""Every list and record of this part opens, in both languages, by page and by API."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

from erp.accounts.models import Site, User
from erp.accounts.queries import actor_for
from erp.inventory.operations import hold_lot, release_hold
from erp.organisation.permissions import READS
from erp.ui.records import KINDS
from tests.accounts.builders import machine, token_text
from tests.conftest import MakePerson, ctx_for, signed
from tests.inventory.builders import lot_in_stock

NOUNS = ["people", "roles", "sites", "companies", "tokens", "access-log", "signatures"]


@pytest.fixture
def reader(ada: User, ben: User, site: Site, person: MakePerson) -> User:
    """Return somebody who may read everything, with something in every list."""
    token_text(ada, machine(ada, "inventory.hold_lot"))
    hold = hold_lot(ctx_for(ben, reason="dent"), lot_id=lot_in_stock(ada, site).pk, cause="quality")
    release_hold(signed(ada, reason="measured"), hold_id=hold.pk)
    return person("rita", may=READS)


@pytest.mark.urs("AUD-06", "INT-01")
@pytest.mark.parametrize("noun", [*NOUNS, "operation-log"])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_lists_open(reader: User, client: Client, noun: str, language: str) -> None:
    client.force_login(reader)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert KINDS[noun].rows(actor_for(reader)).exists()
    assert client.get(f"/{noun}/").status_code == 200
    assert client.get(f"/{noun}/?search=a").status_code == 200
    assert client.get(f"/api/v1/{noun}/").json()["count"] > 0
    assert client.get(f"/{noun}/?export=csv").status_code == 200


@pytest.mark.urs("AUD-06", "INT-01")
@pytest.mark.parametrize("noun", NOUNS)
def test_records_open(reader: User, client: Client, noun: str) -> None:
    client.force_login(reader)
    record = KINDS[noun].rows(actor_for(reader)).order_by("pk").first()
    assert record is not None
    assert client.get(f"/{noun}/{record.pk}/").status_code == 200
    assert client.get(f"/api/v1/{noun}/{record.pk}/").status_code == 200


@pytest.mark.urs("AUD-06")
def test_the_access_log_is_filtered_by_what_happened(reader: User, client: Client) -> None:
    client.force_login(reader)
    body = client.get("/api/v1/access-log/?kind=signed").json()
    assert {row["kind"] for row in body["results"]} == {"signed"}
