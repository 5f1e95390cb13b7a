"""Registering instruments, taking them out of service and back."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import OperationLog
from equipment.errors import CodeTaken
from equipment.models import Instrument
from equipment.operations import (
    register_instrument,
    retire_instrument,
    return_to_service,
    take_out_of_service,
)
from erp.accounts.models import Site, User
from erp.core.errors import IllegalStep, InvalidInput, NotFound, NotPermitted
from erp.masterdata.models import Location
from tests.conftest import ctx_for
from tests.equipment.builders import instrument

pytestmark = [pytest.mark.django_db, pytest.mark.urs("EQP-01")]


def test_a_registered_instrument_is_in_service_and_logged(ben: User, site: Site) -> None:
    made = instrument(ben, site, code="C-17")
    assert (made.code, made.state, made.site_id) == ("C-17", "in_service", site.pk)
    entry = OperationLog.objects.get(code="equipment.register_instrument")
    assert (entry.subject_label, entry.actor_id) == ("C-17 Caliper", ben.pk)


def test_a_code_is_given_once(ben: User, site: Site) -> None:
    instrument(ben, site, code="C-17")
    with pytest.raises(CodeTaken):
        instrument(ben, site, code="C-17")
    assert Instrument.objects.filter(code="C-17").count() == 1


def test_an_instrument_lies_at_a_place_of_its_own_site(
    ada: User, site: Site, other_site: Site
) -> None:
    elsewhere = Location.objects.filter(site=other_site).first()
    assert elsewhere is not None
    with pytest.raises(InvalidInput) as refusal:
        instrument(ada, site, location_id=elsewhere.pk)
    assert [f.name for f in refusal.value.faults] == ["location_id"]


def test_an_auditor_registers_nothing(cleo: User, site: Site) -> None:
    with pytest.raises(NotPermitted):
        instrument(cleo, site)


def test_nobody_registers_at_a_site_where_they_do_not_work(dan: User, site: Site) -> None:
    with pytest.raises(NotPermitted):
        instrument(dan, site)


def test_an_instrument_of_another_site_does_not_exist_for_dan(
    ben: User, dan: User, site: Site
) -> None:
    made = instrument(ben, site)
    with pytest.raises(NotFound):
        take_out_of_service(ctx_for(dan, reason="dropped"), instrument_id=made.pk)


def test_taking_out_of_service_wants_a_reason_that_history_keeps(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    with pytest.raises(InvalidInput):
        take_out_of_service(ctx_for(ben), instrument_id=made.pk)
    take_out_of_service(ctx_for(ben, reason="dropped on the floor"), instrument_id=made.pk)
    newest = made.history.first()
    assert (newest.state, newest.history_change_reason) == (
        "out_of_service",
        "dropped on the floor",
    )


def test_an_instrument_goes_out_comes_back_and_retires(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    why = ctx_for(ben, reason="as found")
    take_out_of_service(why, instrument_id=made.pk)
    assert return_to_service(why, instrument_id=made.pk).state == "in_service"
    assert retire_instrument(why, instrument_id=made.pk).state == "retired"


@pytest.mark.parametrize("step", [take_out_of_service, return_to_service, retire_instrument])
def test_a_retired_instrument_goes_nowhere(ben: User, site: Site, step: object) -> None:
    made = instrument(ben, site)
    why = ctx_for(ben, reason="worn out")
    retire_instrument(why, instrument_id=made.pk)
    with pytest.raises(IllegalStep):
        step(why, instrument_id=made.pk)  # type: ignore[operator]


def test_what_is_in_service_is_not_returned_to_it(ben: User, site: Site) -> None:
    made = instrument(ben, site)
    with pytest.raises(IllegalStep):
        return_to_service(ctx_for(ben, reason="checked"), instrument_id=made.pk)


def test_the_shape_of_an_instrument_is_checked(ben: User, site: Site) -> None:
    values: Any = {"site_id": site.pk, "code": "C-1", "interval_days": 0}
    with pytest.raises(InvalidInput) as refusal:
        register_instrument(ctx_for(ben), **values)
    assert {"name", "instrument_class", "interval_days"} <= {f.name for f in refusal.value.faults}
