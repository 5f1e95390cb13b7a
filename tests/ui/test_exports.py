"""Exports: what a spreadsheet makes of them, and that taking them is noted."""

from __future__ import annotations

import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from erp.accounts.models import SecurityEvent, Site, User
from erp.ui.plain import harmless
from erp.ui.web.workbook import workbook
from tests.inventory.builders import lot_in_stock
from tests.masterdata.builders import make_item
from tests.ui.conftest import As

FORMULA = "=HYPERLINK(1)"
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula."""


def rows_of(body: bytes) -> list[list[str]]:
    """Return the rows of a CSV export."""
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


@pytest.mark.django_db
def test_a_csv_export_has_the_mark_of_utf_8_and_keeps_chinese(
    ada: User, site: Site, signed_in: As
) -> None:
    lot_in_stock(ada, site, item=make_item(name="髋关节假体"), number="LOT-1")
    answer = signed_in(ada).get("/lots/?export=csv&search=LOT-1")
    body = answer.getvalue()
    assert body.startswith("\ufeff".encode())
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="lots.csv"'
    assert "髋关节假体" in rows_of(body)[1]


@pytest.mark.django_db
def test_a_csv_export_disarms_formulas(ada: User, site: Site, signed_in: As) -> None:
    lot_in_stock(ada, site, number=FORMULA)
    header, *rows = rows_of(signed_in(ada).get("/lots/?export=csv").getvalue())
    assert [row[header.index("Number")] for row in rows] == [f"'{FORMULA}"]


@pytest.mark.django_db
def test_an_xlsx_export_is_text_only(ada: User, site: Site, signed_in: As) -> None:
    lot_in_stock(ada, site, number="000123")
    lot_in_stock(ada, site, number=FORMULA)
    body = signed_in(ada).get("/lots/?export=xlsx").content
    sheet = load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {"000123", f"'{FORMULA}"} <= {cell.value for cell in cells}


@pytest.mark.django_db
def test_an_export_holds_what_is_filtered_and_nothing_else(
    ada: User, site: Site, signed_in: As
) -> None:
    for state in ("released", "quarantine"):
        lot_in_stock(ada, site, number=state, state=state)
    rows = rows_of(signed_in(ada).get("/lots/?export=csv&state=quarantine").getvalue())
    assert len(rows) == 2
    assert "quarantine" in rows[1]


@pytest.mark.django_db
@pytest.mark.urs("SEC-03")
def test_an_export_is_noted_in_the_access_log(ada: User, signed_in: As) -> None:
    signed_in(ada).get("/lots/?export=csv&state=released")
    noted = SecurityEvent.objects.get(kind="exported", user=ada)
    assert noted.detail["noun"] == "lots"
    assert noted.detail["query"]["state"] == "released"


@pytest.mark.django_db
@pytest.mark.urs("SEC-01")
def test_an_export_leaves_out_what_the_person_may_not_see(
    ada: User, dan: User, site: Site, signed_in: As
) -> None:
    lot_in_stock(ada, site, number="OURS")
    assert len(rows_of(signed_in(dan).get("/lots/?export=csv").getvalue())) == 1


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = harmless(text)
    assert not cell.startswith(RUNS) or is_number(cell)
    assert cell.removeprefix("'") == text.removeprefix("'")


def is_number(text: str) -> bool:
    """Tell whether a spreadsheet reads this as a plain number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


@pytest.mark.parametrize("number", ["-5", "-0.25", "+3"])
def test_negative_numbers_stay_numbers(number: str) -> None:
    assert harmless(number) == number


@given(st.lists(st.lists(st.text(max_size=30), max_size=3), max_size=4))
def test_any_text_can_be_put_into_a_workbook(rows: list[list[str]]) -> None:
    book = load_workbook(io.BytesIO(workbook("Lots: all/none [1]?*", rows)))
    assert len(book.worksheets) == 1
