"""The camera as a scanner, with a clip in its place; and what barcode guns type."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from erp.accounts.models import Site, User
from tests.browser.conftest import Plant
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.traceability.devices import identified
from traceability.models import Lot
from traceability.udi.check_digits import mod10

WIDTH, HEIGHT = 640, 480
FRAMES = 10
GUN = """keys => keys.forEach(key => document.body.dispatchEvent(
  new KeyboardEvent("keydown", {key, ctrlKey: key === "]", bubbles: true, cancelable: true})))"""
"""Types as a barcode gun does: faster than a test over a wire can."""


def marked_unit(user: User, site: Site) -> tuple[Lot, str]:
    """Make a unit of an item of its own; return it with the code on its label."""
    body = str(uuid.uuid4().int)[:13]
    gtin = body + mod10(body)
    item = make_item(f"CAM-{body}", tracking="serial", name="Infusion pump")
    identified(item, gtin)
    unit = lot_in_stock(user, site, item=item, number=f"U{body[:6]}", kind="serial", quantity=1)
    return unit, f"(01){gtin}(21){unit.number}"


def clip_of(code: str, target: Path) -> Path:
    """Draw a GS1 DataMatrix into a clip, as a camera would see it."""
    made = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
    symbol = Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=8))
    frame = Image.new("L", (WIDTH, HEIGHT), 255)
    frame.paste(symbol, ((WIDTH - symbol.width) // 2, (HEIGHT - symbol.height) // 2))
    luma, chroma = frame.tobytes(), bytes([128]) * (WIDTH * HEIGHT // 2)
    head = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
    target.write_bytes(head + (b"FRAME\n" + luma + chroma) * FRAMES)
    return target


@pytest.fixture
def filming(address: str, plant: Plant, tmp_path: Path) -> Iterator[tuple[Page, Lot]]:
    """Open Ada's window on the scan station, in front of a unit's label."""
    unit, code = marked_unit(plant.ada, plant.site)
    clip = clip_of(code, tmp_path / "label.y4m")
    browser = os.environ.get("PROOFLINE_BROWSER") or shutil.which("chromium")
    client = Client()
    client.force_login(plant.ada)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=browser,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--use-fake-ui-for-media-stream",
                "--use-fake-device-for-media-stream",
                f"--use-file-for-fake-video-capture={clip}",
            ],
        )
        context = started.new_context(base_url=address)
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}]
        )
        yield context.new_page(), unit
        started.close()


@pytest.mark.urs("UDI-05")
def test_a_code_before_the_camera_leads_to_its_unit(filming: tuple[Page, Lot]) -> None:
    page, unit = filming
    page.goto("/scan/")
    page.get_by_role("button", name="Scan with the camera").click()
    page.wait_for_url(f"**/lots/{unit.pk}/", timeout=30_000)
    expect(page.locator("main")).to_contain_text(unit.number)


@pytest.mark.urs("UDI-05")
def test_a_barcode_gun_is_heard_where_no_field_has_the_focus(page: Page, plant: Plant) -> None:
    unit, code = marked_unit(plant.ada, plant.site)
    gtin = code[4:18]
    page.goto("/lots/")
    page.evaluate(GUN, [*f"01{gtin}10X", "]", *f"21{unit.number}", "Enter"])
    page.wait_for_url(f"**/lots/{unit.pk}/")


def test_the_key_for_fnc1_is_kept_in_a_scan_field(page: Page, plant: Plant) -> None:
    page.goto("/scan/")
    page.locator("#station-scan").focus()
    page.keyboard.type("10A")
    page.keyboard.press("F8")
    page.keyboard.type("21B")
    expect(page.locator("#station-scan")).to_have_value("10A\x1d21B")
