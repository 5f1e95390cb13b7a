"""Every page, in both languages and both widths: no error, nothing foreign, nothing inaccessible.

Screenshots go to ``var/screens/<language>/<width>/<page>.png`` for people to look at.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Error, Page

from erp.accounts.queries import actor_for
from erp.ui.records import KINDS
from tests.browser import shots
from tests.browser.conftest import Enter, Plant
from tests.browser.watch import Watch
from tests.ui.rows import with_page

WIDE, PHONE = sorted(shots.WIDTHS, reverse=True)


class Pages:
    """The checks; one subclass for each language."""

    language: ClassVar[str]

    @pytest.fixture(scope="class")
    def window(self, request: Any, enter: Enter, furnished: Plant) -> Iterator[Page]:
        """Open one window for all pages of a language."""
        context = enter(furnished.ada, language=request.cls.language)
        yield context.new_page()
        context.close()

    @pytest.fixture(scope="class")
    def seen(self, window: Page, address: str) -> Watch:
        """Watch the window."""
        return Watch(window, address)

    def look(self, seen: Watch, path: str, name: str) -> None:
        """Visit a page, check it in both widths, keep both pictures."""
        seen.findings = []
        seen.page.set_viewport_size({"width": WIDE, "height": shots.WIDTHS[WIDE]})
        seen.visit(path)
        if self.language == "en":
            seen.check_access()
        shots.take(seen.page, self.language, name)
        seen.page.set_viewport_size({"width": PHONE, "height": shots.WIDTHS[PHONE]})
        if seen.page.locator("[data-trace-graph]").count():
            # What a script draws, it draws for the width it finds.
            seen.visit(path)
        seen.check_width()
        if self.language != "en":
            seen.check_access()
        shots.take(seen.page, self.language, name)
        assert seen.page.locator("html").get_attribute("lang") == self.language
        assert not seen.findings, "\n".join(seen.findings)

    @pytest.mark.parametrize("name", sorted(shots.PAGES))
    def test_a_page_is_sound(self, seen: Watch, name: str) -> None:
        self.look(seen, shots.PAGES[name], name)

    @pytest.mark.parametrize("noun", sorted(KINDS))
    def test_a_list_is_sound(self, seen: Watch, noun: str) -> None:
        self.look(seen, f"/{noun}/", noun)

    @pytest.mark.parametrize("noun", with_page())
    def test_a_record_is_sound(self, seen: Watch, furnished: Plant, noun: str) -> None:
        kind = KINDS[noun]
        record = kind.rows(actor_for(furnished.ada)).order_by("-pk").first()
        assert record is not None, f"no {noun} to look at"
        self.look(seen, kind.url(record.pk), f"{noun}-record")

    def test_a_trace_is_sound(self, seen: Watch, furnished: Plant) -> None:
        self.look(seen, f"/trace/?start=lot:{furnished.lot.pk}&direction=forward", "trace-of-a-lot")

    def test_the_sign_in_page_is_sound(self, enter: Enter, address: str) -> None:
        page = enter(None, language=self.language).new_page()
        self.look(Watch(page, address), "/accounts/login/", "sign-in")


def test_the_watch_notices_what_is_wrong(watch: Watch) -> None:
    """The checks themselves: a page made bad is found bad, in each of the ways."""
    watch.visit("/")
    watch.page.evaluate(
        """() => {
        document.querySelector('main').innerHTML = '<img src="/static/none.png"><input>'
          + '<div class="wide">wide</div>';
        document.querySelector('.wide').style.width = '9000px';
        document.body.append(Object.assign(document.createElement('style'), {textContent: 'a {}'}));
        }"""
    )
    watch.page.wait_for_timeout(300)
    watch.check_width()
    watch.check_access()
    with contextlib.suppress(Error):
        watch.page.goto("http://127.0.0.1:9/")
    found = " ".join(watch.findings)
    for sign in (
        "404",
        "Content Security Policy",
        "foreign request",
        "scrolls sideways",
        "image-alt",
        "label",
    ):
        assert sign in found, sign


class TestEnglish(Pages):
    """All pages in English; accessibility is checked at desktop width."""

    language = "en"


class TestChinese(Pages):
    """All pages in Chinese; accessibility is checked at phone width."""

    language = "zh-hans"
