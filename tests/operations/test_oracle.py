"""What must hold for every registered operation, whoever wrote it."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from rest_framework import serializers

from audit.models import OperationLog
from erp.accounts.models import SecurityEvent, Site, User
from erp.core.errors import DomainError, NotFound, NotPermitted
from erp.operations import REGISTRY, Operation
from erp.ui.manual import operations_manual
from tests.conftest import ctx_for, make_person

ALL = sorted(REGISTRY)
MISSING = 987_654_321

pytestmark = pytest.mark.django_db


ON_A_RECORD = [code for code in ALL if REGISTRY[code].subject]
WITH_INPUT = [
    code
    for code in ALL
    if not REGISTRY[code].subject
    and any(f.required for f in REGISTRY[code].input().fields.values())
]


@pytest.fixture(params=ALL)
def op(request: pytest.FixtureRequest) -> Operation[Any, Any]:
    """Return each operation in turn."""
    return REGISTRY[request.param]


def call_with_nothing(op: Operation[Any, Any], user: User, subject: int = MISSING) -> None:
    """Call an operation with no input at all."""
    op(ctx_for(user, reason="because"), **({op.subject_arg: subject} if op.subject else {}))


@pytest.mark.urs("SEC-01")
def test_a_person_without_the_role_is_refused(op: Operation[Any, Any]) -> None:
    stranger = make_person("stranger")
    before = OperationLog.objects.count()
    with pytest.raises((NotPermitted, NotFound)):
        call_with_nothing(op, stranger)
    assert OperationLog.objects.count() == before


@pytest.mark.urs("SEC-03")
def test_every_refusal_is_in_the_access_log(op: Operation[Any, Any]) -> None:
    stranger = make_person("stranger")
    with pytest.raises(DomainError) as refusal:
        call_with_nothing(op, stranger)
    row = SecurityEvent.objects.get(kind="refused", user=stranger)
    assert (row.operation, row.code) == (op.code, refusal.value.code)


@pytest.mark.parametrize("code", ON_A_RECORD)
def test_an_unknown_record_is_not_found(code: str, ada: User) -> None:
    with pytest.raises(NotFound):
        call_with_nothing(REGISTRY[code], ada)


@pytest.mark.parametrize("code", ON_A_RECORD)
def test_ids_that_are_no_numbers_are_not_found(code: str, ada: User) -> None:
    op = REGISTRY[code]
    for bad in ("abc", "", None, "1; DROP TABLE", -1, 10**30, "\uff11\uff12"):
        with pytest.raises(DomainError):
            op(ctx_for(ada), **{op.subject_arg: bad})


@pytest.mark.parametrize("code", WITH_INPUT)
def test_input_of_the_wrong_shape_is_refused_with_field_names(code: str, ada: User) -> None:
    op = REGISTRY[code]
    fields = op.input().fields
    wrong: dict[str, Any] = {str(name): {"no": ["such", "shape"]} for name in fields}
    with pytest.raises(DomainError) as refusal:
        op(ctx_for(ada, reason="because"), **wrong)
    assert refusal.value.status in {401, 422}


def test_it_has_an_address_a_manual_entry_and_words(op: Operation[Any, Any]) -> None:
    args = [1] if op.subject else []
    assert reverse(f"api:api-do-{op.code}", args=args).endswith(f"/{op.verb}/")
    assert f"`{op.code}`" in operations_manual()
    assert str(op.title)
    assert str(op.sentence).endswith(".")


def test_its_subject_and_result_are_models_and_its_fields_are_labelled(
    op: Operation[Any, Any],
) -> None:
    for label in filter(None, (op.subject, op.creates)):
        assert apps.get_model(label)
    for name, field in op.input().fields.items():
        assert field.label is not None or isinstance(field, serializers.HiddenField), name


def test_addresses_are_unique() -> None:
    addresses = [(op.noun, bool(op.subject), op.verb) for op in REGISTRY.values()]
    assert len(addresses) == len(set(addresses))


def test_a_service_account_cannot_sign(site: Site) -> None:
    from erp.accounts.errors import MayNotSign  # noqa: PLC0415

    robot = make_person("robot", may=REGISTRY.values(), service=True)
    for op in REGISTRY.values():
        if op.signed_as and not op.subject:
            with pytest.raises((MayNotSign, DomainError)):
                call_with_nothing(op, robot)
