"""The production identifier of a lot or unit: one way of writing for labels, people, records."""

from __future__ import annotations

import datetime as dt
import string

import biip
import pytest
from biip.gs1_messages import GS1Message
from hypothesis import given
from hypothesis import strategies as st

from traceability.identifiers.errors import NotWritable
from traceability.identifiers.pi import (
    FNC1,
    Production,
    element_string,
    human_readable,
    production_identifier,
)
from traceability.udi.check_digits import mod43

DI = "51022222233336"
WHOLE = Production(
    lot="A213B1", serial="1234", made=dt.date(2014, 12, 31), expires=dt.date(2015, 7, 7)
)
CSET_82 = string.ascii_letters + string.digits + "!\"%&'()*+,-./:;<=>?_"
NUMBERS = st.text(CSET_82, max_size=20)
DATES = st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2049, 12, 31))


def test_the_example_of_the_fda_is_written_as_the_fda_writes_it() -> None:
    assert human_readable("GS1", DI, WHOLE) == (
        "(01)51022222233336(11)141231(17)150707(10)A213B1(21)1234"
    )


def test_a_separator_follows_a_variable_length_unless_it_is_the_last() -> None:
    assert element_string("GS1", DI, WHOLE) == (f"01{DI}111412311715070710A213B1{FNC1}211234")
    assert FNC1 not in element_string("GS1", DI, Production(lot="A1", made=dt.date(2026, 1, 1)))
    assert not element_string("GS1", DI, Production(serial="7")).endswith(FNC1)


@given(st.builds(Production, lot=NUMBERS, serial=NUMBERS, made=DATES, expires=DATES))
def test_what_is_written_is_read_back_by_the_reference(production: Production) -> None:
    message = biip.parse(f"]d2{element_string('GS1', DI, production)}").gs1_message
    assert isinstance(message, GS1Message)
    read = {e.ai.ai: e for e in message.element_strings}
    assert read["01"].value == DI
    assert (read["10"].value if "10" in read else "") == production.lot
    assert (read["21"].value if "21" in read else "") == production.serial
    assert (read["11"].date if "11" in read else None) == production.made
    assert (read["17"].date if "17" in read else None) == production.expires


@pytest.mark.parametrize(
    ("production", "code"),
    [
        (Production(), "+X999123ABC0"),
        (Production(lot="1234AB"), "+X999123ABC0/$$71234AB"),
        (Production(serial="1234AB"), "+X999123ABC0/$$+71234AB"),
        (
            Production(serial="1234AB", expires=dt.date(2019, 5, 15)),
            "+X999123ABC0/$$+31905151234AB",
        ),
        (
            Production("1234AB", "5678EDFG", dt.date(2015, 10, 1), dt.date(2019, 5, 15)),
            "+X999123ABC0/$$31905151234AB/S5678EDFG/16D20151001",
        ),
    ],
)
def test_hibc_data_follow_their_flag_and_end_in_a_check_character(
    production: Production, code: str
) -> None:
    assert element_string("HIBCC", "X999123ABC0", production) == code + mod43(code)


def test_the_hibc_vector_of_the_standard_is_met() -> None:
    whole = Production("1234AB", "5678EDFG", dt.date(2015, 10, 1), dt.date(2019, 5, 15))
    assert element_string("HIBCC", "X999123ABC0", whole).endswith("16D20151001J")


@pytest.mark.parametrize(
    ("issuer", "production"),
    [
        ("GS1", Production(lot="too long " * 3)),
        ("GS1", Production(serial="Ø1")),
        ("GS1", Production(lot="A\x1dB")),
        ("HIBCC", Production(lot="lower")),
        ("HIBCC", Production(serial="A/B")),
        ("ICCBBA", Production(lot="1")),
        ("AHM", Production(lot="1")),
    ],
)
def test_what_does_not_fit_the_symbol_is_refused(issuer: str, production: Production) -> None:
    with pytest.raises(NotWritable):
        element_string(issuer, DI, production)


def test_other_issuers_have_words_for_people_and_no_guessed_code() -> None:
    words = "LOT A213B1 SN 1234 MFD 2014-12-31 EXP 2015-07-07"
    assert production_identifier("ICCBBA", WHOLE) == words
    assert human_readable("AHM", "84060180000001", WHOLE) == f"84060180000001 {words}"
