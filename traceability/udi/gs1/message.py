"""From GS1 elements to a reading: which of them is the DI, the lot, the expiry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from traceability.udi import dates
from traceability.udi.gs1.associations import check
from traceability.udi.gs1.elements import bracketed
from traceability.udi.reading import Element, Issuer, Precision, Reading, Stated
from traceability.udi.terms import Terms

GTIN = 14
DATES = {
    "7003": "expiry",
    "17": "expiry",
    "8008": "manufactured",
    "11": "manufactured",
    "13": "packed",
    "15": "best_before",
    "16": "sell_by",
    "12": "due",
}
FINER = frozenset({"7003", "8008"})
"""Where a coarser and a finer statement of one date are there, the finer is the one that counts."""
PARTS = {
    "00": "sscc",
    "02": "content",
    "03": "made_to_order",
    "22": "variant",
    "235": "third_party_serial",
    "240": "additional_id",
    "241": "customer_part",
    "250": "secondary_serial",
    "251": "source",
    "253": "document",
    "254": "location_extension",
    "400": "order",
    "401": "consignment",
    "402": "shipment",
    "410": "ship_to",
    "414": "location",
    "417": "party",
    "8003": "returnable_asset",
    "8004": "asset",
    "8012": "software_version",
    "8013": "model",
    "8014": "mudi",
    "8017": "provider",
    "8018": "recipient",
}
"""What other elements are called in ``Reading.parts``."""
QUANTITIES = ("30", "37")


@dataclass(frozen=True, slots=True)
class Carried:
    """How the elements came: in which form, out of which symbology, as which text."""

    form: str
    text: str
    symbology: str = ""


def reading(elements: Sequence[Element], carried: Carried, terms: Terms) -> Reading:
    """Return the reading of elements that were each in order, after asking whether they go
    together.
    """
    check(elements, terms)
    values = {element.code: element.value for element in elements}
    return Reading(
        issuer=Issuer.GS1,
        form=carried.form,
        text=carried.text,
        canonical=bracketed(elements),
        di=values.get("01") or values.get("03") or values.get("8006", "")[:GTIN],
        lot=values.get("10", ""),
        serial=values.get("21", ""),
        dates=_dates(values, terms.year),
        quantity=next((int(values[ai]) for ai in QUANTITIES if ai in values), None),
        parts={PARTS[ai]: value for ai, value in values.items() if ai in PARTS},
        elements=tuple(elements),
        symbology=carried.symbology,
        warnings=tuple(terms.warnings),
    )


def _dates(values: dict[str, str], year: int) -> dict[str, Stated]:
    found: dict[str, Stated] = {}
    for ai, value in values.items():
        name = DATES.get(ai)
        if name is not None and (ai in FINER or name not in found):
            found[name] = _stated(value, year)
    return found


def _stated(value: str, year: int) -> Stated:
    """Return a checked YYMMDD[hh[mm[ss]]]; the day 00 says that only the month is meant."""
    full = dates.full_year(int(value[:2]), year)
    month, day = int(value[2:4]), int(value[4:6])
    if not day:
        return dates.month(full, month, value, "yyMM00")
    stated = dates.day(full, month, day, value, "yyMMdd")
    times = [value[at : at + 2] for at in range(6, len(value), 2)]
    return _timed(stated, times) if times else stated


def _timed(stated: Stated, times: Sequence[str]) -> Stated:
    precision = (Precision.HOUR, Precision.MINUTE, Precision.SECOND)[len(times) - 1]
    # ISO 8601 has no hour alone in this form; the precision says that the minutes were not stated.
    time = ":".join([*times, "00"] if precision is Precision.HOUR else times)
    form = "yyMMdd" + "HHmmss"[: 2 * len(times)]
    return dates.at_time(stated, stated.raw, form, time, precision)
