"""The pages of labels with labels on them, in both languages and both widths."""

from __future__ import annotations

import pytest

from tests.browser import shots
from tests.browser.conftest import Enter, Plant
from tests.browser.watch import Watch
from tests.conftest import ctx_for
from tests.traceability.labels.builders import approved, batch_of, device, draft, identify, released
from traceability.labels.models import LabelJob
from traceability.labels.operations import scrap_labels, use_labels

WIDE, PHONE = sorted(shots.WIDTHS, reverse=True)


@pytest.fixture(scope="module")
def job(plant: Plant) -> LabelJob:
    """Return a job on the bench: some labels used, one destroyed."""
    item = device(code=f"DEV-{plant.tag}", name_zh="椎间融合器", storage="5–30 °C")
    identify(item, f"A999T{plant.tag.upper()}0", issuer="HIBCC")
    lot = batch_of(plant.ada, plant.site, item, units=6)
    template = approved(
        plant.ada,
        plant.ben,
        item,
        code=f"LT-{plant.tag}",
        carrier="hibc-datamatrix",
        module_mm="0.4",
    )
    done = released(plant.ben, plant.ada, lot, template)
    use_labels(ctx_for(plant.ben), job_id=done.pk, quantity=3)
    scrap_labels(ctx_for(plant.ben, reason="torn"), job_id=done.pk, quantity=1)
    return done


@pytest.mark.parametrize("language", shots.LANGUAGES)
def test_the_pages_of_labels_are_sound(
    enter: Enter, plant: Plant, address: str, job: LabelJob, language: str
) -> None:
    waiting = draft(plant.ada, job.lot.item, code=f"D-{plant.tag}-{language}")
    pages = {
        "labels-job": f"/label-jobs/{job.pk}/",
        "labels-lot": f"/lots/{job.lot_id}/",
        "labels-template": f"/label-templates/{job.template_id}/",
        "labels-print": f"/do/traceability.print_labels/{job.lot_id}/",
        "labels-revise": f"/do/traceability.revise_label_template/{waiting.pk}/",
        "labels-reconcile": f"/do/traceability.reconcile_labels/{job.pk}/",
        "labels-jobs": "/label-jobs/",
    }
    context = enter(plant.ben, language=language)
    context.set_default_timeout(60_000)
    watch = Watch(context.new_page(), address)
    for name, path in pages.items():
        for width in (WIDE, PHONE):
            watch.page.set_viewport_size({"width": width, "height": shots.WIDTHS[width]})
            watch.visit(path)
            watch.check_width()
            if width == WIDE:
                watch.check_access()
            shots.take(watch.page, language, name)
    context.close()
    assert not watch.findings, "\n".join(watch.findings)


def test_a_picture_of_a_label_is_drawn(enter: Enter, plant: Plant, job: LabelJob) -> None:
    context = enter(plant.ben)
    page = context.new_page()
    page.goto(f"/label-jobs/{job.pk}/")
    picture = page.locator("#specimen img")
    picture.scroll_into_view_if_needed()
    # `decode` waits for the file and fails on a broken one. A polled condition would be evaluated
    # inside the page, where the content security policy forbids it.
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    context.close()
