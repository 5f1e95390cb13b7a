"""The device identifiers of the plant's own products, and what registries are told of them."""

from __future__ import annotations

from typing import Any

from erp.insight.demo import goods
from erp.insight.demo.stage import Stage
from traceability.datasheets import operations as datasheets
from traceability.datasheets.models import DataSheet
from traceability.identifiers import operations as identifiers
from traceability.identifiers.models import DeviceIdentifier

GS1: dict[str, Any] = {
    "issuer": "GS1",
    "company_prefix_length": len(goods.GS1_DEMONSTRATION_PREFIX),
}
CAGE_DI, PUMP_DI = goods.gtin14("10012"), goods.gtin14("20002")
CAGE_BOX, CAGE_CARTON = goods.gtin14("10012", "1"), goods.gtin14("10012", "2")

IDENTIFIERS: tuple[dict[str, Any], ...] = (
    {"item_id": goods.CAGE, "di": CAGE_DI, **GS1},
    {"item_id": goods.CAGE, "di": "N952CL12070", "issuer": "HIBCC", "primary": False},
    {
        "item_id": goods.CAGE,
        "di": CAGE_BOX,
        "level": "inner",
        "contains_id": CAGE_DI,
        "contained_quantity": 5,
        **GS1,
    },
    {
        "item_id": goods.CAGE,
        "di": CAGE_CARTON,
        "level": "case",
        "contains_id": CAGE_BOX,
        "contained_quantity": 8,
        **GS1,
    },
    {"item_id": goods.PUMP, "di": PUMP_DI, **GS1},
    {
        "item_id": goods.PUMP,
        "di": goods.gtin14("20019"),
        "level": "direct_mark",
        "belongs_to_id": PUMP_DI,
        **GS1,
    },
)

CAGE_EUDAMED: dict[str, Any] = {
    "basicUdiDi": "9521234CL12XX",
    "quantityPerPackage": 1,
    "piManufactured": "true",
    "singleRegistrationNumber": "DE-MF-000099999",
    "manufacturerInUnion": "true",
    "emdnCode": "P0907",
    "tradeName": "CervaLink",
    "clinicalSizes": [{"type": "Height", "value": "12", "unit": "mm"}],
    "singleUse": "true",
    "steriliseBeforeUse": "false",
    "containsLatex": "false",
    "containsCmrOrEndocrine": "false",
    "criticalWarnings": "Do not resterilise.",
}
CAGE_GUDID: dict[str, Any] = {
    "brandName": "CervaLink",
    "deviceCount": 1,
    "premarketExempt": "false",
    "singleUse": "true",
    "manufacturingDate": "true",
    "MRISafetyStatus": "MR Conditional",
    "gmdnTerms": [{"term": "Spinal interbody fusion cage"}],
}
PUMP_NMPA: dict[str, Any] = {
    "unitsOfUse": 1,
    "carrier": "2",
    "sameAsRegistration": "true",
    "isKit": "false",
    "description": "单通道蠕动式输液泵控制器。",
    "deviceKind": "1",
    "registrantZh": "诺德海姆医疗股份公司",
    "productCategory": "2",
    "singleUse": "false",
    "piManufactured": "true",
}


def register(stage: Stage) -> None:
    """Register each identifier as regulatory affairs and activate it as the quality manager."""
    for values in IDENTIFIERS:
        made = stage.do(identifiers.register_identifier, "claire", **values)
        stage.do(identifiers.activate_identifier, "helena", identifier_id=made.pk)


def describe(stage: Stage) -> None:
    """One sheet is sent, one is half answered, one lacks what only the factory in China knows."""
    sent = _sheet(stage, CAGE_DI, "EUDAMED")
    stage.do(datasheets.answer_eudamed, "claire", sheet_id=sent.pk, **CAGE_EUDAMED)
    stage.do(datasheets.declare_data_sheet_ready, "helena", sheet_id=sent.pk)
    stage.do(
        datasheets.record_data_sheet_submission,
        "claire",
        sheet_id=sent.pk,
        reference="UDI-9521234-0001",
    )
    gudid = _sheet(stage, CAGE_DI, "GUDID")
    stage.do(datasheets.answer_gudid, "claire", sheet_id=gudid.pk, **CAGE_GUDID)
    nmpa = _sheet(stage, PUMP_DI, "NMPA")
    stage.do(datasheets.answer_nmpa, "claire", sheet_id=nmpa.pk, **PUMP_NMPA)


def _sheet(stage: Stage, di: str, registry: str) -> DataSheet:
    pk = DeviceIdentifier.objects.values_list("pk", flat=True).get(issuer="GS1", di=di)
    made: DataSheet = stage.do(
        datasheets.start_data_sheet, "claire", identifier_id=pk, registry=registry
    )
    return made
