"""Signing in: the right password, a wrong one, too many wrong ones."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from erp.accounts.models import SecurityEvent
from erp.accounts.security import MAX_FAILURES
from tests.browser.conftest import Enter, Plant
from tests.conftest import PASSWORD, make_person


def sign_in(page: Page, username: str, password: str) -> None:
    """Fill the sign-in form and send it."""
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(username)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()


def test_a_person_signs_in_and_comes_home(enter: Enter, plant: Plant) -> None:
    page = enter().new_page()
    sign_in(page, plant.ada.username, PASSWORD)
    expect(page).to_have_url(page.url.split("/accounts")[0])
    expect(page.locator("h1")).to_contain_text(plant.ada.name)


def test_a_page_asks_to_sign_in_and_then_shows_itself(enter: Enter, plant: Plant) -> None:
    page = enter().new_page()
    page.goto(f"/lots/{plant.lot.pk}/")
    assert "/accounts/login/" in page.url
    page.locator("input[name=login]").fill(plant.ada.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator(".record-kind")).to_contain_text(plant.lot.number)


@pytest.mark.urs("SEC-02")
def test_a_wrong_password_is_refused_and_the_name_kept(enter: Enter, plant: Plant) -> None:
    page = enter().new_page()
    sign_in(page, plant.ada.username, "wrong")
    assert "/accounts/login/" in page.url
    expect(page.locator("input[name=login]")).to_have_value(plant.ada.username)
    expect(page.locator("main")).to_contain_text("not correct")


@pytest.mark.urs("SEC-02")
def test_too_many_wrong_passwords_lock_the_name_and_say_for_how_long(
    enter: Enter, plant: Plant
) -> None:
    name = f"locked{plant.tag}"
    make_person(name)
    page = enter().new_page()
    for _ in range(MAX_FAILURES):
        sign_in(page, name, "wrong")
    sign_in(page, name, PASSWORD)
    expect(page.locator("main")).to_contain_text("15 minutes")
    assert SecurityEvent.objects.filter(username=name, kind="locked").exists()
