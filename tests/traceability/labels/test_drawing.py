"""Drawing: nothing is cut off, nothing lies outside, and a wrong label is found out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.traceability.labels.builders import element, unit_layout
from tests.traceability.labels.plans import drawing_of, plan
from traceability.identifiers.pi import Production
from traceability.labels import layout, pdf, svg, verify, zpl
from traceability.labels.carrier import Carrier, Unencodable
from traceability.labels.drawing import DoesNotFit, Drawing, Matrix, Run, broken, draw, width_of

UNIT = Production("CL-104", "SN-7", dt.date(2026, 3, 1), dt.date(2031, 2, 28))
NUMBER = st.text("abcXYZ0189-_/", min_size=1, max_size=20)


def faults(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, int | None]]:
    """Return where a layout of 60 × 40 mm is wrong."""
    found = layout.faults(layout.read(rows), Decimal(60), Decimal(40))
    return [(fault.name, fault.row) for fault in found]


def test_a_whole_layout_has_no_fault() -> None:
    assert faults(unit_layout()) == []
    assert faults(layout.STARTER) == []


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (element("text", "x", x=55, w=10), "elements.x"),
        (element("text", "x", y=-1), "elements.x"),
        (element("text", " "), "elements.content"),
        (element("text", "x", size=2), "elements.size"),
        (element("text", "x", h=0), "elements.w"),
        (element("field", "colour"), "elements.content"),
        (element("field", "lot", mark="moon"), "elements.mark"),
        (element("sign", "moon"), "elements.content"),
    ],
)
def test_a_wrong_element_is_named_by_its_row(row: dict[str, Any], field: str) -> None:
    rows = [*unit_layout(), row]
    assert faults(rows) == [(field, len(rows))]


def test_a_label_has_one_symbol_and_the_udi_in_plain_text() -> None:
    rows = unit_layout()
    assert faults([r for r in rows if r["kind"] != "datamatrix"]) == [("elements", None)]
    assert faults([*rows, rows[0]]) == [("elements", None)]
    assert faults([r for r in rows if r["content"] != "udi"]) == [("elements", None)]
    assert ("elements", None) in faults(rows + [element("line")] * 60)


def test_everything_wrong_comes_back_at_once() -> None:
    assert len(faults([element("field", "colour"), element("sign", "moon", x=99)])) == 5


def test_a_text_without_room_is_refused_and_not_cut() -> None:
    with pytest.raises(DoesNotFit) as refusal:
        drawing_of(UNIT, item_name="A very long name " * 6)
    assert refusal.value.element.content == "item_name"


def test_a_symbol_without_room_is_refused() -> None:
    with pytest.raises(DoesNotFit):
        draw(
            replace(plan(), module=Decimal("0.99")),
            {"udi": "x"},
            drawing_of(UNIT).content,
        )


def test_a_value_that_is_not_there_is_not_drawn_nor_its_sign() -> None:
    texts = [run.text for run in drawing_of(Production("CL-104")).runs]
    assert "SN" not in texts
    assert "LOT" in texts


@given(NUMBER, st.integers(4, 60))
def test_breaking_lines_loses_no_character(text: str, width: int) -> None:
    udi = f"(01)09501101530003(17)310228(10){text}(21){text}"
    lines = broken(udi, width, udi=True)
    assert lines is not None
    assert "".join(lines) == udi
    assert all(width_of(line) <= width for line in lines)


@given(st.lists(st.text("abc无菌", min_size=1, max_size=9), min_size=1, max_size=9))
def test_words_stay_whole_and_chinese_breaks_anywhere(words: list[str]) -> None:
    lines = broken(" ".join(words), 10)
    assert lines is not None
    assert "".join(lines).replace(" ", "") == "".join(words)


def test_svg_holds_no_markup_from_a_record() -> None:
    picture = svg.svg_of(drawing_of(UNIT, item_name="<script>&\"'"))
    assert "<script>" not in picture
    assert "&lt;script&gt;&amp;" in picture


def test_a_specimen_says_that_it_is_one() -> None:
    assert "SPECIMEN" in svg.svg_of(drawing_of(UNIT), specimen=True)
    assert "SPECIMEN" not in svg.svg_of(drawing_of(UNIT))


def unread(drawn: Drawing, intended: Drawing, copies: int = 1) -> list[str]:
    """Print one drawing and compare it with another."""
    data = pdf.pdf_of([(drawn, copies)], b"x" * 16)
    return [found.reason for found in verify.unread_in(data, Carrier.GS1, [intended])]


@pytest.mark.urs("UDI-03")
def test_a_label_that_says_something_else_is_found_out() -> None:
    good = drawing_of(UNIT)
    other = drawing_of(replace(UNIT, serial="SN-8"))
    assert unread(good, good) == []
    assert "SN-8" in unread(other, good)[0]
    assert "pages" in unread(good, good, copies=2)[0]


def test_a_symbol_that_cannot_be_read_is_found_out() -> None:
    good = drawing_of(UNIT)
    blank = replace(good, shapes=[s for s in good.shapes if not isinstance(s, Matrix)])
    symbol = good.matrix
    twice = replace(good, shapes=[symbol, replace(symbol, x=40.0)])
    assert "cannot be read" in unread(blank, good)[0]
    assert "more than one" in unread(twice, good)[0]


def test_a_text_that_runs_over_the_edge_is_found_out() -> None:
    good = drawing_of(UNIT)
    over = [
        replace(shape, x=57.0) if isinstance(shape, Run) and shape.text == "CL-104" else shape
        for shape in good.shapes
    ]
    found = unread(replace(good, shapes=over), good)
    assert found == ["This text does not stand on it whole: CL-104"]


def test_a_wrong_udi_in_plain_text_is_found_out() -> None:
    good = drawing_of(UNIT)
    assert "plain text" in unread(good, replace(good, plain="(01)09501101530003(21)SN-9"))[0]


def test_a_page_of_another_size_is_found_out() -> None:
    good = drawing_of(UNIT)
    assert "another size" in unread(good, replace(good, width=70.0))[0]


def test_a_printer_that_is_too_coarse_is_refused() -> None:
    good = drawing_of(UNIT)
    coarse = [
        replace(s, module=0.26, room=6.0) if isinstance(s, Matrix) else s for s in good.shapes
    ]
    page = next(pdf.look_at(pdf.pdf_of([(good, 1)], b"x" * 16), 8)).image
    assert "^BXN" in zpl.zpl_of(good, Carrier.GS1, 203, page)
    with pytest.raises(Unencodable):
        zpl.zpl_of(replace(good, shapes=coarse), Carrier.GS1, 203, page)


def test_chinese_goes_to_a_thermal_printer_as_a_picture_with_ink_in_it() -> None:
    good = drawing_of(UNIT)
    page = next(pdf.look_at(pdf.pdf_of([(good, 1)], b"x" * 16), 8)).image
    label = zpl.zpl_of(good, Carrier.GS1, 203, page)
    pictures = label.split("^GFA,")[1:]
    assert "无" not in label
    assert any("F" in picture.split(",")[3] for picture in pictures)
    assert "^FDCL-104^FS" in label


def test_commands_in_a_record_do_not_reach_the_printer() -> None:
    good = drawing_of(UNIT, item_name="^XZ~JA^XA")
    page = next(pdf.look_at(pdf.pdf_of([(good, 1)], b"x" * 16), 8)).image
    label = zpl.zpl_of(good, Carrier.GS1, 203, page)
    assert label.count("^XZ") == 1
    assert "~" not in label


def test_what_cannot_be_printed_is_refused() -> None:
    with pytest.raises(DoesNotFit):
        drawing_of(UNIT, item_name="Cage\x1b[2J")
    assert "Cage two lines" in [
        run.text for run in drawing_of(UNIT, item_name="Cage\ntwo lines").runs
    ]
