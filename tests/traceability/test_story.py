"""The story of lots: every stage told by the app that knows it, and what nobody recorded."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from erp.accounts.models import Site, User
from erp.inventory.operations import hold_lot
from quality.release.operations import release_lot
from tests.conftest import ctx_for, signed
from tests.inventory.builders import lot_in_stock
from tests.quality.builders import accepted, finished, inspected, measured, product, rejected
from tests.sales.builders import shipped
from tests.traceability.builders import happen, make_lots, make_units, trace
from traceability.models import Lot, LotSite
from traceability.trace.story import Stage, story_of_lot, story_of_trace

pytestmark = pytest.mark.django_db


def told(stages: list[Stage]) -> dict[str, str]:
    """Return the sentences of each stage."""
    return {s.code: " ".join(str(line.sentence) for line in s.lines) for s in stages}


def missing(stages: list[Stage]) -> set[str]:
    """Return the stages that say something is open or not known."""
    return {s.code for s in stages if any(line.missing for line in s.lines)}


@pytest.mark.urs("TRC-03")
def test_a_received_lot_tells_from_whom_it_came_and_who_inspected_it(
    ada: User, ben: User, site: Site
) -> None:
    inspection = inspected(ada, ben, site)
    waiting = told(story_of_lot(inspection.lot, ctx_for(ada).actor))
    assert f"{inspection.lot.number} was received on " in waiting["received"]
    assert "waits for its inspection" in waiting["inspected"]
    measured(ben, inspection)
    assert "inspected" in missing(story_of_lot(inspection.lot, ctx_for(ada).actor))


def test_a_refused_lot_tells_the_nonconformity_and_the_hold(
    ada: User, ben: User, site: Site
) -> None:
    lot = rejected(ada, ben, site).lot
    story = story_of_lot(lot, ctx_for(ada).actor)
    said = told(story)
    assert "rejected" in said["inspected"]
    assert "failed inspection" in said["troubles"]
    assert "on hold" in said["now"]
    assert {"troubles", "now"} <= missing(story)


@pytest.mark.urs("TRC-04")
def test_a_batch_tells_how_it_was_made_and_released(ada: User, ben: User, site: Site) -> None:
    batch = finished(ben, site, product())
    accepted(ben, batch)
    release_lot(signed(ada), lot_id=batch.pk)
    said = told(story_of_trace(trace(ada, [batch], "both")))
    assert f"{batch.number} was made on " in said["made"]
    assert "by Ben: 3 good." in said["made"]
    assert said["made-from"] == "It was made from 1 lot of material."
    assert f"{batch.number} was released on " in said["released"]
    assert "Of the lot itself, still in stock: 3 pc (available)" in said["now"]
    unit = told(story_of_lot(Lot.objects.filter(batch=batch)[0], ctx_for(ada).actor))
    assert unit["released"] == said["released"], "what holds of the lot holds of its unit"


def test_a_shipped_lot_tells_to_whom_it_went(ada: User, site: Site) -> None:
    shipment, lot = shipped(ada, site)
    said = told(story_of_trace(trace(ada, [lot], "forward")))
    assert f"10 of it went on {shipment.shipped_at:%Y-%m-%d} to" in said["delivered"]
    assert shipment.ship_to_name in said["delivered"]


@pytest.mark.urs("TRC-05")
def test_what_is_not_recorded_is_said(ada: User, site: Site) -> None:
    orphan, made = make_lots(ada, site, 2)
    happen(ada, site, {orphan: 2}, {made: 1})
    story = story_of_trace(trace(ada, [orphan], "forward"))
    assert f"Nothing is recorded about where {orphan.number} came from." in told(story)["not-known"]
    assert "do not add up: -2" in told(story)["not-known"]
    assert "not-known" in missing(story)


def test_a_hold_is_told_with_its_reason(ada: User, site: Site) -> None:
    lot = lot_in_stock(ada, site)
    hold_lot(ctx_for(ada, reason="Dent in the drum."), lot_id=lot.pk, cause="quality")
    assert told(story_of_lot(lot, ctx_for(ada).actor))["now"].endswith(
        "is on hold: Dent in the drum."
    )


@pytest.mark.urs("SEC-01")
def test_evidence_follows_the_goods_and_neighbours_do_not(
    ada: User, dan: User, site: Site, other_site: Site
) -> None:
    """Who received a lot reads of it; what was made from it elsewhere is a number only."""
    raw, made = make_lots(ada, site, 2)
    happen(ada, site, [raw], [made])
    LotSite.objects.create(lot=made, site=other_site)
    assert "made-from" in told(story_of_lot(made, ctx_for(ada).actor))
    story = story_of_lot(made, ctx_for(dan).actor)
    assert "made-from" not in told(story)
    assert "1 lot or unit next to it belongs to a site you do not see." in told(story)["not-known"]
    assert raw.number not in str(told(story))


def test_the_story_is_told_in_chinese(ada: User, site: Site) -> None:
    lot = make_lots(ada, site, 1)[0]
    with translation.override("zh-hans"):
        said = " ".join(told(story_of_lot(lot, ctx_for(ada).actor)).values())
    assert said == f"未记录 {lot.number} 的来源。"


def test_the_queries_of_a_story_do_not_grow_with_the_lots(ada: User, site: Site) -> None:
    def count(size: int) -> int:
        raw, batch = make_lots(ada, site, 2)
        happen(ada, site, [raw], make_units(ada, site, batch, size), subjects=[batch])
        asked = trace(ada, [raw], "forward")
        assert asked.complete
        with CaptureQueriesContext(connection) as taken:
            story_of_trace(asked)
        return len(taken)

    assert count(2) == count(40)


def test_the_page_of_a_lot_asks_for_its_story_apart(
    ada: User, dan: User, site: Site, client: Client
) -> None:
    """Every app is asked for the story, so the page does not wait for it."""
    (lot,) = make_lots(ada, site, 1)
    address = f"/trace/lots/{lot.pk}/story/"
    client.force_login(ada)
    assert f'hx-get="{address}"' in client.get(f"/lots/{lot.pk}/").content.decode()
    assert "<dl" in client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert client.get(address)["Location"].endswith("direction=both#story")
    client.force_login(dan)
    assert client.get(address).status_code == 404
