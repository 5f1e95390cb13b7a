"""A newcomer's way: from a scanned unit to where its raw lot went, by what the pages say."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter, Plant
from tests.browser.watch import Watch
from tests.masterdata.builders import make_item
from tests.traceability.builders import happen, make_lots, make_units
from traceability.models import Lot


@pytest.fixture(scope="module")
def chain(plant: Plant) -> tuple[Lot, Lot]:
    """Return a raw lot and one of the units made of it."""
    material = make_item(f"MAT-{plant.tag}", kind="material")
    product = make_item(f"PRO-{plant.tag}", kind="product")
    raw = make_lots(plant.ada, plant.site, 1, item=material)[0]
    batch = make_lots(plant.ada, plant.site, 1, item=product)[0]
    units = make_units(plant.ada, plant.site, batch, 4)
    happen(plant.ada, plant.site, [raw], units, subjects=[batch])
    return _renamed(raw, f"RAW-{plant.tag}"), _renamed(units[0], f"UNIT-{plant.tag}")


def _renamed(lot: Lot, number: str) -> Lot:
    """Give a lot a number that no earlier run left in the database."""
    Lot.objects.filter(pk=lot.pk).update(number=number)
    lot.refresh_from_db()
    return lot


@pytest.mark.urs("TRC-03", "TRC-04", "TRC-07")
def test_a_newcomer_goes_from_a_scanned_unit_to_where_its_raw_lot_went(
    watch: Watch, chain: tuple[Lot, Lot]
) -> None:
    page, (raw, unit) = watch.page, chain
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type(unit.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/lots/{unit.pk}/")
    story = page.locator("#story .story")
    expect(story).to_contain_text("It was made from 1 lot of material")
    story.get_by_role("link", name=raw.number).first.click()
    page.wait_for_url(f"**/lots/{raw.pk}/")
    page.get_by_role("link", name="Where did it go?").click()
    expect(page.locator("h1")).to_have_text(f"Where did lot {raw.number} go?")
    expect(page.locator("#story")).to_contain_text("4 units")
    expect(page.locator("[data-trace-graph]")).to_be_visible()
    page.locator(f"#lots tr:has-text('{unit.number}') a", has_text="Show why").click()
    expect(page.locator("#why")).to_contain_text("Why it is in this trace")


def test_the_answer_stands_without_javascript_picture_and_time_line_included(
    enter: Enter, plant: Plant, chain: tuple[Lot, Lot]
) -> None:
    page = enter(plant.ada, java_script_enabled=False).new_page()
    page.goto(f"/trace/?start=lot:{chain[0].pk}&direction=forward")
    expect(page.locator("svg.trace-svg")).to_be_visible()
    expect(page.locator("#time")).to_contain_text("Produced")
    picture = page.locator("svg.trace-svg a").first
    picture.focus()
    expect(picture).to_be_focused()


def test_on_a_phone_nothing_runs_over_the_edge(
    enter: Enter, plant: Plant, chain: tuple[Lot, Lot]
) -> None:
    page = enter(plant.ada, viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"/trace/?start=lot:{chain[1].pk}&direction=siblings")
    expect(page.locator("#lots")).to_be_visible()
    assert _overflow(page) <= 0


def test_a_printed_trace_shows_the_picture_instead_of_the_canvas(
    page: Page, chain: tuple[Lot, Lot]
) -> None:
    page.goto(f"/trace/?start=lot:{chain[0].pk}&direction=forward")
    expect(page.locator("[data-trace-graph]")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("[data-trace-graph]")).to_be_hidden()
    expect(page.locator("svg.trace-svg")).to_be_visible()


def _overflow(page: Page) -> int:
    wide: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wide
