"""The public vectors: each gives what it says, or the difference stands in identification.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.traceability.udi.reading import YEAR
from traceability.udi import Issuer, Level, Reading, UdiRefused, parse
from traceability.udi.gs1.elements import element_string
from traceability.udi.iccbba import basic_udi_di_check, din_check_character, din_flags

DATA = Path(__file__).resolve().parents[4] / "shared/data"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the public vectors are not on this machine"
)

WRONG_CHECK_DIGIT = "(01)00208851107345(17)150331"
"""A real answer of the NLM, with a wrong check digit: read leniently."""
MONTH_LETTER = "+M894NX55M1/1915206121404F14B"
"""Its source takes a house convention out of the lot number; the standard knows none."""


def vectors(name: str) -> Any:
    """Return the vectors of a file, none where the folder is absent."""
    file = DATA / name
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []


def outcome(text: str, *, strict: bool = True, level: Level = Level.CARRIER) -> Reading | None:
    """Return the reading, ``None`` where it was refused."""
    try:
        return parse(text, strict=strict, level=level, year=YEAR)
    except UdiRefused:
        return None


@pytest.mark.urs("UDI-02")
@pytest.mark.parametrize("vector", vectors("gs1_vectors.json"), ids=lambda v: v["input"][:40])
def test_gs1(vector: dict[str, Any]) -> None:
    for level in (Level.CARRIER, _level_of(vector)):
        strict = vector["input"] != WRONG_CHECK_DIGIT
        reading = outcome(vector["input"], strict=strict, level=level)
        assert (reading is not None) == vector["valid"], vector["why"]
        if reading is None:
            continue
        assert reading.ais == vector["ais"]
        expected = vector.get("expected_element_string_caret", "")
        if expected.startswith("^") and vector["ais"]:
            assert element_string(reading.elements, "^") == expected


def _level_of(vector: dict[str, Any]) -> Level:
    by_word = {"parse": Level.PARSE, "association": Level.ASSOCIATION}
    return by_word.get(vector["level"], Level.CARRIER)


@pytest.mark.urs("UDI-02")
@pytest.mark.parametrize("vector", vectors("hibc_vectors.json"), ids=lambda v: v["input"][:40])
def test_hibc(vector: dict[str, Any]) -> None:
    right = not vector.get("check_char_placeholder") and vector.get("check_char_ok_mod43", True)
    assert (outcome(vector["input"]) is not None) == (vector["valid"] and right)
    reading = outcome(vector["input"], strict=False)
    if not vector["valid"]:
        return
    assert reading is not None
    for name, value in vector["expected"].items():
        if (name, vector["input"]) == ("lot", MONTH_LETTER):
            assert reading.lot == "06121404F14"
        else:
            first = "expiry_raw" in vector["expected"]
            assert _part(reading, name, first=first) == str(value), name


def _part(reading: Reading, name: str, *, first: bool) -> str:
    expiry = reading.expiry
    if name.startswith("expiry") and expiry:
        # One source writes a month as its first day, the other, without a raw form, as a month.
        whole = expiry.precision == "month" and first
        value = expiry.first.isoformat() if whole else expiry.value
        said = {"expiry_raw": expiry.raw, "expiry_format": expiry.format}
        said["expiry_precision"] = expiry.precision
        return said.get(name, value)
    plain = {"lot": reading.lot, "serial": reading.serial, "quantity": str(reading.quantity)}
    return plain.get(name) or reading.parts[name]


ICCBBA = vectors("iccbba_vectors.json") or {"vectors": [], "checksums": []}


@pytest.mark.urs("UDI-02")
@pytest.mark.parametrize("vector", ICCBBA["vectors"], ids=lambda v: v["input"][:40])
def test_iccbba(vector: dict[str, Any]) -> None:
    reading = outcome(vector["input"])
    assert (reading is not None) == vector["valid"]
    if reading is None:
        return
    date = (
        {"expiry": reading.expiry.value, "expiry_raw": reading.expiry.raw} if reading.expiry else {}
    )
    known: dict[str, object] = {**reading.parts, **date, "issuing_agency": reading.issuer}
    known["din_type3_flag_valid"] = "donation_check" in reading.parts
    for name, value in vector["expected"].items():
        assert str(known.get(name)) == str(value), name


@pytest.mark.parametrize("vector", ICCBBA["checksums"], ids=lambda v: f"{v['kind']}-{v['input']}")
def test_isbt_checks(vector: dict[str, Any]) -> None:
    text = vector["input"]
    made: dict[str, Callable[[], object]] = {
        "din_check_char": lambda: din_check_character(text),
        "din_type3_flag": lambda: din_flags(text),
        "basic_udi_di_checksum": lambda: basic_udi_di_check(text),
        "basic_udi_di_verify": lambda: basic_udi_di_check(text[:-2]) == text[-2:],
    }
    assert made[vector["kind"]]() == vector["expected"]


@pytest.mark.urs("UDI-02")
def test_the_identifiers_of_real_devices_are_read() -> None:
    issuers = {"GS1": Issuer.GS1, "HIBCC": Issuer.HIBCC, "ICCBBA": Issuer.ICCBBA}
    read = 0
    for device in vectors("gudid_samples.json"):
        for one in device["identifiers"]:
            issuer = issuers[one["deviceIdIssuingAgency"]]
            reading = parse(one["deviceId"], issuer=issuer, year=YEAR)
            assert reading.di
            read += 1
    assert read > 300
