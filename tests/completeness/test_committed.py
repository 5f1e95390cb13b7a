"""What only the owner of the database can do to evidence, and what two do at once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from erp.accounts.models import User
from erp.core.errors import Busy
from erp.operations import REGISTRY
from tests.completeness.builders import check, finding, open_on, owner, service_account
from tests.completeness.test_checks import material, without_expiry
from tests.conftest import ctx_for, make_person, make_site
from traceability.completeness.delivery import request_nightly
from traceability.completeness.models import CheckRun, Finding
from traceability.completeness.operations import check_lot

ADD = "UPDATE inventory_balance SET quantity = quantity + %s WHERE lot_id = %s"


def test_a_changed_balance_is_found(committed: None) -> None:
    user = make_person("chk-balance", may=REGISTRY.values())
    lot = material(user, make_site("CHK-B"), number="CHK-BALANCE")
    with owner() as db:
        db.execute(ADD, [1, lot.pk])
    check(user)
    assert "balance_differs" in open_on(lot)
    assert finding(lot, "balance_differs").facts["kept"] == "101"
    with owner() as db:
        db.execute(ADD, [-1, lot.pk])
    check(user)
    assert "balance_differs" not in open_on(lot)


def test_two_checks_at_once_open_a_finding_once(committed: None) -> None:
    user = make_person("chk-twice", may=REGISTRY.values())
    lot = without_expiry(user, make_site("CHK-T"))
    refused: list[Exception] = []
    together([lambda: _check_lot(user, lot.pk, refused)] * 2)
    assert all(isinstance(error, Busy) for error in refused)
    rows = Finding.objects.filter(lot=lot, check_code="expiry_missing")
    assert rows.count() == 1


def _check_lot(user: User, pk: int, refused: list[Exception]) -> None:
    try:
        check_lot(ctx_for(user), lot_id=pk)
    except Exception as error:
        refused.append(error)


def together(calls: list[Callable[[], None]]) -> None:
    """Make all calls at the same time, each on a connection of its own."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], None]) -> None:
        barrier.wait()
        try:
            call()
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.usefixtures("committed")
def test_a_night_has_one_check_however_often_it_is_asked_for() -> None:
    service_account()
    before = CheckRun.objects.count()
    first = request_nightly()
    assert request_nightly().pk == first.pk
    assert CheckRun.objects.count() == before + 1
