"""Pages, files and API of labels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from erp.accounts.models import SecurityEvent, Site, User
from erp.ui.home import SOURCES
from erp.ui.records import View
from tests.conftest import PASSWORD, ctx_for, make_person, signed
from tests.traceability.labels.builders import (
    IN_ORDER,
    approved,
    batch_of,
    device,
    draft,
    identify,
    printed,
    released,
)
from traceability.labels.models import LabelJob, LabelTemplate
from traceability.labels.operations import print_labels, reconcile_labels
from traceability.labels.records.lots import labels_section
from traceability.models import Lot

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    """Return a browser in which somebody is signed in."""
    client = Client()
    client.force_login(user)
    return client


def body(answer: Any) -> bytes:
    """Return what an answer holds, streamed or not."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_pages_of_ours_stand_and_are_not_found_by_dan(
    ben: User, dan: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template)
    ours = [f"/label-jobs/{job.pk}/", f"/label-jobs/{job.pk}/1.svg", f"/lots/{lot.pk}/"]
    ours += [f"/label-jobs/{job.pk}/progress/", f"/label-jobs/{job.pk}/labels.pdf"]
    assert [browser(ben).get(page).status_code for page in ours] == [200] * 5
    assert [browser(dan).get(page).status_code for page in ours] == [404] * 5
    for page in (f"/label-templates/{template.pk}/", f"/label-templates/{template.pk}/preview.svg"):
        assert browser(dan).get(page).status_code == 200
    assert job.number in browser(ben).get("/label-jobs/").content.decode()
    assert job.number not in browser(dan).get("/label-jobs/").content.decode()


