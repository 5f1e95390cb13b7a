"""Two at once: what one lock must keep apart. Each test commits, so it makes its own records."""

from __future__ import annotations

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from erp.accounts.models import User
from erp.core.errors import Blocked, DomainError
from erp.operations import REGISTRY
from procurement.operations import place_order, suspend_supplier
from procurement.queries import full_lines
from tests.conftest import ctx_for, make_person, make_site
from tests.masterdata.builders import make_item
from tests.procurement.builders import approved, in_days, ordered, received

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.urs("INV-01")]


def _people() -> tuple[User, User]:
    mark = uuid4().hex[:8]
    names = (f"{name}-{mark}" for name in ("ben", "ada"))
    ben, ada = (make_person(name, may=REGISTRY.values()) for name in names)
    return ben, ada


def _at_once(*calls: Callable[[], object]) -> list[str]:
    """Run the calls in threads that start together; return how each ended."""
    start = threading.Barrier(len(calls))
    ended: list[str] = []

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
            ended.append("done")
        except DomainError as refusal:
            ended.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[call]) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ended)


def test_two_deliveries_at_once_never_exceed_the_order() -> None:
    ben, ada = _people()
    site = make_site(uuid4().hex[:8])
    order = ordered(ben, ada, site, make_item(uuid4().hex), quantity=100)
    ended = _at_once(lambda: received(ben, order, 60), lambda: received(ada, order, 60))
    assert ended == [Blocked.code, "done"]
    assert full_lines().get(order=order).received == Decimal(60)


def test_an_order_comes_before_or_after_a_suspension_and_never_in_between() -> None:
    ben, ada = _people()
    site, item = make_site(uuid4().hex[:8]), make_item(uuid4().hex)
    approval = approved(ben, ada, item)
    line: Any = {"item_id": item.pk, "quantity": Decimal(1), "due_on": in_days(3)}
    stop, buy = ctx_for(ada, reason="recall of theirs"), ctx_for(ben)
    where: Any = {"supplier_id": approval.supplier_id, "site_id": site.pk}
    ended = _at_once(
        lambda: suspend_supplier(stop, approval_id=approval.pk),
        lambda: place_order(buy, lines=[line], **where),
    )
    assert ended in ([Blocked.code, "done"], ["done", "done"])
    with pytest.raises(Blocked):
        place_order(buy, lines=[line], **where)
