"""Inspection plans: one in force per item and stage; inspections keep their revision."""

from __future__ import annotations

from typing import Any

import pytest

from erp.accounts.models import Site, User
from erp.core.errors import InvalidInput, NotPermitted
from quality.inspection.models import Inspection, InspectionPlan
from tests.masterdata.builders import make_item
from tests.quality.builders import DIAMETER, SURFACE, inspected, plan, received


@pytest.mark.urs("QMS-01")
def test_a_new_revision_supersedes_the_old_one(ada: User) -> None:
    item = make_item()
    first, second = plan(ada, item), plan(ada, item, DIAMETER)
    first.refresh_from_db()
    assert (first.state, first.revision) == ("superseded", 1)
    assert (second.state, second.revision) == ("effective", 2)
    assert plan(ada, item, stage="final").revision == 1
    assert InspectionPlan.objects.effective().filter(item=item).count() == 2


def test_an_open_inspection_keeps_its_revision(ada: User, ben: User, site: Site) -> None:
    inspection = inspected(ada, ben, site)
    first = inspection.plan
    plan(ada, inspection.lot.item, SURFACE)
    inspection.refresh_from_db()
    assert inspection.plan == first


def test_an_inspection_without_a_plan_takes_the_first_one_written(
    ada: User, ben: User, site: Site
) -> None:
    inspection = Inspection.objects.get(lot=received(ada, ben, site))
    assert inspection.plan is None
    written = plan(ada, inspection.lot.item)
    inspection.refresh_from_db()
    assert inspection.plan == written


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({**DIAMETER, "lower": None, "upper": None}, "characteristics.lower"),
        ({**DIAMETER, "lower": "11"}, "characteristics.upper"),
        ({**SURFACE, "lower": "1"}, "characteristics.kind"),
    ],
)
def test_limits_must_make_sense(ada: User, row: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        plan(ada, make_item(), row)
    assert [f.name for f in refusal.value.faults] == [field]


def test_no_name_stands_twice(ada: User) -> None:
    with pytest.raises(InvalidInput):
        plan(ada, make_item(), DIAMETER, {**SURFACE, "name": " diameter "})


def test_readers_write_no_plan(cleo: User) -> None:
    with pytest.raises(NotPermitted):
        plan(cleo, make_item())
