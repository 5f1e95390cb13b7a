"""What approvals mean on a day: pure rules, no database."""

from __future__ import annotations

import datetime as dt

import pytest

from procurement.rules import Standing, standing

DAY = dt.date(2026, 6, 1)
YESTERDAY = DAY - dt.timedelta(days=1)
LATER = DAY + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("approvals", "expected"),
    [
        ([], Standing.NONE),
        ([("draft", LATER)], Standing.NONE),
        ([("withdrawn", LATER)], Standing.NONE),
        ([("approved", LATER)], Standing.APPROVED),
        ([("approved", DAY)], Standing.APPROVED),
        ([("approved", YESTERDAY)], Standing.EXPIRED),
        ([("approved", YESTERDAY), ("approved", LATER)], Standing.APPROVED),
        ([("approved", LATER), ("suspended", YESTERDAY)], Standing.SUSPENDED),
        ([("approved", YESTERDAY), ("draft", LATER)], Standing.EXPIRED),
    ],
)
def test_a_standing_follows_from_all_approvals(
    approvals: list[tuple[str, dt.date]], expected: Standing
) -> None:
    assert standing(approvals, DAY) is expected
