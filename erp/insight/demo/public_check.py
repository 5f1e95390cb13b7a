"""The check on real public records: GUDID identifiers become items, a recall's lots are traced
and held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from erp.insight.demo import gudid, public_records
from erp.insight.demo.goods import check_digit
from erp.insight.demo.journey import Door, Json, Refused, must, signature
from erp.insight.demo.public_records import Notice

FIRST = 5


def public_steps(door: Door, mark: str) -> Iterator[tuple[str, Callable[[], str]]]:
    """Yield the steps on public records; without the files, one step that says so."""
    missing = public_records.absent()
    if missing:
        yield "public records", lambda: missing
        return
    yield "GUDID identifiers", lambda: register_identifiers(door)
    notice = public_records.chosen_notice()
    if notice is not None:
        recall = RecallCheck(door, notice, mark)
        yield "FDA recall: find", recall.find
        yield "FDA recall: hold", recall.hold
        yield "FDA recall: trace", recall.trace


def register_identifiers(door: Door, count: int | None = FIRST) -> str:
    """Register device records as items with their UDI-DI; the same one is never given twice."""
    known = 0
    records = public_records.records(public_records.GUDID)[:count]
    for record in records:
        values = public_records.item_of(record)
        identifier = next(gudid.identifier_inputs(values["code"], record))
        di = identifier["di"]
        must(check_digit(di[:-1]) == di[-1], f"the check digit of {di} is wrong")
        _unless_taken(door, "fatima", "items/register/", values, "masterdata.code_taken")
        known += _unless_taken(
            door,
            "claire",
            "device-identifiers/register/",
            identifier,
            "traceability.identifier_taken",
        )
        found = door.get("fatima", "device-identifiers/", search=di)["results"]
        told = [i["item"] for i in found if i["di"] == di]
        must(told == [values["code"]], f"{di} is not found at one item")
    return f"{len(records)} UDI-DIs are items ({known} were before)"


def _unless_taken(door: Door, who: str, path: str, values: Json, code: str) -> bool:
    """Make a record; tell whether it was refused because it is there."""
    try:
        door.post(who, path, values)
    except Refused as refusal:
        must(refusal.code == code, str(refusal))
        return True
    return False


@dataclass
class RecallCheck:
    """One recall notice: its lots are found among ours, held in one call, and traced."""

    door: Door
    notice: Notice
    mark: str
    lots: list[Json] = field(default_factory=list)
    held: Json = field(default_factory=dict)

    def find(self) -> str:
        """Find the lots that the notice names among ours."""
        item = f"TRADE-{self.notice.number}"
        rows = self.door.get("claire", "lots/", search=item, limit=500)["results"]
        self.lots = [r for r in rows if r["item"] == item and self._named(r)]
        must(len(self.lots) == len(self.notice.text.numbers()), "lots of the notice are missing")
        return f"{self.notice.number}: {len(self.lots)} lots named, {len(self.lots)} found"

    def _named(self, lot: Json) -> bool:
        return self.notice.text.covers(str(lot["supplier_lot"]))

    def hold(self) -> str:
        """Hold every lot the notice names in one call."""
        body: dict[str, Any] = {
            "lots": [lot["id"] for lot in self.lots],
            "cause": "recall",
            "reason": f"FDA recall {self.notice.number}, check {self.mark}",
        }
        self.held = self.door.post("claire", "holds/place/", body)
        return f"{self.held['number']} holds {len(self.lots)} lots"

    def trace(self) -> str:
        """Trace them all forward in one question, to the hospital that has some; then lift our
        hold.
        """
        start = [f"lot:{lot['id']}" for lot in self.lots]
        answer = self.door.get("owen", "trace/", start=start, direction="forward")
        numbers = {node["number"] for node in answer["nodes"]}
        must({lot["number"] for lot in self.lots} <= numbers, "a recalled lot is not in its trace")
        body = {
            "reason": "Check finished; the hold of the recall itself stays",
            "signature": signature("helena"),
        }
        self.door.post("helena", f"holds/{self.held['id']}/release/", body)
        return str(answer["answer"])
