"""Real public records in the demonstration: device identifiers of GUDID, and one recall of the FDA.

The files are data beside the project and no part of it; without them this says so and does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from erp.insight.demo import gudid
from erp.insight.demo.opening import pk_of_item, revise
from erp.insight.demo.recall_text import RecallText, read
from erp.insight.demo.stage import Stage, Storyline
from erp.inventory import operations as inventory
from erp.masterdata import operations as masterdata
from erp.sales import operations as sales
from procurement import operations as procurement
from procurement.models import Receipt
from quality.release import operations as release
from traceability.datasheets import operations as datasheets
from traceability.identifiers import operations as identifiers
from traceability.models import Lot

GUDID, RECALLS = "gudid_samples.json", "fda_recalls.json"
SHOWN = 20
FEWEST, MOST = 3, 12
"""The demonstration takes the recall with the most lots among those with a handful of them."""

TRACKING = {
    (True, True): "both",
    (True, False): "lot",
    (False, True): "serial",
    (False, False): "none",
}
Record = Mapping[str, Any]


def folder() -> Path:
    """Return where the public data lies: beside the project's folder."""
    return Path(settings.BASE_DIR).parent / "shared" / "data"


def records(name: str) -> Sequence[Record]:
    """Return the records of a file, none where it is absent."""
    path = folder() / name
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else ()


def absent() -> str:
    """Return the sentence that says what was left out, or nothing."""
    missing = [name for name in (GUDID, RECALLS) if not (folder() / name).is_file()]
    return f"Left out, because not beside the project: {', '.join(missing)}." if missing else ""


# Device identifiers


def item_of(record: Record) -> dict[str, Any]:
    """Return the input of a new item for a GUDID device record; what GUDID does not say stays
    empty.
    """
    primary = gudid.primary_of(record)
    by_lot, by_serial = record["lotBatch"] == "true", record["serialNumber"] == "true"
    name = " – ".join(
        part.strip() for part in (record["brandName"], record["deviceDescription"]) if part
    )
    values = {
        "code": f"GUDID-{primary['deviceId']}",
        "name": " ".join((name or record["gmdnTerms"][0]).split())[:300],
        "kind": "product",
        "tracking": TRACKING[by_lot, by_serial],
        "sterile": record["sterilization"]["deviceSterile"] == "true",
        "storage": _storage(record),
        "manufacturer": record["companyName"],
        "catalogue": record["versionModelNumber"] or "",
    }
    return {name: value for name, value in values.items() if value != ""}


def _storage(record: Record) -> str:
    special = [h["special"] for h in record["storageHandling"] if h["special"]]
    return "; ".join(special)[:200]


