"""ISBT 128, MA, AHM."""

from __future__ import annotations

import re

import pytest

from tests.traceability.udi.reading import fault, leniently, read
from traceability.udi import Issuer, Tolerance, parse
from traceability.udi.iccbba import din_check_character, din_flags

WHOLE = "=/A9999XYZ100T0476=,000025=A99972312345600=>025032=}023032&,1000000000000XYZ123"


@pytest.mark.urs("UDI-02")
def test_isbt_structures_are_read_one_after_the_other() -> None:
    reading = read(WHOLE)
    assert (reading.issuer, reading.di) == ("ICCBBA", "A9999XYZ100T0476")
    assert (reading.serial, reading.lot) == ("000025", "000000000000XYZ123")
    assert reading.parts["donation_id"] == "A99972312345600"
    assert reading.expiry
    assert reading.expiry.value == "2025-02-01"
    assert reading.manufactured
    assert reading.manufactured.value == "2023-02-01"


def test_a_compound_code_must_have_as_many_structures_as_it_says() -> None:
    text = "=+03000=/A9997XYZ100T0479=,000012=>019031"
    assert read(text).form == "compound"
    assert fault(text.replace("=+03", "=+04")) == ("isbt_count", 1)
    assert leniently(text.replace("=+03", "=+04")).serial == "000012"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("=/A9997ab3456T0123", ("isbt_character", 8)),
        ("=/A9997AB3456T012", ("isbt_length", 3)),
        ("=/AO997AB3456T0123", ("isbt_facility", 3)),
        ("=/A9997AB345601234", ("isbt_product", 14)),
        ("=A9O991712345600", ("isbt_donation", 2)),
        ("=G12341765432171", ("isbt_flags", 15)),
        ("=,000012=>019366", ("day_of_year", 14)),
        ("=,000012!", ("isbt_structure", 9)),
    ],
)
def test_a_bad_structure_is_refused_with_its_place(text: str, found: tuple[str, int]) -> None:
    assert fault(text) == found


def test_a_donation_number_has_a_check_for_eyes_and_one_for_scanners() -> None:
    assert din_check_character("G123417654321") == "A"
    assert din_flags("G123417654321") == "70"


@pytest.mark.urs("UDI-02")
def test_an_ma_code_is_read_to_its_parts() -> None:
    reading = read("MA.156.M0.100000.10000001.M201231.V221230.LA001")
    assert (reading.issuer, reading.di) == ("MA", "MA.156.M0.100000.10000001")
    assert reading.lot == "A001"
    assert reading.manufactured
    assert reading.manufactured.value == "2020-12-31"
    assert reading.expiry
    assert reading.expiry.value == "2022-12-30"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MA.156.M0.100000", "ma_short"),
        ("MA.15.M0.100000.10000001", "ma_part"),
        ("MA.156.M0.100000.10000001.X1", "ma_unit"),
        ("MA.156.M0.100000.10000001.L1.L2", "ma_twice"),
        ("MA.156.M0.100000.10000001.M201331", "month"),
        ("MA.156.M0.100000.10000001.M2013", "date_digits"),
    ],
)
def test_a_bad_ma_code_is_refused(text: str, found: str) -> None:
    assert fault(text)[0] == found


def test_an_ahm_code_is_kept_whole_until_the_installation_says_how_it_is_built() -> None:
    reading = read("AHM0012345")
    assert (reading.issuer, reading.form, reading.di) == ("AHM", "whole", "")
    assert [w.fault for w in reading.warnings] == ["ahm_whole"]
    pattern = re.compile(r"AHM(?P<di>\d{4})(?P<lot>\d{3})(?:E(?P<expiry>\d{6}))?")
    split = parse("AHM0012345E281031", ahm=[pattern], year=2026)
    assert (split.di, split.lot) == ("0012", "345")
    assert split.expiry
    assert split.expiry.value == "2028-10-31"


def test_a_bare_identifier_is_read_when_its_issuer_is_told() -> None:
    assert read("A9997AB3456T0123", issuer=Issuer.ICCBBA).di == "A9997AB3456T0123"
    assert read("9520123456788", issuer=Issuer.GS1).di == "09520123456788"
    wrong = parse("9520123456789", issuer=Issuer.GS1, permit=[Tolerance.CHECK])
    assert [w.fault for w in wrong.warnings] == ["check_digit"]