def test_the_lot_says_where_its_labels_went(
    ada: User, ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = released(ben, ada, lot, template)
    section = labels_section(View(ctx_for(ben).actor, lot))
    assert section is not None
    assert str(section.note) == "3 of 3 printed labels are not accounted for."
    reconcile_labels(signed(ben), job_id=job.pk, used=3)
    section = labels_section(View(ctx_for(ben).actor, lot))
    assert section is not None
    assert str(section.note) == "All 3 printed labels are accounted for."
    unit = Lot.objects.filter(batch=lot).order_by("pk")[0]
    assert labels_section(View(ctx_for(ben).actor, unit)) is not None
    page = browser(ben).get(f"/lots/{lot.pk}/").content.decode()
    assert f"/do/traceability.print_labels/{lot.pk}/" in page


def test_a_lot_that_needs_no_labels_says_nothing_of_them(ben: User, site: Site) -> None:
    lot = batch_of(ben, site, device())
    assert labels_section(View(ctx_for(ben).actor, lot)) is None


def test_pictures_are_specimens_that_run_nothing(
    ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template)
    for page in (f"/label-templates/{template.pk}/preview.svg", f"/label-jobs/{job.pk}/2.svg"):
        answer = browser(ben).get(page)
        assert b"SPECIMEN" in answer.content
        assert answer["Content-Type"] == "image/svg+xml"
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
    assert browser(ben).get(f"/label-jobs/{job.pk}/9.svg").status_code == 404


def test_the_file_is_given_to_who_may_print_and_each_taking_is_logged(
    ben: User, cleo: User, lot: Lot, template: LabelTemplate
) -> None:
    job = printed(ben, lot, template, output="zpl-300")
    answer = browser(ben).get(f"/label-jobs/{job.pk}/labels.pdf")
    assert body(answer).startswith(b"%PDF")
    assert job.number in answer["Content-Disposition"]
    zpl = browser(ben).get(f"/api/v1/label-jobs/{job.pk}/labels.zpl")
    assert body(zpl).startswith(b"^XA")
    auditor = make_person("eve", may=[], site=lot.site)
    assert browser(auditor).get(f"/label-jobs/{job.pk}/labels.pdf").status_code == 403
    assert browser(auditor).get(f"/label-jobs/{job.pk}/").status_code == 200
    taken = SecurityEvent.objects.filter(kind=SecurityEvent.Kind.EXPORTED)
    assert [event.detail["form"] for event in taken.order_by("pk")] == ["pdf", "zpl"]
    assert {event.detail["labels"] for event in taken} == {job.number}


def test_after_the_reconciliation_nothing_is_given_out_any_more(
    ada: User, ben: User, lot: Lot, template: LabelTemplate
) -> None:
    job = released(ben, ada, lot, template)
    reconcile_labels(signed(ben), job_id=job.pk, used=3)
    answer = browser(ben).get(f"/api/v1/label-jobs/{job.pk}/labels.pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, "labels.no_file")
    assert browser(ben).get(f"/label-jobs/{job.pk}/labels.pdf").status_code == 409


def test_a_job_passes_through_the_api(ada: User, ben: User, lot: Lot, template: Any) -> None:
    client = browser(ben)
    asked = client.post(
        f"/api/v1/lots/{lot.pk}/print-labels/",
        json.dumps({"template_id": template.pk, "output": "pdf"}),
        content_type="application/json",
    )
    assert asked.status_code == 201, asked.content
    pk = asked.json()["id"]
    assert (asked.json()["state"], asked.json()["quantity"]) == ("queued", 3)
    from tests.traceability.labels.builders import finished  # noqa: PLC0415 - only here

    finished(LabelJob.objects.get(pk=pk))
    told = client.get(f"/api/v1/label-jobs/{pk}/").json()
    assert (told["state"], told["not_accounted_for"]) == ("printed", 3)
    assert told["files"] == [f"/api/v1/label-jobs/{pk}/labels.pdf"]
    sign = {"username": ada.username, "password": PASSWORD, "meaning": "released"}
    line = LabelJob.objects.get(pk=pk).lines.get(row=1)
    done = browser(ada).post(
        f"/api/v1/label-jobs/{pk}/release/",
        json.dumps({**IN_ORDER, "examined": 1, "scanned": line.content, "signature": sign}),
        content_type="application/json",
    )
    assert done.status_code in {200, 201}, done.content
    assert done.json()["state"] == "released"


def test_the_dialogs_work_without_javascript(
    ada: User, ben: User, lot: Lot, template: LabelTemplate
) -> None:
    client = browser(ben)
    dialog = client.get(f"/do/traceability.print_labels/{lot.pk}/")
    assert str(template) in dialog.content.decode()
    posted = client.post(
        f"/do/traceability.print_labels/{lot.pk}/",
        {"template_id": str(template.pk), "output": "pdf", "idempotency_key": "k1"},
    )
    job = LabelJob.objects.get()
    assert (posted.status_code, posted["Location"]) == (302, f"/label-jobs/{job.pk}/")
    waiting = draft(ada, lot.item)
    page = client.get(f"/do/traceability.revise_label_template/{waiting.pk}/").content.decode()
    assert 'value="Unit label"' in page
    assert 'name="elements[10]content"' in page


def test_a_new_template_begins_with_a_layout_that_is_accepted(ada: User, lot: Lot) -> None:
    client = browser(ada)
    page = client.get("/do/traceability.draft_label_template/").content.decode()
    assert 'name="elements[6]content"' in page
    from traceability.labels.layout import STARTER  # noqa: PLC0415 - only here

    rows = {
        f"elements[{n}]{key}": "on" if value is True else value
        for n, row in enumerate(STARTER)
        for key, value in row.items()
    }
    form = {
        "code": "NEW-1",
        "name": "New",
        "width_mm": "60",
        "height_mm": "40",
        "module_mm": "0.5",
        "limit_percent": "0",
        "item_id": str(lot.item_id),
        "language": "en",
        "level": "base",
        "label_for": "unit",
        "carrier": "gs1-datamatrix",
        "idempotency_key": "k2",
        **rows,
    }
    answer = client.post("/do/traceability.draft_label_template/", form)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    made = LabelTemplate.objects.get(code="NEW-1")
    assert len(made.layout) == len(STARTER)
    preview = client.get(f"/label-templates/{made.pk}/preview.svg")
    assert preview.status_code == 200


def test_home_lists_what_waits(ada: User, ben: User, lot: Lot, template: LabelTemplate) -> None:
    rows = {source.code: source.rows for source in SOURCES}
    actor = ctx_for(ben).actor
    job = printed(ben, lot, template)
    assert list(rows["labels.examine"](actor)) == [job]
    waiting = draft(ada, lot.item)
    assert list(rows["labels.approve"](actor)) == [waiting]
    assert list(rows["labels.approve"](ctx_for(ada).actor)) == []
    assert list(rows["labels.reconcile"](actor)) == []


@pytest.mark.parametrize("noun", ["label-jobs", "label-templates"])
def test_a_list_costs_the_same_for_two_and_for_eight(
    ada: User, ben: User, site: Site, noun: str
) -> None:
    client = browser(ben)

    def more(count: int) -> None:
        for _n in range(count):
            item = device()
            identify(item)
            lot = batch_of(ben, site, item, units=1)
            printed(ben, lot, approved(ada, ben, item), made=False)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/{noun}/").status_code == 200
            assert client.get(f"/api/v1/{noun}/").status_code == 200
        return len(queries)

    more(2)
    cost()
    few = cost()
    more(6)
    assert cost() == few


def test_only_who_may_print_is_offered_printing(lot: Lot, template: LabelTemplate) -> None:
    inspector = make_person("ina", may=[], site=lot.site)
    page = browser(inspector).get(f"/lots/{lot.pk}/").content.decode()
    assert print_labels.code not in page
