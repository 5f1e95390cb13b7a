"""Saving a trace, opening it again, and what changed since."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
import rfc8785
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.signatures import canonical
from erp.accounts.models import Site, User
from erp.core import clock
from erp.core.errors import DomainError
from tests.conftest import ctx_for, make_person
from tests.inventory.builders import lot_in_stock
from tests.traceability.builders import did_not_happen, happen, make_lots, make_units, trace
from traceability.models import Lot, TraceEvent
from traceability.saved import content, questions
from traceability.saved.compare import Comparison, kept, live
from traceability.saved.models import SavedTrace, SavedTraceLink, SavedTraceLot
from traceability.saved.operations import save_trace
from traceability.trace.errors import UnknownStart

pytestmark = pytest.mark.django_db


def save(user: User, *lots: Lot, direction: str = "forward", **more: Any) -> SavedTrace:
    """Save a trace from these lots."""
    start = [f"lot:{lot.pk}" for lot in lots]
    return save_trace(ctx_for(user), start=start, direction=direction, **more)


def since(user: User, saved: SavedTrace) -> Comparison:
    """Return what changed since a trace was saved."""
    actor = ctx_for(user).actor
    return Comparison.of(kept(saved, actor), live(questions.again(saved, actor), "now"))


def changed(found: Comparison) -> dict[int, tuple[str, str]]:
    """Return the changed lots with change and reason."""
    return {c.lot_id: (c.change, c.reason) for c in found.lots()}


@pytest.fixture
def chain(ada: User, site: Site) -> list[Lot]:
    """Return material → part → product, recorded well before any trace is saved."""
    material = lot_in_stock(ada, site)
    part, product = make_lots(ada, site, 2)
    happen(ada, site, [material], [part])
    happen(ada, site, [part], [product])
    return [material, part, product]


def browser(user: User) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.urs("TRC-07")
def test_a_saved_trace_keeps_every_lot_with_its_distance_and_the_link_it_came_by(
    ada: User, chain: list[Lot]
) -> None:
    material, part, product = chain
    saved = save(ada, material)
    rows = {n.lot_id: n for n in SavedTraceLot.objects.filter(saved=saved)}
    assert {pk: n.level for pk, n in rows.items()} == {
        material.pk: 0,
        part.pk: 1,
        product.pk: 2,
    }
    assert rows[product.pk].why_lot_id == part.pk
    assert rows[product.pk].why_event_id is not None
    assert rows[material.pk].why_lot_id is None
    assert (saved.lots, saved.units, saved.links) == (3, 0, 2)
    assert saved.complete


def test_a_trace_saved_backward_keeps_the_link_towards_the_start(
    ada: User, chain: list[Lot]
) -> None:
    material, part, product = chain
    saved = save(ada, product, direction="backward")
    rows = {n.lot_id: n for n in SavedTraceLot.objects.filter(saved=saved)}
    assert rows[material.pk].level == -2
    assert rows[material.pk].why_lot_id == part.pk


def test_the_hash_is_that_of_the_canonical_json_of_the_whole_content(
    ada: User, chain: list[Lot]
) -> None:
    saved = save(ada, chain[0])
    written = b"".join(content.pieces(saved, saved.pk))
    assert rfc8785.dumps(json.loads(written)) == written
    assert content.is_unchanged(SavedTrace.objects.get(pk=saved.pk))
    assert json.loads(written)["known_at"] == canonical(saved.known_at)


def test_a_row_put_into_a_saved_trace_afterwards_is_noticed(
    ada: User, site: Site, chain: list[Lot]
) -> None:
    saved = save(ada, chain[0])
    other = lot_in_stock(ada, site)
    SavedTraceLot.objects.create(saved=saved, lot=other, level=1, state="released")
    assert not content.is_unchanged(saved)
    text = browser(ada).get(f"/saved-traces/{saved.pk}/").content.decode()
    assert "no longer has its hash" in text
    text = browser(ada).get(f"/trace/saved/{saved.pk}/verify/").content.decode()
    assert "was changed after it was saved" in text


def test_nothing_changed_where_nothing_was_recorded(ada: User, chain: list[Lot]) -> None:
    for direction in ("forward", "backward", "both"):
        found = since(ada, save(ada, chain[1], direction=direction))
        assert not found.sums.changed, direction
        assert found.lots() == []
        assert found.links() == []


def test_what_was_recorded_afterwards_came_in_with_its_event_and_what_follows_from_it(
    ada: User, site: Site, chain: list[Lot]
) -> None:
    saved = save(ada, chain[0])
    part, product = make_lots(ada, site, 2)
    happen(ada, site, [part], [product])
    new = happen(ada, site, [chain[1]], [part])
    found = since(ada, saved)
    rows = {c.lot_id: c for c in found.lots()}
    assert (rows[part.pk].change, rows[part.pk].reason) == ("added", "recorded")
    assert rows[part.pk].event_id == new.pk
    assert rows[part.pk].near == chain[1].number
    assert rows[product.pk].change == "added"
    assert found.sums.lots_added == 2
    assert found.sums.links_added == 2
    assert found.sums.lots_same == 3


def test_what_an_older_link_brings_in_follows_from_the_new_one(
    ada: User, site: Site, chain: list[Lot]
) -> None:
    part, product = make_lots(ada, site, 2)
    happen(ada, site, [part], [product])
    saved = save(ada, chain[0])
    happen(ada, site, [chain[1]], [part])
    assert changed(since(ada, saved)) == {
        part.pk: ("added", "recorded"),
        product.pk: ("added", "follows"),
    }


def test_an_event_declared_not_to_have_happened_takes_its_lots_out_with_the_reason(
    ada: User, site: Site, chain: list[Lot]
) -> None:
    material, part, product = chain
    event = TraceEvent.objects.get(outputs__lot=part)
    saved = save(ada, material)
    correction = did_not_happen(ada, site, event)
    found = since(ada, saved)
    assert changed(found) == {part.pk: ("removed", "voided"), product.pk: ("removed", "follows")}
    by_event = {k.event_id: (k.reason, k.by_event) for k in found.links()}
    assert by_event[event.pk] == ("voided", correction.pk)


def test_a_shorter_way_recorded_afterwards_is_another_distance(
    ada: User, site: Site, chain: list[Lot]
) -> None:
    material, _part, product = chain
    saved = save(ada, material)
    happen(ada, site, [material], [product])
    found = since(ada, saved)
    assert [(c.lot_id, c.change, c.level_before, c.level) for c in found.lots()] == [
        (product.pk, "moved", 2, 1)
    ]


def test_a_unit_recorded_afterwards_came_in(ada: User, site: Site, chain: list[Lot]) -> None:
    saved = save(ada, chain[0])
    unit = make_units(ada, site, chain[2], 1)[0]
    assert changed(since(ada, saved)) == {unit.pk: ("added", "recorded")}


def test_two_saved_traces_are_compared_in_the_order_of_knowledge(
    ada: User, site: Site, chain: list[Lot]
) -> None:
    first = save(ada, chain[0])
    new = make_lots(ada, site, 1)[0]
    happen(ada, site, [chain[1]], [new])
    second = save(ada, chain[0])
    actor = ctx_for(ada).actor
    for one, other in ((first, second), (second, first)):
        found = Comparison.of(kept(one, actor), kept(other, actor))
        assert found.a.saved == first
        assert changed(found) == {new.pk: ("added", "recorded")}


@pytest.mark.urs("TRC-07")
def test_what_changed_since_tuesday_needs_nothing_saved(
    ada: User, site: Site, chain: list[Lot]
) -> None:
    tuesday = clock.now()
    new = make_lots(ada, site, 1)[0]
    happen(ada, site, [chain[1]], [new])
    query = {"start": f"lot:{chain[0].pk}", "direction": "forward", "known": tuesday.isoformat()}
    answer = browser(ada).get("/api/v1/trace/compare/", query)
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["counts"]["lots_added"] == 1
    assert body["lots"][0]["lot_id"] == new.pk
    assert body["lots"][0]["reason"] == "recorded"
    assert "1 lot came in" in body["answer"]
    page = browser(ada).get("/trace/compare/", query).content.decode()
    assert new.number in page
    assert "recorded afterwards" in page


def test_somebody_of_another_site_sees_neither_the_trace_nor_its_files(
    ada: User, dan: User, chain: list[Lot]
) -> None:
    saved = save(ada, chain[0])
    client = browser(dan)
    for address in (
        f"/saved-traces/{saved.pk}/",
        f"/api/v1/saved-traces/{saved.pk}/",
        f"/trace/saved/{saved.pk}/lots.csv",
        f"/trace/saved/{saved.pk}/links.xlsx",
        f"/trace/saved/{saved.pk}/verify/",
        f"/trace/compare/?saved={saved.pk}",
        f"/api/v1/trace/compare/?saved={saved.pk}",
    ):
        assert client.get(address).status_code == 404, address
    with pytest.raises(UnknownStart):
        save(dan, chain[0])


def test_a_trace_over_two_sites_is_seen_by_who_sees_both(
    ada: User, ben: User, site: Site, other_site: Site
) -> None:
    here = lot_in_stock(ada, site)
    there = make_lots(ada, other_site, 1)[0]
    happen(ada, other_site, [here], [there])
    saved = save(ada, here)
    own = save(ben, here)
    assert not SavedTrace.objects.visible_to(ctx_for(ben).actor).filter(pk=saved.pk).exists()
    assert SavedTrace.objects.visible_to(ctx_for(ben).actor).filter(pk=own.pk).exists()
    assert not own.complete


def test_what_one_reader_did_not_see_is_said_to_be_left_out(
    ada: User, ben: User, site: Site, other_site: Site
) -> None:
    here = lot_in_stock(ada, site)
    there = make_lots(ada, other_site, 1)[0]
    happen(ada, other_site, [here], [there])
    saved = save(ben, here)
    assert changed(since(ada, saved)) == {there.pk: ("added", "unseen")}


def test_lots_that_the_saver_may_no_longer_see_are_not_shown_to_them(
    ada: User, site: Site, other_site: Site, chain: list[Lot]
) -> None:
    eve = make_person("eve", may=["traceability.save_trace"], site=site)
    saved = save(eve, chain[0])
    eve.assignments.update(site=other_site)
    rows = read_csv(browser(eve), f"/trace/saved/{saved.pk}/lots.csv")
    assert rows == []
    actor = ctx_for(eve).actor
    assert not connection_rows(kept(saved, actor).lots)


def connection_rows(statement: str) -> list[Any]:
    """Return the rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def read_csv(client: Client, address: str) -> list[dict[str, str]]:
    """Return the rows of a CSV answer."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


def test_files_hold_all_rows(ada: User, site: Site, chain: list[Lot]) -> None:
    saved = save(ada, chain[0])
    client = browser(ada)
    lots = read_csv(client, f"/trace/saved/{saved.pk}/lots.csv")
    assert [row["number"] for row in lots] == [lot.number for lot in chain]
    links = read_csv(client, f"/trace/saved/{saved.pk}/links.csv")
    assert len(links) == 2
    new = make_lots(ada, site, 1)[0]
    happen(ada, site, [chain[1]], [new])
    changes = read_csv(client, f"/trace/compare/export.csv?saved={saved.pk}")
    assert [row["number"] for row in changes] == [new.number]
    assert changes[0]["explanation"].startswith("recorded afterwards")
    changes = read_csv(client, f"/trace/compare/export.csv?saved={saved.pk}&part=links")
    assert [row["output"] for row in changes] == [new.number]
    for address in (
        f"/trace/saved/{saved.pk}/lots.xlsx",
        f"/trace/compare/export.xlsx?saved={saved.pk}",
    ):
        assert client.get(address).content.startswith(b"PK")
    assert client.get(f"/trace/saved/{saved.pk}/lots.pdf").status_code == 404


def test_a_saved_trace_is_never_changed(ada: User, chain: list[Lot]) -> None:
    saved = save(ada, chain[0])
    for model in (SavedTrace, SavedTraceLot, SavedTraceLink):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            model._default_manager.update(id=saved.pk)


def test_saving_a_question_that_cannot_be_read_leaves_nothing(ada: User, chain: list[Lot]) -> None:
    for wrong in ({"since": "yesterday"}, {"as_known": "2026-99-99"}):
        with pytest.raises(DomainError):
            save(ada, chain[0], **wrong)
    with pytest.raises(DomainError):
        save_trace(ctx_for(ada), start=["lot:nothing"], direction="forward")
    assert not SavedTrace.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "?saved=0",
        "?saved=x",
        "?saved=999999",
        "?start=lot:1",
        "?start=lot:nothing&known=2026-01-01",
        "?start=lot:1&known=never",
        "?saved=1&with=\x00",
    ],
)
def test_a_comparison_that_cannot_be_made_is_refused_in_words(ada: User, address: str) -> None:
    answer = browser(ada).get(f"/api/v1/trace/compare/{address}")
    assert answer.status_code in {404, 422}, answer.content
    assert answer.json()["code"]
    page = browser(ada).get(f"/trace/compare/{address}")
    assert page.status_code in {200, 404, 422}


def test_saving_and_comparing_cost_the_same_queries_for_few_lots_and_many(
    ada: User, site: Site
) -> None:
    def cost(count: int) -> tuple[int, int]:
        material = lot_in_stock(ada, site)
        made = make_lots(ada, site, count)
        happen(ada, site, [material], made)
        with CaptureQueriesContext(connection) as saving:
            saved = save(ada, material)
        more = make_lots(ada, site, count)
        happen(ada, site, [material], more)
        with CaptureQueriesContext(connection) as comparing:
            found = since(ada, saved)
            assert found.sums.lots_added == count
            assert len(found.lots(limit=20)) == min(20, count)
        return len(saving), len(comparing)

    assert cost(3) == cost(40)


def test_the_page_of_a_saved_trace_leads_on(ada: User, chain: list[Lot]) -> None:
    first, second = save(ada, chain[0]), save(ada, chain[0], title="Before the audit")
    text = browser(ada).get(f"/saved-traces/{second.pk}/").content.decode()
    assert "Before the audit" in text
    assert f"/trace/compare/?saved={second.pk}" in text
    assert f"with={first.pk}" in text
    assert "unchanged since it was saved" in text
    again = browser(ada).get(questions.address(second, as_known=True))
    assert again.status_code == 200


def test_the_dialog_is_filled_from_the_address_of_a_trace(ada: User, chain: list[Lot]) -> None:
    start = f"lot:{chain[0].pk},lot:{chain[1].pk}"
    url = f"/do/traceability.save_trace/?start={start}&direction=forward"
    text = browser(ada).get(url).content.decode()
    assert f"lot:{chain[1].pk}" in text
    answer = browser(ada).post(url, {"start": start, "direction": "forward", "title": "Kept"})
    assert answer.status_code == 302, answer.content
    saved = SavedTrace.objects.get(title="Kept")
    assert answer["Location"] == f"/saved-traces/{saved.pk}/"
    assert saved.start == [f"lot:{chain[0].pk}", f"lot:{chain[1].pk}"]


SLOW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SLOW
@given(
    before=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=5),
    after=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=4),
    void=st.frozensets(st.integers(0, 4), max_size=2),
    direction=st.sampled_from(["forward", "backward", "both"]),
)
def test_the_difference_is_exactly_that_of_the_two_answers(
    before: list[tuple[int, int]],
    after: list[tuple[int, int]],
    void: frozenset[int],
    direction: str,
    ada: User,
    site: Site,
) -> None:
    lots = make_lots(ada, site, 5)
    events = [happen(ada, site, [lots[a]], [lots[b]]) for a, b in before]
    saved = save(ada, lots[0], direction=direction)
    then = trace(ada, [lots[0]], direction).answer()
    for a, b in after:
        happen(ada, site, [lots[a]], [lots[b]])
    for number in void & set(range(len(events))):
        did_not_happen(ada, site, events[number])
    now = trace(ada, [lots[0]], direction).answer()
    found = since(ada, saved)
    levels_then = {n.lot_id: n.level for n in then.nodes}
    levels_now = {n.lot_id: n.level for n in now.nodes}
    expected = dict.fromkeys(levels_now.keys() - levels_then.keys(), "added")
    expected |= dict.fromkeys(levels_then.keys() - levels_now.keys(), "removed")
    both = levels_then.keys() & levels_now.keys()
    expected |= {pk: "moved" for pk in both if levels_then[pk] != levels_now[pk]}
    assert {c.lot_id: c.change for c in found.lots()} == expected
    ends_then = {(k.event_id, k.input_id, k.output_id) for k in then.links}
    ends_now = {(k.event_id, k.input_id, k.output_id) for k in now.links}
    changes = {(k.event_id, k.input_id, k.output_id): k.change for k in found.links()}
    assert {k for k, c in changes.items() if c == "added"} == ends_now - ends_then
    assert {k for k, c in changes.items() if c == "removed"} == ends_then - ends_now
    voided = {events[n].pk for n in void if n < len(events)}
    for change in found.links():
        if change.event_id in voided:
            assert change.reason == "voided"
        if change.change == "added" and change.event_id not in {e.pk for e in events}:
            assert change.reason == "recorded"


def test_a_period_is_kept_with_the_question(ada: User, chain: list[Lot]) -> None:
    saved = save_trace(
        ctx_for(ada), start=["person:ada"], direction="forward", since="2020-01-01", depth=3
    )
    assert saved.since == dt.datetime(2020, 1, 1, tzinfo=saved.since.tzinfo)  # type: ignore[union-attr]
    assert "since=2020-01-01" in questions.address(saved)
    assert "depth=3" in questions.address(saved)
    assert not since(ada, saved).sums.changed
