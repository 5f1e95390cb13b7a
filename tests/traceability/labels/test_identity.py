"""Print → decode → parse is identity: for every lot, serial number and date that may stand on a
label.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import biip
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.traceability.labels.plans import DI, drawing_of
from traceability.identifiers.pi import Production, element_string
from traceability.labels import carrier, pdf, svg, verify, zpl
from traceability.labels.carrier import Carrier, Seen, encode
from traceability.labels.drawing import Drawing
from traceability.udi.check_digits import mod43

CSET_82 = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
gs1_numbers = st.text(CSET_82, min_size=1, max_size=20)
hibc_numbers = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.", min_size=1, max_size=18)
dates = st.dates(dt.date(2000, 1, 1), dt.date(2049, 12, 31))


def productions(numbers: st.SearchStrategy[str]) -> st.SearchStrategy[Production]:
    """Return any lots and units with any dates."""
    maybe = st.one_of(st.just(""), numbers)
    return st.builds(
        Production, lot=maybe, serial=maybe, made=st.none() | dates, expires=st.none() | dates
    )


def read_symbol(content: str, kind: Carrier) -> list[Seen]:
    """Draw a symbol and read it as a camera would."""
    return carrier.read(zpl.picture_of(encode(kind, content), 4))


@given(productions(gs1_numbers))
@settings(max_examples=300, deadline=None)
def test_a_gs1_symbol_reads_as_it_was_written_and_parses_to_the_same_parts(
    production: Production,
) -> None:
    content = element_string("GS1", DI[Carrier.GS1], production)
    assert read_symbol(content, Carrier.GS1) == [Seen(content, "]d2")]
    parsed = _parsed("]d2" + content)
    assert parsed == {
        "01": DI[Carrier.GS1],
        **({"10": production.lot} if production.lot else {}),
        **({"21": production.serial} if production.serial else {}),
        **({"11": f"{production.made:%y%m%d}"} if production.made else {}),
        **({"17": f"{production.expires:%y%m%d}"} if production.expires else {}),
    }


def _parsed(text: str) -> dict[str, str]:
    message = biip.parse(text).gs1_message
    assert message is not None
    return {element.ai.ai: element.value for element in message.element_strings}


@given(productions(hibc_numbers))
@settings(max_examples=200, deadline=None)
def test_a_hibc_symbol_reads_as_it_was_written_and_its_check_character_fits(
    production: Production,
) -> None:
    content = element_string("HIBCC", DI[Carrier.HIBC], production)
    assert read_symbol(content, Carrier.HIBC) == [Seen(content, "]d1")]
    assert mod43(content[:-1]) == content[-1]
    assert content.startswith("+" + DI[Carrier.HIBC])


@given(st.lists(productions(gs1_numbers), min_size=1, max_size=3))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whole_labels_printed_as_pdf_read_back_as_intended(made: list[Production]) -> None:
    drawings = [drawing_of(production) for production in made]
    data = pdf.pdf_of([(drawing, 1) for drawing in drawings], b"x" * 16)
    assert verify.unread_in(data, Carrier.GS1, drawings) == []


@given(productions(gs1_numbers), st.sampled_from([203, 300, 600]))
@settings(max_examples=60, deadline=None)
def test_the_commands_for_a_thermal_printer_say_the_same_symbol(
    production: Production, dpi: int
) -> None:
    drawing = drawing_of(production)
    page = _blank(drawing, dpi)
    label = zpl.zpl_of(drawing, Carrier.GS1, dpi, page)
    seen = carrier.read(zpl.symbol_in(label, Carrier.GS1))
    assert seen == [Seen(drawing.content, "]d2")]


@given(gs1_numbers)
def test_escaping_a_symbol_for_a_printer_is_undone_by_the_printer(number: str) -> None:
    for kind in Carrier:
        assert zpl.unescaped(zpl.escaped(f"10{number}\x1d21_1{number}", kind), kind) == (
            f"10{number}\x1d21_1{number}"
        )


@given(productions(gs1_numbers))
@settings(max_examples=30, deadline=None)
def test_the_same_label_is_the_same_picture(production: Production) -> None:
    assert svg.svg_of(drawing_of(production)) == svg.svg_of(drawing_of(production))


def _blank(drawing: Drawing, dpi: int) -> Any:
    from PIL import Image  # noqa: PLC0415 - only here

    size = (round(drawing.width * dpi / 25.4) + 1, round(drawing.height * dpi / 25.4) + 1)
    return Image.new("L", size, 255)


def test_a_lot_number_with_brackets_is_not_taken_for_another_element() -> None:
    content = element_string("GS1", DI[Carrier.GS1], Production(lot="A(21)B", serial="7"))
    assert read_symbol(content, Carrier.GS1) == [Seen(content, "]d2")]


@pytest.mark.parametrize("content", ["", "0109501101530003[10]A", "10LOT", "01123"])
def test_what_is_no_udi_is_not_drawn(content: str) -> None:
    with pytest.raises(carrier.Unencodable):
        encode(Carrier.GS1, content)
