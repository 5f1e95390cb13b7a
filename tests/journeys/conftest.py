"""A plant before its first order, and a journey through it."""

from __future__ import annotations

import pytest

from erp.core import clock
from erp.insight.demo import goods, opening
from erp.insight.demo.calendar import Calendar
from erp.insight.demo.journey import Journey
from erp.insight.demo.people import PASSWORD
from erp.insight.demo.stage import Stage
from erp.organisation.installing import load_roles
from tests.journeys.door import ClientDoor


@pytest.fixture
def plant(db: None) -> Stage:
    """Return the demonstration plant before its first order, with revision B of the cage."""
    load_roles()
    stage = Stage(Calendar(clock.today()), PASSWORD)
    opening.first_administrator()
    opening.tell(stage, back=20)
    opening.revise(stage, goods.CAGE, "B", "Double sterile barrier", goods.CAGE_B)
    return stage


@pytest.fixture
def journey(plant: Stage) -> Journey:
    """Return a journey that has not begun."""
    return Journey(ClientDoor(), mark="T1", today=clock.today())
