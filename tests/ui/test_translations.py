"""English and Simplified Chinese are equal: nothing is left out, no place-holder is lost."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from quality.nonconformity.models import Deviation
from quality.nonconformity.states import DEVIATION, DeviationState
from tests.architecture.source import ROOT, production_files

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


IN_CONTEXT = ((1, "c"), 2)
CALLS: dict[str, Any] = {
    **dict.fromkeys(("_", "_now", "_t", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), IN_CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
"""Every name under which the code calls gettext; another one is found by the test after this."""


def sources() -> Iterator[tuple[str, str]]:
    """Yield each file that speaks to people, as Python."""
    for path in production_files():
        yield str(path), path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "templates").rglob("*.html")):
        code = templatize(path.read_text(encoding="utf-8"))
        # Indentation means something in Python and nothing in a template.
        yield str(path), "\n".join(line.strip() for line in code.splitlines())


def test_every_text_of_the_code_stands_in_the_catalogue() -> None:
    known = {(m.context, m.id if isinstance(m.id, str) else m.id[0]) for m in messages()}
    missing = []
    for name, code in sources():
        for line, said, _notes, context in extract(
            "python", io.BytesIO(code.encode()), keywords=CALLS
        ):
            text = said[0] if isinstance(said, tuple) else said
            if text and (context, text) not in known:
                missing.append(f"{name}:{line}: {text}")
    assert missing == []


def test_gettext_is_called_by_a_known_name() -> None:
    alias = re.compile(r"\w*gettext\w* as (\w+)")
    used = {name for _file, code in sources() for name in alias.findall(code)}
    assert used <= set(CALLS)


@pytest.mark.parametrize(
    ("context", "english", "chinese"),
    [
        ("state", "closed", "已关闭"),
        ("moment", "Ordered", "下单时间"),
        ("quantity", "Ordered", "订购数量"),
        ("moment", "Shipped", "发货时间"),
        ("quantity", "Shipped", "发货数量"),
        ("goods", "Contents", "内含货物"),
        ("count", "Pages", "页数"),
    ],
)
def test_one_english_word_for_two_things_is_two_chinese_ones(
    context: str, english: str, chinese: str
) -> None:
    with translation.override("zh-hans"):
        assert translation.pgettext(context, english) == chinese != translation.gettext(english)


def test_a_closed_deviation_reads_as_a_state_and_not_as_a_moment() -> None:
    with translation.override("zh-hans"):
        assert str(DEVIATION.labels[DeviationState.CLOSED]) == "已关闭"
        assert str(Deviation._meta.get_field("closed_at").verbose_name) == "关闭时间"
