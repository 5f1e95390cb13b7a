"""A browser, the running application, and a small plant whose rows are committed.

What these tests write stays in the test database, as evidence does; every run makes records of its
own, told apart by a tag.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from erp.accounts.models import Site, User
from erp.operations import REGISTRY
from erp.organisation.permissions import READS
from erp.ui.records import KINDS
from tests.browser import server
from tests.browser.watch import Watch
from tests.conftest import make_person, make_site
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.ui.rows import Filler
from traceability.models import Lot

HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass(frozen=True)
class Plant:
    """What the tests find in the database: two sites, three people, a lot at each site."""

    tag: str
    site: Site
    other_site: Site
    ada: User
    ben: User
    lot: Lot
    other_lot: Lot


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the machine's browser once."""
    path = os.environ.get("PROOFLINE_BROWSER") or shutil.which("chromium")
    if not path:
        pytest.skip("no browser: set PROOFLINE_BROWSER, or run ./run verify-env")
    # Playwright runs an event loop in this thread; the tests' own queries are not inside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Serve the application on the test database, as the application's role."""
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=HASHERS):
        with server.running() as url:
            yield url
        connection.close()


@pytest.fixture(scope="module")
def plant(address: str) -> Plant:
    """Make the plant."""
    tag = uuid.uuid4().hex[:6]
    site, other = make_site(f"N{tag}"), make_site(f"S{tag}")
    everything = [*REGISTRY, *READS]
    ada = make_person(f"ada{tag}", may=everything)
    ben = make_person(f"ben{tag}", may=everything)
    item = make_item(f"IT-{tag}", name="Hip stem, size 4")
    lots = [lot_in_stock(ada, s, item=item, number=f"R-{tag}-{s.code[0]}") for s in (site, other)]
    return Plant(tag, site, other, ada, ben, *lots)


@pytest.fixture(scope="module")
def furnished(plant: Plant) -> Plant:
    """Make a few rows of every kind that has none, and companions of the record that is shown."""
    filler = Filler(plant.site, plant.ada)
    for kind in KINDS.values():
        model = kind.model_class()
        if not model._default_manager.exists():
            filler.fill(model, 3)
    return plant


Enter = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def enter(browser: Browser, address: str) -> Iterator[Enter]:
    """Return what opens a window in which a person is signed in, or nobody."""
    opened: list[BrowserContext] = []

    def open_window(
        user: User | None = None, *, language: str = "en", **more: Any
    ) -> BrowserContext:
        context = browser.new_context(base_url=address, reduced_motion="reduce", **more)
        cookies = {settings.LANGUAGE_COOKIE_NAME: language}
        if user is not None:
            client = Client()
            client.force_login(user)
            cookies[settings.SESSION_COOKIE_NAME] = client.cookies[
                settings.SESSION_COOKIE_NAME
            ].value
        context.add_cookies([{"name": n, "value": v, "url": address} for n, v in cookies.items()])
        context.set_default_timeout(10_000)
        opened.append(context)
        return context

    yield open_window
    for context in opened:
        context.close()


@pytest.fixture
def page(enter: Enter, plant: Plant) -> Iterator[Page]:
    """Open a window of Ada's."""
    context = enter(plant.ada)
    yield context.new_page()
    context.close()


@pytest.fixture
def watch(page: Page, address: str) -> Watch:
    """Watch Ada's window."""
    return Watch(page, address)
