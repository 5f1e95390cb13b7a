"""Every label is accounted for before the lot is released (PRD-07)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from erp import gates
from erp.accounts.errors import SignatureMissing
from erp.accounts.models import User
from erp.core.errors import Blocked, IllegalStep, InvalidInput, NotFound
from quality.release.operations import release_lot
from tests.conftest import ctx_for, signed
from tests.traceability.labels.builders import IN_ORDER, approved, lot_layout, printed, released
from traceability.gates import RELEASE
from traceability.labels.errors import LabelsMissing, LabelsNotReleased, MoreThanPrinted
from traceability.labels.models import LabelCount, LabelJob, LabelTemplate
from traceability.labels.operations import (
    reconcile_labels,
    reject_labels,
    release_labels,
    scrap_labels,
    take_back_count,
    use_labels,
)
from traceability.labels.queries import Tally, tally
from traceability.labels.records.jobs import bar_of
from traceability.models import Lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(ada: User, ben: User, lot: Lot, template: LabelTemplate) -> LabelJob:
    """Return three labels printed by Ben and released by Ada."""
    return released(ben, ada, lot, template)


@pytest.fixture
def many(ada: User, ben: User, lot: Lot) -> LabelJob:
    """Return a hundred labels of a lot, two of which may be missing."""
    template = approved(
        ada, ben, lot.item, label_for="lot", elements=lot_layout(), limit_percent="2"
    )
    return released(ben, ada, lot, template, quantity=100)


def blockers(user: User, lot: Lot) -> list[str]:
    """Return what of the labels stands in the way of the lot's release."""
    found = gates.blockers(RELEASE, [lot.pk], ctx_for(user).actor)
    return [blocker.code for blocker in found if blocker.code.startswith("labels.")]


@pytest.mark.urs("PRD-07", "UDI-03")
def test_labels_stand_in_the_way_of_the_release_until_none_is_missing(
    ada: User, ben: User, lot: Lot, template: LabelTemplate
) -> None:
    assert blockers(ada, lot) == []
    job = printed(ben, lot, template, made=False)
    assert blockers(ada, lot) == ["labels.not_reconciled"]
    from tests.traceability.labels.builders import finished  # noqa: PLC0415 - only here

    job = finished(job)
    assert blockers(ada, lot) == ["labels.not_reconciled"]
    line = job.lines.get(row=1).plain
    release_labels(signed(ada), job_id=job.pk, examined=1, scanned=line, **IN_ORDER)
    use_labels(ctx_for(ben), job_id=job.pk, quantity=2)
    with pytest.raises(Blocked) as refusal:
        release_lot(signed(ada), lot_id=lot.pk)
    (blocker,) = [b for b in refusal.value.blockers if b.code == "labels.not_reconciled"]
    assert job.number in str(blocker.sentence)
    assert "1 are not accounted for" in str(blocker.sentence)
    assert blocker.waivable
    reconcile_labels(signed(ben), job_id=job.pk, retained=1)
    assert blockers(ada, lot) == []
    release_lot(signed(ada), lot_id=lot.pk)


def test_used_destroyed_kept_and_returned_make_up_what_was_printed(
    ben: User, many: LabelJob
) -> None:
    use_labels(ctx_for(ben), job_id=many.pk, quantity=90)
    scrap_labels(ctx_for(ben, reason="torn"), job_id=many.pk, quantity=4)
    done = reconcile_labels(signed(ben), job_id=many.pk, used=3, retained=1, returned=2)
    assert tally(done) == Tally(100, used=93, destroyed=4, retained=1, returned=2)
    assert (done.state, done.missing, done.reconciled_by) == ("reconciled", 0, ben)


def test_more_missing_than_the_template_allows_is_refused_and_leaves_nothing(
    ben: User, many: LabelJob
) -> None:
    with pytest.raises(LabelsMissing) as refusal:
        reconcile_labels(signed(ben, reason="lost"), job_id=many.pk, used=97)
    assert "3 of 100" in refusal.value.detail
    assert not LabelCount.objects.filter(job=many).exists()
    many.refresh_from_db()
    assert many.state == "released"


def test_missing_within_the_limit_wants_words(ben: User, many: LabelJob) -> None:
    with pytest.raises(InvalidInput):
        reconcile_labels(signed(ben), job_id=many.pk, used=98)
    done = reconcile_labels(signed(ben, reason="two fell under the press"), job_id=many.pk, used=98)
    assert (done.state, done.missing) == ("reconciled", 2)


def test_no_label_may_be_missing_unless_the_template_says_so(ben: User, job: LabelJob) -> None:
    with pytest.raises(LabelsMissing):
        reconcile_labels(signed(ben, reason="lost"), job_id=job.pk, used=2)


