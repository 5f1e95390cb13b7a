"""Instruments of the demonstration plant and when their calibration falls due."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """An instrument; ``due`` is in days from today, so one of them is overdue on every load."""

    code: str
    name: str
    kind: str
    site: str
    maker: str
    range: str
    resolution: str
    nominal: str
    tolerance: str
    unit: str
    due: int


TOOLS: tuple[Tool, ...] = (
    Tool(
        "C-17",
        "Digital calliper 150 mm",
        "calliper",
        "LUB",
        "Mitutoyo",
        "0–150 mm",
        "0.01 mm",
        "50.000",
        "0.020",
        "mm",
        160,
    ),
    Tool(
        "M-04",
        "Micrometer 0–25 mm",
        "micrometer",
        "LUB",
        "Mahr",
        "0–25 mm",
        "0.001 mm",
        "12.500",
        "0.002",
        "mm",
        12,
    ),
    Tool(
        "B-03",
        "Analytical balance",
        "balance",
        "LUB",
        "Sartorius",
        "0–220 g",
        "0.1 mg",
        "100.0000",
        "0.0010",
        "g",
        120,
    ),
    Tool(
        "LT-02",
        "Leak tester",
        "leak tester",
        "LUB",
        "Furness",
        "0–100 mbar",
        "0.01 mbar",
        "20.00",
        "0.10",
        "mbar",
        210,
    ),
    Tool(
        "H-05",
        "Height gauge 300 mm",
        "height gauge",
        "LUB",
        "Tesa",
        "0–300 mm",
        "0.01 mm",
        "100.000",
        "0.015",
        "mm",
        -6,
    ),
    Tool(
        "DMM-11",
        "Multimeter 6½ digits",
        "multimeter",
        "SUZ",
        "Keysight",
        "0–1000 V",
        "1 µV",
        "10.0000",
        "0.0005",
        "V",
        190,
    ),
    Tool(
        "TQ-02",
        "Torque gauge",
        "torque gauge",
        "SUZ",
        "Tohnichi",
        "0–0.5 N·m",
        "0.001 N·m",
        "0.200",
        "0.004",
        "N·m",
        88,
    ),
    Tool(
        "C-31",
        "Digital calliper 200 mm",
        "calliper",
        "SUZ",
        "Mitutoyo",
        "0–200 mm",
        "0.01 mm",
        "50.000",
        "0.020",
        "mm",
        75,
    ),
    Tool(
        "B-12",
        "Precision balance",
        "balance",
        "SUZ",
        "Mettler Toledo",
        "0–6200 g",
        "0.01 g",
        "1000.00",
        "0.05",
        "g",
        25,
    ),
)

BY_KIND = {(tool.site, tool.kind): tool.code for tool in TOOLS}
"""Which instrument a site measures with."""
