"""The trace page, its drawing, its exports and its API."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from erp.accounts.models import SecurityEvent, Site, User
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.traceability.builders import happen, make_lots, make_units
from traceability.models import Lot
from traceability.saved.models import SavedTrace
from traceability.trace import graph

pytestmark = pytest.mark.django_db

HARD = [
    "\x00",
    "💥" * 50,
    "lot:" + "9" * 400,
    "lot:-1",
    "lot:\x00",
    "'; DROP TABLE x; --",
    "%s%(x)s",
    "<script>",
]


def browser(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


def page(user: User, address: str) -> str:
    """Return a trace page that must stand."""
    answer = browser(user).get(f"/trace/{address}")
    assert answer.status_code == 200, answer.content.decode()[:3000]
    return answer.content.decode()


def api(user: User, address: str) -> Any:
    """Return an API answer that must stand."""
    answer = browser(user).get(f"/api/v1/trace/{address}")
    assert answer.status_code == 200, answer.content
    return json.loads(b"".join(answer.streaming_content) if answer.streaming else answer.content)  # type: ignore[attr-defined]


@pytest.fixture
def made(ada: User, site: Site) -> tuple[Lot, Lot, list[Lot]]:
    """Return a material, the batch made of it, and the batch's units."""
    material = lot_in_stock(ada, site)
    batch = make_lots(ada, site, 1, item=make_item(kind="product"))[0]
    happen(ada, site, {material: 5}, {batch: 3})
    return material, batch, make_units(ada, site, batch, 3)


def test_the_empty_page_teaches_what_can_be_asked(ada: User) -> None:
    text = page(ada, "")
    assert "Where did it go?" in text
    assert "supplier-lot:" in text


