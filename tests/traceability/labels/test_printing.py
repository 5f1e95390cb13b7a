"""Printing: what comes out of the printer says what was intended, and lands on the unit."""

from __future__ import annotations

from typing import Any

import pytest
import zxingcpp
from django.test import Client

from audit import attachments
from erp.accounts.models import Site, User
from erp.core.errors import Blocked, InvalidInput, NotFound
from erp.core.models import OutboxMessage
from tests.conftest import ctx_for
from tests.traceability.labels.builders import (
    approved,
    batch_of,
    device,
    draft,
    finished,
    identify,
    lot_layout,
    printed,
)
from traceability.labels import carrier, delivery, pdf
from traceability.labels.carrier import Seen
from traceability.labels.errors import (
    AlreadyPrinted,
    FileNotReady,
    LabelsCannotBeMade,
    NoIdentifier,
    NothingToPrint,
    TemplateNotApproved,
    TemplateNotForLot,
    TooManyAtOnce,
)
from traceability.labels.models import LabelJob, LabelLine, LabelTemplate
from traceability.labels.operations import reprint_labels, retire_label_template
from traceability.models import Lot

pytestmark = pytest.mark.django_db


def seen_on(job: LabelJob) -> list[Seen]:
    """Return what a scanner reads from every page of the file that is printed."""
    data = attachments.path_of(job.pdf_sha256).read_bytes()
    return [seen for page in pdf.look_at(data, 10) for seen in carrier.read(page.image)]


def units_of(lot: Lot) -> list[Lot]:
    """Return the units of a lot by number."""
    return list(Lot.objects.filter(batch=lot).order_by("number"))


@pytest.mark.urs("UDI-03", "UDI-05")
def test_a_person_scans_a_printed_label_and_lands_on_the_unit(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template)
    data = attachments.path_of(job.pdf_sha256).read_bytes()
    client = Client()
    client.force_login(ben)
    units = units_of(lot)
    pages = list(pdf.look_at(data, 10))
    assert len(pages) == len(units) == 3
    for page, unit in zip(pages, units, strict=True):
        # As a phone does it: any code of any kind, with what announces its kind.
        (code,) = zxingcpp.read_barcodes(page.image)
        scan = code.symbology_identifier + code.bytes.decode()
        answer: Any = client.get("/scan/", {"q": scan})
        assert answer.status_code == 302
        assert answer["Location"] == f"/lots/{unit.pk}/"


@pytest.mark.urs("UDI-03")
def test_every_label_of_a_job_carries_its_own_unit(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template)
    assert (job.state, job.quantity) == ("printed", 3)
    assert job.verified_at
    lines = list(job.lines.order_by("row"))
    assert [line.lot_id for line in lines] == [unit.pk for unit in units_of(lot)]
    assert seen_on(job) == [Seen(line.content, "]d2") for line in lines]
    assert lines[0].plain.startswith("(01)0")
    assert f"(10){lot.number}(21){units_of(lot)[0].number}" in lines[0].plain


def test_a_range_is_counted_as_people_count(ben: User, ada: User, site: Site) -> None:
    item = device()
    identify(item)
    lot = batch_of(ben, site, item, units=11)
    template = approved(ada, ben, item)
    prefix = units_of(lot)[0].number.split("-")[0]
    job = printed(ben, lot, template, made=False, first=f"{prefix}-9", last=f"{prefix}-11")
    numbers = [line.lot.number for line in job.lines.order_by("row")]
    assert numbers == [f"{prefix}-9", f"{prefix}-10", f"{prefix}-11"]


@pytest.mark.parametrize("wrong", [{"first": "NONE"}, {"last": "NONE"}])
def test_a_range_names_units_of_the_lot(
    ben: User, lot: Lot, template: LabelTemplate, wrong: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput):
        printed(ben, lot, template, **wrong)
    first, last = units_of(lot)[0].number, units_of(lot)[1].number
    with pytest.raises(InvalidInput):
        printed(ben, lot, template, first=last, last=first)
    assert not LabelJob.objects.filter(lot=lot).exists()


