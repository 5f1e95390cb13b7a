"""What is made and of what: items, bills of material, plans of inspection, authorisations."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

CAGE, PUMP = "IMP-CAGE-12", "DEV-PUMP-C2"
BAR, PEEK, POUCH, POUCH_B, LABEL = "MAT-TI-BAR", "MAT-PEEK", "MAT-POUCH", "MAT-POUCH-2", "MAT-LABEL"
BOARD, HEAD, BATTERY, HOUSING, SCREWS = (
    "CMP-BOARD", "CMP-HEAD", "CMP-BATTERY", "CMP-HOUSING", "CMP-SCREWS",
)  # fmt: skip
FIVE_YEARS = 1826
GS1_DEMONSTRATION_PREFIX = "9521234"
"""952 is set aside by GS1 for demonstrations and examples."""


def check_digit(digits: str) -> str:
    """Return the GS1 check digit of a number without one: weights 3 and 1 from the right."""
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(reversed(digits)))
    return str(-total % 10)


def gtin14(reference: str, packaging: str = "0") -> str:
    """Return a GTIN-14 under the demonstration prefix for a five-digit item reference."""
    body = packaging + GS1_DEMONSTRATION_PREFIX + reference
    return body + check_digit(body)


ITEMS: tuple[dict[str, Any], ...] = (
    {
        "code": CAGE,
        "name": "CervaLink interbody fusion cage 12 mm, sterile",
        "name_zh": "CervaLink 椎间融合器 12 mm（无菌）",
        "kind": "product",
        "tracking": "both",
        "risk_class": "IIb",
        "sterile": True,
        "implant_grade": True,
        "shelf_life_days": FIVE_YEARS,
        "storage": "5–30 °C, dry, away from sunlight",
        "manufacturer": "Nordhelm Medical AG",
        "catalogue": "CL-12-07",
    },
    {
        "code": PUMP,
        "name": "Infusia C2 infusion pump controller",
        "name_zh": "Infusia C2 输液泵控制器",
        "kind": "product",
        "tracking": "serial",
        "risk_class": "IIb",
        "storage": "-10 to 40 °C, below 85 % humidity",
        "manufacturer": "Nordhelm Medical AG",
        "catalogue": "C2-EU/CN",
    },
    {
        "code": BAR,
        "name": "Titanium bar Ti-6Al-4V ELI, Ø 16 mm, ISO 5832-3",
        "name_zh": "钛合金棒 Ti-6Al-4V ELI Ø16 mm",
        "kind": "material",
        "unit": "m",
        "certificate_required": True,
    },
    {
        "code": PEEK,
        "name": "PEEK granulate, implant grade",
        "name_zh": "植入级 PEEK 颗粒",
        "kind": "material",
        "unit": "kg",
        "shelf_life_days": 730,
        "storage": "dry, below 25 °C",
        "certificate_required": True,
    },
    {
        "code": POUCH,
        "name": "Sterile barrier pouch 90 × 150 mm",
        "name_zh": "灭菌袋 90 × 150 mm",
        "kind": "material",
        "shelf_life_days": 1095,
        "certificate_required": True,
    },
    {
        "code": POUCH_B,
        "name": "Double sterile barrier pouch 90 × 160 mm",
        "name_zh": "双层灭菌袋 90 × 160 mm",
        "kind": "material",
        "shelf_life_days": 1095,
        "certificate_required": True,
    },
    {
        "code": LABEL,
        "name": "Implant label, blank",
        "name_zh": "植入物空白标签",
        "kind": "material",
    },
    {
        "code": BOARD,
        "name": "Main board MB-2, assembled and tested",
        "name_zh": "主板 MB-2",
        "kind": "component",
        "tracking": "both",
        "certificate_required": True,
    },
    {
        "code": HEAD,
        "name": "Peristaltic pump head PH-7",
        "name_zh": "蠕动泵头 PH-7",
        "kind": "component",
        "tracking": "both",
    },
    {
        "code": BATTERY,
        "name": "Li-ion battery pack 14.4 V 2.6 Ah",
        "name_zh": "锂离子电池组 14.4 V 2.6 Ah",
        "kind": "component",
        "tracking": "both",
        "certificate_required": True,
    },
    {
        "code": HOUSING,
        "name": "Housing, two shells",
        "name_zh": "外壳（两半）",
        "kind": "component",
    },
    {"code": SCREWS, "name": "Screw M3 × 8, A4", "name_zh": "螺钉 M3 × 8", "kind": "component"},
)

Bom = tuple[tuple[str, str, bool], ...]
"""Component, quantity per unit, whether it is recorded unit by unit."""

CAGE_A: Bom = (
    (BAR, "0.020", False),
    (PEEK, "0.008", False),
    (POUCH, "1", False),
    (LABEL, "2", False),
)
CAGE_B: Bom = (
    (BAR, "0.020", False),
    (PEEK, "0.008", False),
    (POUCH_B, "1", False),
    (LABEL, "3", False),
)
PUMP_A: Bom = (
    (BOARD, "1", True),
    (HEAD, "1", True),
    (BATTERY, "1", True),
    (HOUSING, "1", False),
    (SCREWS, "8", False),
)


@dataclass(frozen=True, slots=True)
class Look:
    """One characteristic of a plan, and a value that is good; no limits means judged."""

    name: str
    method: str
    good: str = ""
    lower: str | None = None
    upper: str | None = None
    unit: str = ""
    tool: str = ""
    once: bool = False
    """Looked at once for the whole delivery, not sample by sample."""

    def row(self, samples: int) -> dict[str, Any]:
        """Return the row of the plan."""
        return {
            "name": self.name,
            "method": self.method,
            "kind": "measured" if self.good else "attribute",
            "lower": self.lower,
            "upper": self.upper,
            "unit": self.unit,
            "instrument_class": self.tool,
            "samples": 1 if self.once else samples,
        }


CERTIFICATE = Look("Certificate complete and matching the order", "compare", once=True)
LABELLING = Look("Labelling and packaging undamaged", "visual")

PLANS: dict[tuple[str, str], tuple[Look, ...]] = {
    (BAR, "incoming"): (
        CERTIFICATE,
        Look(
            "Diameter", "three places, 120° apart", "16.004", "15.980", "16.020", "mm", "micrometer"
        ),
    ),
    (PEEK, "incoming"): (
        CERTIFICATE,
        Look("Moisture", "loss on drying, 150 °C", "0.03", None, "0.10", "%", "balance"),
    ),
    (POUCH, "incoming"): (
        LABELLING,
        Look("Seal width", "at five places", "10.2", "9.0", None, "mm", "calliper"),
    ),
    (POUCH_B, "incoming"): (
        LABELLING,
        Look("Seal width, both barriers", "at five places", "10.4", "9.0", None, "mm", "calliper"),
    ),
    (LABEL, "incoming"): (LABELLING, Look("Print against master", "visual")),
    (BOARD, "incoming"): (
        CERTIFICATE,
        Look("Supply current, idle", "at 14.4 V", "42.1", "35.0", "48.0", "mA", "multimeter"),
    ),
    (HEAD, "incoming"): (
        LABELLING,
        Look("Torque to turn", "dry, 20 °C", "0.085", None, "0.120", "N·m", "torque gauge"),
    ),
    (BATTERY, "incoming"): (
        CERTIFICATE,
        Look("Open-circuit voltage", "after 1 h rest", "14.8", "14.2", "15.2", "V", "multimeter"),
    ),
    (HOUSING, "incoming"): (
        LABELLING,
        Look(
            "Distance of screw bosses", "fixture F-3", "72.02", "71.90", "72.10", "mm", "calliper"
        ),
    ),
    (SCREWS, "incoming"): (LABELLING,),
    (CAGE, "final"): (
        Look("Height", "at the centre", "12.01", "11.95", "12.05", "mm", "micrometer"),
        Look(
            "Seal integrity",
            "bubble leak, ASTM F2096",
            "0.00",
            None,
            "0.05",
            "mbar/s",
            "leak tester",
        ),
        Look("Surface without burrs", "visual, 10 ×"),
        Look("Label content and UDI read back", "scanner"),
    ),
    (PUMP, "final"): (
        Look(
            "Flow at 100 mL/h", "gravimetric, 60 min", "100.4", "95.0", "105.0", "mL/h", "balance"
        ),
        Look("Leakage current", "IEC 60601-1", "38", None, "100", "µA", "multimeter"),
        Look("Housing without scratches", "visual at 40 cm"),
        Look("Alarm self-test", "software 2.1.4"),
    ),
}

SAMPLES = {"incoming": 3, "final": 5}


def samples_to_take(stage: str, presented: Decimal) -> int:
    """Return how many samples are inspected: at final inspection no more than were made."""
    return min(SAMPLES[stage], int(presented)) if stage == "final" else SAMPLES[stage]


BASIS = "Three pieces at receipt, five at final inspection; one failure refuses the lot"

AUTHORISATIONS: tuple[tuple[str, str, str, str, int, int | None], ...] = (
    (CAGE, "DE", "CE certificate", "G10 099999 0001", -900, 900),
    (CAGE, "FR", "CE certificate", "G10 099999 0001", -900, 900),
    (CAGE, "SE", "CE certificate", "G10 099999 0001", -900, 900),
    (CAGE, "US", "510(k)", "K999001", -1200, None),
    (CAGE, "CN", "NMPA registration", "国械注进20993130001", -700, 1100),
    (PUMP, "CN", "NMPA registration", "国械注准20992140002", -800, 1000),
    (PUMP, "TH", "Thai FDA licence", "68-2-1-2-0099999", -400, 700),
    (PUMP, "DE", "CE certificate", "G20 099999 0002", -1500, -25),
)
"""Item, country, kind, number, valid from and until in days from today. The last one has ended."""


def times(quantity: str, count: int) -> Decimal:
    """Return a quantity per unit times a number of units."""
    return Decimal(quantity) * count
