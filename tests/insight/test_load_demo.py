"""The demonstration plant, loaded as a person loads it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.models import OperationLog
from erp.accounts.models import RoleAssignment, User
from erp.accounts.queries import actor_for
from erp.core import clock
from erp.insight.demo.people import ADMINISTRATOR, PEOPLE
from erp.inventory.models import Balance
from erp.organisation.catalogue import SERVICES
from erp.organisation.installing import load_roles
from erp.production.models import WorkOrder
from erp.sales.models import Allocation, CustomerReturn
from erp.ui import listing
from erp.ui.home import SOURCES
from erp.ui.records import KINDS
from procurement.models import SupplierApproval
from quality.models import Concession, Deviation, Inspection
from tests.conftest import make_person
from traceability.models import Lot, TraceEvent


@pytest.fixture
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """Return a folder of its own for what the loader writes down."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def load(*arguments: str) -> str:
    """Run the command; return what it says."""
    said = io.StringIO()
    call_command("load_demo", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.urs("OPS-01", "INS-01", "TRC-02")
def test_the_plant_is_told_by_operations_and_has_work_for_everybody(
    db: None, data_dir: Path
) -> None:
    """One load, looked at from all sides; a second one says that it is there."""
    load_roles()

    said = load()

    assert "Loaded by" in said
    _everything_went_through_the_door()
    _things_went_wrong_too()
    _somebody_waits_for_everybody()
    logins = json.loads((data_dir / "demo-logins.json").read_text(encoding="utf-8"))
    assert [row["username"] for row in logins] == [person.username for person in PEOPLE]
    assert (data_dir / "demo-logins.json").stat().st_mode & 0o077 == 0
    before = OperationLog.objects.count()
    assert "already loaded" in load("--scale", "3")
    assert OperationLog.objects.count() == before


def _everything_went_through_the_door() -> None:
    known = OperationLog.objects.values("id")
    assert not TraceEvent.objects.exclude(operation_id__in=known).exists()
    outside = [
        model.__name__
        for model in (Lot, WorkOrder, RoleAssignment, User)
        if model.history.filter(history_operation_id__isnull=True)
        .exclude(pk__in=_installed(model))
        .exists()
    ]
    assert outside == []


ROBOTS = [service.username for service in SERVICES]


def _installed(model: Any) -> Any:
    """Return the history rows of the first installation: the administrator and the services."""
    rows = model.history.filter(history_operation_id__isnull=True)
    if model is User:
        return rows.filter(username__in=[ADMINISTRATOR, *ROBOTS]).values("history_id")
    if model is RoleAssignment:
        return rows.filter(user__username__in=[ADMINISTRATOR, *ROBOTS]).values("history_id")
    return rows.none().values("history_id")


def _things_went_wrong_too() -> None:
    assert {"rejected", "partly_accepted"} <= set(
        Inspection.objects.values_list("state", flat=True)
    )
    assert {"closed", "dispositioned", "under_review"} <= set(
        Deviation.objects.values_list("state", flat=True)
    )
    assert Concession.objects.exists()
    assert SupplierApproval.objects.filter(state="suspended").exists()
    assert Allocation.objects.filter(state="broken").exists()
    assert CustomerReturn.objects.exists()
    auditor = actor_for(User.objects.get(username="owen"))
    overdue = listing.filtered(KINDS["instruments"], auditor, {"calibration": "overdue"})
    assert [instrument.code for instrument in overdue] == ["H-05"]
    expired = Balance.objects.filter(
        lot__expires_on__lt=clock.today(), status="available", quantity__gt=0
    )
    assert expired.exists(), "no expired lot on the shelf"


def _somebody_waits_for_everybody() -> None:
    idle = []
    for person in PEOPLE:
        actor = actor_for(User.objects.get(username=person.username))
        mine = [s for s in SOURCES if not s.permission or actor.may(s.permission)]
        if mine and not any(source.rows(actor).exists() for source in mine):
            idle.append(person.username)
    assert set(idle) <= {ADMINISTRATOR}


def test_a_plant_is_not_mixed_into_other_data(db: None, data_dir: Path) -> None:
    """Where somebody works already, the loader refuses and writes nothing."""
    load_roles()
    make_person("ann")

    with pytest.raises(CommandError, match="holds other data"):
        load()

    assert not (data_dir / "demo-logins.json").exists()


def test_a_scale_below_one_is_refused(db: None) -> None:
    """There is no half a plant."""
    with pytest.raises(CommandError, match="from 1 on"):
        load("--scale", "0")
