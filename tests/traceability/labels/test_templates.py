"""Templates: written by one person, approved by another, never changed after."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from erp.accounts.errors import SignatureMissing
from erp.accounts.models import User
from erp.core.errors import IllegalStep, InvalidInput, SamePerson
from tests.conftest import ctx_for, signed
from tests.masterdata.builders import make_item
from tests.traceability.labels.builders import (
    approved,
    device,
    draft,
    element,
    signatures,
    unit_layout,
)
from traceability.labels.errors import DraftExists, TemplateCodeTaken
from traceability.labels.models import LabelTemplate
from traceability.labels.operations import (
    approve_label_template,
    draft_label_version,
    retire_label_template,
    revise_label_template,
)

pytestmark = pytest.mark.django_db


def artwork(**more: Any) -> dict[str, Any]:
    """Return what a revision of a draft says."""
    values = {"name": "New", "width_mm": "60", "height_mm": "40", "elements": unit_layout()}
    return {**values, **more}


def test_who_drafted_a_template_cannot_approve_it(ada: User, ben: User) -> None:
    made = draft(ada, device())
    with pytest.raises(SamePerson):
        approve_label_template(signed(ada), template_id=made.pk)
    assert approve_label_template(signed(ben), template_id=made.pk).state == "approved"


def test_who_changed_a_word_of_a_draft_cannot_approve_it(ada: User, ben: User, person: Any) -> None:
    made = draft(ada, device())
    revise_label_template(ctx_for(ben), template_id=made.pk, **artwork())
    with pytest.raises(SamePerson):
        approve_label_template(signed(ben), template_id=made.pk)
    eve = person("eve", may=[approve_label_template])
    assert approve_label_template(signed(eve), template_id=made.pk).approved_by == eve


def test_approval_wants_a_signature_over_the_whole_layout(ada: User, ben: User) -> None:
    made = draft(ada, device())
    with pytest.raises(SignatureMissing):
        approve_label_template(ctx_for(ben), template_id=made.pk)
    approve_label_template(signed(ben), template_id=made.pk)
    (mark,) = signatures(made)
    assert mark.valid


def test_an_approved_template_never_changes(ada: User, ben: User) -> None:
    made = approved(ada, ben, device())
    with pytest.raises(IllegalStep):
        revise_label_template(ctx_for(ada), template_id=made.pk, **artwork())


def test_a_new_version_replaces_the_one_before_when_it_is_approved(ada: User, ben: User) -> None:
    first = approved(ada, ben, device())
    second = draft_label_version(ctx_for(ada), template_id=first.pk)
    assert (second.version, second.state, second.layout) == (2, "draft", first.layout)
    with pytest.raises(DraftExists):
        draft_label_version(ctx_for(ada), template_id=first.pk)
    first.refresh_from_db()
    assert first.state == "approved"
    approve_label_template(signed(ben), template_id=second.pk)
    first.refresh_from_db()
    assert first.state == "obsolete"


def test_a_retired_template_stays_retired(ada: User, ben: User) -> None:
    made = approved(ada, ben, device())
    retire_label_template(ctx_for(ada, reason="artwork withdrawn"), template_id=made.pk)
    with pytest.raises(IllegalStep):
        approve_label_template(signed(ben), template_id=made.pk)


def test_a_code_is_given_once(ada: User) -> None:
    made = draft(ada, device())
    with pytest.raises(TemplateCodeTaken):
        draft(ada, device(), code=made.code.lower())


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"item_id": None}, "item_id"),
        ({"item_kind": "product"}, "item_id"),
        ({"market": "Germany"}, "market"),
        ({"module_mm": "0.2"}, "module_mm"),
        ({"module_mm": "1.2"}, "module_mm"),
        ({"elements": []}, "elements.non_field_errors"),
        ({"elements": [*unit_layout(), element("field", "colour")]}, "elements.content"),
        ({"label_for": "lot", "elements": unit_layout()[:3]}, "elements"),
        ({"elements": [r for r in unit_layout() if r["content"] != "serial"]}, "elements"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_a_faulty_template_is_refused_by_its_field(
    ada: User, given: dict[str, Any], field: str
) -> None:
    item = device()
    with pytest.raises(InvalidInput) as refusal:
        draft(ada, item, **given)
    assert field in [fault.name for fault in refusal.value.faults]
    assert not LabelTemplate.objects.filter(item=item).exists()


def test_a_template_may_be_for_every_item_of_a_kind(ada: User) -> None:
    made = draft(ada, None, item_kind="product")
    assert (made.item, made.item_kind) == (None, "product")


def test_two_versions_cannot_be_approved_at_once(ada: User, ben: User) -> None:
    first = approved(ada, ben, make_item())
    second = draft_label_version(ctx_for(ada), template_id=first.pk)
    with pytest.raises(IntegrityError, match="one_approved"), transaction.atomic():
        LabelTemplate.objects.filter(pk=second.pk).update(
            state="approved", approved_by=ben, approved_at=first.approved_at
        )