def test_labels_for_a_lot_are_alike_and_as_many_as_asked(ada: User, ben: User, lot: Lot) -> None:
    template = approved(ada, ben, lot.item, label_for="lot", elements=lot_layout())
    with pytest.raises(InvalidInput):
        printed(ben, lot, template)
    job = printed(ben, lot, template, quantity=4, output="zpl-300")
    assert job.lines.count() == 1
    assert len(seen_on(job)) == 4
    assert len({seen.content for seen in seen_on(job)}) == 1
    text = attachments.path_of(job.zpl_sha256).read_text()
    assert "^PQ4" in text
    assert text.count("^XA") == 1


def test_labels_for_a_thermal_printer_are_kept_beside_the_pdf(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template, output="zpl-203")
    text = attachments.path_of(job.zpl_sha256).read_text()
    contents = [line.content for line in job.lines.order_by("row")]
    assert [text.count("^XA"), text.count("^XZ")] == [3, 3]
    assert all(f"^FD_1{content.replace(chr(29), '_1')}^FS" in text for content in contents)


def test_a_hibc_label_reads_back_too(ada: User, ben: User, site: Site) -> None:
    item = device()
    identify(item, "A999CAGE1", issuer="HIBCC")
    lot = batch_of(ben, site, item)
    job = printed(ben, lot, approved(ada, ben, item, carrier="hibc-datamatrix", module_mm="0.4"))
    assert job.state == "printed", job.faults
    assert [seen.signature for seen in seen_on(job)] == ["]d1"] * 3
    assert seen_on(job)[0].content.startswith("+A999CAGE1/$$3310228")


def test_only_approved_templates_that_fit_are_printed_from(
    ada: User, ben: User, site: Site, lot: Lot, template: LabelTemplate
) -> None:
    with pytest.raises(TemplateNotApproved):
        printed(ben, lot, draft(ada, lot.item))
    stranger = device()
    with pytest.raises(TemplateNotForLot):
        printed(ben, lot, approved(ada, ben, stranger))
    retire_label_template(ctx_for(ada, reason="old"), template_id=template.pk)
    with pytest.raises(TemplateNotApproved):
        printed(ben, lot, template)


def test_without_an_identifier_in_force_nothing_is_printed(
    ada: User, ben: User, site: Site
) -> None:
    item = device()
    lot = batch_of(ben, site, item)
    template = approved(ada, ben, item)
    with pytest.raises(NoIdentifier):
        printed(ben, lot, template)
    identify(item, level="case")
    with pytest.raises(NoIdentifier):
        printed(ben, lot, template)
    identify(item, "A999CAGE2", issuer="HIBCC")
    with pytest.raises(NoIdentifier):
        printed(ben, lot, template)


def test_a_lot_without_units_has_no_unit_labels(ada: User, ben: User, site: Site) -> None:
    item = device()
    identify(item)
    with pytest.raises(NothingToPrint):
        printed(ben, batch_of(ben, site, item, units=0), approved(ada, ben, item))


@pytest.mark.parametrize(
    ("change", "code"),
    [({"state": "rejected"}, "lot.rejected"), ({"expires_on": "2020-01-01"}, "lot.expired")],
)
def test_what_is_rejected_or_past_its_date_gets_no_labels(
    ben: User, lot: Lot, template: LabelTemplate, change: dict[str, str], code: str
) -> None:
    Lot.objects.filter(pk=lot.pk).update(manufactured_on=None, **change)
    with pytest.raises(Blocked) as refusal:
        printed(ben, lot, template)
    assert [blocker.code for blocker in refusal.value.blockers] == [code]


def test_a_person_from_another_site_prints_nothing_of_ours(
    dan: User, lot: Lot, template: LabelTemplate
) -> None:
    with pytest.raises(NotFound):
        printed(dan, lot, template)


