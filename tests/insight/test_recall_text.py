"""The text of recall notices: what is read of it, and what is kept unread."""

from __future__ import annotations

import re

import pytest

from erp.insight.demo import public_records
from erp.insight.demo.recall_text import LONGEST_RANGE, Span, read

pytestmark = pytest.mark.urs("RCL-01")


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Lot # 214117, 216117, and 228117", ["214117", "216117", "228117"]),
        ("Lot Numbers:  83716171  83720151", ["83716171", "83720151"]),
        ("Unit: 07DTXA8519", ["07DTXA8519"]),
        ("Units: 042Y49061( 2 units), 042Y49062 (2 units)", ["042Y49061", "042Y49062"]),
        (
            "1) Lot Number: 0008 thru 0011;2) Lot Number: 6100",
            ["0008", "0009", "0010", "0011", "6100"],
        ),
        ("Lot Number: 5290-201001", ["5290-201001"]),
        ("Serial Numbers Range: A100-A102", ["A100", "A101", "A102"]),
        ("Lot # 20118000.", ["20118000"]),
    ],
)
def test_named_numbers_and_ranges_are_read_whole(text: str, numbers: list[str]) -> None:
    """Every number once, leading zeros kept, nothing left over."""
    found = read(text)

    assert found.numbers() == numbers
    assert found.unread == []


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("Lot Number 1230783, Exp. Date February 2017", "February 2017"),
        ("Lot # 014648  USE BY: 09/01/2018", "09/01/2018"),
        ("Lot Numbers/Expiration Dates:  1) 1620888/Expiration Date: 12/30/2017", "12/30/2017"),
        ("Lot 50858  Exp Date - 2018-02", "2018-02"),
    ],
)
def test_an_expiry_date_goes_with_the_number_before_it(text: str, expiry: str) -> None:
    """The date is kept word for word and is no lot number."""
    (named,) = read(text).named

    assert named.expiry == expiry


@pytest.mark.parametrize(
    "text",
    [
        "Item #: RTL 10433",
        "Software version 3.2.0, 3.2.1 or 3.2.3",
        "83QKP",
        "6887700, 6887900",
        "See Recall Database Entry",
        "2R8403 (all lots within expiry)",
    ],
)
def test_a_number_that_nothing_names_is_not_guessed(text: str) -> None:
    """What is not said to be a lot, serial or unit stays unread, word for word."""
    found = read(text)

    assert found.numbers() == []
    assert found.unread


def test_words_about_all_lots_stay_unread_beside_the_lots_that_are_named() -> None:
    """The dates in the sentence are no lots; the lots after it are."""
    found = read(
        "All lots manufactured between December 15, 2010 and today including lots: 02031103"
    )

    assert found.numbers() == ["02031103"]
    assert "All lots manufactured" in found.unread[0]
    assert "2010" in found.unread[0]


def test_a_number_run_into_the_next_mark_is_not_read() -> None:
    """``16KS022812)`` may be a number and a mark or not: it stays as it is."""
    found = read("1) Units: 16GS36753, 16KS022812) and 3) Unit: 16GS36753")

    assert found.numbers() == ["16GS36753"]
    assert found.unread == ["16KS022812)"]


def test_a_range_too_long_to_list_stays_a_range_and_still_answers() -> None:
    """Nobody needs millions of rows to know whether one number is meant."""
    found = read("Serial Number Range:17080651-21061047   UDI: 00718175003329")

    assert found.numbers() == []
    assert found.spans == [Span("17080651", "21061047", "serial")]
    assert found.spans[0].count() > LONGEST_RANGE
    assert found.covers("18000000")
    assert not found.covers("21061048")
    assert not found.covers("1708065")
    assert found.udis == ["00718175003329"]


def test_ranges_with_different_beginnings_are_no_ranges() -> None:
    """What lies between A100 and B200 is anybody's guess."""
    assert read("Lot Number: A100 thru B200").numbers() == []
    assert read("Lot Number: 0200 thru 0100").numbers() == []


@pytest.mark.skipif(not public_records.records(public_records.RECALLS), reason="no ../shared/data")
def test_every_word_of_the_public_notices_is_either_read_or_kept() -> None:
    """No character of a notice gets lost: each run of three and more letters or digits is
    somewhere.
    """
    for record in public_records.records(public_records.RECALLS):
        text = record["code_info"] or ""
        found = read(text)
        kept = " ".join([*found.numbers(), *found.unread, *found.udis])
        kept += " ".join(f"{s.first} {s.last}" for s in found.spans)
        kept += " ".join(n.expiry for n in found.named)
        words = re.findall(r"[A-Za-z0-9]*\d[A-Za-z0-9]{2,}", text)
        missing = [w for w in words if w not in kept]
        assert not missing, (text, missing)
