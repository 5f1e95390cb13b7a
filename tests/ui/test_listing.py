"""Lists: keyset pages forward and back, empty values last, search, filters, cursors made up by
hand.
"""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.accounts.models import Site, User
from erp.accounts.queries import actor_for
from erp.core.actor import Actor
from erp.core.errors import InvalidInput
from erp.inventory.models import Hold
from erp.masterdata.models import Item
from erp.ui import listing
from erp.ui.records import KINDS, filters_of
from tests.masterdata.builders import make_item
from tests.ui.conftest import As
from tests.ui.rows import Filler, nouns
from traceability.models import Lot

pytestmark = pytest.mark.django_db

LOTS = KINDS["lots"]
_tag = itertools.count(1)


def walk(noun: str, actor: Actor, size: int, **query: str) -> list[list[Any]]:
    """Return the keys of all pages, forward; every page must lead back to the one before."""
    pages: list[list[Any]] = []
    after = ""
    while True:
        asked = {**query, **({"after": after} if after else {})}
        found = listing.page(KINDS[noun], actor, asked, size)
        pages.append([r.pk for r in found.records])
        assert bool(found.previous) == bool(after)
        if found.previous:
            back = listing.page(KINDS[noun], actor, {**query, "before": found.previous}, size)
            assert [r.pk for r in back.records] == pages[-2]
        if not found.next:
            assert found.count == sum(map(len, pages))
            return pages
        after = found.next


def each_once(pages: list[list[Any]]) -> bool:
    """Tell whether no row came twice."""
    rows = [pk for page in pages for pk in page]
    return len(rows) == len(set(rows))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    days=st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=14),
    size=st.integers(1, 6),
    sort=st.sampled_from(["expires", "-expires", "number", "-number", ""]),
)
def test_walking_a_list_visits_every_row_once_in_order_with_empty_values_last(
    ada: User, site: Site, days: list[int | None], size: int, sort: str
) -> None:
    tag = f"W{next(_tag)}"
    item = Item.objects.filter(code="WALK").first() or make_item("WALK")
    first = dt.date(2027, 1, 1)
    Lot.objects.bulk_create(
        Lot(
            item=item,
            site=site,
            kind="lot",
            number=f"{tag}-{i % 5}-{i}",
            expires_on=first + dt.timedelta(days=d) if d is not None else None,
        )
        for i, d in enumerate(days)
    )
    pages = walk("lots", actor_for(ada), size, sort=sort, search=f"{tag}-")
    assert each_once(pages)
    assert [pk for page in pages for pk in page] == expected(tag, sort)


def expected(tag: str, sort: str) -> list[int]:
    """Return the keys in the order that the list promises, worked out in Python."""
    rows = list(Lot.objects.filter(number__startswith=f"{tag}-"))
    down = sort.startswith("-") or not sort
    rows.sort(key=lambda r: r.pk, reverse=down)
    if sort.endswith("number"):
        rows.sort(key=lambda r: r.number, reverse=down)
    if sort.endswith("expires"):
        rows.sort(key=lambda r: r.expires_on or dt.date.min, reverse=down)
        rows = [r for r in rows if r.expires_on] + [r for r in rows if not r.expires_on]
    return [r.pk for r in rows]


def test_instants_that_differ_by_a_microsecond_are_not_lost_between_pages(ada: User) -> None:
    noon = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)
    Hold.objects.bulk_create(
        Hold(
            number=f"MICRO-{i}",
            cause="quality",
            reason="micro",
            placed_by=ada,
            placed_at=noon + dt.timedelta(microseconds=i),
        )
        for i in range(9)
    )
    for sort in ("at", "-at"):
        pages = walk("holds", actor_for(ada, scopes=None), 2, sort=sort, search="MICRO-")
        assert each_once(pages)
        assert sum(map(len, pages)) == 9


@pytest.mark.parametrize("noun", nouns())
def test_every_list_can_be_walked_by_each_of_its_sorts(
    noun: str, filler: Filler, ada: User
) -> None:
    filler.fill(KINDS[noun].model_class(), 11)
    actor = actor_for(ada)
    sorts = [c.key for c in KINDS[noun].columns if c.sort]
    for sort in ["", *sorts, *(f"-{s}" for s in sorts)]:
        pages = walk(noun, actor, 4, **({"sort": sort} if sort else {}))
        assert each_once(pages), sort