def test_what_does_not_fit_is_refused_with_every_unit_named(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    first, second, _third = units_of(lot)
    Lot.objects.filter(pk=first.pk).update(number="TOO-LONG-FOR-A-SERIAL-NUMBER")
    Lot.objects.filter(pk=second.pk).update(number="umläut")
    with pytest.raises(LabelsCannotBeMade) as refusal:
        printed(ben, lot, template)
    assert len(refusal.value.blockers) == 2
    assert not LabelJob.objects.filter(lot=lot).exists()
    assert not LabelLine.objects.filter(lot__batch=lot).exists()
    assert not OutboxMessage.objects.filter(topic="labels.make", state="waiting").exists()


def test_a_job_of_too_many_labels_is_refused_not_shortened(
    ben: User, lot: Lot, template: LabelTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("traceability.labels.operations.printing.MOST_LABELS", 2)
    with pytest.raises(TooManyAtOnce):
        printed(ben, lot, template)


@pytest.mark.urs("UDI-03")
def test_a_label_that_does_not_read_back_refuses_the_whole_job(
    ben: User, lot: Lot, template: LabelTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = carrier.read
    pages = iter(range(99))

    def smudged(image: Any) -> list[Seen]:
        """Read as a scanner that cannot make out the second label."""
        return [] if next(pages) == 1 else honest(image)

    monkeypatch.setattr(carrier, "read", smudged)
    job = printed(ben, lot, template)
    assert job.state == "refused"
    assert job.pdf_sha256 == ""
    (fault,) = job.faults
    assert (fault["row"], fault["of"]) == (2, units_of(lot)[1].number)
    # Nothing of it exists, so printing anew is no reprint.
    monkeypatch.setattr(carrier, "read", honest)
    assert printed(ben, lot, template).state == "printed"


def test_a_second_label_of_a_unit_is_a_reprint_with_reason(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template)
    with pytest.raises(AlreadyPrinted) as refusal:
        printed(ben, lot, template)
    assert job.number in refusal.value.detail
    values: dict[str, Any] = {"job_id": job.pk, "serials": [units_of(lot)[1].number]}
    with pytest.raises(InvalidInput):
        reprint_labels(ctx_for(ben), **values)
    again = finished(reprint_labels(ctx_for(ben, reason="smudged at the edge"), **values))
    assert (again.reprint_of, again.reason, again.quantity) == (job, "smudged at the edge", 1)
    assert seen_on(again)[0] == seen_on(job)[1]


def test_a_next_version_of_a_template_is_no_way_around_the_reprint(
    ada: User, ben: User, lot: Lot, template: LabelTemplate
) -> None:
    from tests.conftest import signed  # noqa: PLC0415
    from traceability.labels.operations import (  # noqa: PLC0415 - only here
        approve_label_template,
        draft_label_version,
    )

    printed(ben, lot, template, made=False)
    second = draft_label_version(ctx_for(ada), template_id=template.pk)
    approve_label_template(signed(ben), template_id=second.pk)
    with pytest.raises(AlreadyPrinted):
        printed(ben, lot, second)


def test_a_label_of_a_single_unit_belongs_to_its_lot(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    unit = units_of(lot)[2]
    job = printed(ben, unit, template)
    assert (job.lot, job.quantity) == (lot, 1)
    with pytest.raises(AlreadyPrinted):
        printed(ben, lot, template)


def test_a_reprint_names_labels_of_the_job(ben: User, lot: Lot, template: LabelTemplate) -> None:
    job = printed(ben, lot, template, made=False)
    with pytest.raises(FileNotReady):
        reprint_labels(ctx_for(ben, reason="lost"), job_id=job.pk)
    job = finished(job)
    with pytest.raises(InvalidInput):
        reprint_labels(ctx_for(ben, reason="lost"), job_id=job.pk, serials=["NONE"])


def test_delivering_twice_makes_labels_once(
    ben: User, lot: Lot, template: LabelTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = printed(ben, lot, template)
    message = OutboxMessage.objects.get(topic="labels.make", key=job.number)
    monkeypatch.setattr(delivery, "make", lambda job: pytest.fail("made twice"))
    delivery.deliver(message)


def test_the_label_shows_what_the_symbol_says_and_nothing_else(
    ada: User, ben: User, lot: Lot
) -> None:
    elements = [r for r in lot_layout() if r["content"] not in ("manufactured", "expires")]
    template = approved(ada, ben, lot.item, label_for="lot", elements=elements)
    job = printed(ben, lot, template, quantity=1)
    line = job.lines.get()
    assert "(17)" not in line.plain
    assert "(11)" not in line.plain
    assert line.content.endswith(f"10{lot.number}")


def test_a_job_costs_the_same_for_three_labels_and_for_thirty(
    ada: User, ben: User, site: Site, django_assert_num_queries: Any
) -> None:
    from django.db import connection  # noqa: PLC0415 - only here
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    counts = []
    for units in (3, 30):
        item = device()
        identify(item)
        lot = batch_of(ben, site, item, units=units)
        template = approved(ada, ben, item)
        with CaptureQueriesContext(connection) as queries:
            printed(ben, lot, template, made=False)
        counts.append(len(queries))
    assert counts[0] == counts[1]
