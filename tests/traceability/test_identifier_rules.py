"""How issuers write a DI, and which identifier applies: pure rules, no database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from biip.gtin import Gtin
from hypothesis import given
from hypothesis import strategies as st

from traceability.identifiers.rules import ISSUERS, as_kept, choose, faults_of
from traceability.udi.check_digits import HIBC_CHARACTERS, mod10, mod43

GTIN_BODIES = st.text("0123456789", min_size=13, max_size=13)
HIBC_BODIES = st.text(HIBC_CHARACTERS, min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("body", "digit"),
    [("5102222223333", "6"), ("0690123456789", "2"), ("04012345000000111", "2")],
)
def test_the_gs1_check_digit_is_that_of_the_standard(body: str, digit: str) -> None:
    assert mod10(body) == digit


@pytest.mark.parametrize(
    "code",
    [
        "+A123BJC5D6E71G",
        "+X999123ABC0/$$31905151234AB/S5678EDFG/16D20151001J",
        "+X999123ABC0/$1234AB/S5678EDFG/16D20151001/14D20190515.",
    ],
)
def test_the_hibc_check_character_is_that_of_the_standard(code: str) -> None:
    assert mod43(code[:-1]) == code[-1]


def test_a_character_outside_hibc_has_no_check_character() -> None:
    with pytest.raises(KeyError):
        mod43("+ä")


@given(GTIN_BODIES)
def test_a_gtin_with_its_check_digit_is_right_and_the_reference_agrees(body: str) -> None:
    di = body + mod10(body)
    assert faults_of("GS1", di) == []
    assert Gtin.parse(di).check_digit == int(di[-1])


@given(GTIN_BODIES, st.integers(1, 9))
def test_any_other_check_digit_is_doubtful_and_the_right_one_is_named(body: str, off: int) -> None:
    wrong = str((int(mod10(body)) + off) % 10)
    (fault,) = faults_of("GS1", body + wrong)
    assert (fault.position, fault.found, fault.expected) == (14, wrong, mod10(body))
    assert fault.doubtful


@given(GTIN_BODIES, st.integers(0, 12), st.integers(1, 9))
def test_one_mistyped_digit_is_always_noticed(body: str, at: int, off: int) -> None:
    typed = body[:at] + str((int(body[at]) + off) % 10) + body[at + 1 :] + mod10(body)
    assert faults_of("GS1", typed)


@pytest.mark.parametrize(
    ("issuer", "di", "position", "doubtful"),
    [
        ("GS1", "0952123410012X", 14, False),
        ("GS1", "123456", 0, False),
        ("GS1", "٠٩٥٢١٢٣٤١٠٠١٢٥", 1, False),
        ("HIBCC", "+A123BJC5D6E71H", 15, True),
        ("HIBCC", "H373VBH100202A3J", 16, True),
        ("HIBCC", "A123BJC5D6E7#", 13, False),
        ("HIBCC", "1234BJC5D6E71", 0, False),
        ("HIBCC", "A123BJC5D6E7X", 13, False),
        ("HIBCC", "+", 0, False),
        ("ICCBBA", "A9999XYZ100T047", 0, False),
        ("MA", "MA.156.M0", 0, False),
        ("GS1", "0952\u00a0123410012", 5, False),
        ("AHM", "", 0, False),
    ],
)
def test_a_wrong_di_is_named_with_its_position(
    issuer: str, di: str, position: int, doubtful: bool
) -> None:
    (fault,) = faults_of(issuer, di)
    assert (fault.position, fault.doubtful) == (position, doubtful)
    assert str(fault.reason)


@pytest.mark.parametrize(
    ("issuer", "di"),
    [
        ("GS1", "96385074"),
        ("GS1", "690123456789 2".replace(" ", "")),
        ("HIBCC", "A123BJC5D6E71"),
        ("HIBCC", "+A123BJC5D6E71G"),
        ("ICCBBA", "A9999XYZ100T0476"),
        ("MA", "MA.156.M0.100000.10000001"),
        ("AHM", "84060180000001"),
    ],
)
def test_what_issuers_give_is_right(issuer: str, di: str) -> None:
    assert faults_of(issuer, di) == []


@given(st.sampled_from(ISSUERS), st.text(max_size=60))
def test_no_text_breaks_the_check(issuer: str, di: str) -> None:
    for fault in faults_of(issuer, di):
        assert 0 <= fault.position <= len(di)
    as_kept(issuer, di)


def test_a_di_is_kept_in_one_form() -> None:
    assert as_kept("GS1", " 96385074 ") == "00000096385074"
    assert as_kept("HIBCC", "+a123bjc5d6e71g") == "A123BJC5D6E71"
    assert as_kept("MA", "MA.156.M0.100000.10000001") == "MA.156.M0.100000.10000001"


@dataclass
class Row:
    """An identifier as the choice sees it."""

    name: str
    revision_id: int | None = None
    market: str = ""
    state: str = "active"
    valid_from: dt.date | None = None
    withdrawn_on: dt.date | None = None


FIRST, SECOND, CHINA = Row("first"), Row("second", revision_id=7), Row("china", market="CN")


@pytest.mark.parametrize(
    ("revision", "market", "chosen"),
    [
        (None, "", "second"),
        (5, "", "first"),
        (7, "", "second"),
        (9, "", "second"),
        (9, "US", "second"),
        (9, "CN", "china"),
    ],
)
def test_the_identifier_of_revision_and_market_applies(
    revision: int | None, market: str, chosen: str
) -> None:
    found = choose([FIRST, SECOND, CHINA], revision_id=revision, market=market)
    assert found is not None
    assert found.name == chosen


def test_nothing_applies_where_nothing_is() -> None:
    assert choose([], revision_id=1) is None
    assert choose([CHINA], market="US") is None
    assert choose([SECOND], revision_id=5) is None


def test_what_was_made_before_a_withdrawal_keeps_its_identifier() -> None:
    day = dt.date
    old = Row("old", state="withdrawn", valid_from=day(2025, 1, 1), withdrawn_on=day(2025, 12, 31))
    new = Row("new", valid_from=day(2026, 1, 1))
    made = {on: choose([old, new], on=on) for on in (day(2025, 6, 1), day(2026, 6, 1), None)}
    assert [row.name for row in made.values() if row] == ["old", "new", "new"]