@pytest.mark.urs("TRC-07")
def test_the_page_answers_in_words_in_a_drawing_and_in_a_table(
    ada: User, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, batch, units = made
    text = page(ada, f"?start=lot:{material.pk}&direction=forward")
    assert f"Where did lot {material.number} go?" in text
    assert "To 1 batch, 3 units" in text
    assert "Complete" in text
    for lot in (batch, *units):
        assert f'href="/lots/{lot.pk}/"' in text
    assert 'id="trace-drawing"' in text
    assert "style=" not in text
    assert "Mass balance" in text


@pytest.mark.urs("TRC-07")
def test_the_table_is_filtered_and_counts_what_is_really_there(
    ada: User, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, _batch, units = made
    text = page(ada, f"?start=lot:{material.pk}&direction=forward&kind=serial")
    assert "3 of 3" in text
    assert f'href="/lots/{units[0].pk}/"' in text.split('id="lots"')[1]
    assert "No lot or unit" in page(ada, f"?start=lot:{material.pk}&state=rejected")


@pytest.mark.urs("TRC-04")
def test_the_page_says_why_a_lot_is_in_the_answer_and_why_another_is_not(
    ada: User, site: Site, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, _batch, units = made
    other = make_lots(ada, site, 1)[0]
    start = f"?start=lot:{material.pk}&direction=forward"
    assert "Why it is in this trace" in page(ada, f"{start}&why={units[0].pk}")
    assert "Why it is in this trace" in page(ada, f"{start}&check={units[0].number}")
    assert "Why it is not in this trace" in page(ada, f"{start}&check={other.number}")
    assert "There is no lot or unit with this number" in page(ada, f"{start}&check=nothing")


def test_a_number_typed_leads_to_the_record_or_to_a_choice(ada: User, site: Site) -> None:
    lot = make_lots(ada, site, 1, supplier_lot="DOUBLE")[0]
    answer = browser(ada).get(f"/trace/?q={lot.number}&direction=backward")
    assert answer.status_code == 302
    assert f"start=lot%3A{lot.pk}" in answer["Location"]
    twin = make_lots(ada, site, 1)[0]
    Lot.objects.filter(pk=twin.pk).update(number="DOUBLE")
    assert "may mean several" in page(ada, "?q=DOUBLE")
    assert browser(ada).get("/trace/?q=no-such-number").status_code == 404


def test_what_dan_may_not_see_is_unknown_to_him(
    dan: User, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material = made[0]
    assert browser(dan).get(f"/trace/?start=lot:{material.pk}").status_code == 404
    assert browser(dan).get(f"/trace/graph.json?start=lot:{material.pk}").status_code == 404
    assert browser(dan).get(f"/trace/export.csv?start=lot:{material.pk}").status_code == 404
    assert browser(dan).get(f"/api/v1/trace/?start=lot:{material.pk}").status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "start",
        "q",
        "direction",
        "since",
        "as_known",
        "depth",
        "item",
        "kind",
        "after",
        "why",
        "check",
        "level",
        "search",
    ],
)
@pytest.mark.parametrize("value", HARD)
def test_no_input_breaks_the_page(name: str, value: str, ada: User, site: Site) -> None:
    lot = make_lots(ada, site, 1)[0]
    client = browser(ada)
    query = {"start": f"lot:{lot.pk}", name: value}
    assert client.get("/trace/", query).status_code in {200, 302, 404, 422}
    assert client.get("/api/v1/trace/", query).status_code in {200, 404, 422}


def test_a_stranger_must_sign_in(site: Site) -> None:
    assert Client().get("/trace/").status_code == 302
    assert Client().get("/api/v1/trace/?start=lot:1").status_code in {401, 403}


@pytest.mark.urs("TRC-07")
def test_the_exports_hold_the_whole_answer_and_are_logged(
    ada: User, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, batch, units = made
    client = browser(ada)
    start = f"?start=lot:{material.pk}&direction=forward"
    answer = client.get(f"/trace/export.csv{start}")
    body, _hash, _foot = b"".join(answer).decode("utf-8-sig").partition("# ")
    rows = list(csv.DictReader(io.StringIO(body)))
    assert {int(r["lot_id"]) for r in rows} == {material.pk, batch.pk, *(u.pk for u in units)}
    assert answer["X-Trace-Complete"] == "true"
    links = client.get(f"/trace/export.csv{start}&part=links")
    assert len(b"".join(links).decode().partition("# ")[0].splitlines()) == 1 + 1 + 3
    body = json.loads(b"".join(client.get(f"/trace/export.json{start}")))
    assert (len(body["nodes"]), len(body["links"]), body["complete"]) == (5, 4, True)
    assert SecurityEvent.objects.filter(kind="exported", detail__noun="trace").count() == 3


@pytest.mark.urs("TRC-03", "TRC-04")
def test_the_api_gives_the_answer_in_pages_and_as_a_stream(
    ada: User, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, batch, _units = made
    start = f"?start=lot:{material.pk}&direction=forward"
    body = api(ada, f"{start}&limit=2")
    assert (len(body["nodes"]), body["counts"]["nodes"], body["complete"]) == (2, 5, True)
    second = api(ada, f"{body['next']}")
    third = api(ada, f"{second['next']}")
    seen = [n["lot_id"] for part in (body, second, third) for n in part["nodes"]]
    assert len(seen) == len(set(seen)) == 5
    assert third["next"] == ""
    link = next(k for k in body["links"] if k["event_id"])
    assert (link["input_id"], link["output_id"], link["input_quantity"]) == (
        material.pk,
        batch.pk,
        "5",
    )
    assert len(api(ada, f"stream/{start}")["nodes"]) == 5


def test_the_api_says_why_and_gives_the_balance(
    ada: User, site: Site, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, _batch, units = made
    other = make_lots(ada, site, 1)[0]
    start = f"?start=lot:{material.pk}&direction=forward"
    said = api(ada, f"why/{start}&lot={units[0].pk}")
    assert (said["in"], len(said["path"])) == (True, 2)
    said = api(ada, f"why/{start}&lot={other.pk}")
    assert (said["in"], bool(said["reasons"])) == (False, True)
    assert api(ada, f"balance/{start}")["results"][0]["gap"] == "-5"
    assert {o["code"] for o in api(ada, "origins/")["results"]} >= {"lot", "person", "location"}


def _drawing(user: User, address: str) -> Any:
    return browser(user).get(f"/trace/graph.json{address}").json()


@pytest.mark.urs("TRC-07")
def test_a_large_answer_is_drawn_in_groups_that_open_and_leave_nothing_out(
    ada: User, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "SHOWN_LOTS", 5)
    monkeypatch.setattr(graph, "SHOWN_ITEMS", 2)
    monkeypatch.setattr(graph, "OPENED_LOTS", 3)
    material = make_lots(ada, site, 1)[0]
    parts = make_lots(ada, site, 6, item=make_item(kind="component"))
    parts += make_lots(ada, site, 4, item=make_item(kind="component"))
    happen(ada, site, [material], parts)
    start = f"?start=lot:{material.pk}&direction=forward"
    closed = _drawing(ada, start)
    assert {n["id"] for n in closed["nodes"]} == {f"lot:{material.pk}", "kind:1:component"}
    assert closed["summarised"]
    assert closed["arrows"][0]["count"] == 10
    items = _drawing(ada, f"{start}&open=kind:1:component")
    assert sorted(n["count"] for n in items["nodes"]) == [1, 4, 6]
    six = next(n["id"] for n in items["nodes"] if n["count"] == 6)
    opened = _drawing(ada, f"{start}&open=kind:1:component&open={six}")
    assert sum(n["count"] for n in opened["nodes"]) == 11
    assert any(n["what"] == "rest" and n["count"] == 3 for n in opened["nodes"])
    assert _drawing(ada, f"{start}&open=item:x&open=kind:%00&open=lot:1")["nodes"]


def links_of(text: str, part: str) -> list[str]:
    """Return the addresses on a page that contain this."""
    return [unescape(url) for url in re.findall(r'href="([^"]+)"', text) if part in unescape(url)]


def test_the_story_of_a_large_answer_comes_after_its_page_and_whole(
    ada: User, made: tuple[Lot, Lot, list[Lot]], monkeypatch: pytest.MonkeyPatch
) -> None:
    material = made[0]
    question = f"?start=lot:{material.pk}&direction=forward"
    at_once = page(ada, question)
    told = re.search(r'<dl class="story">.*?</dl>', at_once, re.S)
    assert told is not None
    monkeypatch.setattr("traceability.web.page.LARGE", 2)
    large = page(ada, question)
    assert '<dl class="story">' not in large
    found = re.search(r'hx-get="(/trace/story/[^"]+)"', large)
    assert found is not None
    address = unescape(found[1])
    later = browser(ada).get(address, headers={"HX-Request": "true"}).content.decode()
    assert told[0] in later
    # Without scripts the link leads to the page with everything on it.
    whole = browser(ada).get(address, follow=True).content.decode()
    assert told[0] in whole
    assert "hx-get" not in whole.split('id="story"')[1].split("</section>")[0]


def test_the_page_leads_to_saving_comparing_and_what_was_saved(
    ada: User, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    material, batch, _units = made
    start = f"start=lot:{material.pk}&start=lot:{batch.pk}"
    text = page(ada, f"?{start}&direction=forward&depth=3")
    client = browser(ada)
    (save,) = links_of(text, "/do/traceability.save_trace/")
    dialog = client.get(save).content.decode()
    assert f"lot:{material.pk}" in dialog
    assert f"lot:{batch.pk}" in dialog
    asked = dict(parse_qsl(urlsplit(save).query))
    assert (asked["direction"], asked["depth"]) == ("forward", "3")
    answer = client.post(save, {**asked, "title": "Kept"})
    assert answer.status_code == 302, answer.content
    kept = SavedTrace.objects.get(title="Kept")
    assert kept.start == [f"lot:{material.pk}", f"lot:{batch.pk}"]
    (compare,) = links_of(text, "/trace/compare/")
    form = client.get(compare).content.decode()
    assert form.count('name="start"') == 2
    assert '<input type="hidden" name="depth" value="3">' in form
    assert client.get(f"{compare}&known=2026-01-01").status_code == 200
    (listed,) = {*links_of(text, "/saved-traces/")} & {"/saved-traces/"}
    assert kept.number in client.get(listed).content.decode()
    (epcis,) = links_of(text, "export.epcis.json")
    document = b"".join(client.get(f"/trace/{epcis}").streaming_content)  # type: ignore[attr-defined]
    assert json.loads(document)["type"] == "EPCISDocument"


def test_who_may_not_save_is_not_offered_it_and_siblings_are_not_kept(
    ada: User, cleo: User, made: tuple[Lot, Lot, list[Lot]]
) -> None:
    start = f"start=lot:{made[1].pk}"
    text = page(cleo, f"?{start}&direction=forward")
    assert links_of(text, "/do/traceability.save_trace/") == []
    assert len(links_of(text, "/trace/compare/")) == 1
    siblings = page(ada, f"?{start}&direction=siblings")
    assert links_of(siblings, "/do/traceability.save_trace/") == []
    assert links_of(siblings, "/trace/compare/") == []


def test_a_bare_number_starts_a_trace_where_it_means_one_thing(ada: User, site: Site) -> None:
    lot, other = make_lots(ada, site, 2)
    client = browser(ada)
    answer = client.get("/api/v1/trace/", {"start": lot.number, "direction": "forward"}).json()
    assert [start["label"] for start in answer["start"]] == [lot.number]
    Lot.objects.filter(pk=other.pk).update(supplier_lot=lot.number)
    several = client.get("/api/v1/trace/", {"start": lot.number, "direction": "forward"})
    assert (several.status_code, several.json()["code"]) == (422, "trace.several_starts")
    assert f"lot:{lot.pk}" in several.json()["detail"]
    unknown = client.get("/api/v1/trace/", {"start": "NO-SUCH", "direction": "forward"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "trace.unknown_start")
