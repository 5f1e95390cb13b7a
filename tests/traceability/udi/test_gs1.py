"""GS1 element strings: printed, scanned, behind symbology identifiers; alone and together."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.traceability.udi.reading import fault, leniently, read, refusal
from traceability.udi import Level, Precision, Tolerance, parse
from traceability.udi.check_digits import mod10
from traceability.udi.gs1.dictionary import AIS
from traceability.udi.gs1.elements import element_string

GTIN = "09520123456788"
FDA = "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234"


@pytest.mark.urs("UDI-02")
def test_the_printed_form_is_read_to_its_parts() -> None:
    reading = read(FDA)
    assert (reading.issuer, reading.di) == ("GS1", "51022222233336")
    assert (reading.lot, reading.serial) == ("A213B1", "1234")
    assert reading.expiry
    assert reading.expiry.value == "2015-07-07"
    assert reading.manufactured
    assert reading.manufactured.value == "2014-12-31"
    assert reading.warnings == ()


@pytest.mark.urs("UDI-02")
@pytest.mark.parametrize(
    "text",
    [
        "]d20109520123456788101042\x1d21000187",
        "\x1d0109520123456788101042\x1d21000187",
        "0109520123456788101042\x1d21000187",
        "^0109520123456788101042^21000187",
        "~0109520123456788101042~21000187",
        "{GS}0109520123456788101042{GS}21000187",
        "0109520123456788101042<GS>21000187",
        "]C10109520123456788101042^21000187\r\n",
        "]Q30109520123456788\x1d101042\x1d21000187\x1d",
        "(01)09520123456788(10)1042(21)000187",
        "https://id.gs1.org/01/09520123456788/10/1042/21/000187",
        "]Q1https://id.gs1.org/01/09520123456788/10/1042/21/000187",
    ],
)
def test_every_way_a_scanner_sends_a_code_gives_the_same_reading(text: str) -> None:
    reading = read(text)
    assert (reading.di, reading.lot, reading.serial) == (GTIN, "1042", "000187")
    assert reading.canonical == "(01)09520123456788(10)1042(21)000187"


def test_only_one_kind_of_substitute_stands_for_fnc1_in_one_text() -> None:
    assert fault("^99ABC~") == ("character_x", 7)


def test_an_installation_says_what_stands_for_fnc1() -> None:
    text = "0109520123456788101042#21000187"
    assert parse(text, fnc1=["#"]).serial == "000187"
    assert fault(text)[0] == "character_x"


def test_small_letters_are_kept() -> None:
    assert read(f"(01){GTIN}(10)aBc").lot == "aBc"


def test_a_bracket_inside_a_value_is_escaped() -> None:
    reading = read(f"(01){GTIN}(10)A\\(1)")
    assert reading.lot == "A(1)"
    assert read(reading.canonical).lot == "A(1)"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(", ("bracket_close", 1)),
        ("(12345)1", ("ai_unknown", 2)),
        ("(1A)12345", ("ai_unknown", 2)),
        ("(10)(11)987654", ("value_missing", 5)),
        ("(10)12 45", ("character_x", 7)),
        (f"(01){GTIN[:-1]}9", ("check_digit", 18)),
        ("]d20109520123456789", ("check_digit", 19)),
        ("{GS}10AB{GS}17281331", ("month", 17)),
        ("(01)95012345678903(11)131313", ("month", 25)),
        ("(17)270230", ("day", 9)),
        ("(7003)2810312460", ("hour", 13)),
        ("(8008)28103123605", ("length", 7)),
        ("\x1d891234", ("ai_unknown", 2)),
        ("\x1d8001123412345123981", ("length", 6)),
        ("(8030)123=", ("padding", 10)),
        ("(8007)FR12345678901234", ("iban_check", 9)),
        ("(4309)00000000003600000001", ("longitude", 17)),
        ("(7040)1AB=", ("importer_index", 10)),
        ("(8026)123456789012310302", ("piece_of_total", 21)),
        ("(4300)ABC%0g", ("percent", 10)),
        ("(426)987", ("country", 6)),
        ("(3910)9870", ("currency", 7)),
        ("(7041)QQQQ", ("package_type", 7)),
        ("(8013)123456ABXX", ("check_pair", 15)),
        ("(8110)01234561234561111012390002", ("coupon_value", 32)),
        ("]d2", ("empty", 4)),
        ("", ("empty", 1)),
        ("]", ("symbology", 1)),
        ("]X0123", ("symbology", 1)),
        ("R-1042", ("unknown_form", 1)),
    ],
)
def test_a_bad_code_is_refused_with_its_place(text: str, found: tuple[str, int]) -> None:
    assert fault(text) == found


@pytest.mark.urs("UDI-02")
def test_a_refusal_says_what_stood_there_and_what_was_expected() -> None:
    found = refusal(f"(01){GTIN[:-1]}9")
    assert (found.found, found.expected) == ("9", "8.")
    assert found.reason == "the check digit of AI 01 is wrong."
    assert found.tolerance == Tolerance.CHECK


def test_a_wrong_check_digit_passes_with_a_warning_where_that_is_permitted() -> None:
    text = "(01)00208851107345(17)150331"
    for reading in (leniently(text), parse(text, permit=[Tolerance.CHECK])):
        assert reading.di == "00208851107345"
        assert [w.fault for w in reading.warnings] == ["check_digit"]
    assert fault(text) == ("check_digit", 18)


class TestDates:
    """Values with their precision, in the century they mean."""

    def test_the_day_00_means_the_whole_month_and_expires_on_its_last_day(self) -> None:
        expiry = read(f"(01){GTIN}(17)280200").expiry
        assert expiry
        assert (expiry.value, expiry.precision) == ("2028-02", Precision.MONTH)
        assert expiry.last == dt.date(2028, 2, 29)

    def test_a_time_of_expiry_is_kept_and_counts_before_the_day(self) -> None:
        expiry = read(f"(01){GTIN}(7003)2810311830").expiry
        assert expiry
        assert (expiry.value, expiry.precision) == ("2028-10-31T18:30", Precision.MINUTE)

    @pytest.mark.parametrize(
        ("digits", "year"), [("76", 2076), ("77", 1977), ("00", 2000), ("26", 2026)]
    )
    def test_two_digits_mean_the_nearest_year(self, digits: str, year: int) -> None:
        expiry = read(f"(01){GTIN}(17){digits}0101").expiry
        assert expiry
        assert expiry.first.year == year

    def test_near_the_end_of_a_century_they_mean_the_next(self) -> None:
        expiry = parse(f"(01){GTIN}(17)010101", year=2080).expiry
        assert expiry
        assert expiry.first.year == 2101


class TestTogether:
    """Which elements must come together, asked at three levels."""

    def test_a_barcode_without_the_key_is_read_with_a_warning(self) -> None:
        reading = read("(17)281031(10)1042")
        assert (reading.di, reading.lot) == ("", "1042")
        assert [w.fault for w in reading.warnings] == ["lacking_here", "lacking_here"]

    def test_the_barcodes_of_an_item_together_must_have_it(self) -> None:
        assert fault("(17)281031(10)1042", level=Level.ASSOCIATION) == ("lacking", 5)

    def test_a_barcode_with_the_key_must_have_the_rest(self) -> None:
        assert fault(f"(01){GTIN}(250)AB") == ("lacking", 24)
        assert read(f"(01){GTIN}(21)1(250)AB").parts["secondary_serial"] == "AB"

    def test_a_pallets_content_may_stand_apart_from_its_number(self) -> None:
        assert read(f"(02){GTIN}(37)24").quantity == 24

    def test_elements_that_exclude_each_other_are_refused(self) -> None:
        assert fault(f"(01){GTIN}(37)24")[0] == "exclusive"
        assert fault(f"(01){GTIN}(3333)333333(3335)030333")[0] == "exclusive"

    def test_an_element_may_be_there_twice_if_it_says_the_same(self) -> None:
        assert read("(400)ABC(400)ABC").parts["order"] == "ABC"
        assert fault("(400)ABC(400)ABD") == ("repeated", 14)

    def test_a_signature_needs_a_key_with_serial_number(self) -> None:
        assert fault("(253)1234567890128(8030)ABC123")[0] == "serial_missing"
        assert read("(253)1234567890128X(8030)ABC123").parts["document"] == "1234567890128X"

    def test_nothing_of_it_is_asked_when_single_elements_are_parsed(self) -> None:
        assert read(f"(01){GTIN}(37)24", level=Level.PARSE).quantity == 24


class TestRetail:
    """Numbers of retail barcodes."""

    @pytest.mark.parametrize(
        ("text", "di"),
        [
            ("]E02112345678900", "02112345678900"),
            ("]E402345673", "00000002345673"),
            ("]I109520123456788", GTIN),
            ("9520123456788", GTIN),
            ("09520123456788", GTIN),
        ],
    )
    def test_a_shorter_gtin_is_filled_up_to_fourteen_digits(self, text: str, di: str) -> None:
        assert read(text).di == di

    def test_a_composite_component_is_read_with_it(self) -> None:
        reading = read("]E02112345678900|]e099COMPOSITE\x1d98XYZ")
        assert reading.ais == {"01": "02112345678900", "99": "COMPOSITE", "98": "XYZ"}

    @pytest.mark.parametrize("text", ["]E0", "]E0123456789012", "]E01234ABC890123", "]E4123456789"])
    def test_a_wrong_length_or_letter_is_refused(self, text: str) -> None:
        assert fault(text) == ("retail", 4)


class TestLenient:
    """What people type."""

    def test_spaces_between_elements_pass_with_a_warning(self) -> None:
        typed = f"(01) {GTIN} (10) 1042"
        assert leniently(typed).lot == "1042"
        assert fault(typed)[0] == "space"

    def test_an_unknown_identifier_passes_where_brackets_show_its_end(self) -> None:
        assert leniently("(89)ABC").ais == {"89": "ABC"}
        assert fault("(89)ABC")[0] == "ai_unknown"


def test_plain_text_out_of_a_barcode_is_no_fault() -> None:
    reading = read("]Q1^TESTING")
    assert (reading.issuer, reading.form, reading.text) == ("", "plain", "^TESTING")


def test_fnc1_is_written_only_where_it_is_needed() -> None:
    elements = read("(01)09520123456788(10)1042(17)281031").elements
    assert element_string(elements, "^") == "^0109520123456788101042^17281031"


def test_every_identifier_of_the_dictionary_is_there() -> None:
    assert len(AIS) > 500
    assert AIS["01"].qualifiers >= {("10",), ("22", "10", "21"), ("235",), ()}
    assert AIS["3105"].title.startswith("NET WEIGHT")
    assert [ai.code for ai in AIS.values() if not ai.components] == []


def test_the_check_digit_weighs_three_and_one_from_the_right() -> None:
    assert mod10("5102222223333") == "6"
    assert mod10("0690123456789") == "2"
    assert mod10("04012345000000111") == "2"
