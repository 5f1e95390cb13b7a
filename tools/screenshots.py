"""Pictures of all main pages with the demonstration's data, for people to look at.

``./run shot`` serves the application on the demonstration's database, signs in as the person who may
do most, and writes ``var/screens/<language>/<width>/<page>.png``; a demonstration that runs beside it
is not disturbed. ``./run shot lots home`` takes only pages whose name holds one of the words.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from erp.accounts.models import User

ADMITTED = "Proofline has no demonstration data here yet: start `./run demo` once, then this again."


def main(arguments: list[str]) -> int:
    """Take the pictures and say where they are."""
    parser = argparse.ArgumentParser(prog="./run shot", description=__doc__)
    parser.add_argument("words", nargs="*", help="only pages whose name holds one of these")
    parser.add_argument("--as", dest="username", help="user name of who looks (default: who may do most)")
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
    pages = {n: u for n, u in _pages(user).items() if not given.words or any(w in n for w in given.words)}
    path = os.environ.get("PROOFLINE_BROWSER") or shutil.which("chromium")
    taken = 0
    with server.running() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for language in shots.LANGUAGES:
            taken += _in_language(browser, address, user, language, pages, folder, dark=given.dark)
        browser.close()
    print(f"{taken} pictures in {folder}")  # noqa: T201
    return 0


def _pages(user: User) -> dict[str, str]:
    """Return the addresses by name: fixed pages, every list, one telling record of every kind."""
    from erp.accounts.queries import actor_for  # noqa: PLC0415
    from erp.ui import listing  # noqa: PLC0415
    from erp.ui.records import KINDS  # noqa: PLC0415
    from tests.browser import shots  # noqa: PLC0415

    actor = actor_for(user)
    pages = dict(shots.PAGES)
    for noun, kind in KINDS.items():
        pages[noun] = f"/{noun}/"
        record = _telling(noun, kind.rows(actor)) or next(
            iter(listing.page(kind, actor, {}, size=1).records), None
        )
        if record is not None:
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


def _in_language(
    browser: Browser,
    address: str,
    user: User,
    language: str,
    pages: Mapping[str, str],
    folder: Path,
    *,
    dark: bool,
) -> int:
    from tests.browser import shots  # noqa: PLC0415

    scheme: Any = "dark" if dark else "light"
    context = browser.new_context(base_url=address, reduced_motion="reduce", color_scheme=scheme)
    context.add_cookies([{"url": address, **cookie} for cookie in _cookies(user, language)])  # type: ignore[list-item]
    page = context.new_page()
    taken = 0
    for name, url in pages.items():
        page.goto(url)
        for width, height in shots.WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            shots.take(page, language, name, folder)
            taken += 1
    context.close()
    return taken


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
