"""What holds of any text: the readers never break, and what was built is read back."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traceability.udi.reading import YEAR
from traceability.udi import Issuer, UdiRefused, parse
from traceability.udi.check_digits import mod10, mod43
from traceability.udi.gs1.checks import CSET82
from traceability.udi.gs1.elements import bracketed, element_string
from traceability.udi.reading import Element

BEGINNINGS = [
    "",
    "(01)",
    "\x1d",
    "]d2",
    "]E0",
    "]C1",
    "+",
    "+$$",
    "=",
    "=+",
    "MA.",
    "AHM",
    "https://a/",
]
PIECES = st.text("0123456789ABCabc()[]+$/=&,.%*|^~>\\\x1d \u00e9\u0661\U0001f600", max_size=40)
LOTS = st.text(CSET82, min_size=1, max_size=20)
CAPITALS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.urs("UDI-02")
@given(st.sampled_from(BEGINNINGS), PIECES | st.text(max_size=60), st.booleans())
@settings(max_examples=400, deadline=None)
def test_no_text_breaks_the_readers(beginning: str, rest: str, strict: bool) -> None:
    with contextlib.suppress(UdiRefused):
        assert parse(beginning + rest, strict=strict).as_json()["valid"]


@given(st.binary(max_size=80), st.sampled_from([None, *Issuer]))
@settings(max_examples=200, deadline=None)
def test_no_bytes_break_the_readers(data: bytes, issuer: Issuer | None) -> None:
    try:
        said = parse(data, issuer=issuer, strict=False).as_json()
    except UdiRefused as refused:
        said = refused.as_json()
    assert said["valid"] or (said["position"] and said["reason"] and said["expected"])


@given(st.text("0123456789", min_size=13, max_size=13), LOTS, LOTS)
@settings(max_examples=200, deadline=None)
def test_what_gs1_elements_were_built_from_is_read_back(digits: str, lot: str, serial: str) -> None:
    elements = [
        Element(code, value, 0)
        for code, value in (("01", digits + mod10(digits)), ("10", lot), ("21", serial))
    ]
    texts = [element_string(elements), "]d2" + element_string(elements)[1:]]
    if "\\" not in lot + serial:
        texts.append(bracketed(elements))
    for text in texts:
        reading = parse(text, year=YEAR)
        assert (reading.di, reading.lot, reading.serial) == (elements[0].value, lot, serial)


@given(
    st.from_regex("[A-Z][A-Z0-9]{3}", fullmatch=True),
    st.text(CAPITALS, min_size=1, max_size=18),
    st.sampled_from("0123456789"),
    st.text(CAPITALS, min_size=1, max_size=18),
    st.integers(1, 12),
)
@settings(max_examples=200, deadline=None)
def test_what_an_hibc_code_was_built_from_is_read_back(
    lic: str, pcn: str, unit: str, lot: str, month: int
) -> None:
    body = f"+{lic}{pcn}{unit}/$${month:02d}28{lot}"
    reading = parse(body + mod43(body), year=YEAR)
    assert (reading.di, reading.lot) == (lic + pcn + unit, lot)
    assert reading.expiry
    assert reading.expiry.value == f"2028-{month:02d}"
