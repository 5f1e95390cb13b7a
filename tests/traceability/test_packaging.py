"""Packages: whole levels, no cycles, what is inside first; and the tree people see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from erp.accounts.models import User
from erp.core.errors import Blocked, DomainError, IllegalStep, InvalidInput
from erp.masterdata.models import Item
from tests.conftest import ctx_for, signed
from tests.traceability.devices import active, draft, make_device
from traceability.identifiers.errors import WrongPackaging
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.operations import (
    activate_identifier,
    link_packaging,
    withdraw_identifier,
)
from traceability.identifiers.packaging import tree

Register = Callable[..., DeviceIdentifier]


@pytest.fixture
def item(db: None) -> Item:
    """Return a device."""
    return make_device()


@pytest.fixture
def base(ben: User, item: Item) -> DeviceIdentifier:
    """Return the identifier of its base package."""
    return draft(ben, item)


def refused(error: pytest.ExceptionInfo[DomainError]) -> list[str]:
    """Return the codes of all reasons."""
    return [blocker.code for blocker in error.value.blockers]


@pytest.mark.urs("UDI-01")
def test_a_case_of_boxes_of_devices_counts_the_devices(
    ben: User, item: Item, base: DeviceIdentifier
) -> None:
    box = draft(ben, item, level="inner", contains_id=base.pk, contained_quantity=5)
    case = draft(ben, item, level="case")
    link_packaging(ctx_for(ben), identifier_id=case.pk, contains_id=box.pk, contained_quantity=8)
    part = draft(ben, item, level="direct_mark", belongs_to_id=base.pk)
    rows = list(DeviceIdentifier.objects.filter(item=item).order_by("pk"))
    seen = [(n.identifier.pk, n.depth, n.base_units) for n in tree(rows)]
    assert seen == [(case.pk, 0, 40), (box.pk, 1, 5), (base.pk, 2, 1), (part.pk, 3, 1)]


def test_nothing_contains_itself(ben: User, item: Item) -> None:
    box = draft(ben, item, level="inner")
    with pytest.raises(WrongPackaging) as refusal:
        link_packaging(ctx_for(ben), identifier_id=box.pk, contains_id=box.pk, contained_quantity=2)
    assert "identifier.packaging_cycle" in refused(refusal)


def test_no_circle_of_packages_is_made(ben: User, item: Item, base: DeviceIdentifier) -> None:
    first = draft(ben, item, level="inner", contains_id=base.pk, contained_quantity=2)
    second = draft(ben, item, level="inner", contains_id=first.pk, contained_quantity=2)
    third = draft(ben, item, level="inner", contains_id=second.pk, contained_quantity=2)
    with pytest.raises(WrongPackaging) as refusal:
        link_packaging(
            ctx_for(ben), identifier_id=first.pk, contains_id=third.pk, contained_quantity=2
        )
    assert refused(refusal) == ["identifier.packaging_cycle"]
    first.refresh_from_db()
    assert first.contains_id == base.pk


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"level": "base", "contained_quantity": 2}, "identifier.not_a_package"),
        ({"level": "inner"}, "identifier.half_packaging"),
        ({"level": "unit_of_use", "contained_quantity": 2}, "identifier.not_a_package"),
    ],
)
def test_only_packages_contain_and_they_say_how_many(
    ben: User, item: Item, base: DeviceIdentifier, more: dict[str, Any], code: str
) -> None:
    with pytest.raises(WrongPackaging) as refusal:
        draft(ben, item, contains_id=base.pk, **more)
    assert refused(refusal) == [code]


@pytest.mark.parametrize("quantity", [0, -1, "1.5"])
def test_a_package_contains_whole_ones(
    ben: User, item: Item, base: DeviceIdentifier, quantity: Any
) -> None:
    with pytest.raises(InvalidInput):
        draft(ben, item, level="inner", contains_id=base.pk, contained_quantity=quantity)


def test_a_box_contains_no_case(ben: User, item: Item, base: DeviceIdentifier) -> None:
    case = draft(ben, item, level="case", contains_id=base.pk, contained_quantity=20)
    with pytest.raises(WrongPackaging) as refusal:
        draft(ben, item, level="inner", contains_id=case.pk, contained_quantity=2)
    assert refused(refusal) == ["identifier.level_above"]


def test_a_package_holds_no_other_item(ben: User, base: DeviceIdentifier) -> None:
    with pytest.raises(WrongPackaging) as refusal:
        draft(ben, make_device(), level="inner", contains_id=base.pk, contained_quantity=2)
    assert refused(refusal) == ["identifier.of_another_item"]


@pytest.mark.parametrize(
    ("level", "code"), [("case", "identifier.not_a_part"), ("direct_mark", "identifier.no_base")]
)
def test_a_part_belongs_to_a_base_package(ben: User, item: Item, level: str, code: str) -> None:
    box = draft(ben, item, level="inner")
    with pytest.raises(WrongPackaging) as refusal:
        draft(ben, item, level=level, belongs_to_id=box.pk)
    assert refused(refusal) == [code]


def test_what_is_inside_is_activated_first(
    ben: User, ada: User, item: Item, base: DeviceIdentifier
) -> None:
    box = draft(ben, item, level="inner", contains_id=base.pk, contained_quantity=5)
    with pytest.raises(Blocked) as refusal:
        activate_identifier(signed(ada), identifier_id=box.pk)
    assert refused(refusal) == ["identifier.not_active"]
    activate_identifier(signed(ada), identifier_id=base.pk)
    activate_identifier(signed(ada), identifier_id=box.pk)


def test_what_is_around_is_withdrawn_first_and_all_of_it_is_named(
    ben: User, ada: User, item: Item
) -> None:
    base = active(ben, ada, item)
    inside = {"contains_id": base.pk}
    box = active(ben, ada, item, level="inner", contained_quantity=5, **inside)
    case = active(ben, ada, item, level="case", contained_quantity=50, **inside)
    with pytest.raises(Blocked) as refusal:
        withdraw_identifier(ctx_for(ben, reason="x"), identifier_id=base.pk)
    assert [b.record.label for b in refusal.value.blockers if b.record] == [box.di, case.di]
    for row in (box, case, base):
        withdraw_identifier(ctx_for(ben, reason="end of sale"), identifier_id=row.pk)


@pytest.mark.urs("UDI-01")
def test_the_contents_of_an_active_package_are_fixed(ben: User, ada: User, item: Item) -> None:
    base = active(ben, ada, item)
    box = active(ben, ada, item, level="inner", contains_id=base.pk, contained_quantity=5)
    with pytest.raises(IllegalStep):
        link_packaging(
            ctx_for(ben), identifier_id=box.pk, contains_id=base.pk, contained_quantity=6
        )
    other = active(ben, ada, item, level="inner", contains_id=base.pk, contained_quantity=6)
    assert other.di != box.di
