"""Supplier approvals: one drafts, another signs; a suspension acts at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.models import Signature
from audit.signatures import still_binds
from erp.accounts.errors import SignatureMissing
from erp.accounts.models import Site, User
from erp.core import clock, events
from erp.core.errors import IllegalStep, InvalidInput, NotPermitted, SamePerson
from procurement.events import SupplierSuspended
from procurement.models import SupplierApproval
from procurement.operations import (
    approve_supplier,
    draft_supplier_approval,
    reinstate_supplier,
    suspend_supplier,
    withdraw_supplier,
)
from procurement.operations.approvals import approval_content
from procurement.queries import standings
from procurement.rules import Standing
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item, make_partner
from tests.procurement.builders import approved, drafted, in_days

pytestmark = [pytest.mark.django_db, pytest.mark.urs("PRC-03")]


@pytest.fixture
def heard() -> Iterator[list[SupplierSuspended]]:
    """Collect what is told of suspended suppliers."""
    told: list[SupplierSuspended] = []
    handlers = events._handlers[SupplierSuspended]
    listen = lambda ctx, event: told.append(event)  # noqa: E731
    handlers.append(listen)
    yield told
    handlers.remove(listen)


def test_a_draft_names_supplier_scope_and_evidence(ben: User) -> None:
    items = [make_item(), make_item()]
    approval = drafted(ben, *items, conditions="Certificate with every delivery")
    assert approval.number.startswith("SA-")
    assert (approval.state, approval.drafted_by_id) == ("draft", ben.pk)
    assert {line.item for line in approval.scope.all()} == set(items)


def test_another_person_approves_by_signature(ben: User, ada: User) -> None:
    approval = approved(ben, ada)
    assert (approval.state, approval.approved_by_id) == ("approved", ada.pk)
    signature = Signature.objects.get(subject_pk=approval.pk, meaning="approved")
    assert signature.content["supplier"] == approval.supplier.code
    assert still_binds(signature, approval_content(approval))


def test_the_drafter_cannot_approve(ada: User) -> None:
    approval = drafted(ada)
    with pytest.raises(SamePerson):
        approve_supplier(signed(ada), approval_id=approval.pk)


def test_the_database_refuses_it_too(ada: User) -> None:
    approval = drafted(ada)
    mine = SupplierApproval.objects.filter(pk=approval.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        mine.update(state="approved", approved_by=ada, approved_at=clock.now())


def test_approval_wants_a_signature(ben: User, ada: User) -> None:
    approval = drafted(ben)
    with pytest.raises(SignatureMissing):
        approve_supplier(ctx_for(ada), approval_id=approval.pk)
    approval.refresh_from_db()
    assert approval.state == "draft"


def test_an_auditor_drafts_nothing(cleo: User) -> None:
    with pytest.raises(NotPermitted):
        drafted(cleo)


def test_a_customer_is_no_supplier_and_the_past_no_validity(ben: User) -> None:
    customer = make_partner(is_supplier=False)
    with pytest.raises(InvalidInput) as refusal:
        drafted(ben, supplier=customer, valid_until=in_days(-1))
    assert {f.name for f in refusal.value.faults} == {"supplier_id", "valid_until"}


def test_an_approval_names_at_least_one_item(ben: User) -> None:
    values: dict[str, Any] = {
        "risk_class": "low",
        "method": "audit",
        "valid_until": in_days(9),
        "item_ids": [],
    }
    with pytest.raises(InvalidInput) as refusal:
        draft_supplier_approval(ctx_for(ben), supplier_id=make_partner().pk, **values)
    assert [f.name for f in refusal.value.faults] == ["item_ids"]


def test_suspending_wants_a_reason_and_is_told_at_once(
    ben: User, ada: User, heard: list[SupplierSuspended]
) -> None:
    item = make_item()
    approval = approved(ben, ada, item)
    with pytest.raises(InvalidInput):
        suspend_supplier(ctx_for(ben), approval_id=approval.pk)
    suspend_supplier(ctx_for(ben, reason="three rejected lots"), approval_id=approval.pk)
    assert heard == [SupplierSuspended(approval.pk, approval.supplier_id, (item.pk,))]


def test_a_suspended_supplier_is_reinstated_by_signature(ben: User, ada: User) -> None:
    approval = approved(ben, ada)
    suspend_supplier(ctx_for(ben, reason="audit finding"), approval_id=approval.pk)
    with pytest.raises(SamePerson):
        reinstate_supplier(signed(ben, reason="corrected"), approval_id=approval.pk)
    again = reinstate_supplier(signed(ada, reason="corrected"), approval_id=approval.pk)
    assert again.state == "approved"


def test_the_signature_survives_suspension(ben: User, ada: User) -> None:
    approval = approved(ben, ada)
    suspend_supplier(ctx_for(ben, reason="audit finding"), approval_id=approval.pk)
    approval.refresh_from_db()
    signature = Signature.objects.get(subject_pk=approval.pk, meaning="approved")
    assert still_binds(signature, approval_content(approval))


def test_withdrawing_ends_an_approval_for_good(
    ben: User, ada: User, heard: list[SupplierSuspended]
) -> None:
    approval = approved(ben, ada)
    why = ctx_for(ben, reason="closed its plant")
    withdraw_supplier(why, approval_id=approval.pk)
    assert [told.approval_id for told in heard] == [approval.pk]
    with pytest.raises(IllegalStep):
        suspend_supplier(why, approval_id=approval.pk)
    with pytest.raises(IllegalStep):
        approve_supplier(signed(ada), approval_id=approval.pk)


def test_a_withdrawn_draft_is_no_news(ben: User, heard: list[SupplierSuspended]) -> None:
    withdraw_supplier(ctx_for(ben, reason="not needed"), approval_id=drafted(ben).pk)
    assert heard == []


def test_nobody_without_a_role_sees_approvals(ben: User, person: object) -> None:
    approval = drafted(ben)
    visible = SupplierApproval.objects.visible_to
    assert visible(ctx_for(ben).actor).contains(approval)
    assert not visible(ctx_for(_stranger()).actor).exists()


def _stranger() -> User:
    return User.objects.create(username="eve", name="Eve")


def test_a_suspension_wins_over_a_second_approval(ben: User, ada: User, site: Site) -> None:
    item, supplier = make_item(), make_partner()
    first = approved(ben, ada, item, supplier=supplier)
    pair = (supplier.pk, item.pk)
    suspend_supplier(ctx_for(ben, reason="rejected lots"), approval_id=first.pk)
    approved(ben, ada, item, supplier=supplier)
    assert standings([pair], clock.today())[pair].standing is Standing.SUSPENDED
    withdraw_supplier(ctx_for(ben, reason="replaced"), approval_id=first.pk)
    assert standings([pair], clock.today())[pair].standing is Standing.APPROVED
