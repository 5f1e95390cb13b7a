"""How far a pack is: kept in the cache, because it is no fact and may be lost."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text

KEEP_SECONDS = 3600

STEPS: tuple[tuple[str, Text, int], ...] = (
    ("collect", _("Collecting records"), 5),
    ("prove", _("Checking signatures, history and files"), 40),
    ("lay_out", _("Laying out pages"), 60),
    ("store", _("Storing the file"), 95),
)
"""Code, words, and the percentage at which a step begins."""

WAITING = ("waiting", 0)


@dataclass(frozen=True, slots=True)
class Progress:
    """The step a pack is at and how far it is, in percent."""

    step: str
    percent: int


def _key(pack_id: int) -> str:
    return f"evidence:{pack_id}"


def report(pack_id: int, step: str, share: float = 0.0) -> None:
    """Say that ``share`` (0 to 1) of a step is done."""
    begins = [*(percent for _code, _words, percent in STEPS), 100]
    index = [code for code, _words, _percent in STEPS].index(step)
    percent = begins[index] + int((begins[index + 1] - begins[index]) * share)
    cache.set(_key(pack_id), (step, percent), KEEP_SECONDS)


def read(pack_id: int) -> Progress:
    """Return how far a pack is."""
    step, percent = cache.get(_key(pack_id), WAITING)
    return Progress(step, percent)