def test_more_labels_than_printed_are_refused(ben: User, job: LabelJob) -> None:
    with pytest.raises(MoreThanPrinted):
        use_labels(ctx_for(ben), job_id=job.pk, quantity=4)
    use_labels(ctx_for(ben), job_id=job.pk, quantity=3)
    with pytest.raises(MoreThanPrinted):
        scrap_labels(ctx_for(ben, reason="torn"), job_id=job.pk, quantity=1)
    with pytest.raises(MoreThanPrinted):
        reconcile_labels(signed(ben), job_id=job.pk, returned=1)


def test_labels_are_used_only_when_released(ben: User, lot: Lot, template: LabelTemplate) -> None:
    job = printed(ben, lot, template)
    with pytest.raises(LabelsNotReleased):
        use_labels(ctx_for(ben), job_id=job.pk, quantity=1)
    with pytest.raises(IllegalStep):
        reconcile_labels(signed(ben), job_id=job.pk, used=3)
    scrap_labels(ctx_for(ben, reason="misprint"), job_id=job.pk, quantity=1)
    assert tally(job).destroyed == 1


def test_destroying_wants_a_reason(ben: User, job: LabelJob) -> None:
    with pytest.raises(InvalidInput):
        scrap_labels(ctx_for(ben), job_id=job.pk, quantity=1)


def test_rejected_labels_are_destroyed_not_used(
    ada: User, ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template)
    found = {**IN_ORDER, "udi": "differs"}
    reject_labels(signed(ada, reason="blurred"), job_id=job.pk, examined=1, **found)
    assert blockers(ada, lot) == ["labels.not_reconciled"]
    with pytest.raises(LabelsNotReleased):
        reconcile_labels(signed(ben), job_id=job.pk, used=3)
    reconcile_labels(signed(ben), job_id=job.pk, destroyed=3)
    assert blockers(ada, lot) == []


def test_a_wrong_count_is_put_right_by_its_opposite(ben: User, job: LabelJob) -> None:
    use_labels(ctx_for(ben), job_id=job.pk, quantity=3)
    with pytest.raises(InvalidInput):
        take_back_count(ctx_for(ben), job_id=job.pk, fate="used", quantity=1)
    with pytest.raises(InvalidInput):
        take_back_count(ctx_for(ben, reason="typo"), job_id=job.pk, fate="used", quantity=4)
    take_back_count(ctx_for(ben, reason="typo"), job_id=job.pk, fate="used", quantity=1)
    assert (tally(job).used, tally(job).left) == (2, 1)
    assert LabelCount.objects.filter(job=job).count() == 2


def test_a_reconciled_job_is_closed(ben: User, job: LabelJob) -> None:
    reconcile_labels(signed(ben), job_id=job.pk, used=3)
    calls: list[Callable[[], object]] = [
        lambda: use_labels(ctx_for(ben), job_id=job.pk, quantity=1),
        lambda: scrap_labels(ctx_for(ben, reason="x"), job_id=job.pk, quantity=1),
        lambda: take_back_count(ctx_for(ben, reason="x"), job_id=job.pk, fate="used", quantity=1),
        lambda: reconcile_labels(signed(ben), job_id=job.pk),
    ]
    for call in calls:
        with pytest.raises((IllegalStep, LabelsNotReleased)):
            call()


def test_a_reconciliation_is_signed(ben: User, job: LabelJob) -> None:
    with pytest.raises(SignatureMissing):
        reconcile_labels(ctx_for(ben), job_id=job.pk, used=3)


def test_another_site_counts_nothing_of_ours(dan: User, job: LabelJob) -> None:
    with pytest.raises(NotFound):
        use_labels(ctx_for(dan), job_id=job.pk, quantity=1)


def test_counts_are_never_changed(ben: User, job: LabelJob) -> None:
    from django.db import DatabaseError  # noqa: PLC0415 - only here

    use_labels(ctx_for(ben), job_id=job.pk, quantity=3)
    with pytest.raises(DatabaseError), transaction.atomic():
        LabelCount.objects.filter(job=job).update(quantity=1)


def test_labels_that_were_not_read_back_cannot_be_printed_ones(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template, made=False)
    with pytest.raises(IntegrityError, match="read_back"), transaction.atomic():
        LabelJob.objects.filter(pk=job.pk).update(state="printed")


counts = st.integers(0, 50)


@given(counts, counts, counts, counts, st.integers(1, 400))
def test_the_parts_of_the_bar_are_what_was_printed(
    used: int, destroyed: int, retained: int, returned: int, more: int
) -> None:
    printed_labels = used + destroyed + retained + returned + more
    whole = Tally(printed_labels, used, destroyed, retained, returned)
    bar: Any = bar_of(whole)
    assert sum(share.count for share in bar.shares) == printed_labels
    ends = [share.start + share.count for share in bar.shares]
    assert [0, *ends[:-1]] == [share.start for share in bar.shares]
