"""Working with the pages: by keyboard alone, through a refusal, without JavaScript, between
sites.
"""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from erp.inventory.models import Balance, Hold
from tests.browser.conftest import Enter, Plant
from tests.browser.watch import Watch
from tests.masterdata.builders import place

MANY_TABS = 80


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until ``target`` has the focus; a target that Tab never reaches is a failure."""
    for _ in range(MANY_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


def lot_url(plant: Plant) -> str:
    """Return the address of the lot these tests work with."""
    return f"/lots/{plant.lot.pk}/"


def open_menu_entry(page: Page, code: str) -> None:
    """Open a dialog from the actions of a record, with the mouse."""
    entry = page.locator(f".record-top a[href*='{code}/']")
    if not entry.is_visible():
        page.locator(".record-top details.menu > summary").click()
    entry.click()


def fill_transfer(page: Page, plant: Plant, quantity: str) -> None:
    """Fill the dialog that moves stock."""
    page.locator("select[name=from_location_id]").select_option(
        str(place(plant.site, "storage").pk)
    )
    page.locator("select[name=to_location_id]").select_option(str(place(plant.site, "line").pk))
    page.locator("input[name=quantity]").fill(quantity)


def at_the_line(plant: Plant) -> int:
    """Return how much of the lot lies at the production line."""
    rows = Balance.objects.filter(lot=plant.lot, location=place(plant.site, "line"))
    return int(sum(row.quantity for row in rows))


def test_the_slash_key_leads_to_the_scan_box_and_a_number_to_its_record(
    page: Page, plant: Plant
) -> None:
    page.goto("/")
    page.keyboard.press("/")
    expect(page.locator("#scan-box")).to_be_focused()
    page.keyboard.type(plant.lot.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{lot_url(plant)}")


def test_a_dialog_opens_fills_and_closes_by_keyboard_and_focus_returns(
    page: Page, plant: Plant
) -> None:
    page.goto(lot_url(plant))
    menu = page.locator(".record-top details.menu > summary")
    tab_to(page, menu)
    page.keyboard.press("Enter")
    tab_to(page, page.locator("a.menu-item[href*='inventory.hold_lot/']"))
    page.keyboard.press("Enter")
    dialog = page.locator("dialog#dialog[open]")
    expect(dialog).to_be_visible()
    expect(dialog.locator("select[name=cause]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    tab_to(page, dialog.locator("textarea[name=reason]"))
    page.keyboard.type("Only looking")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(menu).to_be_focused()
    assert not Hold.objects.filter(lines__lot=plant.lot).exists()


def test_a_hold_is_placed_by_keyboard_alone(page: Page, plant: Plant) -> None:
    url = f"/lots/{plant.other_lot.pk}/"
    page.goto(url)
    tab_to(page, page.locator(".record-top details.menu > summary"))
    page.keyboard.press("Enter")
    tab_to(page, page.locator("a.menu-item[href*='inventory.hold_lot/']"))
    page.keyboard.press("Enter")
    dialog = page.locator("dialog#dialog[open]")
    expect(dialog.locator("select[name=cause]")).to_be_focused()
    page.keyboard.type("dev")
    tab_to(page, dialog.locator("textarea[name=reason]"))
    page.keyboard.type("Burrs found on three pieces")
    tab_to(page, dialog.locator("button[type=submit]"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/holds/*/")
    expect(page.locator("main")).to_contain_text(plant.other_lot.number)
    assert Hold.objects.get(lines__lot=plant.other_lot).reason == "Burrs found on three pieces"


def test_a_refused_dialog_shows_the_blockers_and_keeps_what_was_typed(
    watch: Watch, plant: Plant
) -> None:
    page = watch.page
    page.goto(lot_url(plant))
    open_menu_entry(page, "inventory.transfer_stock")
    fill_transfer(page, plant, "100000")
    page.locator("dialog button[type=submit]").click()
    summary = page.locator("dialog .summary")
    expect(summary).to_contain_text(plant.lot.number)
    expect(summary).to_be_focused()
    expect(page.locator("dialog input[name=quantity]")).to_have_value("100000")
    expect(page.locator("dialog select[name=to_location_id]")).to_have_value(
        str(place(plant.site, "line").pk)
    )
    assert at_the_line(plant) == 0


def test_the_same_work_is_done_without_javascript(enter: Enter, plant: Plant) -> None:
    page = enter(plant.ada, java_script_enabled=False).new_page()
    page.goto(lot_url(plant))
    open_menu_entry(page, "inventory.transfer_stock")
    fill_transfer(page, plant, "100000")
    page.locator(".dialog-page button[type=submit]").click()
    expect(page.locator(".summary")).to_contain_text(plant.lot.number)
    expect(page.locator("input[name=quantity]")).to_have_value("100000")
    page.locator("input[name=quantity]").fill("5")
    page.locator(".dialog-page button[type=submit]").click()
    page.wait_for_url(f"**{lot_url(plant)}")
    assert at_the_line(plant) == 5


def test_a_field_fault_is_named_at_its_field(page: Page, plant: Plant) -> None:
    page.goto(lot_url(plant))
    open_menu_entry(page, "inventory.transfer_stock")
    fill_transfer(page, plant, "minus one")
    page.locator("dialog button[type=submit]").click()
    field = page.locator("dialog input[name=quantity]")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("minus one")


def test_the_language_is_switched_and_stays(page: Page, plant: Plant) -> None:
    page.goto(lot_url(plant))
    page.locator(".topbar details.menu:has(button[name=language]) > summary").click()
    page.locator(".topbar button[name=language][value=zh-hans]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    assert page.url.endswith(lot_url(plant))
    page.goto("/lots/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")


def test_the_site_switch_narrows_the_lists(page: Page, plant: Plant) -> None:
    page.goto(f"/lots/?search={plant.tag}")
    expect(page.locator("main")).to_contain_text(plant.other_lot.number)
    page.locator(".topbar details.menu:has(button[name=site]) > summary").click()
    page.locator(f".topbar button[name=site][value='{plant.site.pk}']").click()
    page.goto(f"/lots/?search={plant.tag}")
    expect(page.locator("main")).to_contain_text(plant.lot.number)
    expect(page.locator("main")).not_to_contain_text(plant.other_lot.number)


def test_a_record_prints_without_the_frame(page: Page, plant: Plant) -> None:
    page.goto(lot_url(plant))
    page.emulate_media(media="print")
    for part in (".rail", ".topbar", ".record-top .actions"):
        expect(page.locator(part).first).to_be_hidden()
    expect(page.locator("footer.print-only")).to_be_visible()
    expect(page.locator("footer.print-only")).to_contain_text(plant.lot.number)
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_phone_opens_the_navigation_as_a_drawer(enter: Enter, plant: Plant) -> None:
    page = enter(plant.ada, viewport={"width": 390, "height": 844}).new_page()
    page.goto("/")
    expect(page.locator(".rail a[href='/trace/']")).not_to_be_in_viewport()
    page.locator("[data-drawer-open]").click()
    expect(page.locator(".rail a[href='/trace/']")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("[data-drawer-open]")).to_be_focused()
