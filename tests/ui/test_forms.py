"""From an operation's input to the fields of its dialog, and from a posted form back to values."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers

from erp.core.actor import Actor
from erp.core.errors import FieldFault
from erp.operations import OperationInput
from erp.operations.inputs import QuantityField
from erp.ui.page import FormField
from erp.ui.web.forms import fields_of, values_of

NOBODY = Actor(user_id=0, username="", name="", is_service=False, grants={}, read_sites=frozenset())


class Line(OperationInput):
    """A row of the table in the form."""

    item = serializers.CharField(label="item")
    quantity = QuantityField()
    note = serializers.CharField(label="note", required=False)
    serials = serializers.ListField(label="serials", child=serializers.CharField(), required=False)


class Order(OperationInput):
    """A form with one of everything."""

    title = serializers.CharField(label="title", max_length=20)
    urgent = serializers.BooleanField(label="urgent", default=False)
    due = serializers.DateField(label="due", required=False)
    kind = serializers.ChoiceField(label="kind", choices=[("a", "A"), ("b", "B")])
    tags = serializers.ListField(label="tags", child=serializers.CharField(), required=False)
    marks = serializers.MultipleChoiceField(label="marks", choices=["x", "y", "z"], required=False)
    lines = Line(many=True, label="lines")


def shown(values: dict[str, Any], *faults: FieldFault) -> dict[str, FormField]:
    """Return the fields of the form by name."""
    fields = fields_of(
        Order(context={"actor": NOBODY, "subject": None}), NOBODY, None, values, faults
    )
    return {field.name: field for field in fields}


def read(text: str) -> dict[str, Any]:
    """Return the values of a form posted with this body."""
    return values_of(Order, QueryDict(text, encoding="utf-8"), {})


def test_each_field_gets_the_widget_of_its_type() -> None:
    widgets = {name: field.widget for name, field in shown({}).items()}
    assert widgets == {
        "title": "text",
        "urgent": "checkbox",
        "due": "date",
        "kind": "select",
        "tags": "textarea",
        "marks": "multi",
        "lines": "rows",
    }


def test_labels_begin_with_a_capital_and_limits_are_kept() -> None:
    title = shown({})["title"]
    assert (title.label, title.max_length, title.required) == ("Title", 20, True)


def test_rows_become_a_list_in_their_order_whatever_their_numbers() -> None:
    values = read("lines[7]item=B&lines[7]quantity=2&lines[2]item=A&lines[2]quantity=1")
    assert values["lines"] == [{"item": "A", "quantity": "1"}, {"item": "B", "quantity": "2"}]


def test_blank_rows_are_left_out() -> None:
    values = read("lines[0]item=&lines[0]quantity=&lines[1]item=A&lines[1]quantity=1")
    assert values["lines"] == [{"item": "A", "quantity": "1"}]


def test_a_half_filled_row_keeps_its_blank_required_field_so_that_it_is_named() -> None:
    values = read("lines[0]item=A&lines[0]quantity=")
    assert values["lines"] == [{"item": "A", "quantity": ""}]


def test_a_list_inside_a_row_takes_several_values() -> None:
    values = read("lines[0]item=A&lines[0]quantity=3&lines[0]serials=S1%0AS2, S3;S4")
    assert values["lines"][0]["serials"] == ["S1", "S2", "S3", "S4"]


def test_a_list_field_takes_one_value_per_line() -> None:
    assert read("tags=one%0D%0A two %0D%0A%0D%0Athree")["tags"] == ["one", "two", "three"]


def test_a_repeated_list_field_takes_each_value() -> None:
    assert read("tags=one&tags=two")["tags"] == ["one", "two"]


def test_a_group_of_checkboxes_gives_those_that_are_checked() -> None:
    assert read("marks=x&marks=z")["marks"] == ["x", "z"]


def test_a_blank_optional_field_is_not_sent_and_a_blank_required_one_is() -> None:
    assert read("title=&due=") == {"title": "", "urgent": False}


def test_a_box_that_is_not_checked_says_no() -> None:
    assert read("title=x")["urgent"] is False
    assert read("title=x&urgent=true")["urgent"] == "true"


def test_fields_that_were_not_asked_for_are_ignored() -> None:
    assert read("title=x&evil=1&evil[0]item=2&password=3") == {"title": "x", "urgent": False}


def test_a_refused_form_shows_what_was_typed_with_each_fault_at_its_field() -> None:
    typed = read(
        "title=T&tags=a%0Ab&lines[0]item=A&lines[0]quantity=0&lines[1]item=B&lines[1]quantity=2"
    )
    fields = shown(
        typed, FieldFault("title", "taken"), FieldFault("lines.quantity", "too small", 1)
    )
    assert (fields["title"].value, fields["title"].errors) == ("T", ["taken"])
    assert fields["tags"].value == "a\nb"
    first, second = ({f.name: f for f in row} for row in fields["lines"].rows)
    assert first["lines[0]quantity"].errors == ["too small"]
    assert (second["lines[1]quantity"].value, second["lines[1]quantity"].errors) == ("2", [])


def test_a_fault_of_the_whole_table_stands_above_it() -> None:
    assert shown({}, FieldFault("lines", "at least one"))["lines"].errors == ["at least one"]


@given(st.text(max_size=40), st.text(max_size=40), st.integers(0, 10**7))
def test_no_field_name_breaks_the_reading(name: str, value: str, row: int) -> None:
    data = QueryDict(mutable=True)
    data[name] = value
    data[f"lines[{row}]{name}"] = value
    data[f"{name}[{row}]item"] = value
    assert set(values_of(Order, data, {})) <= set(Order().fields)
