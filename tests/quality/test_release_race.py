"""Two people release the same lot at the same moment."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection

from erp.core.errors import Busy, DomainError, IllegalStep
from erp.operations import REGISTRY
from quality.release.models import LotRelease
from quality.release.operations import release_lot
from tests.conftest import make_person, make_site, signed
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.quality.builders import stock_of


@pytest.mark.usefixtures("committed")
def test_a_lot_released_twice_at_once_is_released_once() -> None:
    mark = uuid.uuid4().hex[:8]
    site = make_site(f"R{mark}")
    people = [make_person(f"{name}-{mark}", may=REGISTRY.values()) for name in ("eve", "fay")]
    lot = lot_in_stock(
        people[0], site, state="quarantine", item=make_item(f"RACE-{mark}"), number=f"L-{mark}"
    )
    start = threading.Barrier(2)
    refusals: list[DomainError] = []

    def run(ctx: object) -> None:
        start.wait()
        try:
            release_lot(ctx, lot_id=lot.pk)  # type: ignore[arg-type]
        except DomainError as refusal:
            refusals.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[signed(person)]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(r) for r in refusals] in ([IllegalStep], [Busy])
    assert LotRelease.objects.filter(lot=lot).count() == 1
    assert stock_of(lot) == {"available": 100}
