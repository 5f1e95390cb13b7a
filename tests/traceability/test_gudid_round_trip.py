"""Real GUDID records become items, identifiers and data sheets, and export the same values."""

from __future__ import annotations

from typing import Any

import pytest

from erp.accounts.models import User
from erp.insight.demo import gudid, public_records
from erp.masterdata.models import Item
from erp.masterdata.operations import register_item
from tests.conftest import ctx_for
from traceability.datasheets.export import as_json
from traceability.datasheets.facts import with_facts
from traceability.datasheets.models import DataSheet
from traceability.datasheets.operations import answer_gudid, start_data_sheet
from traceability.identifiers.models import DeviceIdentifier
from traceability.identifiers.operations import register_identifier

NOT_OF_THE_RECORD = {"bucket"}
"""What the sample says of itself."""

RECORDS = public_records.records(public_records.GUDID)

needs_public_data = pytest.mark.skipif(
    bool(public_records.absent()), reason=public_records.absent() or "present"
)


def keep(user: User, record: gudid.Record) -> DataSheet:
    """Bring a record in by the operations people use, and read its sheet."""
    values = public_records.item_of(record)
    register_item(ctx_for(user), **values)
    for identifier in gudid.identifier_inputs(values["code"], record):
        register_identifier(ctx_for(user), **identifier)
    # Sold, as the record says; activating one by one with signatures is tested elsewhere.
    item = Item.objects.get(code=values["code"])
    DeviceIdentifier.objects.filter(item=item).update(state="active", valid_from="2015-01-01")
    sheet = start_data_sheet(
        ctx_for(user), identifier_id=gudid.primary_identifier(record).pk, registry="GUDID"
    )
    answer_gudid(ctx_for(user), sheet_id=sheet.pk, **gudid.answers(record))
    return with_facts(DataSheet.objects.filter(pk=sheet.pk)).get()


def comparable(document: gudid.Record) -> dict[str, Any]:
    """Return a document with its identifiers in one order."""
    ordered = sorted(document["identifiers"], key=lambda i: str(i["deviceId"]))
    kept = {k: v for k, v in document.items() if k not in NOT_OF_THE_RECORD}
    return {**kept, "identifiers": ordered}


@needs_public_data
@pytest.mark.urs("UDI-01", "UDI-04")
def test_every_real_record_is_exported_as_it_came(ada: User) -> None:
    differences: list[str] = []
    for record in RECORDS:
        exported, wanted = comparable(as_json(keep(ada, record))), comparable(record)
        differences += [
            f"{record['identifiers'][0]['deviceId']} {key}: {wanted[key]!r} → {exported.get(key)!r}"
            for key in wanted
            if exported.get(key) != wanted[key]
        ]
    assert differences == []
    assert DataSheet.objects.count() == len(RECORDS)
    doubtful = DeviceIdentifier.objects.filter(check_accepted=True)
    assert all(row.issuer == "HIBCC" for row in doubtful)
