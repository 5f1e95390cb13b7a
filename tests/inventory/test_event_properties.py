"""Whatever happens in whatever order: nothing below zero, nothing unaccounted for, all undoable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.accounts.models import Site, User
from erp.core.errors import DomainError
from erp.inventory.conversion.operations import (
    assemble_kit,
    merge_lots,
    regrade_lot,
    repack_lot,
    split_lot,
)
from erp.inventory.models import Balance, StockMove
from erp.inventory.operations import transfer_stock
from erp.inventory.removal.operations import (
    count_stock,
    return_to_supplier,
    scrap_stock,
    take_sample,
)
from erp.masterdata.models import Item, Location
from tests.conftest import ctx_for
from tests.inventory.builders import balances, declare_wrong, lies_balanced, lot_in_stock
from tests.masterdata.builders import make_item, place
from tests.traceability.builders import trace
from traceability.models import Lot, TraceEvent

pytestmark = pytest.mark.django_db

SLOW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
VERBS = (
    "transfer", "split", "merge", "repack", "regrade", "kit", "scrap", "sample", "send_back",
    "count", "undo",
)  # fmt: skip
Step = tuple[str, int, int, int]
"""What to do, with which of the lots that lie somewhere, how much, and a second choice."""

STEPS = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 7), st.integers(1, 40), st.integers(0, 7)),
    min_size=1,
    max_size=10,
)


@dataclass
class Plant:
    """A store with two lots of one item, and everything that can be done about goods there."""

    user: User
    site: Site
    other: Item
    lots: list[Lot] = field(default_factory=list)
    done: list[tuple[TraceEvent, dict[Any, Decimal]]] = field(default_factory=list)
    """Events in their order, each with the stock before it."""

    def step(self, verb: str, which: int, quantity: int, second: int) -> None:
        """Do one thing if it is possible; a refusal must leave nothing behind."""
        before, last = balances(), self._newest()
        if verb == "undo":
            self.undo()
            return
        lying = list(Balance.objects.filter(quantity__gt=0).order_by("pk").select_related("lot"))
        if not lying:
            return
        chosen = lying[which % len(lying)]
        try:
            getattr(self, verb)(chosen, Decimal(quantity), lying[second % len(lying)])
        except DomainError:
            assert balances() == before
            assert self._newest() == last
            return
        self.done += [(event, before) for event in self._since(last)]

    def undo(self) -> None:
        """Declare the newest event wrong: the stock is as it was before it."""
        if self.done:
            event, before = self.done.pop()
            declare_wrong(self.user, event)
            assert balances() == before

    def _newest(self) -> int:
        return TraceEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def _since(self, last: int) -> list[TraceEvent]:
        return list(TraceEvent.objects.filter(pk__gt=last).order_by("pk"))

    def _call(self, operation: Callable[..., Any], lying: Balance, **values: Any) -> None:
        operation(
            ctx_for(self.user, reason="because"),
            lot_id=lying.lot_id,
            from_location_id=lying.location_id,
            status=lying.status,
            **values,
        )

    def transfer(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        kinds = [Location.Kind.STORAGE, Location.Kind.LINE, Location.Kind.DISPATCH]
        target = place(self.site, kinds[int(quantity) % 3])
        self._call(transfer_stock, lying, to_location_id=target.pk, quantity=quantity)

    def split(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(split_lot, lying, parts=[{"quantity": quantity}, {"quantity": 1}])

    def merge(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(merge_lots, lying, lots=[other.lot_id])

    def repack(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(repack_lot, lying, quantity=quantity, to_item_id=self.other.pk, to_quantity=1)

    def regrade(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(regrade_lot, lying, quantity=quantity, to_item_id=self.other.pk)

    def kit(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        rows = [(lying, quantity)] + ([(other, Decimal(1))] if other.pk != lying.pk else [])
        assemble_kit(
            ctx_for(self.user),
            item_id=self.other.pk,
            quantity=Decimal(1),
            location_id=place(self.site, "storage").pk,
            components=[
                {"lot_id": b.lot_id, "from_location_id": b.location_id, "quantity": q}
                for b, q in rows
            ],
        )

    def scrap(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(scrap_stock, lying, quantity=quantity, witness="T. Herrera")

    def sample(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(take_sample, lying, quantity=quantity, purpose="pull test")

    def send_back(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(return_to_supplier, lying, quantity=quantity)

    def count(self, lying: Balance, quantity: Decimal, other: Balance) -> None:
        self._call(count_stock, lying, counted=quantity)


@pytest.fixture
def plant(ben: User, site: Site) -> Plant:
    """Return a store with two lots."""
    item = make_item()
    lot_in_stock(ben, site, item=item, quantity=50)
    lot_in_stock(ben, site, item=item, quantity=50)
    return Plant(ben, site, make_item())


@SLOW
@given(steps=STEPS)
@pytest.mark.urs("TRC-05", "TRC-08", "INV-01")
def test_nothing_is_lost_and_everything_can_be_taken_back(steps: list[Step], plant: Plant) -> None:
    start = balances()
    plant.done.clear()
    for step in steps:
        plant.step(*step)
    lots = list(Lot.objects.order_by("pk"))
    assert not Balance.objects.filter(quantity__lt=0).exists()
    assert lies_balanced(*lots)
    assert ledger() == balances()
    forward = {(a.pk, b) for a in lots for b in trace(plant.user, [a], "forward").reach.ids}
    backward = {(b, a.pk) for a in lots for b in trace(plant.user, [a], "backward").reach.ids}
    assert forward == backward
    while plant.done:
        plant.undo()
    assert balances() == start
    assert lies_balanced(*Lot.objects.all())


def ledger() -> dict[Any, Decimal]:
    """Return what should lie where by the moves alone."""
    total: dict[Any, Decimal] = {}
    for move in StockMove.objects.select_related("lot", "from_location", "to_location"):
        ends = ((move.to_location, move.to_status, 1), (move.from_location, move.from_status, -1))
        for location, status, sign in ends:
            if not location.virtual:
                key = (move.lot.number, location.kind, status)
                total[key] = total.get(key, Decimal(0)) + sign * move.quantity
    return {key: quantity for key, quantity in total.items() if quantity}
