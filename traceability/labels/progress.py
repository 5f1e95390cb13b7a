"""How far the making of labels is: kept in the cache, because it is no fact and may be lost."""

from __future__ import annotations

from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from erp.core.errors import Text
from erp.ui.evidence.progress import KEEP_SECONDS, WAITING, Progress

STEPS: tuple[tuple[str, Text, int], ...] = (
    ("draw", _("Drawing labels"), 2),
    ("lay_out", _("Laying out pages"), 10),
    ("read_back", _("Reading every label back"), 75),
    ("store", _("Storing the files"), 97),
)
"""Code, words, and the percentage at which a step begins."""


def _key(job_id: int) -> str:
    return f"labels:{job_id}"


def report(job_id: int, step: str, share: float = 0.0) -> None:
    """Say that ``share`` (0 to 1) of a step is done."""
    begins = [*(percent for _code, _words, percent in STEPS), 100]
    index = [code for code, _words, _percent in STEPS].index(step)
    percent = begins[index] + int((begins[index + 1] - begins[index]) * share)
    cache.set(_key(job_id), (step, percent), KEEP_SECONDS)


def read(job_id: int) -> Progress:
    """Return how far a job is."""
    step, percent = cache.get(_key(job_id), WAITING)
    return Progress(step, percent)
