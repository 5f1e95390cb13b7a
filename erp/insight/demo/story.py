"""The story of the plant: four months up to today, and as many earlier seasons as are asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from erp.insight.demo import goods, happenings, opening, public_records, tools, trouble
from erp.insight.demo.delivery import Sale, sale
from erp.insight.demo.making import Batch, cages, pumps
from erp.insight.demo.stage import Stage, Storyline
from erp.insight.demo.supply import Line, Purchase, purchase
from traceability.completeness.operations import check_evidence

FIRST_DAY = 95
SEASON = 24
"""Working days of one season; earlier seasons end where the story proper begins."""

CAGES_PER_SEASON, PUMPS_PER_SEASON = 6, 3


def tell(stage: Stage, scale: int = 1) -> None:
    """Tell everything; ``scale`` is how many times as many batches as the story proper has."""
    opening.first_administrator()
    opening.tell(stage, back=FIRST_DAY + SEASON * (scale - 1))
    for number in range(scale - 1, 0, -1):
        stage.play(season(stage, FIRST_DAY + SEASON * number, number))
    if scale > 1:
        stage.moment = stage.at(FIRST_DAY, "07:00")
        opening.calibrations(stage)
    stage.play(storylines(stage))
    # As every night; the worker carries it out when it starts.
    stage.moment = stage.at(1, "23:30")
    stage.do(check_evidence, "helena")


def storylines(stage: Stage) -> Iterator[Storyline]:
    """Return the storylines of the last four months."""
    yield from (purchase(stage, plan) for plan in _purchases())
    yield from (cages(stage, plan) for plan in _cage_batches())
    yield from (pumps(stage, plan) for plan in _pump_batches())
    yield from (sale(stage, plan) for plan in _sales())
    yield trouble.new_revision(stage, 52)
    yield trouble.refused_bar(stage, "BM-7741", 68)
    yield trouble.refused_part(stage, "TE-2207", 14)
    yield trouble.failed_cycle(stage, "CL-104", 9)
    yield trouble.lifted_hold(stage, "CL-102", 54)
    yield trouble.doubtful_label(stage, "CL-103", 2)
    yield trouble.scratched_pumps(stage, SCRATCHED)
    yield trouble.returned_pump(stage, "CUS-TAIHU", 8)
    yield trouble.waiting_signatures(stage)
    yield from happenings.storylines(stage)
    yield from public_records.storylines(stage)


def _purchases() -> Iterator[Purchase]:
    steel = Line(goods.BAR, "6", "HT-3391", "212.50")
    yield Purchase("SUP-TITAN", "LUB", [steel], 94, 88, 87)
    yield Purchase("SUP-PEEK", "LUB", [Line(goods.PEEK, "8", "RP-0612", "640")], 94, 87, 86)
    yield Purchase(
        "SUP-POUCH",
        "LUB",
        [Line(goods.POUCH, "120", "SN-1180", "0.85", expires_in=-20)],
        93,
        88,
        87,
    )
    yield Purchase("SUP-LABEL", "LUB", [Line(goods.LABEL, "600", "TE-2101", "0.06")], 93, 89, 88)
    yield Purchase(
        "SUP-BALTIC", "LUB", [Line(goods.BAR, "4", "BM-7741", "188")], 82, 72, 70,
        bad={goods.BAR: {"Diameter": "16.081"}}, refused={goods.BAR: "all"},
        why="Diameter 16.081 mm on the third bar, limit 16.020 mm.",
    )  # fmt: skip
    yield Purchase("SUP-POUCH", "LUB", [Line(goods.POUCH_B, "260", "SN-1244", "1.30")], 51, 46, 45)
    yield Purchase("SUP-LABEL", "LUB", [Line(goods.LABEL, "900", "TE-2160", "0.06")], 50, 46, 45)
    yield Purchase(
        "SUP-LABEL", "LUB", [Line(goods.LABEL, "1000", "TE-2207", "0.06")], 24, 17, 16,
        bad={goods.LABEL: {"Print against master": "fail"}}, refused={goods.LABEL: "150"},
        why="Roll 7 carries a wrong symbol.",
    )  # fmt: skip
    yield Purchase("SUP-TITAN", "LUB", [Line(goods.BAR, "6", "HT-3460", "214")], 12, 1)
    yield Purchase("SUP-PEEK", "LUB", [Line(goods.PEEK, "5", "", "655")], 30, due=-4)
    yield Purchase("SUP-POUCH", "LUB", [Line(goods.POUCH_B, "400", "", "1.25")], 3, due=9)
    yield from _purchases_of_electronics()


def _purchases_of_electronics() -> Iterator[Purchase]:
    for order, arrival, first, count in ((92, 85, 1, 14), (58, 50, 15, 26)):
        for supplier, item, lot, price, serial in (
            ("SUP-PCB", goods.BOARD, "JG", "410", "MB2"),
            ("SUP-PUMP", goods.HEAD, "MD", "295", "PH7"),
            ("SUP-BATT", goods.BATTERY, "HN", "120", "BP"),
        ):
            serials = [f"{serial}-{n:05d}" for n in range(first, first + count)]
            line = Line(item, str(count), f"{lot}-{first:04d}", price, serials)
            yield Purchase(supplier, "SUZ", [line], order, arrival, arrival - 1)
    yield Purchase(
        "SUP-CASE", "SUZ",
        [Line(goods.HOUSING, "60", "KS-0711", "38"), Line(goods.SCREWS, "600", "KS-0712", "0.04")],
        92, 86, 85,
    )  # fmt: skip
    yield Purchase(
        "SUP-PCB", "SUZ",
        [Line(goods.BOARD, "8", "JG-0041", "415", [f"MB2-{n:05d}" for n in range(41, 49)])],
        10, 1,
    )  # fmt: skip
    yield Purchase("SUP-BATT", "SUZ", [Line(goods.BATTERY, "20", "", "118")], 4, due=6)


def _cage_batches() -> Iterator[Batch]:
    yield Batch("CL-101", 84, 24, scrapped=1)
    yield Batch("CL-102", 70, 24, burred="017")
    yield Batch("CL-103", 43, 24, scrapped=2, dose="28.1", due=-62)
    yield Batch("CL-104", 24, 20, until="back", dose="21.3")
    yield Batch("CL-105", 16, 24, until="inspected", scrapped=1, dose="26.6")
    yield Batch("CL-106", 5, 24, until="away")
    yield Batch("CL-107", 1, 20, until="half", due=7)
    yield Batch("CL-108", 0, 24, until="planned", due=18)


SCRATCHED = Batch("PC-202", 47, 10)


def _pump_batches() -> Iterator[Batch]:
    yield Batch("PC-201", 80, 10)
    yield Batch("PC-202", SCRATCHED.start, SCRATCHED.size, until="completed")
    yield Batch("PC-203", 6, 8, until="completed")
    yield Batch("PC-204", 0, 6, until="planned", due=20)


def _sales() -> Iterator[Sale]:
    cage, pump = goods.CAGE, goods.PUMP
    yield Sale("CUS-KIEL", "LUB", {cage: 8}, 70)
    yield Sale("CUS-LYON", "LUB", {cage: 6}, 66)
    yield Sale("CUS-OHIO", "LUB", {cage: 6}, 62)
    yield Sale("CUS-GOT", "LUB", {cage: 10}, 50)
    yield Sale("CUS-TAIHU", "LUB", {cage: 6}, 44)
    yield Sale("CUS-TAIHU", "SUZ", {pump: 4}, 68)
    yield Sale("CUS-KANG", "SUZ", {pump: 5}, 60)
    yield Sale("CUS-SIAM", "SUZ", {pump: 4}, 36)
    yield Sale("CUS-KIEL", "LUB", {cage: 8}, 28)
    yield Sale("CUS-LYON", "LUB", {cage: 7}, 3, until="shipped", ships_after=1)
    yield Sale("CUS-GOT", "LUB", {cage: 10}, 4, until="picked", ships_after=1, due=5)
    yield Sale("CUS-KANG", "SUZ", {pump: 3}, 2, until="picked", ships_after=1, due=4)
    yield Sale("CUS-TAIHU", "SUZ", {pump: 2}, 1, until="allocated", due=7)
    yield Sale("CUS-OHIO", "LUB", {cage: 12}, 0, until="open", due=12)


def season(stage: Stage, start: int, number: int) -> Iterator[Storyline]:
    """Return an ordinary season that begins ``start`` working days back: all goes well."""
    yield _recalibration(stage, start)
    yield from (purchase(stage, plan) for plan in _season_purchases(start, number))
    for n in range(CAGES_PER_SEASON):
        batch = Batch(f"CL-S{number}{n + 1}", start - 5 - n % 3, 24)
        yield cages(stage, batch)
        yield sale(stage, Sale("CUS-KIEL", "LUB", {goods.CAGE: 20}, start - 19 - n % 3))
    for n in range(PUMPS_PER_SEASON):
        yield pumps(stage, Batch(f"PC-S{number}{n + 1}", start - 5 - n, 10))
        yield sale(stage, Sale("CUS-KANG", "SUZ", {goods.PUMP: 9}, start - 14 - n))


def _recalibration(stage: Stage, start: int) -> Storyline:
    yield stage.at(start, "07:30")
    due = stage.moment.date() + dt.timedelta(days=90)
    for tool in tools.TOOLS:
        opening.calibrate(stage, tool, due)


def _season_purchases(start: int, number: int) -> Iterator[Purchase]:
    when = (start - 1, start - 2, start - 3)
    lots: tuple[tuple[str, str, str, str], ...] = (
        ("SUP-TITAN", "LUB", goods.BAR, "4"),
        ("SUP-PEEK", "LUB", goods.PEEK, "2"),
        ("SUP-POUCH", "LUB", goods.POUCH, "150"),
        ("SUP-LABEL", "LUB", goods.LABEL, "300"),
        ("SUP-CASE", "SUZ", goods.HOUSING, "30"),
        ("SUP-CASE", "SUZ", goods.SCREWS, "240"),
    )
    for supplier, site, item, quantity in lots:
        line = Line(item, quantity, f"S{number}-{item[4:8]}")
        yield Purchase(supplier, site, [line], *when)
    units = (("SUP-PCB", goods.BOARD), ("SUP-PUMP", goods.HEAD), ("SUP-BATT", goods.BATTERY))
    for supplier, item in units:
        serials = [f"S{number}-{item[4:6]}-{n:03d}" for n in range(1, 31)]
        line = Line(item, "30", f"S{number}-{item[4:8]}", "200", serials)
        yield Purchase(supplier, "SUZ", [line], *when)
