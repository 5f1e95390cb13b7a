"""GS1 digital links."""

from __future__ import annotations

import pytest

from tests.traceability.udi.reading import fault, leniently, read

ITEM = "https://id.gs1.org/01/09520123456788"


@pytest.mark.urs("UDI-02")
def test_path_and_query_give_the_elements() -> None:
    reading = read(f"{ITEM}/10/ABC1/21/12345?17=280426&linkType=gs1:pip#top")
    assert reading.ais == {"01": "09520123456788", "10": "ABC1", "21": "12345", "17": "280426"}
    assert reading.form == "digital link"


def test_what_stands_before_the_key_belongs_to_the_server() -> None:
    assert read("https://a/00/faux/00/006141411234567890").parts["sscc"] == "006141411234567890"


def test_values_are_percent_decoded_and_a_plus_is_a_space_only_in_the_query() -> None:
    assert read(f"{ITEM}/22/ABC%2d1+2").parts["variant"] == "ABC-1+2"
    assert fault(f"{ITEM}?98=XYZ+987")[0] == "character_x"


def test_a_shorter_gtin_is_filled_up_with_a_warning() -> None:
    reading = read("https://brand.example.com/01/9520123456788")
    assert reading.di == "09520123456788"
    assert [w.fault for w in reading.warnings] == ["gtin_padded"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("http://", "uri_path"),
        ("http://a", "uri_path"),
        ("http:///01/09520123456788", "uri_path"),
        ("HtTp://a/01/09520123456788", "uri_scheme"),
        ("https://a$/01/09520123456788", "uri_domain"),
        ("https://a/01/12312312312333>bad", "uri_character"),
        ("https://a/gtin/12312312312333", "uri_no_key"),
        ("https://a/stem/00/006141411234567890/", "uri_no_key"),
        ("https://a/01//12312312312333", "uri_no_key"),
        (f"{ITEM}/10/", "value_missing"),
        (f"{ITEM}/99/ABC", "uri_sequence"),
        (f"{ITEM}/21/1/10/2", "uri_sequence"),
        (f"{ITEM}?99=", "value_missing"),
        (f"{ITEM}?999=faux", "uri_parameter"),
        (f"{ITEM}?10=ABC123", "uri_place"),
        (f"{ITEM}/10/A?99=X&10=A", "uri_twice"),
        (f"{ITEM}?8020=A", "uri_attribute"),
        (f"{ITEM}?99=ABC%00DEF", "uri_null"),
    ],
)
def test_a_bad_link_is_refused(text: str, found: str) -> None:
    assert fault(text)[0] == found


def test_another_qualifier_lets_one_stand_in_the_query() -> None:
    assert read(f"{ITEM}/235/XYZ?10=ABC123").lot == "ABC123"


def test_withdrawn_words_pass_with_a_warning() -> None:
    reading = leniently("https://a/gtin/12312312312333/ser/ABC123")
    assert reading.ais == {"01": "12312312312333", "21": "ABC123"}
    assert [w.fault for w in reading.warnings] == ["uri_alpha", "uri_alpha"]


def test_a_qualifier_in_the_wrong_place_passes_with_a_warning() -> None:
    assert leniently(f"{ITEM}?10=ABC123").lot == "ABC123"
