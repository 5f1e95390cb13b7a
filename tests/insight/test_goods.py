"""The numbers of the demonstration's goods."""

from __future__ import annotations

import datetime as dt

import pytest

from erp.insight.demo import devices, goods, places, tools
from erp.insight.demo.calendar import Calendar
from traceability.udi import Issuer, parse


@pytest.mark.parametrize("di", [i["di"] for i in devices.IDENTIFIERS if i["issuer"] == "GS1"])
def test_every_udi_di_is_a_valid_gtin(di: str) -> None:
    """The reader agrees with the demonstration's own check digit."""
    assert parse(di, issuer=Issuer.GS1).di == di


@pytest.mark.parametrize("site", places.SITES, ids=lambda s: s["code"])
def test_every_gln_has_its_check_digit(site: dict[str, str]) -> None:
    """A site's GLN is a GS1 number as well."""
    assert goods.check_digit(site["gln"][:-1]) == site["gln"][-1]


def test_every_plan_asks_for_instruments_the_site_has() -> None:
    """A characteristic names a class of instrument that stands at the site that inspects the
    item.
    """
    electronic = {goods.PUMP, goods.BOARD, goods.HEAD, goods.BATTERY, goods.HOUSING, goods.SCREWS}
    for (item, _stage), looks in goods.PLANS.items():
        site = "SUZ" if item in electronic else "LUB"
        for look in looks:
            assert not look.tool or (site, look.tool) in tools.BY_KIND, (item, look.name)


@pytest.mark.parametrize("today", [dt.date(2026, 11, 22 + n) for n in range(7)])
def test_days_back_are_working_days_before_today_and_in_order(today: dt.date) -> None:
    """Whatever weekday the plant is loaded on."""
    calendar = Calendar(today)
    days = [calendar.day(back) for back in range(40)]

    assert all(day < today and day.weekday() < 5 for day in days)
    assert days == sorted(set(days), reverse=True)
    assert calendar.day(-1) == calendar.day(0) or calendar.day(-1) > calendar.day(0)
