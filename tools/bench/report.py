"""Production reported by a machine in batches through the API (design 9: 2,000 units/s on 2 cores).

Each call reports a batch of units by serial number with the material used, known for the batch;
the second case names the component of every unit. The time of a call is that of one caller alone,
who waits for Python and PostgreSQL in turn; units per second is what two callers at once get done
on their own work orders, each in a process of its own: that is what two cores can do. The reference
is the same rows written once more, bare.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from tools.bench.database import bench_database
from tools.bench.measure import Case, at_once, compare, timed

if TYPE_CHECKING:
    from tools.bench._bare import BareTables
    from tools.bench._plant import Plant

SCALE = 1_000
ROUNDS = 9
"""Calls of a caller, the first of which warms up."""
CALLERS = 2
TARGET = "units per second >= 2000"
WRITTEN = (
    "traceability_lot",
    "traceability_traceevent",
    "traceability_eventinput",
    "traceability_eventoutput",
    "traceability_eventsubject",
    "inventory_stockmove",
    "production_materialentry",
    "production_productionreport",
)


def run(scale: int) -> list[Case]:
    """Measure batches of ``scale`` units, material known per batch and per unit."""
    with bench_database("proofline_bench_report") as owner:
        from tools.bench._bare import BareTables  # noqa: PLC0415 - needs Django to be set up
        from tools.bench._plant import make_plant  # noqa: PLC0415

        plant, bare = make_plant(), BareTables(owner, WRITTEN)
        return [_case(plant, bare, scale, per_unit=each) for each in (False, True)]


def _case(plant: Plant, bare: BareTables, scale: int, *, per_unit: bool) -> Case:
    from tools.bench._plant import statements  # noqa: PLC0415

    one, two = (list(_reports(plant, scale, per_unit=per_unit)) for _caller in range(CALLERS))
    ours, reference, queries = [], [], 0
    for report in one[:ROUNDS]:
        marks = bare.marks()
        with statements() as taken:
            ours.append(timed(report))
        queries = len(taken)
        reference.append(timed(lambda marks=marks: bare.write_again(marks)))  # type: ignore[misc]
    seconds = at_once([one[ROUNDS:], two[ROUNDS:]]) / 1000
    return compare(
        "report-per-unit" if per_unit else "report-per-batch",
        (ours[1:], reference[1:]),
        what="the same rows inserted into bare copies of their tables, committed",
        rows=scale,
        queries=queries,
        target=TARGET,
        checks={
            "units per second": round(CALLERS * (ROUNDS - 1) * scale / seconds),
            "units per second of one caller": round(scale / (median(ours[1:]) / 1000)),
        },
    )


def _reports(plant: Plant, scale: int, *, per_unit: bool) -> Iterator[Callable[[], object]]:
    from tests.production.builders import running  # noqa: PLC0415
    from tools.bench._plant import Api  # noqa: PLC0415

    total = scale * ROUNDS * 2
    order, material = running(plant.ben, plant.site, quantity=total, issued=total)
    api, path = Api(plant.ben), f"work-orders/{order.pk}/report/"
    for _round in range(ROUNDS * 2):
        yield partial(api.post, path, _body(material.pk, scale, per_unit=per_unit))


def _body(material: int, scale: int, *, per_unit: bool) -> dict[str, Any]:
    from tests.production.builders import serials  # noqa: PLC0415

    units = serials(scale)
    if not per_unit:
        return {"units": units, "consumed": [{"lot_id": material, "quantity": str(scale)}]}
    parts = [{"lot_id": material, "quantity": "1"}]
    return {"units": [{**unit, "components": parts} for unit in units]}
