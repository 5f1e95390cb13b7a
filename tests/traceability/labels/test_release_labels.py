"""Labels are examined by another person before they are used (21 CFR 820.45)."""

from __future__ import annotations

from typing import Any

import pytest

from erp.accounts.errors import SignatureMissing
from erp.accounts.models import User
from erp.core.errors import IllegalStep, InvalidInput, NotFound, SamePerson
from tests.conftest import ctx_for, signed
from tests.traceability.labels.builders import IN_ORDER, printed, signatures
from traceability.labels.errors import LabelsNotReleased, OtherLabelScanned
from traceability.labels.models import LabelJob, LabelTemplate
from traceability.labels.operations import reject_labels, release_labels, use_labels
from traceability.labels.operations.release import job_content
from traceability.models import Lot

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(ben: User, lot: Lot, template: LabelTemplate) -> LabelJob:
    """Return three labels printed by Ben."""
    return printed(ben, lot, template)


def content(job: LabelJob, row: int = 1) -> str:
    """Return what a label of the job says."""
    return job.lines.get(row=row).content


def examined(job: LabelJob, **more: Any) -> dict[str, Any]:
    """Return an examination in order."""
    return {"job_id": job.pk, "examined": 3, "scanned": content(job), **IN_ORDER, **more}


@pytest.mark.urs("UDI-03")
def test_labels_are_released_by_five_checks_and_a_scan(ada: User, job: LabelJob) -> None:
    done = release_labels(signed(ada), **examined(job, comment="fine"))
    assert done.state == "released"
    found = done.examination
    assert [c["check"] for c in found.checks] == [
        "udi",
        "expiry",
        "storage",
        "handling",
        "processing",
    ]
    assert {c["verdict"] for c in found.checks} == {"conforms"}
    assert (found.examined, found.examined_by, found.comment) == (3, ada, "fine")
    (mark,) = signatures(done)
    assert mark.valid


def test_who_printed_labels_cannot_release_them(ben: User, job: LabelJob) -> None:
    with pytest.raises(SamePerson):
        release_labels(signed(ben), **examined(job))


def test_a_release_is_signed(ada: User, job: LabelJob) -> None:
    with pytest.raises(SignatureMissing):
        release_labels(ctx_for(ada), **examined(job))
    job.refresh_from_db()
    assert job.state == "printed"


def test_another_site_sees_no_labels_of_ours(dan: User, job: LabelJob) -> None:
    with pytest.raises(NotFound):
        release_labels(signed(dan), **examined(job))


@pytest.mark.parametrize("form", ["]d2{0}", "{1}", " {0} ", "{2}"])
def test_scanners_send_the_same_label_in_several_forms(ada: User, job: LabelJob, form: str) -> None:
    line = job.lines.get(row=2)
    scanned = form.format(line.content, line.plain, line.content.replace("\x1d", ""))
    assert release_labels(signed(ada), **examined(job, scanned=scanned)).state == "released"


def test_a_label_of_another_job_is_no_proof(ada: User, job: LabelJob) -> None:
    with pytest.raises(OtherLabelScanned):
        release_labels(signed(ada), **examined(job, scanned=content(job) + "X"))


@pytest.mark.parametrize(
    ("verdicts", "fields"),
    [
        ({"udi": "differs"}, {"udi"}),
        ({"storage": "differs", "expiry": "differs"}, {"storage", "expiry"}),
        ({"udi": "not_applicable"}, {"udi"}),
        # The template shows the date, so somebody must look at it.
        ({"expiry": "not_applicable"}, {"expiry"}),
        ({"examined": 4}, {"examined"}),
        ({"handling": "perhaps"}, {"handling"}),
        ({"scanned": ""}, {"scanned"}),
    ],
)
def test_what_is_open_or_wrong_is_not_released(
    ada: User, job: LabelJob, verdicts: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        release_labels(signed(ada), **examined(job, **verdicts))
    assert {fault.name for fault in refusal.value.faults} == fields
    job.refresh_from_db()
    assert job.state == "printed"


def test_a_check_that_does_not_apply_is_passed_over(ada: User, job: LabelJob) -> None:
    given = examined(job, storage="not_applicable", processing="not_applicable")
    assert release_labels(signed(ada), **given).state == "released"


def test_rejected_labels_are_never_used(ada: User, job: LabelJob) -> None:
    values = {k: v for k, v in examined(job).items() if k != "scanned"}
    with pytest.raises(InvalidInput):
        reject_labels(signed(ada, reason="smudged"), **values)
    done = reject_labels(signed(ada, reason="smudged"), **{**values, "udi": "differs"})
    assert done.state == "rejected"
    with pytest.raises(LabelsNotReleased):
        use_labels(ctx_for(ada), job_id=job.pk, quantity=1)
    with pytest.raises(IllegalStep):
        release_labels(signed(ada), **examined(job))


def test_labels_that_are_not_made_yet_cannot_be_released(
    ada: User, ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template, made=False)
    with pytest.raises(IllegalStep):
        release_labels(signed(ada), **examined(job))


def test_a_signature_covers_every_label_and_the_file(ada: User, job: LabelJob) -> None:
    before = job_content(job)
    assert before["labels_sha256"] != "0" * 64
    job.pdf_sha256 = "0" * 64
    assert job_content(job) != before