def gudid_items(stage: Stage, count: int = SHOWN) -> Storyline:
    """Register device records as items with their identifiers and data sheets, spread over the
    whole file.
    """
    found = records(GUDID)
    if not found:
        return
    yield stage.at(21, "13:00")
    for record in found[:: max(1, len(found) // count)][:count]:
        _register(stage, record)


def _register(stage: Stage, record: Record) -> None:
    values = item_of(record)
    stage.do(masterdata.register_item, "fatima", **values)
    for identifier in gudid.identifier_inputs(values["code"], record):
        made = stage.do(identifiers.register_identifier, "claire", **identifier)
        stage.do(identifiers.activate_identifier, "helena", identifier_id=made.pk)
    primary = gudid.primary_identifier(record)
    sheet = stage.do(
        datasheets.start_data_sheet, "claire", identifier_id=primary.pk, registry="GUDID"
    )
    stage.do(datasheets.answer_gudid, "claire", sheet_id=sheet.pk, **gudid.answers(record))


# One recall


@dataclass(frozen=True)
class Notice:
    """A recall notice of the file, with its text read."""

    record: Record
    text: RecallText

    @property
    def number(self) -> str:
        """Return the number the authority gave it."""
        return str(self.record["recall_number"])

    @property
    def reason(self) -> str:
        """Return why it was recalled in the notice's own words."""
        return " ".join(str(self.record["reason_for_recall"]).split())

    @property
    def product(self) -> str:
        """Return the recalled product in the notice's own words."""
        return " ".join(str(self.record["product_description"]).split())[:300]


def chosen_notice() -> Notice | None:
    """Return the notice the demonstration tells: fully read, with a handful of lots."""
    found = [
        Notice(record, read(record["code_info"] or ""))
        for record in records(RECALLS)
        if record.get("recall_number")
    ]
    fit = [n for n in found if FEWEST <= len(n.text.numbers()) <= MOST and not n.text.unread]
    return max(fit, key=lambda n: len(n.text.numbers()), default=None)


FIRM = "SUP-RECALL"


def recalled_lots(stage: Stage) -> Storyline:
    """The recalled lots were bought and partly delivered; then the notice comes and all are
    held.
    """
    notice = chosen_notice()
    if notice is None:
        return
    yield stage.at(33, "09:00")
    item = _trade_item(stage, notice)
    yield stage.at(30, "10:00")
    lots = _buy(stage, item, notice)
    yield stage.at(27, "14:00")
    for lot in lots[-2:]:
        stage.do(
            release.release_lot, "helena", lot_id=lot.pk, comment="Trade goods, certificate seen."
        )
        stage.do(
            inventory.transfer_stock,
            "maria",
            lot_id=lot.pk,
            from_location_id="LUB-QUAR",
            to_location_id="LUB-STORE",
            quantity=40,
        )
    yield stage.at(20, "11:00")
    _sell(stage, item)
    yield stage.at(12, "08:30")
    _hold(stage, notice)


def _trade_item(stage: Stage, notice: Notice) -> str:
    code = f"TRADE-{notice.number}"
    stage.do(
        masterdata.register_item,
        "fatima",
        code=code,
        name=notice.product,
        kind="product",
        tracking="lot",
        manufacturer=str(notice.record["recalling_firm"])[:300],
        inspection_required=False,
    )
    revise(stage, code, "A", "Bought in for resale", ())
    stage.do(
        masterdata.register_partner,
        "karl",
        code=FIRM,
        name=str(notice.record["recalling_firm"])[:200],
        country="US",
        is_supplier=True,
    )
    draft = stage.do(
        procurement.draft_supplier_approval,
        "karl",
        supplier_id=FIRM,
        item_ids=[code],
        risk_class="medium",
        method="certificate",
        basis="Establishment registration, 510(k) summary",
        valid_until=stage.calendar.ahead(300),
    )
    stage.do(procurement.approve_supplier, "helena", approval_id=draft.pk)
    return code


def _buy(stage: Stage, item: str, notice: Notice) -> list[Lot]:
    numbers = notice.text.numbers()
    order = stage.do(
        procurement.place_order,
        "karl",
        supplier_id=FIRM,
        site_id="LUB",
        currency="USD",
        lines=[{"item_id": item, "quantity": 40 * len(numbers), "due_on": stage.calendar.day(28)}],
    )
    receipt: Receipt = stage.do(
        procurement.receive_goods,
        "maria",
        order_id=order.pk,
        location_id="LUB-QUAR",
        delivery_note="BL-20118",
        lines=[{"line": 1, "quantity": 40, "supplier_lot": n, "number": n} for n in numbers],
    )
    return list(Lot.objects.filter(receipt_lines__receipt=receipt).order_by("pk"))


def _sell(stage: Stage, item: str) -> None:
    order = stage.do(
        sales.take_order,
        "sofia",
        customer_id="CUS-OHIO",
        site_id="LUB",
        reference="OHIO-TRAYS",
        lines=[{"item_id": item, "quantity": 60}],
    )
    stage.do(sales.allocate, "sofia", order_id=order.pk)
    stage.do(sales.ship_order, "maria", order_id=order.pk, carrier="Hanse Express")


def _hold(stage: Stage, notice: Notice) -> None:
    """Hold every lot in the house that the notice names; nothing outside of it is touched."""
    item = pk_of_item(f"TRADE-{notice.number}")
    found = Lot.objects.filter(item_id=item).order_by("pk")
    named = [lot.pk for lot in found if notice.text.covers(lot.supplier_lot)]
    stage.do(
        inventory.place_hold,
        "claire",
        reason=f"FDA recall {notice.number}: {notice.reason}",
        lots=named,
        cause="recall",
    )


def storylines(stage: Stage) -> Iterator[Storyline]:
    """Return the storylines told from public records."""
    yield gudid_items(stage)
    yield recalled_lots(stage)


def report() -> list[str]:
    """Say what was taken from public records, and what could not be read of them."""
    lines = [absent()] if absent() else []
    notice = chosen_notice()
    if notice is not None:
        numbers = notice.text.numbers()
        lines.append(f"FDA recall {notice.number}: {len(numbers)} lots read, traced and held.")
    unread = sum(bool(read(r["code_info"] or "").unread) for r in records(RECALLS))
    if unread:
        lines.append(f"Of the other notices, {unread} hold text that was kept unread, not guessed.")
    return lines
