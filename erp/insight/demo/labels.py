"""Labels of the plant's products: templates in two languages, and what was printed for a few lots.

A few lots show the whole way: printed, examined, used, one destroyed and printed again,
reconciled. One job is still on the bench.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from erp.insight.demo import goods
from erp.insight.demo.stage import Stage
from traceability.labels import delivery, operations
from traceability.labels.models import LabelJob, LabelTemplate
from traceability.models import Lot

IN_ORDER = dict.fromkeys(("udi", "expiry", "storage", "handling", "processing"), "conforms")
PRINTERS = {"LUB": "Clean room 2, Zebra ZT411", "SUZ": "Line 1, Zebra ZT411"}
PEOPLE = {"LUB": ("jonas", "tomas"), "SUZ": ("wangwei", "chenhao")}
"""Who prints and who examines, by site."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a lot's labels: torn ones are destroyed and printed again."""

    torn: int = 0
    to_the_end: bool = True


LOTS: Mapping[str, Told] = {
    "CL-103": Told(torn=1),
    "CL-105": Told(),
    "PC-201": Told(torn=1),
    "PC-203": Told(to_the_end=False),
}


def _row(kind: str, content: str, *place: str, **more: Any) -> dict[str, Any]:
    x, y, w, h = place
    return {"kind": kind, "content": content, "x": x, "y": y, "w": w, "h": h, **more}


def _layout(*, sterile: bool, words: str) -> list[dict[str, Any]]:
    rows = [
        _row("datamatrix", "", "2", "2", "17", "17"),
        _row("field", "item_name", "21", "2", "47", "8", size="8", bold=True),
        _row("field", "udi", "21", "10", "47", "9", size="6"),
        _row("sign", "device", "2", "20", "8", "4"),
        _row("field", "catalogue", "12", "20", "28", "4", size="7", mark="reference"),
        _row("field", "lot", "2", "25", "32", "4", size="7", mark="lot"),
        _row("field", "serial", "2", "30", "32", "4", size="7", mark="serial"),
        _row("field", "manufactured", "38", "25", "30", "4", size="7", mark="manufactured"),
        _row("field", "expires", "38", "30", "30", "4", size="7", mark="expires"),
        _row("field", "storage", "2", "35", "44", "5", size="5", mark="temperature"),
        _row("text", words, "2", "40", "44", "3", size="5"),
        _row("field", "manufacturer", "2", "44", "44", "4", size="6", mark="manufacturer"),
        _row("sign", "instructions", "48", "41", "6", "6"),
        _row("sign", "dry", "55", "41", "6", "6"),
        _row("sign", "damaged", "62", "41", "6", "6"),
        _row("line", "", "1", "19.5", "68", "0"),
    ]
    if sterile:
        rows += [
            _row("sign", "sterile_radiation", "42", "20", "20", "4"),
            _row("sign", "single_use", "63", "20", "5", "5"),
        ]
    return rows


TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "code": "CAGE-UNIT-EN",
        "name": "Pouch label of the cage",
        "item_id": goods.CAGE,
        "language": "en",
        "elements": _layout(sterile=True, words="Sterile unless the pouch is open or damaged."),
    },
    {
        "code": "PUMP-UNIT-ZH",
        "name": "输液泵控制器标签",
        "item_id": goods.PUMP,
        "language": "zh-hans",
        "elements": _layout(sterile=False, words="使用前请阅读说明书。"),
    },
)


def templates(stage: Stage) -> None:
    """Draft the templates and have them approved by another person."""
    common = {"label_for": "unit", "carrier": "gs1-datamatrix", "module_mm": "0.5"}
    for values in TEMPLATES:
        made = stage.do(
            operations.draft_label_template,
            "priya",
            **values,
            **common,
            width_mm="70",
            height_mm="49",
            limit_percent="0",
        )
        stage.do(operations.approve_label_template, "helena", template_id=made.pk)


def label(stage: Stage, site: str, lot: Lot) -> None:
    """Tell the labels of a lot that has some to tell."""
    told = LOTS.get(lot.number)
    if told is None:
        return
    who, examiner = PEOPLE[site]
    template = LabelTemplate.objects.get(item=lot.item_id, state="approved")
    job = _printed(
        stage,
        stage.do(
            operations.print_labels,
            who,
            lot_id=lot.pk,
            template_id=template.pk,
            output="zpl-300",
            printer=PRINTERS[site],
        ),
    )
    _examined(stage, examiner, job)
    if not told.to_the_end:
        stage.do(operations.use_labels, who, job_id=job.pk, quantity=job.quantity // 2)
        return
    if told.torn:
        _again(stage, site, job)
    _closed(stage, examiner, job, torn=told.torn)


def _printed(stage: Stage, job: LabelJob) -> LabelJob:
    """Make the labels at once, as the worker would at the told moment."""
    asked = LabelJob.objects.select_related("template", "printed_by").get(pk=job.pk)
    made: LabelJob = stage.told(lambda: delivery.make(asked))
    return made


def _examined(stage: Stage, examiner: str, job: LabelJob) -> None:
    scanned = job.lines.order_by("row").values_list("content", flat=True)[0]
    stage.do(
        operations.release_labels,
        examiner,
        job_id=job.pk,
        examined=min(5, job.quantity),
        scanned=f"]d2{scanned}",
        **IN_ORDER,
    )


def _again(stage: Stage, site: str, job: LabelJob) -> None:
    """Print the last label again: the first one tore at the edge of the pouch."""
    who, examiner = PEOPLE[site]
    torn = "Torn when it was applied"
    stage.do(operations.scrap_labels, who, reason=torn, job_id=job.pk, quantity=1)
    again = _printed(
        stage,
        stage.do(
            operations.reprint_labels,
            who,
            reason=torn,
            job_id=job.pk,
            serials=[job.last],
            output="zpl-300",
            printer=PRINTERS[site],
        ),
    )
    _examined(stage, examiner, again)
    _closed(stage, examiner, again)


def _closed(stage: Stage, examiner: str, job: LabelJob, *, torn: int = 0) -> None:
    stage.do(operations.reconcile_labels, examiner, job_id=job.pk, used=job.quantity - torn)
