"""Screenshots of a page in the widths that are looked at, one file per language, width and page."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

WIDTHS = {1440: 900, 390: 844}
"""Width to height of the window, in CSS pixels."""
LANGUAGES = ("en", "zh-hans")
TALLEST = 6000
PAGES = {
    "home": "/",
    "scan-station": "/scan/",
    "trace": "/trace/",
    "trace-compare": "/trace/compare/",
    "hold-dialog": "/do/inventory.place_hold/",
    "item-dialog": "/do/masterdata.register_item/",
    "password": "/accounts/password/change/",
    "two-factor": "/accounts/2fa/",
}
"""Pages that no kind of record brings, by the name of their picture."""
FOLDER = Path(__file__).resolve().parents[2] / "var/screens"


def take(page: Page, language: str, name: str, folder: Path = FOLDER) -> Path:
    """Save the whole page as it stands; a very long one is cut."""
    width = (page.viewport_size or {"width": 0})["width"]
    target = folder / language / str(width) / f"{name}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    tall: int = page.evaluate("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": min(tall, TALLEST)}
    # To hide the caret or stop animations Playwright would add a style, which the page's policy
    # forbids.
    page.screenshot(path=target, full_page=True, clip=clip, caret="initial")  # type: ignore[arg-type]
    return target
