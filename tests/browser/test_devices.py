"""The registry in a browser: a device with packages, its data sheet, and the dialogs of both."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from erp.masterdata.models import Item
from tests.browser import shots
from tests.browser.conftest import Enter, Plant
from tests.browser.watch import Watch
from tests.conftest import ctx_for
from tests.traceability.devices import active, draft, make_device
from traceability.datasheets.operations import answer_gudid, start_data_sheet
from traceability.identifiers.models import DeviceIdentifier

WIDE, PHONE = sorted(shots.WIDTHS, reverse=True)


@pytest.fixture(scope="module")
def device(plant: Plant) -> DeviceIdentifier:
    """Make a device in boxes in cases, with a secondary and a direct-mark identifier."""
    ada, ben = plant.ada, plant.ben
    item: Item = make_device(name="CervaLink interbody fusion cage 12 mm, sterile", sterile=True)
    base = active(ben, ada, item, company_prefix_length=7)
    box = active(ben, ada, item, level="inner", contains_id=base.pk, contained_quantity=5)
    draft(ben, item, level="case", contains_id=box.pk, contained_quantity=8)
    draft(ben, item, level="direct_mark", belongs_to_id=base.pk)
    sheet = start_data_sheet(ctx_for(ben), identifier_id=base.pk, registry="GUDID")
    answers = {"brandName": "CervaLink", "deviceCount": 1, "gmdnTerms": [{"term": "Fusion cage"}]}
    answer_gudid(ctx_for(ben), sheet_id=sheet.pk, **answers)
    return base


def pages_of(device: DeviceIdentifier) -> Mapping[str, str]:
    """Return the pages to look at, by the name of their picture."""
    sheet = device.data_sheets.get()
    box = device.packed_in.get()
    return {
        "device-item": f"/items/{device.item_id}/",
        "device-identifier": f"/device-identifiers/{device.pk}/",
        "device-package": f"/device-identifiers/{box.pk}/",
        "device-sheet": f"/data-sheets/{sheet.pk}/",
        "device-register": f"/do/traceability.register_identifier/?item_id={device.item.code}",
        "device-correct": f"/do/traceability.correct_identifier/{box.packed_in.get().pk}/",
        "device-answers": f"/do/traceability.answer_gudid/{sheet.pk}/",
        "device-ready": f"/do/traceability.declare_data_sheet_ready/{sheet.pk}/",
        "device-activate": f"/do/traceability.activate_identifier/{box.packed_in.get().pk}/",
    }


@pytest.mark.urs("UX-01")
@pytest.mark.parametrize("language", shots.LANGUAGES)
def test_the_pages_of_a_device_are_sound(
    enter: Enter, address: str, plant: Plant, device: DeviceIdentifier, language: str
) -> None:
    seen = Watch(enter(plant.ada, language=language).new_page(), address)
    for name, path in pages_of(device).items():
        for width in (WIDE, PHONE):
            seen.page.set_viewport_size({"width": width, "height": shots.WIDTHS[width]})
            seen.visit(path)
            seen.check_width()
            shots.take(seen.page, language, name)
        seen.check_access()
    assert seen.findings == []


@pytest.mark.urs("UDI-01")
def test_a_person_registers_an_identifier_from_the_items_page(
    enter: Enter, address: str, plant: Plant
) -> None:
    item = make_device(name="Bone screw 4.5 mm")
    page = enter(plant.ada).new_page()
    page.goto(f"{address}/items/{item.pk}/")
    page.get_by_role("link", name="Register a device identifier").click()
    page.get_by_label("UDI-DI").fill("51022222233337")
    page.get_by_label("Issuing agency").select_option("GS1")
    page.get_by_role("button", name="New device identifier").click()
    page.get_by_text("Position 14 reads").wait_for()
    page.get_by_label("UDI-DI").fill("51022222233336")
    page.get_by_role("button", name="New device identifier").click()
    page.get_by_role("heading", name="Bone screw 4.5 mm").wait_for()
    assert DeviceIdentifier.objects.get(item=item).di == "51022222233336"
