"""English and Simplified Chinese are equal: nothing is left out, no place-holder is lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from django.conf import settings

PLACE = re.compile(r"%\(\w+\)[sd]")
CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES" / "django.po"


def messages() -> list[Message]:
    """Return all texts of the catalogue."""
    with CATALOGUE.open("rb") as file:
        return [m for m in read_po(file, locale="zh_Hans") if m.id]


def both(message: Message) -> tuple[str, str]:
    """Return the English text and its translation; of plurals the general form."""
    english = message.id if isinstance(message.id, str) else message.id[-1]
    said = message.string or ""
    chinese = said if isinstance(said, str) else said[0]
    return english, chinese


@pytest.mark.urs("UX-01")
def test_every_text_is_translated() -> None:
    assert [english for english, chinese in map(both, messages()) if not chinese] == []


def test_no_translation_loses_a_place_holder() -> None:
    lost = [e for e, c in map(both, messages()) if set(PLACE.findall(e)) != set(PLACE.findall(c))]
    assert lost == []
