"""HIBC: primary, secondary, concatenated and in lines; all forms of date; supplements; checks."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.traceability.udi.reading import fault, leniently, read, refusal
from traceability.udi import Issuer, Tolerance
from traceability.udi.check_digits import mod43

PRIMARY = "+A123BJC5D6E71G"
STANDARD = "+X999123ABC0"


def secondary(data: str, link: str = "G") -> str:
    """Return a secondary symbol with its link and check characters."""
    body = f"+{data}{link}"
    return body + mod43(body)


def concatenated(data: str) -> str:
    """Return primary and secondary data as one symbol."""
    body = f"{STANDARD}/{data}"
    return body + mod43(body)


@pytest.mark.urs("UDI-02")
def test_a_primary_code_gives_the_device() -> None:
    reading = read(PRIMARY)
    assert (reading.issuer, reading.form, reading.di) == ("HIBCC", "primary", "A123BJC5D6E71")
    assert reading.parts == {"lic": "A123", "pcn": "BJC5D6E7", "uom": "1", "check_char": "G"}


@pytest.mark.urs("UDI-02")
@pytest.mark.parametrize(
    ("data", "value", "precision"),
    [
        ("$$05191234AB", "2019-05", "month"),
        ("$$11191234AB", "2019-11", "month"),
        ("$$20515191234AB", "2019-05-15", "day"),
        ("$$31905151234AB", "2019-05-15", "day"),
        ("$$4190515211234AB", "2019-05-15T21:00", "hour"),
        ("$$5191351234AB", "2019-05-15", "day"),
        ("$$619135211234AB", "2019-05-15T21:00", "hour"),
        ("191351234AB", "2019-05-15", "day"),
    ],
)
def test_every_form_of_date_is_read(data: str, value: str, precision: str) -> None:
    for text in (concatenated(data), secondary(data), PRIMARY + secondary(data)):
        reading = read(text)
        assert reading.lot == "1234AB"
        assert reading.expiry
        assert (reading.expiry.value, reading.expiry.precision) == (value, precision)


def test_the_published_example_is_read_whole() -> None:
    reading = read("+X999123ABC0/$$05191234AB/S5678EDFG/16D20151001A")
    assert (reading.di, reading.lot, reading.serial) == ("X999123ABC0", "1234AB", "5678EDFG")
    assert reading.manufactured
    assert reading.manufactured.first == dt.date(2015, 10, 1)


@pytest.mark.parametrize(
    ("data", "quantity", "lot"),
    [("$$82473C001", 24, "3C001"), ("$$900100", 100, ""), ("$$90010009053C001", 100, "3C001")],
)
def test_a_quantity_stands_before_the_date(data: str, quantity: int, lot: str) -> None:
    reading = read(secondary(data))
    assert (reading.quantity, reading.lot) == (quantity, lot)


def test_serial_numbers_come_behind_a_plus_or_as_a_supplement() -> None:
    assert read(secondary("$+0001")).serial == "0001"
    assert read(secondary("$$+70001")).serial == "0001"
    assert read(concatenated("$LOT/S0002/Q5")).quantity == 5


def test_lines_one_after_the_other_are_one_code() -> None:
    reading = read("+J123AQ3451T+25330BC34567T2+S4012TJ")
    assert (reading.form, reading.lot, reading.serial) == ("lines", "BC34567", "4012")


def test_the_check_character_may_be_a_plus_or_a_slash() -> None:
    for n in range(43 * 3):
        body = f"+A123{n:04d}1"
        check = mod43(body)
        text = body + check
        assert read(text).di == body[1:]
        if check in "+/":
            assert read(text + secondary("$LOT", check)).lot == "LOT"


def test_asterisks_around_it_are_no_part_of_it() -> None:
    assert read(f"*{PRIMARY}*").di == "A123BJC5D6E71"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("+A123BJC5D6E71H", ("hibc_check", 15)),
        ("+A123BJC5D6E71++$$52001510X3+D", ("hibc_check", 15)),
        ("+A999é2345", ("hibc_character", 6)),
        ("+a123BJC5D6E71G", ("hibc_case", 2)),
        ("++123", ("hibc_model", 2)),
        ("+/EU720", ("hibc_kind", 2)),
        ("+A1G", ("hibc_primary", 2)),
        ("+$", ("hibc_short", 1)),
        (secondary("$$1319LOT"), ("month", 4)),
        (secondary("$$5193671"), ("day_of_year", 7)),
        (secondary("$$X"), ("hibc_flag", 4)),
        (secondary("$$8A"), ("hibc_quantity", 5)),
        (concatenated("$LOT/X1"), ("hibc_supplement", 19)),
        (concatenated("$LOT/S"), ("hibc_empty", 20)),
        (concatenated("$LOT/14D20281301"), ("month", 26)),
        (concatenated("$" + "1" * 19), ("hibc_long", 15)),
    ],
)
def test_a_bad_code_is_refused_with_its_place(text: str, found: tuple[str, int]) -> None:
    assert fault(text) == found


@pytest.mark.urs("UDI-02")
def test_two_labels_of_two_products_are_told_apart_by_the_link() -> None:
    found = refusal(PRIMARY + secondary("$LOT", "H"))
    assert (found.fault, found.tolerance) == ("hibc_link", Tolerance.CHECK)
    assert "two products" in found.reason


def test_a_wrong_check_character_passes_with_a_warning() -> None:
    reading = leniently("+H124009993019351/1715160668893E07/")
    assert reading.lot == "60668893E07"
    assert [w.fault for w in reading.warnings] == ["hibc_check"]


def test_two_different_expiry_dates_are_pointed_at() -> None:
    reading = read(concatenated("$$3281031LOT/14D20281130"))
    assert [w.fault for w in reading.warnings] == ["hibc_two"]


def test_a_registry_may_have_the_check_character_behind_the_identifier() -> None:
    reading = read("H373VBH100202A3J", issuer=Issuer.HIBCC)
    assert reading.di == "H373VBH100202A3"
    assert [w.fault for w in reading.warnings] == ["hibc_with_check"]
    assert read("M204518067AB0", issuer=Issuer.HIBCC).di == "M204518067AB0"
    assert refusal("H373VBH100202A3K", issuer=Issuer.HIBCC).fault == "hibc_check"
