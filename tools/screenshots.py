"""Pictures of all main pages with the demonstration's data, for people to look at.

``./run shot`` serves the application on the demonstration's database, signs in as the person who
may do most, and writes ``var/screens/<language>/<width>/<page>.png``; a demonstration that runs
beside it is not disturbed. ``./run shot lots home`` takes only pages whose name holds a word.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from erp.accounts.models import User

ADMITTED = "Proofline has no demonstration data here yet: start `./run demo` once, then this again."


def main(arguments: list[str]) -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(prog="./run shot", description=__doc__)
    parser.add_argument("words", nargs="*", help="only pages whose name holds one of these")
    parser.add_argument("--as", dest="username", help="who looks (default: who may do most)")
    parser.add_argument("--dark", action="store_true", help="in dark colours")
    parser.add_argument("--to", type=Path, help="folder of the pictures (default: var/screens)")
    given = parser.parse_args(arguments)
    # Playwright runs an event loop in this thread; the few queries here are not inside it.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.config.settings")
    django.setup()
    user = _viewer(given.username)
    if user is None:
        print(ADMITTED, file=sys.stderr)  # noqa: T201 - a command speaks to its caller
        return 1
    return _take_all(user, given)


def _viewer(username: str | None) -> User | None:
    from django.db.models import Count, Q  # noqa: PLC0415 - after set-up

    from erp.accounts.models import User  # noqa: PLC0415

    people = User.objects.filter(is_active=True, is_service=False, password_is_temporary=False)
    if username:
        return people.filter(username__iexact=username).first()
    held = Count("assignments__role__permissions", filter=Q(assignments__ended_at=None))
    return people.annotate(held=held).order_by("-held", "pk").first()


def _take_all(user: User, given: argparse.Namespace) -> int:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    from tests.browser import server, shots  # noqa: PLC0415

    folder = given.to or shots.FOLDER
    pages = _named(_pages(user), given.words)
    path = os.environ.get("PROOFLINE_BROWSER") or shutil.which("chromium")
    flags = ["--no-sandbox", "--disable-gpu"]
    taken = 0
    with server.running() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        for language in shots.LANGUAGES:
            page = _window(browser, address, user, language, dark=given.dark)
            for name, url in pages.items():
                taken += _take(page, language, name, url, folder)
            page.context.close()
        browser.close()
    print(f"{taken} pictures in {folder}")  # noqa: T201
    return 0


def _named(pages: Mapping[str, str], words: Sequence[str]) -> dict[str, str]:
    return {n: url for n, url in pages.items() if not words or any(w in n for w in words)}


def _pages(user: User) -> dict[str, str]:
    """Return the addresses by name: fixed pages, every list, one telling record of every kind."""
    from erp.accounts.queries import actor_for  # noqa: PLC0415
    from erp.ui import listing  # noqa: PLC0415
    from erp.ui.records import KINDS  # noqa: PLC0415
    from tests.browser import shots  # noqa: PLC0415
    from tests.ui.rows import with_page  # noqa: PLC0415

    actor = actor_for(user)
    pages = dict(shots.PAGES)
    for noun, kind in KINDS.items():
        pages[noun] = f"/{noun}/"
        record = _telling(noun, kind.rows(actor)) or next(
            iter(listing.page(kind, actor, {}, size=1).records), None
        )
        if record is not None and noun in with_page():
            pages[f"{noun}-record"] = kind.url(record.pk)
    lot = pages.get("lots-record", "").strip("/").split("/")[-1]
    if lot:
        pages["trace-of-a-lot"] = f"/trace/?start=lot:{lot}&direction=backward"
        pages["lots-hold-dialog"] = f"/do/inventory.hold_lot/{lot}/"
        pages["lots-release-dialog"] = f"/do/quality.release_lot/{lot}/"
    return pages


def _telling(noun: str, rows: Any) -> Any:
    """Return the record with most to show: for lots, a batch of many units."""
    from django.db.models import Count  # noqa: PLC0415

    if noun != "lots":
        return None
    return rows.annotate(units=Count("members")).order_by("-units", "pk").first()


def _window(browser: Browser, address: str, user: User, language: str, *, dark: bool) -> Page:
    """Open a window in which this person is signed in."""
    scheme: Any = "dark" if dark else "light"
    context = browser.new_context(base_url=address, reduced_motion="reduce", color_scheme=scheme)
    for cookie in _cookies(user, language):
        context.add_cookies([{"url": address, **cookie}])  # type: ignore[typeddict-item]
    return context.new_page()


def _take(page: Page, language: str, name: str, url: str, folder: Path) -> int:
    """Save one page in all widths; return how many pictures that made."""
    from tests.browser import shots  # noqa: PLC0415

    for width, height in shots.WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        # Loaded anew for each width: what a script draws, it draws for the width it finds.
        page.goto(url, wait_until="networkidle")
        shots.take(page, language, name, folder)
    return len(shots.WIDTHS)


def _cookies(user: User, language: str) -> Iterator[dict[str, str]]:
    """Yield a session of this person and the language, without asking for the password."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    yield {"name": settings.SESSION_COOKIE_NAME, "value": session}
    yield {"name": settings.LANGUAGE_COOKIE_NAME, "value": language}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
