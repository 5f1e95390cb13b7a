"""A receipt of many serial numbers in one call through the API (design 9: ten thousand in 5 s).

Everything is in it: token, JSON, shape of the input, permission, gates, lots, trace event, ledger
with balances, history, receipt, the inspection that opens by itself, log, commit. The reference is
the same rows written once more, bare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.bench.database import bench_database
from tools.bench.measure import Case, compare, timed

if TYPE_CHECKING:
    from erp.masterdata.models import Item
    from tools.bench._bare import BareTables
    from tools.bench._plant import Plant

SCALE = 10_000
ROUNDS = 5
TARGET = "p95 <= 5000 ms at 10,000"
WRITTEN = (
    "traceability_lot",
    "traceability_traceevent",
    "traceability_eventoutput",
    "traceability_eventsubject",
    "inventory_stockmove",
    "procurement_receiptline",
)


def run(scale: int) -> list[Case]:
    """Measure deliveries of ``scale`` units, in a lot of the supplier's and without one."""
    with bench_database("proofline_bench_receipt") as owner:
        from tools.bench._bare import BareTables  # noqa: PLC0415 - needs Django to be set up
        from tools.bench._plant import make_plant  # noqa: PLC0415

        plant, bare = make_plant(), BareTables(owner, WRITTEN)
        return [_case(plant, bare, tracking, scale) for tracking in ("serial", "both")]


def _case(plant: Plant, bare: BareTables, tracking: str, scale: int) -> Case:
    from quality.inspection.models import Inspection  # noqa: PLC0415
    from tests.masterdata.builders import make_item  # noqa: PLC0415

    item = make_item(tracking=tracking)
    ours, reference, queries = [], [], 0
    before = Inspection.objects.count()
    for number in range(ROUNDS + 1):
        marks = bare.marks()
        took, queries = _receive(plant, item, number, scale)
        ours.append(took)
        reference.append(timed(lambda marks=marks: bare.write_again(marks)))  # type: ignore[misc]
    return compare(
        f"receipt-{tracking}",
        (ours[1:], reference[1:]),
        what="the same rows inserted into bare copies of their tables, committed",
        rows=scale,
        queries=queries,
        target=TARGET,
        checks={
            "inspections opened per receipt": (Inspection.objects.count() - before) / len(ours)
        },
    )


def _receive(plant: Plant, item: Item, number: int, scale: int) -> tuple[float, int]:
    from tests.masterdata.builders import place  # noqa: PLC0415
    from tests.procurement.builders import ordered  # noqa: PLC0415
    from tools.bench._plant import Api, statements  # noqa: PLC0415

    order = ordered(plant.ben, plant.ada, plant.site, item, quantity=scale)
    body = {
        "location_id": place(plant.site, "quarantine").pk,
        "lines": [
            {
                "line": 1,
                "quantity": scale,
                "serials": [f"{item.code}-{number}-{n:05d}" for n in range(scale)],
            }
        ],
    }
    api = Api(plant.ben)
    with statements() as taken:
        took = timed(lambda: api.post(f"purchase-orders/{order.pk}/receive/", body))
    return took, len(taken)