@pytest.mark.parametrize("noun", nouns())
def test_every_list_can_be_searched_and_filtered_by_each_choice(
    noun: str, filler: Filler, ada: User
) -> None:
    kind, actor = KINDS[noun], actor_for(ada)
    filler.fill(kind.model_class(), 2)
    everything = listing.page(kind, actor, {}).count
    assert listing.page(kind, actor, {"search": "no such text anywhere"}).count in {0, everything}
    for spec in filters_of(kind):
        for value, _label in spec.choices(actor):
            assert listing.page(kind, actor, {spec.name: str(value)}).count <= everything


def test_many_rows_are_counted_when_asked_and_said_to_be_more_otherwise(
    ada: User, filler: Filler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED_UP_TO", 5)
    filler.fill(Lot, 5)
    few = listing.page(LOTS, actor_for(ada), {})
    assert (few.count, few.more) == (5, False)
    filler.fill(Lot, 3)
    many = listing.page(LOTS, actor_for(ada), {})
    assert (many.count, many.more) == (5, True)
    asked = listing.page(LOTS, actor_for(ada), {"count": "exact"})
    assert (asked.count, asked.more) == (8, False)


def test_pages_and_api_never_pass_a_part_for_the_whole(
    ada: User, filler: Filler, signed_in: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED_UP_TO", 5)
    filler.fill(Lot, 8)
    client = signed_in(ada)
    page = client.get("/lots/?sort=number").content.decode()
    assert "more than 5" in page
    assert "?sort=number&amp;count=exact" in page
    assert "more than" not in client.get("/lots/?count=exact").content.decode()
    answer = client.get("/api/v1/lots/").json()
    assert (answer["count"], answer["more_than"]) == (None, 5)
    exact = client.get("/api/v1/lots/?count=exact").json()
    assert (exact["count"], exact["more_than"]) == (8, None)


@pytest.mark.parametrize("noun", ["trace-events", "operation-log", "signatures"])
def test_a_log_is_read_in_the_order_of_its_index(noun: str, ada: User, filler: Filler) -> None:
    kind, actor = KINDS[noun], actor_for(ada)
    filler.fill(kind.model_class(), 12)
    cursor_of_first = listing.page(kind, actor, {}, 4).next
    for query in ({}, {"after": cursor_of_first}):
        with connection.cursor() as db, CaptureQueriesContext(connection) as taken:
            listing.page(kind, actor, query, 4)
            # With few rows reading them all and sorting is as cheap: only ask whether it can be
            # read in order.
            db.execute("SET LOCAL enable_seqscan = off")
            db.execute("SET LOCAL enable_sort = off")
            db.execute(f"EXPLAIN {taken.captured_queries[-1]['sql']}")
            plan = "\n".join(row[0] for row in db.fetchall())
        assert "Sort" not in plan, plan


def test_an_unknown_choice_or_sort_is_refused(ada: User) -> None:
    for query in ({"state": "gone"}, {"sort": "password"}, {"sort": "item__code"}, {"site": "0"}):
        with pytest.raises(InvalidInput):
            listing.page(LOTS, actor_for(ada), query)


def cursor(value: Any) -> str:
    """Return a cursor as the list would write it, with anything in it."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "made_up",
    [
        "x",
        "%%%",
        "é",
        cursor(5),
        cursor([1]),
        cursor([1, 2, 3]),
        cursor(["2027-01-01", "x"]),
        cursor(["not a date", 1]),
        cursor([{"a": 1}, 1]),
        cursor([["2027-01-01"], 1]),
        cursor(["2027-01-01", 10**30]),
    ],
)
def test_a_made_up_cursor_is_refused_and_never_breaks_the_page(ada: User, made_up: str) -> None:
    for word in ("after", "before"):
        with pytest.raises(InvalidInput):
            listing.page(LOTS, actor_for(ada), {"sort": "expires", word: made_up})
