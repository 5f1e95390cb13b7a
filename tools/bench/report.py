"""Production reported by a machine in batches through the API (design 9: 2,000 units/s on 2 cores).

Each call reports a batch of units by serial number with the material used, known for the batch;
the second case names the component of every unit. One caller, one process. The reference is the
same rows written once more, bare.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools.bench.database import bench_database
from tools.bench.measure import Case, compare, timed

if TYPE_CHECKING:
    from tools.bench._bare import BareTables
    from tools.bench._plant import Plant

SCALE = 1_000
ROUNDS = 8
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
    from tests.production.builders import running  # noqa: PLC0415
    from tools.bench._plant import Api, statements  # noqa: PLC0415

    total = scale * (ROUNDS + 1)
    order, material = running(plant.ben, plant.site, quantity=total, issued=total)
    api, ours, reference, queries = Api(plant.ben), [], [], 0
    for _round in range(ROUNDS + 1):
        body, marks = _body(material.pk, scale, per_unit=per_unit), bare.marks()
        with statements() as taken:
            ours.append(timed(lambda body=body: api.post(f"work-orders/{order.pk}/report/", body)))  # type: ignore[misc]
        queries = len(taken)
        reference.append(timed(lambda marks=marks: bare.write_again(marks)))  # type: ignore[misc]
    seconds = sorted(ours[1:])[ROUNDS // 2] / 1000
    return compare(
        "report-per-unit" if per_unit else "report-per-batch",
        (ours[1:], reference[1:]),
        what="the same rows inserted into bare copies of their tables, committed",
        rows=scale,
        queries=queries,
        target=TARGET,
        checks={"units per second": round(scale / seconds)},
    )


def _body(material: int, scale: int, *, per_unit: bool) -> dict[str, Any]:
    from tests.production.builders import serials  # noqa: PLC0415

    units = serials(scale)
    if not per_unit:
        return {"units": units, "consumed": [{"lot_id": material, "quantity": str(scale)}]}
    parts = [{"lot_id": material, "quantity": "1"}]
    return {"units": [{**unit, "components": parts} for unit in units]}
